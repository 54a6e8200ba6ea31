"""README's two commands where a new user types them: `make bare`.

In a fresh Debian root, made by debootstrap with nothing but what every Debian
has, in which localhost is ::1 first: root installs git and make, as README
says, and builds and tests a clone of this checkout, or leaves that to an
ordinary user after "make bootstrap".

Options by variable: BARE, some of bookworm, trixie and sid, each followed by
-root or -user for one of the two; SUITES, TESTS and JOBS for the tests
inside.  What the host has for its way to the network is there, too: pip's
variables, proxies, DISTFILES.
"""

import datetime
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from rich.table import Table

from scripts import options
from scripts.base import console, locking, paths
from scripts.dev import terminal
from scripts.dev.evidence import record
from scripts.dev.run import debianroot
from scripts.series import gitrepo

SUITES = ('bookworm', 'trixie', 'sid')
USERS = ('root', 'user')
FOLDER = paths.BUILD / 'bare'
NAMES = tuple('{}-{}'.format(suite, user)
              for suite in SUITES for user in USERS)

#: Seconds for one command.
PATIENCE = 5400

HOSTS = '::1\tlocalhost ip6-localhost ip6-loopback\n' + debianroot.HOSTS

#: How the host reaches the network, apart from pip's own configuration.
_NETWORK = re.compile(r'PIP_\w+|(https?|ftp|all|no)_proxy', re.IGNORECASE)
_PIP = ('cert', 'index-url', 'trusted-host', 'proxy', 'timeout')


def selected(environ=os.environ):
    """The names that BARE asks for (str list, in the order of NAMES)."""
    words = options.BARE.read(environ)
    return [name for name in NAMES if name in words or
            name.partition('-')[0] in words]


def pip_settings(environ, listing):
    """pip's variables (dict) for what *listing*, the output of "pip config
    list", says of the way to its index, and those of *environ*."""
    found = {}
    for name, value in re.findall(r"^\w+\.([a-z-]+)='(.*)'$", listing,
                                  re.MULTILINE):
        if name in _PIP:
            found['PIP_' + name.upper().replace('-', '_')] = value
    found.update((name, value) for name, value in environ.items()
                 if _NETWORK.fullmatch(name))
    return found


def _pip_listing():
    return subprocess.run([sys.executable, '-m', 'pip', 'config', 'list'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


def give(settings, root):
    """Make what *settings* (dict of variables) name available in *root*
    (Path): files are copied.  Returns the changed variables and the folders
    to mount (str list)."""
    settings, folders = dict(settings), []
    for name, value in settings.items():
        if os.path.isdir(value):
            folders.append(os.path.abspath(value))
        elif os.path.isabs(value) and os.path.isfile(value):
            copy = Path('/var/local/host',
                        name.lower() + Path(value).suffix)
            target = root / copy.relative_to('/')
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(value, target)
            settings[name] = str(copy)
    return settings, folders


class Machine:
    """The root of one run.  name: one of NAMES."""

    def __init__(self, name, environ=os.environ):
        self.suite, _, self.user = name.partition('-')
        self.folder = FOLDER / name
        self.root = self.folder / 'root'
        self.home = '/root' if self.user == 'root' else '/home/' + self.user
        self.checkout = self.root / self.home[1:] / 'checkout'
        self.environ = environ
        self.settings, self.folders = {}, []

    def make(self):
        """Make the root: what debootstrap makes and a file of hosts."""
        shutil.rmtree(self.folder, ignore_errors=True)
        debianroot.copy(master(self.suite), self.root)
        (self.root / 'etc/hosts').write_text(HOSTS.format(
            socket.gethostname()))
        settings = pip_settings(self.environ, _pip_listing())
        distfiles = options.DISTFILES.read(self.environ)
        if distfiles:
            settings['DISTFILES'] = distfiles
        self.settings, self.folders = give(settings, self.root)
        for name in ('SUITES', 'TESTS', 'JOBS'):
            if self.environ.get(name):
                self.settings[name] = self.environ[name]

    def run(self, title, command, user='root', where='/'):
        """Run the shell's *command* in the root as *user*, in the folder
        *where*."""
        home = '/root' if user == 'root' else '/home/' + user
        env = dict(self.settings, PATH='/usr/local/sbin:/usr/local/bin:'
                   '/usr/sbin:/usr/bin:/sbin:/bin', LANG='C.UTF-8', HOME=home,
                   USER=user, DEBIAN_FRONTEND='noninteractive',
                   INROOT_FOLDERS=' '.join(self.folders))
        become = [] if user == 'root' else [
            'setpriv', '--reuid=' + user, '--regid=' + user, '--init-groups']
        console.run(
            ['timeout', '--kill-after=30', str(PATIENCE), debianroot.RUNNER,
             self.root, '/srv', 'native', *become, 'sh', '-c',
             'cd "$0" && ' + command, where],
            log=self.folder / (title.replace(' ', '-') + '.log'),
            title=title, cwd='/', env=env)

    def follow_readme(self):
        """What README says comes first, a clone, and the two commands."""
        self.run('apt-get install git make',
                 'apt-get -q update && apt-get -q install -y --no-upgrade '
                 '--no-install-recommends git make')
        if self.user != 'root':
            self.run('useradd', 'useradd --create-home ' + self.user)
        gitrepo.clone(paths.ROOT, self.checkout)
        where = '{}/checkout'.format(self.home)
        if self.user != 'root':
            self.run('chown', 'chown -R {0}: {1}'.format(self.user, where))
            self.run('make bootstrap', 'make bootstrap', where=where)
        for command in ('make', 'make test'):
            self.run(command, command, self.user, where)

    def results(self):
        """The Record that "make test" has written, None if it has not."""
        folder = self.checkout / 'build/evidence/default'
        # SUITES and TESTS hold inside: then it is a limited one.
        return record.read(folder / 'test.json') or \
            record.read(folder / 'limited' / 'test.json')


def master(suite):
    """The Path of a root of *suite* as debootstrap makes it, of today: an
    older one would have to be upgraded first."""
    return debianroot.ensure(debianroot.Kind(
        'bare-' + suite, suite, day=str(datetime.date.today())))


def outcome(results, good):
    """The cells of the table for *results*, as results() returns them;
    *good*: all commands succeeded."""
    if results is None:
        return ['?'] * 5 + ['[bold red]FAILED[/]']
    suites = results.rows.values()
    differing = sum(suite['expected'] for suite in suites
                    if suite['note'].startswith('oracle differs'))
    failed = sum(suite['failed'] + suite['errors'] + bool(suite['problem'])
                 for suite in suites)
    return [results.tools['openssl'],
            str(sum(suite['passed'] for suite in suites)), str(failed),
            str(sum(suite['skipped'] for suite in suites)), str(differing),
            '[green]ok[/]' if good and results.ok else '[bold red]FAILED[/]']


def try_one(name):
    """Do it all for *name*; returns the cells of its row."""
    machine = Machine(name)
    console.step('{}, as {}'.format(
        machine.suite, 'root' if machine.user == 'root' else
        'an ordinary user'))
    try:
        machine.make()
        machine.follow_readme()
        good = True
    except SystemExit:
        good = False        # console.run() has said why
    results = machine.results()
    cells = outcome(results, good)
    if good and results and results.ok:
        shutil.rmtree(machine.root)
    else:
        console.note('the root stays in {}, the logs next to it'.format(
            paths.shown(machine.root)))
    return [name] + cells


def main():
    names = selected()
    debianroot.check_host('make bare')
    dirty = gitrepo.git(paths.ROOT, 'status', '--porcelain',
                        '--untracked-files=no', stderr=None).stdout
    if dirty:
        console.note('what is not committed is not tried')
    with locking.lock(FOLDER / 'lock'):
        rows = [try_one(name) for name in names]
    table = Table(title="README's two commands", title_justify='left')
    for title in ('root', 'OpenSSL', 'passed', 'failed', 'skipped',
                  'oracle differs', 'result'):
        table.add_column(title, no_wrap=title == 'root')
    for row in rows:
        table.add_row(*row)
    terminal.output().print(table)
    bad = [row[0] for row in rows if 'ok' not in row[-1]]
    print('{} of {} roots are good'.format(len(rows) - len(bad), len(rows)))
    return 1 if bad else 0
