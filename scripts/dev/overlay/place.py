"""Where an overlay is tried: on this machine, or in a root of a release."""

import os
import shutil
import subprocess
from pathlib import Path

from scripts.base import console
from scripts.build.variant import Variant
from scripts.dev.overlay import existing, tools
from scripts.dev.run import debianroot, intree, nobody


class Place:
    """This machine.  home: a folder (Path) for what is tried.  python: the
    interpreter (str).  python3: the Python 3 that runs virtualenv (str)."""

    python3 = str(tools.FOLDER / 'bin' / 'python')

    def __init__(self, title, python, home):
        self.title = title
        self.python = str(python)
        self.home = Path(home)
        self.home.mkdir(parents=True, exist_ok=True)

    def command(self, words):
        """The command (str list) that runs *words* there."""
        return [str(word) for word in words]

    def virtualenv(self):
        """The command (list) that is virtualenv, and its PYTHONPATH
        (str)."""
        library, = tools.FOLDER.glob('lib/python3*/site-packages')
        return ([self.python3, '-m', 'virtualenv', '--no-periodic-update'],
                str(self.put(library)))

    def outside(self, path):
        """What *path* (a path there) is on this machine (Path)."""
        return Path(path)

    def put(self, source):
        """Copy *source* (Path, a file or folder) to the home folder; returns
        its path (Path) there."""
        target = self.home / source.name
        outside = self.outside(target)
        if source.is_dir():
            shutil.copytree(source, outside, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns('__pycache__'))
        else:
            shutil.copy(source, outside)
        return target

    def environment(self, environ=os.environ, **variables):
        """The environ (dict) for programs there."""
        env = intree.clean_env(Variant(),
                               existing.environment(environ))
        # Other users' packages are seen, as usual.
        del env['PYTHONNOUSERSITE']
        env.update(HOME=str(self.home), PYTHONDONTWRITEBYTECODE='1',
                   PIP_CONFIG_FILE='/dev/null')
        env.update(variables)
        return env

    def run(self, words, env, expected=(0,)):
        """The output (str) of *words* (a command), run where nothing can be
        imported; ends the program if the status is not *expected*."""
        done = subprocess.run(self.command(words), env=env, cwd='/',
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode not in expected:
            console.fail('{}: {} ended with status {}:\n{}'.format(
                self.title, ' '.join(map(str, words)), done.returncode,
                done.stdout.strip()))
        return done.stdout


class RootPlace(Place):
    """An ordinary user's home in *root* (Path), which is of *release*
    (roots.Release), or with *user* False root's."""

    python3 = 'python3'

    def __init__(self, release, root, user=True):
        self.release = release
        self.root = root
        self.user = user
        self.title = release.title
        self.python = release.python
        self.home = Path('/home/user' if user else '/root')
        outside = self.outside(self.home)
        outside.mkdir(parents=True, exist_ok=True)
        if user:
            os.chown(outside, nobody.UID, nobody.UID)

    def command(self, words):
        words = [str(word) for word in words]
        if self.user:
            words = nobody.command(*words)
        return debianroot.command(self.root, *words, arch=self.release.arch)

    def virtualenv(self):
        return (['virtualenv'], '') if self.release.old else \
            super().virtualenv()

    def outside(self, path):
        return self.root / Path(path).relative_to('/')
