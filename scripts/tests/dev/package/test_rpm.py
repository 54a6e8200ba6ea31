"""make rpm: whose rpm runs where."""

import os

import pytest

from scripts import options
from scripts.base import paths
from scripts.dev.package import debreleases, rpm, steps
from scripts.dev.run import debianroot

RELEASES = debreleases.load()


@pytest.fixture
def done(tmp_path, monkeypatch):
    """What is run: (names of steps, variables, environ, root)."""
    found = []
    monkeypatch.setattr(rpm, 'FOLDER', tmp_path / 'rpm')
    monkeypatch.setattr(rpm.fetch, 'fetch',
                        lambda name: tmp_path / 'distfiles' / (name + '.tgz'))
    monkeypatch.setattr(debianroot, 'make',
                        lambda root, kind: root.mkdir(parents=True))
    monkeypatch.setattr(
        steps, 'run', lambda page, names, cwd, variables, log, title, env,
        root: found.append((names, variables, env, list(root))) or 1)
    return found


def test_releases_that_have_roots():
    assert options.RPM.read({}) == 'host'
    assert {*options.RPM.known()} - {'host'} <= {*RELEASES}


def test_by_the_host(done, monkeypatch, tmp_path):
    # The host need not have it.
    command = tmp_path / 'bin' / 'rpm'
    command.parent.mkdir()
    command.write_text('#!/bin/sh\necho RPM version 4.18.0\n')
    command.chmod(0o755)
    monkeypatch.setenv('PATH', str(command.parent), prepend=os.pathsep)
    monkeypatch.setenv('MAKEFLAGS', 'n')
    monkeypatch.setenv('SPAM', 'eggs')
    package = rpm.Package('host')
    package.work.mkdir(parents=True)
    package.prepare()
    assert not done
    package.build(tmp_path)
    package.install()
    for _, _, env, root in done:
        assert root == [] and env['SPAM'] == 'eggs'
        assert 'MAKEFLAGS' not in env


def test_in_a_root(done, monkeypatch, tmp_path):
    """All of it is run there, by its rpm, and installed in another one."""
    runner = tmp_path / 'inroot.sh'
    runner.write_text('#!/bin/sh\nshift 3\ntest "$2" = --version || exit 1\n'
                      'echo RPM version 4.14.2.1\n')
    runner.chmod(0o755)
    monkeypatch.setattr(debianroot, 'RUNNER', runner)
    monkeypatch.setenv('SPAM', 'eggs')
    package = rpm.PackageInRoot('ubuntu20.04')
    assert package.kind == RELEASES['ubuntu20.04'].kind
    package.prepare()
    package.build(tmp_path)
    program = package.install()
    assert [names[-1] for names, *_ in done] == ['depends', 'build', 'install']
    for _, _, env, root in done:
        assert root == [str(runner), str(package.build_root),
                        str(paths.ROOT), 'native']
        assert env['INROOT_FOLDERS'] == str(tmp_path / 'distfiles')
        assert 'SPAM' not in env
    assert done[1][1]['NODEPS'] == '--nodeps'
    assert done[2][1]['ROOT'] == package.root
    assert str(package.root) in program.read_text()
    assert not package.build_root.exists()


def test_the_page_has_what_the_spec_needs():
    """The headers are Debian's of the same library."""
    spec = paths.ROOT / 'packaging/rpm/python27-memorybio.spec'
    needed = [line.split()[1] for line in spec.read_text().splitlines()
              if line.startswith('BuildRequires:')]
    debian = {'openssl-devel': 'libssl-dev', 'zlib-devel': 'zlib1g-dev'}
    script = steps.script('rpm', ['depends'], {})
    assert script.split()[-len(needed):] == [
        debian.get(name, name) for name in needed]
