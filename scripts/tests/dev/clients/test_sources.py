"""make clients: what is put into the folder that tests are run in."""

import json
import subprocess

import pytest

from scripts.base import paths
from scripts.dev.clients import definition, sources, surroundings
from scripts.tests.dev.clients.test_definition import example, suite
from scripts.tests.failing import failing


@pytest.fixture
def repository(tmp_path):
    """(folder, commit) of a git repository with one file."""
    folder = tmp_path / 'clone'
    git = ['git', '-C', str(folder), '-c', 'user.name=n', '-c',
           'user.email=n@example.org']
    subprocess.run(['git', 'init', '-q', str(folder)], check=True)
    (folder / 'test.py').write_text('one\ntwo\n')
    subprocess.run(git + ['add', '.'], check=True)
    subprocess.run(git + ['commit', '-q', '-m', 'one'], check=True)
    # What is not committed does not count.
    (folder / 'test.py').write_text('three\n')
    return folder, subprocess.run(
        git + ['rev-parse', 'HEAD'], check=True, capture_output=True,
        text=True).stdout.strip()


def checkout(commit, edits=()):
    return definition.Checkout('PEP543', 'https://example.org/it', commit,
                               list(edits))


def test_checkout(repository, tmp_path, monkeypatch):
    folder, commit = repository
    monkeypatch.setenv('PEP543', str(folder))
    sources.unpack_checkout(
        checkout(commit, [['*.py', '^o(..)$', r'\1o'], ['*.py', 't', 'T']]),
        tmp_path / 'new')
    assert (tmp_path / 'new' / 'test.py').read_text() == 'neo\nTwo\n'


def test_wrong_checkout(repository, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('PEP543', str(repository[0]))
    text = failing(lambda: sources.unpack_checkout(
        checkout(40 * 'a'), tmp_path / 'new'), capsys)
    assert 'no commit aaaa' in text and 'a clone of https://' in text
    text = failing(lambda: sources.unpack_checkout(
        checkout(repository[1], [['*.py', 'four', '']]), tmp_path / 'new'),
        capsys)
    assert "'four' is not found" in text


def test_without_the_checkout():
    """Its suite is not run."""
    suites = definition.read_all()['pep543'].suites
    assert [sources.is_there(each, {}) for each in suites] == [True, False]
    assert all(sources.is_there(each, {'PEP543': '/'}) for each in suites)


def client(**changes):
    values = example(suites=[], **changes)
    return definition.Client(**values)


def test_project_and_patches(tmp_path, monkeypatch, capsys):
    root = tmp_path / 'project'
    (root / 'docs' / 'examples').mkdir(parents=True)
    (root / 'docs' / 'examples' / 'a.patch').write_text(
        'About it.\n\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new\n')
    monkeypatch.setattr(paths, 'ROOT', root)
    work = tmp_path / 'work'
    (work / 'src').mkdir(parents=True)
    (work / 'src' / 'x.py').write_text('old\n')
    one = client(project=['docs/examples/*.patch', 'docs'],
                 patches={'src': 'a.patch'})
    sources.copy_project(client(project=['docs/examples/*.patch']), work)
    assert (work / 'docs' / 'examples' / 'a.patch').exists()
    sources.patch(one, work)
    assert (work / 'src' / 'x.py').read_text() == 'new\n'
    assert 'does not apply' in failing(lambda: sources.patch(one, work),
                                       capsys)
    assert 'no nothing' in failing(
        lambda: sources.copy_project(client(project=['nothing']), work),
        capsys)


def test_path(monkeypatch, tmp_path):
    monkeypatch.setattr(surroundings.packages, 'folder',
                        lambda client, variant: tmp_path)
    monkeypatch.setattr(surroundings.intree, 'clean_env',
                        lambda variant: {'PYTHONNOUSERSITE': '1'})
    monkeypatch.setattr(surroundings.examples27, 'installed',
                        lambda variant: tmp_path / 'python2.7')
    env = surroundings.environ(client(), None)
    assert 'PYTHONPATH' not in env and 'INSTALLED_PYTHON' not in env
    env = surroundings.environ(client(path=['src', 'lib'], installed=True,
                                      plugins=['x']), None)
    assert env['PYTHONPATH'].split(':') == [
        str(tmp_path / 'work' / 'src'), str(tmp_path / 'work' / 'lib'),
        surroundings.PY27]
    assert env['INSTALLED_PYTHON'] == str(tmp_path / 'python2.7')


@pytest.mark.parametrize('changes, text', [
    ({'edits': [['a', 'b']]}, 'length 3 - at `$.edits[0]`'),
    ({'edits': [['a', '(', '']]}, "edits: '('"),
    ({'suites': suite(checkout={'variable': 'PEP543'})},
     'missing required field `repository` - at `$.suites[0].checkout`'),
    ({'suites': suite(checkout={'variable': 'PEP543', 'repository': 'r',
                                'commit': 'main'})},
     'at `$.suites[0].checkout.commit`'),
    ({'suites': suite(checkout={'variable': 'CLIENTS', 'repository': 'r',
                                'commit': 40 * 'a'})},
     'no option CLIENTS for a folder')])
def test_wrong_definition(tmp_path, changes, text):
    path = tmp_path / 'spam.json'
    path.write_text(json.dumps(example(**changes)))
    with pytest.raises(definition.DefinitionError) as info:
        definition.read(path)
    assert text in str(info.value)
