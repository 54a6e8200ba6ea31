"""How groups apply to trees: exact, offset, fuzz, there, in another form."""

import hashlib
import os
import shutil

import pytest

from scripts.dev.package import basecheck, bases, basetrees, probes

NAMES = ('0001-base-a.patch', '0101-compat-b.patch', '0201-pep546-c.patch')


@pytest.fixture
def three(project):
    for number, name in enumerate(NAMES):
        line = 'line_{0} = {0}\n'.format(100 * number + 100)
        project.write(name, {'Lib/ssl.py': (line, 'new_{} = 1\n'.format(
            number))})
    return project


def check(three, tree):
    with three.context() as context:
        return {outcome.label: outcome for outcome in basecheck.Base(
            context, 'the tree', str(tree)).check()}


def changed(three, tmp_path, old, new):
    """A copy of the pristine source in which Lib/ssl.py is changed."""
    tree = tmp_path / 'tree'
    shutil.copytree(three.pristine, tree)
    path = tree / 'Lib/ssl.py'
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    return tree


def digest(tree):
    return hashlib.sha256(b''.join(
        os.fsencode(path) + path.read_bytes()
        for path in sorted(tree.rglob('*')) if path.is_file())).hexdigest()


def test_exact(three):
    found = check(three, three.pristine)
    assert {label: found[label].status for label in found} == dict.fromkeys(
        ('base', 'compat', 'pep546', 'all'), basecheck.EXACT)


def test_offset(three, tmp_path):
    found = check(three, changed(three, tmp_path, 'line_150 = 150\n', ''))
    assert found['base'].status == basecheck.EXACT
    assert found['compat'].status == basecheck.OFFSET
    assert found['compat'].detail == '1 hunk at other lines'
    assert found['all'].patches == dict(zip(NAMES, (
        'exact', 'offset', 'offset')))


def test_fuzz_names_the_first_hunk(three, tmp_path):
    found = check(three, changed(three, tmp_path, 'line_203 =', 'other ='))
    assert found['base'].good and found['pep546'].good
    assert found['compat'].status == basecheck.FUZZ
    assert NAMES[1] + ': Lib/ssl.py: hunk #1 FAILED' in \
        found['compat'].detail
    assert not found['all'].good


def test_failure_names_the_first_hunk(three, tmp_path):
    found = check(three, changed(three, tmp_path, 'line_300 =', 'other ='))
    assert found['pep546'].status == basecheck.FAILS
    assert NAMES[2] + ': Lib/ssl.py: hunk #1 FAILED' in \
        found['pep546'].detail
    assert found['compat'].status == basecheck.EXACT


def test_what_is_there(three, tmp_path):
    tree = changed(three, tmp_path, 'line_100 = 100', 'new_0 = 1')
    found = check(three, tree)
    assert found['base'].status == basecheck.THERE
    assert 'all 1 patches' in found['base'].detail
    assert found['all'].status == basecheck.EXACT
    for number in (1, 2):
        path = tree / 'Lib/ssl.py'
        path.write_text(path.read_text().replace(
            'line_{0} = {0}\n'.format(100 * number + 100),
            'new_{} = 1\n'.format(number)))
    found = check(three, tree)
    assert {outcome.status for outcome in found.values()} == {
        basecheck.THERE}


def test_other_form(three, tmp_path):
    tree = changed(three, tmp_path, 'line_1 = 1\n', 'line_1 = 1\n')
    (tree / 'Modules/_ssl.c').write_text('static PyTypeObject MemoryBIO;\n')
    found = check(three, tree)
    assert found['pep546'].status == basecheck.OTHER
    assert 'it has a MemoryBIO' in found['pep546'].detail
    assert set(found['all but pep546'].patches) == set(NAMES[:2])


def test_the_tree_is_not_changed(three, tmp_path):
    tree = changed(three, tmp_path, 'line_100 = 100', 'new_0 = 1')
    before = digest(tree)
    check(three, tree)
    assert digest(tree) == before


def test_exit_status_and_table(three, tmp_path, capsys):
    from rich.console import Console
    tree = changed(three, tmp_path, 'line_300 =', 'other =')
    results = [('x', list(check(three, tree).values()))]
    assert bases.report(results, Console(width=100)) == 2
    out = capsys.readouterr().out
    assert 'DOES NOT APPLY' in out and 'hunk #1' in out
    assert '"status": "fails"' in bases.as_json(results)


def test_probes(tmp_path):
    (tmp_path / 'Lib').mkdir()
    (tmp_path / 'Lib/ssl.py').write_text('')
    assert probes.look(tmp_path, 'performance') == ''
    names = ['0151-security-other.patch',
             '0191-security-cve-2023-40217.patch',
             '0192-security-cve-2023-40217-tests.patch']
    assert probes.fixed(tmp_path, names) == {}
    (tmp_path / 'Lib/ssl.py').write_text('notconn_pre_handshake_data = 1\n')
    fixed = probes.fixed(tmp_path, names)
    assert sorted(fixed) == names[1:]
    assert 'CVE-2023-40217' in fixed[names[1]]


@pytest.mark.parametrize('make, message', [
    (lambda path: None, 'no such folder'),
    (lambda path: path.mkdir(), 'no Modules/_ssl.c')])
def test_bad_base(tmp_path, capsys, make, message):
    make(tmp_path / 'base')
    with pytest.raises(SystemExit):
        basetrees.given({'BASE': str(tmp_path / 'base')})
    assert message in capsys.readouterr().err


def test_no_base():
    assert basetrees.given({}) is None
