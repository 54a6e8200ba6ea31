"""venv, site27 and examples27: what the tests need, installed once."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from scripts.base import paths
from scripts.build.variant import Variant
from scripts.dev import tools
from scripts.dev.run import examples27, site27
from scripts.tests import minicheckout
from scripts.tests.failing import failing


def test_tools_are_made_once(tmp_path, capsys):
    requirements = tmp_path / 'requirements.txt'
    requirements.write_text('# none\n')
    folder = tmp_path / 'build' / 'tools'
    python = tools.ensure(folder, requirements)
    assert subprocess.run([str(python), '-m', 'pip', '--version'],
                          stdout=subprocess.DEVNULL).returncode == 0
    capsys.readouterr()
    assert tools.ensure(folder, requirements) == python
    assert capsys.readouterr().out == ''


def test_tools_that_cannot_be_had(tmp_path, capsys, monkeypatch):
    requirements = tmp_path / 'requirements.txt'
    requirements.write_text('no-such-package-anywhere==1\n')
    # As without a network.
    monkeypatch.setenv('PIP_NO_INDEX', '1')
    text = failing(lambda: tools.ensure(tmp_path / 'tools', requirements),
                   capsys)
    assert 'PIP_INDEX_URL' in text and 'tools.log' in text
    assert not (tmp_path / 'tools.made-of').exists()


def test_venv_is_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, 'executable', shutil.which('false'))
    text = failing(lambda: tools.ensure(tmp_path / 'tools'), capsys)
    assert 'apt-get install -y python3-venv' in text


@pytest.fixture
def interpreter(tmp_path, monkeypatch):
    """(variant, list of calls): its interpreter records how it is called."""
    monkeypatch.setattr(paths, 'BUILD', tmp_path / 'build')
    variant = Variant()
    minicheckout.write(variant.src, {
        'python': '#!/bin/sh\necho "$PYTHONUSERBASE $*" >>{}\n'
                  'mkdir -p {} {}\n'.format(
                      tmp_path / 'calls', variant.userbase,
                      variant.root / 'examples-site')})
    variant.python.chmod(0o755)
    return variant, lambda: (tmp_path / 'calls').read_text().splitlines()


def test_packages_for_27_are_installed_once(interpreter, tmp_path):
    variant, calls = interpreter
    requirements = tmp_path / 'requirements-2.7.txt'
    requirements.write_text('pytest==4.6.11\n')
    monkey = {'PYTHONPATH': '/elsewhere', 'PATH': os.environ['PATH']}
    for _ in range(2):
        env = site27.ensure(variant, monkey, requirements)
        assert env == {'PATH': os.environ['PATH'],
                       'PYTHONUSERBASE': str(variant.userbase)}
        first, second = calls()
        assert first.startswith('{} -m ensurepip --user'.format(
            variant.userbase))
        assert ' -m pip install --user ' in second
        assert second.endswith('-r {}'.format(requirements))
    requirements.write_text('pytest==4.6.10\n')
    site27.ensure(variant, monkey, requirements)
    assert len(calls()) == 4


def test_packages_for_27_that_cannot_be_had(interpreter, tmp_path, capsys):
    variant, _ = interpreter
    requirements = tmp_path / 'requirements-2.7.txt'
    requirements.write_text('')
    variant.python.write_text('#!/bin/sh\nexit 1\n')
    text = failing(lambda: site27.ensure(variant, {}, requirements), capsys)
    assert 'ensurepip failed' in text and 'userbase.log' in text
    assert not (variant.root / 'userbase.made-of').exists()


def test_packages_of_the_examples_are_installed_once(interpreter, tmp_path,
                                                     monkeypatch):
    variant, calls = interpreter
    monkeypatch.setattr(site27, 'ensure', lambda variant, environ: {
        'PYTHONUSERBASE': 'base', 'PATH': os.environ['PATH']})
    requirements = tmp_path / 'requirements-x.txt'
    requirements.write_text('x==1 --hash=sha256:0\n')
    for _ in range(2):
        folder = examples27.packages(variant, {}, [requirements])
        assert folder == variant.root / 'examples-site'
        line, = calls()
        assert line.startswith('base -m pip install ')
        assert ' --target {} --require-hashes '.format(folder) in line
        assert line.endswith(' -r {}'.format(requirements))
    requirements.write_text('x==2 --hash=sha256:0\n')
    examples27.packages(variant, {}, [requirements])
    assert len(calls()) == 2
    variant.python.write_text('#!/bin/sh\nexit 1\n')
    requirements.write_text('x==3 --hash=sha256:0\n')
    with pytest.raises(SystemExit):
        examples27.packages(variant, {}, [requirements])


def pins(path):
    """{name: the rest of its line} of the packages in *path*."""
    text = re.sub(r' *\\\n *', ' ', path.read_text())
    return {re.sub('[_.]', '-', name).lower() + '==' + version: rest
            for name, version, rest in re.findall(
                r'^([\w.-]+)==([\w.]+)(.*)$', text, re.MULTILINE)}


def test_every_package_has_a_hash():
    files = [path for path in paths.ROOT.glob('**/*requirements*.txt')
             if paths.BUILD not in path.parents]
    assert len(files) > 10
    for path in files:
        assert pins(path)
        for name, rest in pins(path).items():
            assert '--hash=sha256:' in rest, (path, name)
        source = path.with_suffix('.in')
        if source.exists():
            assert set(pins(source)) <= set(pins(path)), source


def test_the_interpreter_is_installed_once(interpreter, monkeypatch, capsys):
    variant, _ = interpreter
    built = variant.root / 'src.built'
    built.write_text('one')
    targets = []

    def make(src, variant, log_dir, title, *arguments, environ):
        targets.append(arguments)
        assert not (variant.root / 'examples-stage').exists()
        minicheckout.write(variant.root / 'examples-stage', {
            'opt/x/bin/python2.7': ''})

    monkeypatch.setattr(examples27.interpreter, 'make', make)
    stage = variant.root / 'examples-stage'
    for content, times in (('one', 1), ('one', 1), ('two', 2)):
        built.write_text(content)
        assert examples27.installed(variant, {}) == (
            stage / 'opt' / 'x' / 'bin' / 'python2.7')
        assert targets == [('install', 'DESTDIR={}'.format(stage))] * times
    (stage / 'opt' / 'x' / 'bin' / 'python2.7').unlink()
    assert 'put no python2.7' in failing(
        lambda: examples27.installed(variant, {}), capsys)
