"""bootstrap.sh: a typo installs nothing, and nothing is ever upgraded."""

import ast
import re
import shutil
import sys

import pytest

from scripts.tests import minicheckout


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
        ('echo "it is Python 3.8" >&2; exit 1', 'it is Python 3.8'),
        ('printf "other: no such command\\n\\nSee help\\n"; exit 127',
         'other: no such command\n'),
        ('printf "Traceback:\\n  x\\nImportError: no x\\n"; exit 1',
         'ImportError: no x\n')])
    def test_no_python_at_all(self, root, text, said):
        root.program('other', text)
        assert ('error: PYTHON3=other is no Python 3.9 or later that works: '
                + said) in self.refused(root, PYTHON3='other')

    @pytest.mark.parametrize('module', ['json', 'venv', 'tarfile'])
    def test_python_path(self, root, module, tmp_path, monkeypatch):
        """A module of the standard library's name, for another Python."""
        (root.bin / 'python3').unlink()
        (root.bin / 'python3').symlink_to(sys.executable)
        broken = tmp_path / 'broken'
        broken.mkdir()
        (broken / (module + '.py')).write_text('print "2.7"\n')
        output = self.refused(root, PYTHONPATH=str(broken))
        assert 'error: PYTHONPATH={}: python3 does not run with it: '.format(
            broken) in output
        # Others are its owner's own affair, as is the folder of today.
        monkeypatch.chdir(broken)
        (root.root / 'scripts' / '__main__.py').write_text('')
        del root.variables['PYTHONPATH']
        assert root.run() == (0, '')
        (broken / (module + '.py')).unlink()
        (broken / 'unheard_of.py').write_text('print "2.7"\n')
        root.variables['PYTHONPATH'] = str(broken)
        assert root.run() == (0, '')

    def test_safe_path(self, root):
        (root.bin / 'python3').unlink()
        (root.bin / 'python3').symlink_to(sys.executable)
        shutil.copytree(minicheckout.SCRIPTS, root.root / 'scripts',
                        dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns('tests', '*.pyc'))
        root.variables['PYTHONSAFEPATH'] = '1'
        assert root.run() == (0, '')

    @pytest.mark.parametrize('name, value', [
        ('PYTHONHOME', '/no'), ('PYTHONHASHSEED', 'none'),
        ('PYTHONUTF8', '7'), ('PYTHONMALLOC', 'none'),
        ('PYTHONIOENCODING', 'none')])
    def test_variables_of_python(self, root, name, value):
        """Python is there: it is the variable that has to go."""
        (root.bin / 'python3').unlink()
        (root.bin / 'python3').symlink_to(sys.executable)
        output = self.refused(root, **{name: value})
        assert 'error: {}={}: python3 does not run with it: '.format(
            name, value) in output
        assert 'correct {}, or leave it out'.format(name) in output

    def test_inspect(self, root):
        (root.bin / 'python3').unlink()
        (root.bin / 'python3').symlink_to(sys.executable)
        (root.root / 'scripts' / '__main__.py').write_text('')
        root.variables['PYTHONINSPECT'] = '1'
        assert root.run() == (0, '')

    def test_what_scripts_import_is_looked_for(self):
        """A module that PYTHONPATH can hide is noticed here, not later."""
        imported = set()
        for path in minicheckout.SCRIPTS.glob('**/*.py'):
            if path.stem.endswith('27'):    # the built interpreter runs it
                continue
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
            '__future__', 'calendar', 'distutils', 'ensurepip', 'imp', 'pty',
            'venv'}
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
        root.program('python3', 'case $* in *"scripts variables")\n'
                     'echo bad value; exit 1 ;; *) echo a_word_to_keep\nesac')
        status, output = root.run()
        assert status == 1 and 'bad value' in output
        assert root.called() == []

    def test_values_are_looked_at_once_python_is_there(self, root):
        root.without('python3')
        program = root.bin.parent / 'python3'
        program.write_text('#!/bin/sh\ncase $* in *"scripts variables")\n'
                           'echo bad value; exit 1 ;; *) echo a_word_to_keep\n'
                           'esac')
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
