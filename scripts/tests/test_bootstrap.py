"""bootstrap.sh: what is missing, and the command that installs it."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import layout
import minicheckout

#: What the script itself and the shell need.
SHELL_TOOLS = ('sh', 'cat', 'chown', 'grep', 'head', 'id', 'dirname', 'mkdir',
               'sed', 'sleep', 'stat', 'tail', 'tr', 'printf', 'env')
#: What it looks for, present or not by the test's choice.
TOOLS = ('cc', 'make', 'quilt', 'patch', 'tar', 'git', 'openssl', 'python3')


class Machine:
    """A PATH with some of the tools, a checkout, and a record of the package
    manager's calls.  The compiler is the real one."""

    def __init__(self, folder):
        self.bin = folder / 'bin'
        self.bin.mkdir()
        self.calls = folder / 'calls'
        self.calls.write_text('')
        self.root = folder / 'checkout'
        (self.root / 'scripts').mkdir(parents=True)
        text = (minicheckout.SCRIPTS / 'bootstrap.sh').read_text()
        for name in ('services', 'protocols'):      # this host may lack them
            text = text.replace('/etc/' + name, __file__)
        (self.root / 'scripts/bootstrap.sh').write_text(text)
        for name in SHELL_TOOLS + TOOLS:
            self.link(name)
        self.variables = {}

    def link(self, name):
        found = shutil.which(name)
        if found and not (self.bin / name).exists():
            (self.bin / name).symlink_to(found)

    def without(self, *names):
        for name in names:
            (self.bin / name).unlink()

    def program(self, name, text):
        path = self.bin / name
        if path.exists():
            path.unlink()
        path.write_text('#!/bin/sh\n' + text + '\n')
        path.chmod(0o755)

    def manager(self, name, text='exit 0', would=':'):
        """A package manager that records how it is called, when it is to
        change something; *would*: what it does if it is only asked."""
        self.program(name, 'case " $* " in\n'
                     '*" -s "* | *" --assumeno "* | *" --simulate "* | '
                     '*" --print "* | *" -Q "* | *" -e "*)\n{}\nexit ;;\n'
                     'esac\necho "{} $*" >>{}\n{}'.format(
                         would, name, self.calls, text))

    def user(self, number):
        self.program('id', 'echo {}'.format(number))

    def without_header(self, *names):
        """A compiler that does not find these headers."""
        self.program('cc', 'text=$({0})\ncase $text in\n{1}\nesac\n'
                     'printf "%s\\n" "$text" | {2} "$@"'.format(
                         shutil.which('cat'),
                         '\n'.join('*"<{}>"*) exit 1 ;;'.format(name)
                                   for name in names), shutil.which('cc')))

    def run(self, *arguments):
        """(status, output)"""
        env = dict({'PATH': str(self.bin), 'HOME': '/nowhere',
                    'SSL_CERT_FILE': __file__}, **self.variables)
        done = subprocess.run(
            [shutil.which('sh'), str(self.root / 'scripts/bootstrap.sh'),
             *arguments], env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=300)
        return done.returncode, done.stdout

    def called(self):
        return self.calls.read_text().splitlines()


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    # python3 may be a wrapper that needs more than this PATH has.
    machine.program('python3', 'test "$1" != -c || echo a_word_to_keep')
    return machine


def test_all_there(machine):
    machine.manager('apt-get')
    assert machine.run() == (0, '')
    assert machine.called() == []


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


def test_what_targets_need():
    """make looks for it first of all."""
    for target, needed in (('rpm', 'debootstrap rpmbuild'),
                           ('debian', 'debootstrap'),
                           ('bare', 'debootstrap'), ('clients', 'faketime'),
                           ('build', '')):
        lines = subprocess.run(
            ['make', '--no-print-directory', '-n', '-C', str(layout.ROOT),
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
    script.write_text(script.read_text().replace(__file__, '/nowhere', 1))
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


class TestMisspelt:
    """What a variable names and does not run is not missing: root installs
    nothing for it."""

    @pytest.fixture
    def root(self, machine):
        """All is there, and a package manager that would install."""
        machine.user(0)
        machine.manager('apt-get')
        machine.program('apt-cache', 'echo "  Candidate: 1.0"')
        return machine

    def refused(self, machine, **variables):
        """What it says while it refuses *variables*."""
        machine.variables.update(variables)
        status, output = machine.run()
        assert status == 1
        assert machine.called() == []
        assert 'nothing was installed' in output
        return output

    @pytest.mark.parametrize('value', ['nocc', '/no/cc', 'nocc -m32', ' nocc'])
    def test_compiler_that_is_not_there(self, root, value):
        output = self.refused(root, CC=value)
        assert 'error: CC={}: there is no such program\n'.format(
            value) in output

    @pytest.mark.parametrize('text', [
        'exit 0', 'echo "cc: no such option" >&2; exit 1', 'echo "$@"'])
    def test_no_compiler_at_all(self, root, text):
        root.program('other', text)
        assert 'error: CC=other is no C compiler that works: ' in \
            self.refused(root, CC='other')

    def test_compiler_options(self, root):
        assert 'error: CC=cc --no-such-option is no C compiler' in \
            self.refused(root, CC='cc --no-such-option')
        assert 'error: CPPFLAGS=--no-such-option: the compiler refuses' in \
            self.refused(root, CC='cc', CPPFLAGS='--no-such-option')

    def test_broken_compiler(self, root):
        root.program('cc', 'echo "cc1: not found" >&2; exit 1')
        assert 'the C compiler, cc, does not work: cc1: not found' in \
            self.refused(root)

    @pytest.mark.parametrize('value', ['/no', 'nopython', 'python3.99'])
    def test_python_that_is_not_there(self, root, value):
        output = self.refused(root, PYTHON3=value)
        assert 'error: PYTHON3={}: there is no such program'.format(
            value) in output

    @pytest.mark.parametrize('text, said', [
        ('echo Python 2.7; exit 1', 'Python 2.7'), ('exit 0', ''),
        ('echo "it is Python 3.8" >&2; exit 1', 'it is Python 3.8')])
    def test_no_python_at_all(self, root, text, said):
        root.program('other', text)
        assert ('error: PYTHON3=other is no Python 3.9 or later that works: '
                + said) in self.refused(root, PYTHON3='other')

    @pytest.mark.parametrize('module', ['json', 'venv', 'tarfile'])
    def test_python_path(self, root, module, tmp_path):
        """A module of the standard library's name, for another Python."""
        (root.bin / 'python3').unlink()
        (root.bin / 'python3').symlink_to(sys.executable)
        broken = tmp_path / 'broken'
        broken.mkdir()
        (broken / (module + '.py')).write_text('print "2.7"\n')
        output = self.refused(root, PYTHONPATH=str(broken))
        assert 'error: PYTHONPATH={}: python3 does not run with it: '.format(
            broken) in output
        # Others are its owner's own affair.
        (broken / (module + '.py')).unlink()
        (broken / 'unheard_of.py').write_text('print "2.7"\n')
        (root.root / 'scripts' / 'variables.py').write_text('')
        assert root.run() == (0, '')

    def test_python_home(self, root):
        (root.bin / 'python3').unlink()
        (root.bin / 'python3').symlink_to(sys.executable)
        assert 'error: PYTHONHOME=/no: python3 does not run with it' in \
            self.refused(root, PYTHONHOME='/no')

    def test_what_scripts_import_is_looked_for(self):
        """A module that PYTHONPATH can hide is noticed here, not later."""
        imported = set()
        for path in minicheckout.SCRIPTS.glob('**/*.py'):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    imported.update(name.name.split('.')[0]
                                    for name in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    imported.add(node.module.split('.')[0])
        text = (minicheckout.SCRIPTS / 'bootstrap.sh').read_text()
        looked_for = {name.strip().split('.')[0] for name in re.search(
            r'MODULES="(.*?)"', text, re.DOTALL)[1].replace(
                '\\\n', '').split(',')}
        # Built in, for tests only, or of 2.7 only.
        imported -= set(sys.builtin_module_names) | {
            '__future__', 'imp', 'pty', 'venv', 'ensurepip'}
        missing = {name for name in imported & sys.stdlib_module_names
                   if not name.startswith('_')} - looked_for
        assert missing == set()

    @pytest.mark.parametrize('value', ['perhaps', 'nein', '2'])
    def test_bootstrap_itself(self, root, value):
        assert 'neither yes nor no' in self.refused(root, BOOTSTRAP=value)

    @pytest.mark.parametrize('value', ['NO', '0', 'off', 'False'])
    def test_words_for_no(self, root, value):
        root.without('quilt')
        root.variables['BOOTSTRAP'] = value
        status, output = root.run()
        assert status == 1 and root.called() == []
        assert 'type, as root: ' in output

    def test_installed_and_out_of_sight(self, root):
        """A second installation is no cure."""
        root.without_header('openssl/ssl.h')
        root.program('dpkg-query', 'case $* in *libssl-dev*)\n'
                     'echo install ok installed ;; *) exit 1 ;; esac')
        assert ("error: installed, but not found or not working: OpenSSL's "
                'headers (libssl-dev)') in self.refused(root)

    def test_installed_headers_without_a_compiler(self, root):
        """Nobody can tell: it is not them that are installed."""
        root.without('cc')
        root.program('dpkg-query', 'case $* in *gcc*) exit 1 ;; esac\n'
                     'echo install ok installed')
        root.manager('apt-get', '{} -s {} {}/cc'.format(
            shutil.which('ln'), shutil.which('cc'), root.bin))
        assert root.run()[0] == 0
        assert root.called() == [
            'apt-get install -y --no-upgrade --no-install-recommends gcc']

    def test_values_are_looked_at_first(self, root):
        """Before anything is installed, if Python is there."""
        root.without('quilt')
        root.program('python3', 'case $1 in *variables.py) echo bad value; '
                     'exit 1 ;; *) echo a_word_to_keep ;; esac')
        status, output = root.run()
        assert status == 1 and 'bad value' in output
        assert root.called() == []

    def test_values_are_looked_at_once_python_is_there(self, root):
        root.without('python3')
        program = root.bin.parent / 'python3'
        program.write_text('#!/bin/sh\ncase $1 in *variables.py) echo bad '
                           'value; exit 1 ;; *) echo a_word_to_keep ;; esac')
        program.chmod(0o755)
        root.manager('apt-get', '{} -s {} {}/python3'.format(
            shutil.which('ln'), program, root.bin))
        status, output = root.run()
        assert status == 1 and output.endswith('bad value\n')
        assert len(root.called()) == 1


class TestNothingIsUpgraded:
    """What the package manager would do with what is installed."""

    SAYS = {
        'apt-get': ('-s', r'Inst libssl3 [3.0.1-1] (3.0.2-1 Debian [amd64])'
                    r'\nInst libssl-dev (3.0.2-1 Debian [amd64])',
                    'libssl3 (3.0.1-1 to 3.0.2-1)'),
        'dnf': ('--assumeno', r'Installing:\n quilt noarch 1 fedora 1 M\n\n'
                r'Upgrading:\n openssl-libs x86_64 3.0.2 updates 2 M\n\n',
                'openssl-libs'),
        'apk': ('--simulate', r'(1/2) Installing quilt (1-r0)\n'
                r'(2/2) Upgrading libssl3 (1-r0 -> 2-r0)',
                'libssl3 (1-r0 -> 2-r0)'),
    }
    REMOVES = {
        'apt-get': ('-s', r'Remv other [1.0]', 'other (removed)'),
        'dnf': ('--assumeno', r'Removing dependent packages:\n other '
                r'x86_64 1 @System 2 M\n\n', 'other'),
        'apk': ('--simulate', r'(1/1) Purging other (1-r0)',
                'other (1-r0)'),
    }

    @pytest.fixture
    def root(self, machine):
        machine.user(0)
        machine.program('apt-cache', 'echo "  Candidate: 1.0"')
        return machine

    @pytest.mark.parametrize('what', ['SAYS', 'REMOVES'])
    @pytest.mark.parametrize('name', SAYS)
    def test_what_is_required(self, root, name, what):
        option, text, shown = getattr(self, what)[name]
        root.without('quilt')
        root.manager(name, would='case $* in *{}*) printf "{}\\n" ;; '
                     'esac'.format(option, text))
        status, output = root.run()
        assert status == 1 and root.called() == []
        assert '\n      {}\n'.format(shown) in output
        assert 'error: nothing was installed' in output
        assert '-> if these changes are all right, type: ' + name in output

    def test_pacman(self, root):
        root.without('quilt')
        root.manager('pacman', would='case $* in *--print*) echo quilt; '
                     'echo glibc ;; "-Q glibc") echo glibc 2.39-1 ;; esac')
        status, output = root.run()
        assert status == 1 and root.called() == []
        assert '\n      glibc 2.39-1\n' in output

    def test_what_can_be_done_without(self, root):
        """It is left out, and what is required is installed."""
        root.without('quilt')
        root.without_header('ffi.h')
        root.manager('apt-get', '{} -s {} {}/quilt'.format(
            shutil.which('ln'), shutil.which('true'), root.bin),
            'case $* in *libffi*) '
            'echo "Inst libc6 [1-1] (1-2 Debian [amd64])" ;; esac')
        status, output = root.run()
        assert status == 0, output
        assert root.called() == [
            'apt-get install -y --no-upgrade --no-install-recommends quilt']
        assert 'left out' in output

    def test_only_what_can_be_done_without(self, root):
        root.without_header('ffi.h')
        root.manager('apt-get', would='echo '
                     '"Inst libc6 [1-1] (1-2 Debian [amd64])"')
        status, output = root.run()
        assert status == 0 and root.called() == []
        assert 'going on without' in output


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
