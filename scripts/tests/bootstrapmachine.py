"""A machine to run bootstrap.sh on: its tools and its package manager."""

import shutil
import subprocess

import pytest

from scripts.tests import minicheckout

#: What the script itself and the shell need.
SHELL_TOOLS = ('sh', 'cat', 'chown', 'grep', 'head', 'id', 'dirname', 'mkdir',
               'sed', 'sleep', 'stat', 'tail', 'tr', 'printf', 'env')
#: A file that is there.
THERE = __file__
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
            text = text.replace('/etc/' + name, THERE)
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
