"""make bisect: keys of steps, the rules, the table, several trees."""

import io
import os
import signal
import time
from types import SimpleNamespace

import pytest
from rich.console import Console

from scripts.dev.bisection import command, workers
from scripts.dev.bisection.rules import STOCK, Step, judge
from scripts.dev.bisection.steps import chain
from scripts.tests import minicheckout

LAST = '0102-compat-b.patch'


def module(tests=10, failed=(), errors=(), skipped=(), problem=''):
    return {'tests': tests, 'failed': dict.fromkeys(failed, ''),
            'errors': dict.fromkeys(errors, ''),
            'skipped': dict.fromkeys(skipped, ''), 'problem': problem}


def step(name, built=True, added=None, **test_ssl):
    modules = {'test_ssl': module(**test_ssl)} if built else {}
    if added:
        modules['test_ssl_memory'] = added
    return Step(name, built, '' if built else 'no compiler', modules)


def complaints(*steps, last_compat=LAST):
    return {name: found for name, found
            in judge(list(steps), last_compat).items() if found}


GOOD = [step(STOCK, failed=['a'], errors=['b'], skipped=['s']),
        step('0101-compat-a.patch', failed=['a'], skipped=['s']),
        step(LAST, skipped=['s']),
        step('0201-pep546-a.patch', tests=11, added=module(3))]


def test_good():
    assert complaints(*GOOD) == {}


@pytest.mark.parametrize('third, expected', [
    (dict(failed=['a']), 'test_ssl: 1 fail: a'),
    (dict(errors=['c']), 'fails here and did not before: c'),
    (dict(skipped=['s', 't']), 'skipped here and was not before: t'),
    (dict(tests=9), 'test_ssl has 9 tests, 10 before'),
    (dict(problem='ran no test'), 'test_ssl: ran no test'),
    (dict(built=False), 'not built: no compiler'),
    (dict(added=module(failed=['x'])), 'test_ssl_memory: 1 fail: x'),
])
def test_bad(third, expected):
    found = complaints(*GOOD[:2], step(LAST, **third))
    assert list(found) == [LAST]
    assert expected in found[LAST]


def test_new_failure_before_the_last_compat_patch():
    found = complaints(GOOD[0], step('0101-compat-a.patch',
                                     failed=['a', 'z'], skipped=['s']))
    assert found == {'0101-compat-a.patch':
                     ['fails here and did not before: z']}


def test_without_compat_stock_failures_may_stay():
    assert complaints(GOOD[0], step('0201-pep546-a.patch', failed=['a'],
                                    errors=['b']), last_compat=None) == {}


def test_stock_that_cannot_be_built_is_for_compat_to_mend():
    stock = step(STOCK, built=False)
    assert complaints(stock, step('0101-compat-a.patch', built=False),
                      step(LAST)) == {}
    assert list(complaints(stock, step(LAST, built=False))) == [LAST]
    assert list(complaints(stock, step('0201-pep546-a.patch', built=False),
                           last_compat=None)) == ['0201-pep546-a.patch']


def test_table_and_status():
    out = io.StringIO()
    console = Console(file=out, width=100)
    found = judge(GOOD, LAST)
    assert command.report(GOOD, found, 'title', console) == 0
    bad = GOOD[:2] + [step(LAST, failed=['a'])]
    assert command.report(bad, judge(bad, LAST), 'title', console) == 1
    assert LAST + ': test_ssl: 1 fail: a' in out.getvalue()


def keys(contents, text='OpenSSL 3.0', config='default'):
    variant = SimpleNamespace(config=config, configure_args=(), shared=False)
    ssl = SimpleNamespace(text=text, prefix='')
    return chain('source', variant, ssl, contents)


def test_keys_change_from_the_changed_patch_on():
    before, after = keys([b'a', b'b', b'c']), keys([b'a', b'x', b'c'])
    assert [one == two for one, two in zip(before, after)] == [
        True, True, False, False]
    assert len(set(before)) == 4


def test_keys_depend_on_the_build():
    assert keys([b'a'])[0] != keys([b'a'], text='OpenSSL 3.5')[0]
    assert keys([b'a'])[0] != keys([b'a'], config='debug')[0]


@pytest.mark.parametrize('count, jobs, sizes', [
    (92, 1, [92]), (92, 2, [46, 46]), (93, 2, [47, 46]), (3, 8, [3]),
    (9, 8, [5, 4])])
def test_shares(count, jobs, sizes):
    numbers = list(range(5, 5 + count))
    found = workers.shares(numbers, jobs)
    assert [len(share) for share in found] == sizes
    assert sum(found, []) == numbers


LAST_LINE = '00{:02}-base-line.patch'


@pytest.fixture
def checkout(tmp_path):
    """One of seven patches: eight steps, which are enough for two trees."""
    checkout = minicheckout.Checkout(tmp_path)
    checkout.series(*(LAST_LINE.format(number) for number in range(1, 8)))
    minicheckout.write(checkout.patches, {
        LAST_LINE.format(number): minicheckout.diff(
            'Modules/_ssl.c', 'int', 'long', 5 * number)
        for number in range(1, 8)})
    return checkout


def change(checkout, number, old='long', new='short'):
    path = checkout.patches / LAST_LINE.format(number)
    path.write_text(path.read_text().replace(old, new))


def lines(checkout, tree):
    """The lines of _ssl.c that the patches have changed there."""
    text = (checkout.folder() / 'bisect' / tree / 'src' / 'Modules' /
            '_ssl.c').read_text()
    return [int(line.split('_')[1][:-1]) for line in text.splitlines()
            if not line.startswith('int')]


def test_two_trees_share_the_work(checkout):
    status, output = checkout.run('bisect', JOBS='2')
    assert status == 0, output
    assert 'bisect: 8 of 8 steps ok' in output
    assert lines(checkout, 'tree1') == [5, 10, 15]
    assert lines(checkout, 'tree2') == [5, 10, 15, 20, 25, 30, 35]
    compilations = [len((checkout.folder() / 'bisect' / tree / 'src' /
                         'compilations').read_text().split('\n')) - 1
                    for tree in ('tree1', 'tree2')]
    assert compilations == [4, 4]
    status, output = checkout.run('bisect', JOBS='1')
    assert status == 0 and 'nothing changed' in output


def test_what_is_known_is_not_repeated(checkout):
    assert checkout.run('bisect', JOBS='1')[0] == 0
    assert not (checkout.folder() / 'bisect' / 'tree2').exists()
    change(checkout, 6)
    status, output = checkout.run('bisect', JOBS='2')
    assert status == 0 and '2 of 2: 0007-base-line.patch' in output


def test_the_reason_why_a_worker_ended_is_told(checkout):
    change(checkout, 7, 'int line_35', 'int line_99')
    status, output = checkout.run('bisect', JOBS='2')
    assert status == 1
    assert 'error: 0007-base-line.patch does not apply' in output
    # The others are not started over.
    change(checkout, 7, 'int line_99', 'int line_35')
    status, output = checkout.run('bisect', JOBS='2')
    assert status == 0 and 'bisect: 8 of 8 steps ok' in output


def test_a_step_that_is_not_built_is_repeated(checkout):
    change(checkout, 3, 'long line_15', 'BROKEN line_15')
    status, output = checkout.run('bisect', JOBS='2')
    assert status == 1 and 'not built: the compiler failed' in output
    change(checkout, 3, 'BROKEN line_15', 'long line_15')
    status, output = checkout.run('bisect', JOBS='2')
    assert status == 0 and 'bisect: 8 of 8 steps ok' in output


def processes_in(folder):
    """Numbers of the processes that work below *folder*."""
    found = []
    for name in os.listdir('/proc'):
        try:
            if os.readlink('/proc/{}/cwd'.format(name)).startswith(
                    str(folder)):
                found.append(name)
        except OSError:
            continue
    return found


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_all_workers(checkout, number):
    process = checkout.start('bisect', JOBS='2', SLOW='3600')
    folder = checkout.folder() / 'bisect'
    wait_for(lambda: len(list(folder.glob('tree*/src/started'))) == 2)
    assert processes_in(folder)
    os.kill(process.pid, number)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not processes_in(folder)
    status, output = checkout.run('bisect', JOBS='2')
    assert status == 0 and 'bisect: 8 of 8 steps ok' in output
