"""bench: what callgrind counted, by function and in groups."""

import pytest

from scripts.dev.bench import callgrind, instructions_page, part_instructions
from scripts.dev.bench.results import MET

CALLGRIND = """\
version: 1
events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim
ob=(1) /usr/bin/python
fl=(1) ???
fn=(1) PyEval_EvalFrameEx
0 100 50 50 1 2 3 4 5 6 50 7 50 8
cob=(2) /lib/_ssl.so
cfn=(2) PySSL_SSLread
calls=3 0
0 5000 9 9 9 9 9 9 9 9 9 9 9 9
0 20 5 5 1

ob=(2)
fn=(2)
0 30
+4 40 0 0 0 1
cfn=(3) helper
calls=1 0
0 700
fn=(3)
0 7
ob=(1)
fn=(1)
0 1
totals: 198
""".splitlines()


def test_callgrind_counts_without_callees():
    found = callgrind.parse(CALLGRIND)
    assert {place: costs['instructions'] for place, costs in found.items()} \
        == {('/usr/bin/python', 'PyEval_EvalFrameEx'): 121,
            ('/lib/_ssl.so', 'PySSL_SSLread'): 70,
            ('/lib/_ssl.so', 'helper'): 7}
    assert found['/usr/bin/python', 'PyEval_EvalFrameEx'] == {
        'instructions': 121, 'I1 misses': 2, 'D1 misses': 5,
        'last-level misses': 15, 'mispredicted branches': 15}
    assert found['/lib/_ssl.so', 'PySSL_SSLread']['D1 misses'] == 1


def test_one_operation_is_the_difference(tmp_path, monkeypatch):
    """Two runs of different length; and valgrind is asked for all events."""
    asked = []

    class Valgrind:
        def __init__(self, argv, log, env):
            asked.extend(argv)
            self.output, = [word.partition('=')[2] for word in argv
                            if word.startswith('--callgrind-out-file=')]

        def __enter__(self):
            return self

        def __exit__(self, *exc_info):
            pass

        def ask(self, request):
            if request.startswith('run '):
                done = int(request.split()[1]) * 21 // 20 + 1
                with open(self.output, 'w') as file:
                    file.write('events: Ir I1mr\nob=c\nfn=f\n0 {} {}\n'
                               .format(1000 + 7 * done, 50 + 2 * done))

    monkeypatch.setattr(callgrind, 'Child', Valgrind)
    monkeypatch.setattr(callgrind.shutil, 'which', lambda name: name)
    assert callgrind.count(['x'], 'bulk', 20, tmp_path) == {
        ('c', 'f'): {'instructions': 7, 'I1 misses': 2}}
    assert {'--cache-sim=yes', '--branch-sim=yes'} < set(asked)


@pytest.mark.parametrize('place, function, group', [
    ('/a/_ssl.so', 'queue_read', '_ssl.c'),
    ('/a/_ssl.cpython-313-x86_64-linux-gnu.so', 'memcpy', '_ssl.c'),
    ('/lib/libssl.so.3', '0x123', 'libssl'),
    ('/lib/libcrypto.so.3', 'ERR_clear_error', 'libcrypto'),
    ('/lib/libc.so.6', '__memcpy_avx_unaligned_erms', 'memcpy, memset'),
    ('/lib/libc.so.6', '_int_free', 'malloc'),
    ('/lib/libc.so.6', 'unlink_chunk.constprop.0', 'malloc'),
    ('/lib/libc.so.6', 'free', 'malloc'),
    ('/w/python', 'PyObject_Malloc', 'malloc'),
    ('/w/python', 'vgetargs1', 'arguments'),
    ('/w/python', '_PyArg_ParseTuple_SizeT', 'arguments'),
    ('/w/python', "PyEval_EvalFrameEx'2", 'interpreter'),
    ('/lib/libc.so.6', 'pthread_getspecific@@GLIBC_2.34', 'locks and time'),
    ('/lib/libc.so.6', '__strcmp_avx2', 'everything else'),
    ('/lib/libpython3.13.so.1.0', '_PyEval_EvalFrameDefault',
     'interpreter'),
    ('/b/tlsbench-3.0.19', 'run_bulk', 'everything else'),
])
def test_groups_of_instructions(place, function, group):
    assert part_instructions.group_of(place, function) == group


def test_groups_add_up():
    found = part_instructions.grouped(callgrind.parse(CALLGRIND))
    assert {group: costs['instructions'] for group, costs in found.items()} \
        == {'interpreter': 121, '_ssl.c': 77, 'all': 198}
    assert found['all']['D1 misses'] == 6


def made_up():
    """The Results of one work."""
    counted = part_instructions.grouped(callgrind.parse(CALLGRIND))
    return list(part_instructions.results_of('64 B', dict.fromkeys(
        ('c', 'patched', 'socket', 'stock'), counted), {}, True))


def test_results():
    total, code, interpreter = made_up()
    assert total.figures['c'].median == 198
    assert total.ratios['stock'].median == 1
    assert [goal.verdict for goal in total.goals] == [MET]
    assert interpreter.facts['events']['patched']['I1 misses'] == 2


def test_page():
    """All that is counted is a column."""
    class Made:
        label = 'series s'
        machine = {'cpu': 'a CPU'}
        tools = {'contenders': {key: {'title': key.upper()} for key in (
            'c', 'patched', 'socket', 'stock')}}
        rows = {'instructions': {'results': [
            row.as_json() for row in made_up()]}}

    lines = instructions_page.markdown(Made).splitlines()
    assert '| work: where | contender | instructions | I1 misses | ' \
        'D1 misses | last-level misses | mispredicted branches |' in lines
    assert '| 64 B: interpreter | PATCHED | 121 | 2.00 | 5.00 | 15.0 | ' \
        '15.0 |' in lines
