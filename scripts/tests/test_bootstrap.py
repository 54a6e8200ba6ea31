"""bootstrap.sh: what is missing, and the command that installs it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.base import paths
from scripts.tests import minicheckout
from scripts.tests.bootstrapmachine import THERE


def test_all_there(machine):
    machine.manager('apt-get')
    assert machine.run() == (0, '')
    assert machine.called() == []


def test_cdpath(machine, tmp_path):
    """cd goes to the checkout, and prints nothing."""
    machine.program('python3', 'case $1 in -c) echo a_word_to_keep ;; '
                    '-m) pwd ;; esac')
    (tmp_path / 'other' / 'scripts').mkdir(parents=True)
    for place in '.', str(tmp_path / 'other'):
        done = subprocess.run(
            [shutil.which('sh'), 'scripts/bootstrap.sh'], cwd=machine.root,
            env={'PATH': str(machine.bin), 'HOME': '/nowhere',
                 'SSL_CERT_FILE': __file__, 'CDPATH': place},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.stdout == '{}\n'.format(machine.root)


COMMANDS = {
    'apt-get': ('apt-get install -y --no-upgrade --no-install-recommends '
                'quilt openssl libssl-dev libffi-dev'),
    'dnf': ('dnf install -y --setopt=install_weak_deps=False quilt openssl '
            'openssl-devel libffi-devel'),
    'apk': 'apk add quilt openssl openssl-dev libffi-dev',
    'pacman': 'pacman -S --needed --noconfirm quilt openssl libffi',
}


@pytest.mark.parametrize('name', COMMANDS)
def test_bootstrap_no(machine, name):
    machine.manager(name)
    machine.user(0)
    machine.without('quilt', 'openssl')
    machine.without_header('openssl/ssl.h', 'ffi.h')
    machine.variables['BOOTSTRAP'] = 'no'
    status, output = machine.run()
    assert status == 1
    assert ("missing: quilt, the openssl program, OpenSSL's headers\n" in
            output)
    assert "can do without: libffi's headers\n" in output
    assert 'type, as root: {}\n'.format(COMMANDS[name]) in output
    assert machine.called() == []


def test_ordinary_user(machine):
    machine.manager('apt-get')
    machine.user(1000)
    machine.without('patch', 'tar', 'git', 'make')
    status, output = machine.run()
    assert status == 1 and machine.called() == []
    assert ('apt-get install -y --no-upgrade --no-install-recommends '
            'make patch tar git') in output


def test_unknown_system(machine):
    machine.without('quilt')
    machine.user(0)
    status, output = machine.run()
    assert status == 1
    assert "with this system's package manager" in output


def test_only_what_can_be_done_without(machine):
    machine.manager('apt-get')
    machine.user(1000)
    machine.without_header('readline/readline.h', 'bzlib.h')
    status, output = machine.run()
    assert status == 0
    assert "bzip2's headers, readline's headers" in output
    assert 'to have it: apt-get install' in output
    assert 'libbz2-dev libreadline-dev\n' in output
    (machine.bin / 'apt-get').unlink()
    assert 'to have it' not in machine.run()[1]


def test_more_is_needed(machine):
    """What an argument names is looked for as well."""
    machine.manager('apk')
    machine.user(1000)
    assert machine.run() == (0, '')
    status, output = machine.run('faketime')
    assert status == 0 and 'can do without: libfaketime' in output
    assert 'apk add libfaketime\n' in output
    machine.program('faketime', 'exit 0')
    assert machine.run('faketime') == (0, '')
    status, output = machine.run('debootstrap', 'rpmbuild')
    assert status == 1 and 'missing: debootstrap, rpmbuild\n' in output
    assert 'type, as root: apk add debootstrap rpm\n' in output
    status, output = machine.run('spin')
    assert status == 1 and 'missing: spin (for make model)\n' in output


def test_what_targets_need():
    """make looks for it first of all."""
    for target, needed in (('rpm', 'debootstrap rpmbuild'),
                           ('debian', 'debootstrap'),
                           ('bare', 'debootstrap'), ('clients', 'faketime'),
                           ('variations', 'faketime'),
                           ('model', 'spin'),
                           ('build', '')):
        lines = subprocess.run(
            ['make', '--no-print-directory', '-n', '-C', str(paths.ROOT),
             target], stdout=subprocess.PIPE, text=True,
            check=True).stdout.splitlines()
        assert lines[0].split() == \
            ['sh', 'scripts/bootstrap.sh', *needed.split()]


def test_python_is_too_old(machine):
    machine.manager('dnf')
    machine.user(1000)
    machine.program('python3', 'exit 1')
    status, output = machine.run()
    assert status == 1 and 'missing: Python 3.9 or later' in output
    assert 'install_weak_deps=False python3\n' in output


def test_python_is_not_there(machine):
    machine.manager('pacman')
    machine.user(1000)
    machine.without('python3')
    status, output = machine.run()
    assert status == 1 and 'pacman -S --needed --noconfirm python\n' in output


def test_no_compiler(machine):
    machine.manager('apk')
    machine.user(1000)
    machine.without('cc')
    status, output = machine.run()
    assert status == 1
    # Without a compiler no header can be looked for.
    assert 'apk add gcc musl-dev openssl-dev zlib-dev' in output


def test_openssl_headers_of_a_prefix(machine):
    machine.without_header('openssl/ssl.h')
    machine.variables['OPENSSL'] = '/opt/openssl'
    assert machine.run() == (0, '')


def test_compiler_with_a_wrapper(machine):
    machine.program('wrapper', 'exec "$@"')
    machine.variables['CC'] = 'wrapper cc'
    assert machine.run() == (0, '')


def test_no_certificates(machine):
    machine.manager('dnf')
    machine.user(1000)
    machine.variables['SSL_CERT_FILE'] = '/nowhere'
    script = machine.root / 'scripts/bootstrap.sh'
    script.write_text(script.read_text().replace('/etc/', '/nowhere/'))
    status, output = machine.run()
    assert status == 0 and 'CA certificates' in output


def test_no_services(machine):
    """A bare Debian has no netbase, which test_socket asks for."""
    machine.manager('apt-get')
    machine.user(1000)
    script = machine.root / 'scripts/bootstrap.sh'
    script.write_text(script.read_text().replace(THERE, '/nowhere', 1))
    status, output = machine.run()
    assert status == 0 and '/etc/services' not in output.split('missing')[0]
    assert output.endswith('--no-install-recommends netbase\n')


class TestInstalling:

    @pytest.fixture
    def root(self, machine):
        machine.user(0)
        machine.without('quilt')
        machine.program('apt-cache', 'echo "  Candidate: 1.0"')
        return machine

    def installs(self, machine):
        """The text of a package manager that installs quilt."""
        return 'case $* in *quilt*) {} -s {} {}/quilt ;; esac'.format(
            shutil.which('ln'), shutil.which('true'), machine.bin)

    @pytest.mark.parametrize('name, call', [
        ('apt-get',
         'apt-get install -y --no-upgrade --no-install-recommends quilt'),
        ('dnf', 'dnf install -y --setopt=install_weak_deps=False quilt'),
        ('apk', 'apk add quilt'),
        ('pacman', 'pacman -S --needed --noconfirm quilt')])
    def test_success(self, root, name, call):
        root.manager(name, self.installs(root))
        status, output = root.run()
        assert status == 0, output
        assert root.called() == [call]
        assert '==> Installing what is missing: ' + call in output
        assert root.run() == (0, '')

    def test_update_where_there_is_no_candidate(self, root):
        root.manager('apt-get', self.installs(root))
        root.program('apt-cache', 'echo "  Candidate: (none)"')
        status, output = root.run()
        assert status == 0, output
        assert root.called() == [
            'apt-get -q update',
            'apt-get install -y --no-upgrade --no-install-recommends quilt']

    @pytest.mark.parametrize('name, update', [
        ('apt-get', 'apt-get -q update'), ('pacman', 'pacman -Sy')])
    def test_outdated_list(self, root, name, update):
        root.manager(name, 'read count <{0} || count=0\n'
                     'case $* in "${{update#* }}") exit 0 ;; esac\n'
                     'test -e {1} || {{ echo x >{1}; exit 1; }}\n{2}'.format(
                         os.devnull, root.bin / 'tried',
                         self.installs(root)))
        status, output = root.run()
        assert status == 0, output
        assert root.called()[1] == update and len(root.called()) == 3

    @pytest.mark.parametrize('name', ['apt-get', 'dnf', 'apk'])
    def test_failure(self, root, name):
        root.manager(name, 'echo cannot reach the archive; exit 1')
        status, output = root.run()
        assert status == 1
        assert 'cannot reach the archive' in output
        assert 'the packages could not be installed' in output
        assert str(root.root / 'build/logs/bootstrap.log') in output
        assert ('EPEL' in output) is (name == 'dnf')

    def test_update_fails(self, root):
        root.manager('apt-get', 'echo no network; exit 1')
        root.program('apt-cache', ':')
        status, output = root.run()
        assert status == 1 and 'no network' in output

    def test_installed_but_still_missing(self, root):
        root.manager('apk')
        status, output = root.run()
        assert status == 1
        assert 'still missing after the installation: quilt' in output

    def test_failure_of_what_can_be_done_without(self, machine):
        machine.user(0)
        machine.without_header('ffi.h')
        machine.manager('apk', 'exit 1')
        status, output = machine.run()
        assert status == 0 and 'going on without' in output


def test_progress_of_the_installation(machine):
    """It says which package it has come to, and nothing once it is done."""
    machine.user(0)
    machine.without('quilt')
    machine.program('apt-cache', 'echo "  Candidate: 1.0"')
    # Seconds pass when they are counted, four before it is done.
    ticks = machine.bin.parent / 'ticks'
    (machine.bin / 'sleep').unlink()
    machine.program('sleep', 'echo >>{}'.format(ticks))
    machine.manager('apt-get', 'echo "Unpacking gcc-14 (1) ..."\n'
                    'until test "$(grep -c "" {0})" -ge 4\n'
                    'do {1} 0.05; done\n{2} -s {3} {4}/quilt'.format(
                        ticks, shutil.which('sleep'), shutil.which('ln'),
                        shutil.which('true'), machine.bin))
    script = machine.root / 'scripts/bootstrap.sh'
    script.write_text(script.read_text().replace('INTERVAL=30',
                                                 'INTERVAL=1'))
    status, output = machine.run()
    assert status == 0
    assert '\n    apt-get, unpacking gcc-14, 2 s\n' in output


@pytest.mark.parametrize('line, said', [
    ('Get:5 http://mirror.example.org/debian trixie/main amd64 libfoo amd64 1 '
     '[2 kB]', ', fetching libfoo'),
    ('Get:1 http://mirror.example.org/debian trixie InRelease [140 kB]', ''),
    ('Setting up tar (1.35) ...', ', setting up tar'),
    ('(3/9) Installing quilt (0.67-r1)', ', installing quilt'),
    ('  Installing  : quilt-0.67-1.fc40.noarch  3/9',
     ', installing quilt-0.67-1.fc40.noarch'),
    ('gcc -O2 -c x.c', ''), ('', '')])
def test_last_words(tmp_path, line, said):
    (tmp_path / 'log').write_text(line + '\n')
    text = (minicheckout.SCRIPTS / 'bootstrap.sh').read_text()
    function = re.search(r'^last_words\(\).*?^}$', text,
                         re.MULTILINE | re.DOTALL)[0]
    done = subprocess.run(
        ['sh', '-c', 'LOG=$1\n' + function + '\nlast_words', 'x',
         str(tmp_path / 'log')], stdout=subprocess.PIPE, text=True)
    assert done.stdout.strip('\n') == said


def test_script_is_portable():
    """Every shell that may be /bin/sh reads the script."""
    script = minicheckout.SCRIPTS / 'bootstrap.sh'
    for name in ('dash', 'bash', 'busybox'):
        shell = shutil.which(name)
        if shell:
            argv = [shell] + (['sh'] if name == 'busybox' else [])
            assert subprocess.run(argv + ['-n', str(script)]).returncode == 0
    assert Path(script).read_text().startswith('#!/bin/sh\n')
