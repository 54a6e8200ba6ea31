"""How patches apply to trees: exact, offset, there, other, refused."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile

import pytest

from scripts.dev.package import basecheck, bases, basetrees
from scripts.source import debiantree, trees

NAMES = ('0001-base-a.patch', '0101-compat-b.patch', '0201-pep546-c.patch')


@pytest.fixture
def three(project):
    for number, name in enumerate(NAMES):
        line = 'line_{0} = {0}\n'.format(100 * number + 100)
        project.write(name, {'Lib/ssl.py': (line, 'new_{} = 1\n'.format(
            number))})
    return project


def check(three, tree):
    """The Results of all patches on the folder *tree*, by name."""
    with three.context() as context:
        return {result.name: result for result in basecheck.Base(
            context, 'the tree', str(tree)).check()}


def statuses(found):
    return [result.status for result in found.values()]


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
    assert list(found) == list(NAMES)
    assert statuses(found) == [basecheck.EXACT] * 3


def test_offset(three, tmp_path):
    found = check(three, changed(three, tmp_path, 'line_150 = 150\n', ''))
    assert statuses(found) == ['exact', 'offset', 'offset']
    assert found[NAMES[1]].detail == [
        'Lib/ssl.py: hunk #1 succeeded at 196 (offset -1 lines)']


def test_fuzz_is_refused(three, tmp_path):
    found = check(three, changed(three, tmp_path, 'line_203 =', 'other ='))
    assert statuses(found) == ['exact', 'refused', 'exact']
    assert found[NAMES[1]].detail == [
        'Lib/ssl.py: hunk #1 FAILED at 197 (with fuzz it would apply)']


def test_every_refused_patch_is_told(three, tmp_path):
    tree = changed(three, tmp_path, 'line_300 =', 'other =')
    path = tree / 'Lib/ssl.py'
    path.write_text(path.read_text().replace('line_100 =', 'other ='))
    found = check(three, tree)
    assert statuses(found) == ['refused', 'exact', 'refused']
    assert found[NAMES[2]].detail == ['Lib/ssl.py: hunk #1 FAILED at 297']
    assert found[NAMES[2]].cause == ''


def test_a_refused_patch_leaves_nothing(three, tmp_path):
    # One of its hunks would apply, and so would its new file.
    three.write('0102-compat-d.patch', {
        'Lib/ssl.py': ('line_500 = 500\n', 'd = 1\n'),
        'setup.py': ('openssl_ver = 0\n', 'openssl_ver = 1\n'),
        'Lib/d.py': 'd = 1\n'})
    three.write('0103-compat-e.patch', {
        'setup.py': ('openssl_ver = 1\n', 'openssl_ver = 2\n')})
    found = check(three, changed(three, tmp_path, 'line_500 =', 'other ='))
    assert found['0102-compat-d.patch'].status == basecheck.REFUSED
    after = found['0103-compat-e.patch']
    assert (after.status, after.cause) == ('refused', '0102-compat-d.patch')


def test_a_file_of_a_patch_that_is_left_out(three, tmp_path):
    # What else the second one changes applies, and comes after it.
    added = '0102-compat-d.patch'
    three.write(added, {'Lib/ssl.py': ('line_500 = 500\n', 'd = 1\n'),
                        'Lib/d.py': 'd = 1\n'})
    three.write('0103-compat-e.patch', {
        'Lib/d.py': ('d = 1\n', 'd = 2\n'),
        'Lib/ssl.py': ('line_600 = 600\n', 'e = 1\n')})
    found = check(three, changed(three, tmp_path, 'line_500 =', 'other ='))
    after = found['0103-compat-e.patch']
    assert (after.status, after.cause) == (basecheck.REFUSED, added)
    assert after.detail == ['Lib/d.py: there is no such file']


def test_a_file_that_is_there_already(three, tmp_path):
    tree = changed(three, tmp_path, 'line_1 =', 'other =')
    three.put(tree, 'Lib/d.py', 'theirs = 1\n')
    three.write('0102-compat-d.patch', {'Lib/d.py': 'd = 1\n'})
    found = check(three, tree)['0102-compat-d.patch']
    assert found.status == basecheck.REFUSED
    assert found.detail == ['Lib/d.py: it is there']


def test_what_is_there(three, tmp_path):
    tree = changed(three, tmp_path, 'line_100 = 100', 'new_0 = 1')
    assert statuses(check(three, tree)) == ['there', 'exact', 'exact']
    for number in (1, 2):
        path = tree / 'Lib/ssl.py'
        path.write_text(path.read_text().replace(
            'line_{0} = {0}\n'.format(100 * number + 100),
            'new_{} = 1\n'.format(number)))
    assert statuses(check(three, tree)) == [basecheck.THERE] * 3


def test_their_patch_is_named(three, tmp_path):
    tree = changed(three, tmp_path, 'line_201 =', 'debian =')
    three.put(tree, 'debian/patches/series.in', '#if 1\na.diff\nb.diff\n')
    diff = ('--- python2.7.orig/Lib/ssl.py\n+++ python2.7/Lib/ssl.py\n'
            '@@ -{0},3 +{0},3 @@\n line_{0} = {0}\n-line_{1} = {1}\n'
            '+debian = {1}\n line_{2} = {2}\n')
    three.put(tree, 'debian/patches/a.diff', diff.format(400, 401, 402))
    three.put(tree, 'debian/patches/b.diff', 'Why\n' + diff.format(
        200, 201, 202))
    found = check(three, tree)
    assert [result.cause for result in found.values()] == ['', 'b.diff', '']


def test_their_commit_is_named(three, tmp_path):
    tree = changed(three, tmp_path, 'line_650 =', 'other =')

    def git(*args):
        subprocess.run(['git', '-c', 'user.name=A', '-c', 'user.email=a@b',
                        *args], cwd=tree, check=True,
                       stdout=subprocess.DEVNULL)
    git('init', '-q')
    for message, old in (('Base', None), ('Theirs', 'line_302 ='),
                         ('Later', 'line_600 =')):
        if old:
            path = tree / 'Lib/ssl.py'
            path.write_text(path.read_text().replace(old, 'other ='))
        git('add', '-A')
        git('commit', '-q', '-m', message)
    found = check(three, tree)
    assert found[NAMES[2]].cause.endswith(' Theirs')


def test_the_tree_is_not_changed(three, tmp_path):
    tree = changed(three, tmp_path, 'line_100 = 100', 'new_0 = 1')
    before = digest(tree)
    check(three, tree)
    assert digest(tree) == before


def test_other_form(three, tmp_path):
    # Where the patch does not apply, and where it does.
    name = '0105-compat-ssl-cadata-eof.patch'
    cve = '0191-security-cve-2023-40217.patch'
    three.write(name, {'Lib/ssl.py': ('line_400 = 400\n', 'x = 1\n')})
    three.write(cve, {'Lib/ssl.py': ('line_500 = 500\n', 'y = 1\n')})
    tree = changed(three, tmp_path, 'line_1 = 1\n',
                   'notconn_pre_handshake_data = 1\n')
    theirs = 'cadata does not contain a certificate'
    (tree / 'Modules/_ssl.c').write_text('m = "{}";\n'.format(theirs))
    found = check(three, tree)
    assert found[name].status == basecheck.OFFSET or \
        found[name].status == basecheck.EXACT
    assert found[cve].status == basecheck.OTHER
    assert 'CVE-2023-40217' in found[cve].detail[0]
    path = tree / 'Lib/ssl.py'
    path.write_text(path.read_text().replace('line_400 =', 'other ='))
    assert check(three, tree)[name].status == basecheck.OTHER


def test_their_digests(three, tmp_path):
    # As Fedora 38 and RHEL 8 have them.
    name = '0120-compat-hashlib-constructors.patch'
    three.write(name, {'Lib/ssl.py': ('line_400 = 400\n', 'x = 1\n')})
    tree = changed(three, tmp_path, 'line_400 =', 'other =')
    assert check(three, tree)[name].status == basecheck.REFUSED
    for theirs in ('if (EVP_MD_fetch(NULL, #NAME, NULL)) {',
                   'if (!EVP_DigestInit(CONST_new_ ## NAME ## _ctx_p, x)) {'):
        three.put(tree, 'Modules/_hashopenssl.c', theirs)
        assert check(three, tree)[name].status == basecheck.OTHER


def tree_entry(**apart):
    return trees.Tree('x', 'X', '1', apart={
        topic.replace('_', '-'): status for topic, status in apart.items()})


def test_surprises(three, tmp_path):
    tree = changed(three, tmp_path, 'line_300 =', 'other =')
    results = list(check(three, tree).values())
    refused = results[2]
    assert bases.surprises(None, results) == [refused]
    assert bases.surprises(tree_entry(), results) == [refused]
    assert bases.surprises(tree_entry(c='refused'), results) == []
    assert bases.surprises(tree_entry(c='other'), results) == [refused]
    # It would apply: trees.json is out of date.
    assert bases.surprises(tree_entry(c='refused', b='refused'),
                           results) == [results[1]]


def test_report_and_json(three, tmp_path, capsys):
    from rich.console import Console
    tree = changed(three, tmp_path, 'line_300 =', 'other =')
    results = list(check(three, tree).values())
    bases.report('x', results, Console(width=100))
    out = capsys.readouterr().out
    assert NAMES[2] + ' refused: Lib/ssl.py: hunk #1 FAILED' in out
    assert json.loads(bases.as_json({'x': results}))['x'][NAMES[2]][
        'status'] == 'refused'


def test_nothing_is_fetched_for_base(three, tmp_path, monkeypatch):
    monkeypatch.setenv('BASE', str(tmp_path))
    monkeypatch.setattr(debiantree, 'find', None)
    with three.context() as context:
        found, missing, bad = bases.check_all(
            context, ('the tree', str(three.pristine)))
    assert list(found) == ['the tree'] and not missing and not bad


def test_a_tree_that_cannot_be_had(three, monkeypatch):
    monkeypatch.setenv('BASES', 'rhel8')
    monkeypatch.delenv('BASE', raising=False)
    with three.context() as context:
        found, missing, bad = bases.check_all(context, None)
    assert list(found) == [basetrees.PRISTINE] and not bad
    (label, reason), = missing.items()
    assert 'RHEL 8' in label and 'rpmbuild -bp' in reason


def test_which_tree_base_is():
    assert basetrees.which({'BASES': 'rhel8'}).name == 'rhel8'
    assert basetrees.which({}) is None
    assert all(tree.diff for tree in basetrees.chosen({}))


@pytest.mark.parametrize('make, message', [
    (lambda path: None, 'no such file or folder'),
    (lambda path: path.write_text('no archive'), 'cannot be unpacked'),
    (lambda path: path.mkdir(), 'no Modules/_ssl.c')])
def test_bad_base(tmp_path, capsys, make, message):
    make(tmp_path / 'base')
    with pytest.raises(SystemExit):
        basetrees.given(tmp_path, {'BASE': str(tmp_path / 'base')})
    assert message in capsys.readouterr().err


def test_base_with_other_line_ends(three, capsys):
    three.put(three.pristine, 'Include/patchlevel.h', '')
    path = three.pristine / 'Modules' / '_ssl.c'
    path.write_bytes(path.read_bytes().replace(b'\n', b'\r\n'))
    with pytest.raises(SystemExit):
        basetrees.given(None, {'BASE': str(three.pristine)})
    assert 'has lines that end in CRLF' in capsys.readouterr().err


def test_no_base(tmp_path):
    assert basetrees.given(tmp_path, {}) is None


def test_base_is_a_tarball(three, tmp_path):
    three.put(three.pristine, 'Include/patchlevel.h',
              '#define PY_VERSION "2.7.9"\n')
    tarball = tmp_path / 'Python.tgz'
    with tarfile.open(tarball, 'w:gz') as archive:
        archive.add(three.pristine, 'Python-2.7.9')
    label, folder = basetrees.given(tmp_path, {'BASE': str(tarball)})
    assert label == 'BASE (2.7.9)'
    assert statuses(check(three, folder)) == [basecheck.EXACT] * 3
