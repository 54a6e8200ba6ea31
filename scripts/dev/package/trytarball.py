"""Try an archive of make tarball: unpack it in two folders, with the build
hidden if that can be done, as an ordinary user, and use what is in it."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from scripts.base import console, paths
from scripts.dev.run import nobody
from scripts.source import tree

DEMO = paths.ROOT / 'scripts' / 'build' / 'demo.py'

#: What the interpreter in the archive is asked.
_LOOK = r'''
import json, os, sys, sysconfig
import _hashlib, ssl
try:
    import ssl_series
    series = ssl_series.SERIES['patches']
    own = [ssl_series.__file__]
except ImportError:
    series, own = [], []
mapped = set()
for line in open('/proc/self/maps'):
    words = line.split(None, 5)
    if len(words) == 6 and words[5].startswith('/'):
        mapped.add(words[5].strip())
print(json.dumps({
    'prefix': sys.prefix, 'path': sys.path[1:], 'openssl': ssl.OPENSSL_VERSION,
    'files': [_hashlib.__file__, ssl.__file__, os.__file__] + own,
    'series': series,
    'config': {name: sysconfig.get_config_var(name)
               for name in ('prefix', 'LIBDIR', 'INCLUDEPY')},
    'mapped': sorted(mapped), 'user': os.getuid()}))
'''

_HIDE = 'mount -t tmpfs none "$0" && exec "$@"'


def _ways():
    """How to run a command (list of (text, str list)), the best first."""
    plain = [] if os.geteuid() else nobody.command()
    hide = ['unshare', '--mount'] + ['--map-root-user'] * bool(
        os.geteuid()) + ['sh', '-c', _HIDE, str(paths.BUILD)]
    return [('the build hidden', hide + plain),
            ('the build in sight', plain)]


def find_way():
    """The first way (text, str list) that works here."""
    return next(way for way in _ways() if not subprocess.run(
        way[1] + ['true'], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode)


class Trial:
    """An archive unpacked in *folder* (Path), which belongs to the user
    that *way* (str list) makes of this one."""

    def __init__(self, folder, way):
        self.folder = folder
        self._way = way
        home = folder / 'home'
        home.mkdir()
        self._env = {'PATH': os.environ['PATH'], 'HOME': str(home),
                     'TMPDIR': str(home), 'LC_ALL': 'C'}
        for path in (folder, home):
            path.chmod(0o755)
            if os.geteuid() == 0:
                os.chown(path, nobody.UID, nobody.UID)

    def run(self, *argv):
        """The output of *argv*; ends the program where that fails."""
        done = subprocess.run(
            self._way + [str(word) for word in argv], env=self._env,
            cwd=str(self.folder / 'home'), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            console.fail('{} ended with status {}:\n{}'.format(
                ' '.join(map(str, argv)), done.returncode,
                done.stdout.strip()))
        return done.stdout

    def unpack(self, archive):
        """Unpack a copy of *archive* (Path): its place may be hidden.
        Returns the interpreter's folder (Path)."""
        copy = self.folder / archive.name
        shutil.copyfile(archive, copy)
        self.run('tar', '-xzf', copy, '-C', self.folder)
        copy.unlink()
        root, = [path for path in self.folder.iterdir()
                 if path.name != 'home']
        return root


def judge(found, root, openssl, bundled, patches):
    """What is wrong (str list) with what _LOOK *found* (dict) in the
    interpreter in the folder *root* (Path), built with *patches* (names)."""
    wrong = []
    inside = [('sys.prefix', found['prefix'])]
    inside += [('sys.path', path) for path in found['path']]
    inside += [('module', path) for path in found['files']]
    inside += sorted(found['config'].items())
    for what, path in inside:
        if path != str(root) and not path.startswith('{}/'.format(root)):
            wrong.append('{}: {} is not in {}'.format(what, path, root))
    if found['openssl'] != openssl:
        wrong.append('it uses {}, not {}'.format(found['openssl'], openssl))
    if found['series'] != patches:
        wrong.append('ssl_series names other patches: {}'.format(
            found['series']))
    for path in found['mapped']:
        if path.startswith('{}/'.format(paths.BUILD)) and \
                not path.startswith('{}/openssl/'.format(paths.BUILD)):
            wrong.append('it loads {}'.format(path))
        if bundled and os.path.basename(path).startswith(
                ('libssl', 'libcrypto')) and \
                not path.startswith('{}/'.format(root)):
            wrong.append('it loads {} instead of its own'.format(path))
    return wrong


def try_one(trial, archive, variant, openssl, bundled):
    """Unpack *archive* (Path) in *trial* and use it; ends the program if
    something is not as it should be."""
    root = trial.unpack(archive)
    python = root / 'bin' / 'python2.7'
    found = json.loads(trial.run(python, '-c', _LOOK).splitlines()[-1])
    wrong = judge(found, root, openssl, bundled, tree.select(variant.groups))
    if wrong:
        console.fail('{}:\n{}'.format(archive, '\n'.join(wrong)))
    if 'pep546' in variant.groups:
        demo = trial.folder / 'home' / 'demo.py'
        shutil.copy(DEMO, demo)
        demo.chmod(0o644)
        trial.run(python, demo)
    # pip and python2.7-config are programs of the folder, by any name.
    trial.run(python, '-m', 'ensurepip')
    link = trial.folder / 'home' / 'config'
    link.symlink_to(root / 'bin' / 'python2.7-config')
    for output in (trial.run(root / 'bin' / 'pip2.7', '--version'),
                   trial.run(link, '--includes')):
        if str(root) not in output:
            console.fail('{} is not in: {}'.format(root, output.strip()))
    return found


def try_archive(archive, variant, openssl, bundled):
    """Try *archive* (Path), made of *variant*, in two folders.

    openssl: the ssl.OPENSSL_VERSION it should have.  bundled: True if it
    has that OpenSSL with it.
    """
    text, way = find_way()
    # What is not bundled may be in build/openssl, which has to stay there.
    if variant.openssl.startswith('{}/'.format(paths.BUILD)) and \
            not bundled:
        text, way = _ways()[1]
    for name in ('one', 'another one'):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            place = Path(folder) / name
            place.mkdir()
            found = try_one(Trial(place, way), archive, variant, openssl,
                            bundled)
            console.note('{}: imports, demo, ensurepip: ok (user {}, {})'
                         .format(place, found['user'], text))
