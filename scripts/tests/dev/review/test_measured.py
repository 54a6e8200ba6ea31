"""make review: what was measured, and the checks of the site."""

import json
import subprocess
import sys

import pytest

from scripts.base import paths
from scripts.dev.evidence import record
from scripts.dev.review import conformance, linetests, names, pages


def entry(id):
    return conformance.differences().BY_ID[id]


def run(**values):
    return dict({'applies': {}, 'rows': {}}, **values)


def test_verdict():
    safer = entry('write-nothing')          # up to 3.9
    assert conformance.verdict(safer, '3.9', None) == 'safer'
    assert conformance.verdict(safer, '3.10', None) == 'same'
    assert conformance.verdict(entry('no-sessions'), '3.6',
                               None) == 'different'


def test_verdict_of_a_build_option_is_measured():
    option = entry('ragged-eof')
    assert conformance.verdict(option, '3.9', None) == ''
    for applies, expected in ((True, 'safer'), (False, 'same')):
        assert conformance.verdict(option, '3.9', run(
            applies={'ragged-eof': applies})) == expected


def test_summary_counts_tests_of_each_row():
    found = conformance.summarise({
        'python': '3.9.1', 'openssl': 'O', 'applies': {'x': True},
        'asked': {'x': ['t.py::a[1]', 't.py::a[2]', 't.py::b']},
        'outcomes': {'t.py::a[1]': 'passed', 't.py::a[2]': 'failed',
                     't.py::b': 'skipped', 't.py::c': 'passed'},
        'errors': {'t.py::a[2]': 'File "/some/where/Lib_tests/x.py" bad'}})
    assert found['rows']['x'] == {'tests': ['t.py::a', 't.py::b'],
                                  'passed': 1, 'failed': 1}
    assert found['counts'] == {'passed': 2, 'failed': 1, 'skipped': 1}
    assert found['failures'] == {'t.py::a': [1, 'File "x.py" bad']}


def test_table_has_every_difference_and_shows_failures():
    entries = conformance.differences().DIFFERENCES
    runs = {'3.9': run(rows={'write-nothing': {'passed': 1, 'failed': 2},
                             'no-sessions': {'passed': 7, 'failed': 0}})}
    text = conformance.table(entries, runs)
    for difference in entries:
        assert '<tr id="{}">'.format(difference.id) in text
    assert text.count('class="bad"') == 1 and '2 failed' in text
    assert '<small>7</small>' in text


def of(proof, rows):
    """A record of the checkout as it is."""
    return record.Record(proof, *record.current(proof), {}, {},
                         '2026-11-29 10:00 UTC', True, rows)


def test_page_tells_old_results():
    entries = conformance.differences().DIFFERENCES
    base = {'applies': {}, 'rows': {}, 'openssl': 'O', 'failures': {},
            'counts': {'passed': 3, 'failed': 0, 'skipped': 1},
            'date': '2026-11-29', 'ok': True,
            'about': list(record.current('conformance'))}
    text = conformance.page(entries, of('conformance', {
        '2.7': dict(base, python='2.7.18', about=['old', 'old']),
        'stock': {'ok': True, 'about': ['', '']},
        '3.9': dict(base, python='3.9.1')}))
    assert '| 2.7.18, patched | O | 3 | 0 | 1 | 2026-11-29, of another ' \
        'state |' in text
    assert '| 3.9.1 | O | 3 | 0 | 1 | 2026-11-29 |' in text
    assert 'What fails' not in text
    text = conformance.page(entries, of('conformance', {'3.6': dict(
        base, python='3.6.1', failures={'t.py::a': [2, 'x | y']})}))
    assert '| `t.py::a` | 2 | `x \\| y` |' in text
    assert 'Nothing has been' in conformance.page(entries, None)


def looked_at(version, **lists):
    return {'python': version, 'openssl': 'O', 'names': dict(
        {place: [] for place in names.PLACES}, **lists)}


def test_names_page():
    text = names.page({version: {'probe': probe} for version, probe in (
        ('stock', looked_at('2.7.18', ssl=['a'])),
        ('2.7', looked_at('2.7.18', ssl=['a', 'MemoryBIO'])),
        ('3.9', looked_at('3.9.1', ssl=['b'])),
        ('3.10', looked_at('3.10.2', ssl=['MemoryBIO', 'create'])))})
    assert '| 3.10.2 | O | 2 → 1 |' in text
    assert 'beside 3.10.2' in text and '- `ssl`: `create`' in text
    assert '- `ssl`: `MemoryBIO`' in text and 'Taken away: nothing' in text


def test_probe_of_this_python():
    found = names.probe(sys.executable)
    assert 'MemoryBIO' in found['names']['ssl']
    assert 'sys' not in found['names']['ssl']
    assert 'read' in found['names']['SSLObject']


def test_probe_that_fails(tmp_path, capsys):
    program = tmp_path / 'python'
    program.write_text('#!/bin/sh\necho no ssl >&2; exit 1\n')
    program.chmod(0o755)
    with pytest.raises(SystemExit):
        names.probe(program)
    assert 'no ssl' in capsys.readouterr().err


def test_executed_lines_of_gcov():
    data = {'files': [
        {'file': 'a/Modules/_ssl.c', 'lines': [
            {'line_number': 1, 'count': 0}, {'line_number': 1, 'count': 2},
            {'line_number': 2, 'count': 0}]},
        {'file': 'Include/object.h', 'lines': [
            {'line_number': 3, 'count': 1}]}]}
    assert linetests.executed_c(data) == ({1}, {1, 2})


def test_lines_that_tests_run_by_patch():
    lines = {'p': {'Lib/ssl.py': {1, 2, 9}}, 'q': {'Lib/ssl.py': {3}}}
    ran = {'t': {'Lib/ssl.py': ({1}, {1, 2, 3})},
           'u': {'Lib/ssl.py': (set(), {1, 2, 3})}}
    assert linetests.by_patch(lines, ran) == {
        'p': {'t': {'Lib/ssl.py': [1, 2]},
              linetests.TOGETHER: {'Lib/ssl.py': [1, 2]}}}


def test_evidence_of_another_series(tmp_path, monkeypatch):
    monkeypatch.setattr(record, 'FOLDER', tmp_path)
    monkeypatch.setattr(record, 'published_file', lambda proof:
                        tmp_path / proof)
    text = pages.evidence('linetests', 'figures')
    assert 'Not measured yet: `make review LINETESTS=yes`' in text
    assert 'figures' not in text
    made = of('linetests', {})
    record.publish(made)
    text = pages.evidence('linetests', lambda found: found.proof * 2)
    assert 'series {}, 2026-11-29'.format(made.series) in text
    assert 'linetestslinetests' in text and 'stale' not in text
    made.series = 'other'
    record.publish(made)
    text = pages.evidence('linetests', 'figures')
    assert 'series other, 2026-11-29. Stale (series other, now ' in text
    assert '{container} evidence stale' in text and 'figures' in text


LINKCHECK = '''
import sys, pathlib
sys.path.insert(0, sys.argv[1])
import linkcheck
folder = pathlib.Path(sys.argv[2])
print(*linkcheck.problems(folder, 'a.html', {}), sep='\\n')
'''


@pytest.mark.parametrize('html, expected', [
    ('<a href="b/c.html#there">', ''),
    ('<a href="b/c.html#gone">', 'no such place'),
    ('<a href="gone.html">', 'no such file'),
    ('<a href="../x.html">', 'no such file'),
    ('<a href="/etc">', 'leads out of the site'),
    ('<a href="file:///etc">', 'leads out of the site'),
    ('<a href="https://a.example/">', ''),
    ('<img src="https://a.example/x.png">', 'from the network'),
    ('<script src="//a.example/x.js"></script>', 'from the network')])
def test_linkcheck(html, expected, tmp_path):
    (tmp_path / 'b').mkdir()
    (tmp_path / 'b' / 'c.html').write_text('<p id="there">')
    (tmp_path / 'a.html').write_text(html)
    checks = paths.ROOT / 'scripts' / 'dev' / 'review' / 'checks'
    text = subprocess.run(
        [sys.executable, '-c', LINKCHECK, str(checks), str(tmp_path)],
        stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    assert expected in text if expected else text == ''


def test_plugin_records_which_test_asks(tmp_path):
    """The plugin beside the list of differences and one test module."""
    (tmp_path / 'differences.py').write_text(
        'from collections import namedtuple\n'
        'class E:\n    id = "x"\n    applies_to = lambda self, v: True\n'
        'DIFFERENCES = [E()]\n'
        'def differs(id, py2, py3):\n    return py3\n')
    (tmp_path / 'test_it.py').write_text(
        'from differences import differs\n'
        'def test_a():\n    assert differs("x", 1, 2) == 2\n'
        'def test_b():\n    assert differs("x", 1, 2) == 1\n'
        'def test_c():\n    pass\n')
    plugin = paths.ROOT / 'scripts' / 'dev' / 'review' / 'plugin'
    record = tmp_path / 'record.json'
    subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'recorddiffers',
         '-p', 'no:cacheprovider', 'test_it.py'], cwd=str(tmp_path),
        env={'PYTHONPATH': '{}:{}'.format(plugin, tmp_path),
             'RECORD_DIFFERS': str(record)}, stdout=subprocess.DEVNULL)
    found = json.loads(record.read_text())
    assert found['asked'] == {'x': ['test_it.py::test_a',
                                    'test_it.py::test_b']}
    assert found['outcomes'] == {'test_it.py::test_a': 'passed',
                                 'test_it.py::test_b': 'failed',
                                 'test_it.py::test_c': 'passed'}
    assert found['applies'] == {'x': True}
    assert list(found['errors']) == ['test_it.py::test_b']
    assert 'assert 2 == 1' in found['errors']['test_it.py::test_b']
