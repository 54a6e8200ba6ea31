"""A wheel, by the libraries wheel and auditwheel, of what setup.py built."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from scripts.base import console
from scripts.dev.overlay import tools
from scripts.dev.package import tarball

NAME = 'ssl_overlay'

METADATA = '''\
Metadata-Version: 2.1
Name: ssl-overlay
Version: {version}
Summary: ssl with MemoryBIO and today's OpenSSL, for an installed CPython 2.7
License: PSF and MIT
Platform: Linux
Classifier: Programming Language :: Python :: 2.7
Classifier: Programming Language :: Python :: Implementation :: CPython
Classifier: Operating System :: POSIX :: Linux
Requires-Python: >=2.7.9,<2.8
Description-Content-Type: text/x-rst

{description}'''

_WHEEL = '''\
Wheel-Version: 1.0
Generator: ssl-overlay {version}
Root-Is-Purelib: false
Tag: {tag}
'''


def dist_info(folder, version, description, tag):
    """Add what makes the *folder* (Path) a wheel's content.

    version, description, tag ('cp27-cp27mu-linux_x86_64'): str.
    """
    info = folder / '{}-{}.dist-info'.format(NAME, version)
    info.mkdir()
    (info / 'METADATA').write_text(METADATA.format(
        version=version, description=description))
    (info / 'WHEEL').write_text(_WHEEL.format(version=version, tag=tag))
    (info / 'top_level.txt').write_text(NAME + '\n')
    for path in sorted((folder / NAME).glob('LICENSE*')):
        shutil.copy(path, info / path.name)


def _neutral(folder):
    """Let nothing of the umask get into the wheel."""
    for path in folder.rglob('*'):
        executable = path.is_dir() or path.suffix == '.so'
        path.chmod(0o755 if executable else 0o644)


def _only(folder):
    found, = folder.glob('*.whl')
    return found


def pack(folder, target, log, environ=os.environ):
    """Write the wheel of *folder* (Path, with its dist-info) to the folder
    *target* (Path).  Returns its Path."""
    _neutral(folder)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    console.run([tools.FOLDER / 'bin' / 'wheel', 'pack', folder,
                 '--dest-dir', target], log=log, title='packing',
                env=_env(environ))
    return _only(target)


def _env(environ):
    path = '{}{}{}'.format(tools.FOLDER / 'bin', os.pathsep,
                           environ.get('PATH', ''))
    return dict(environ, PATH=path,
                SOURCE_DATE_EPOCH=str(tarball.epoch(environ)))


def grant(wheel, target, log, environ=os.environ):
    """Let auditwheel give *wheel* (Path) the manylinux tags that it is
    entitled to, and write it to the folder *target* (Path).  Returns its
    Path; ends the program if it would have to change what is in it."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    console.run(
        [tools.FOLDER / 'bin' / 'auditwheel', 'repair', '--wheel-dir',
         target, wheel], log=log, env=_env(environ), title='auditwheel',
        hint='"auditwheel show" tells which symbols are too new')
    granted = _only(target)
    before, after = contents(wheel), contents(granted)
    changed = sorted(name for name in set(before) | set(after)
                     if '.dist-info/' not in name
                     and before.get(name) != after.get(name))
    if changed:
        console.fail('auditwheel changed {}'.format(', '.join(changed)),
                     'all that _ssl needs should be in it')
    return granted


def contents(wheel):
    """{name: bytes} of the files in *wheel* (Path)."""
    with zipfile.ZipFile(wheel) as packed:
        return {name: packed.read(name) for name in packed.namelist()
                if not name.endswith('/')}


def finish(wheel, folder):
    """Move *wheel* (Path) to *folder* (Path) and write its sha256 there.
    Returns its Path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / wheel.name
    os.replace(wheel, target)
    tarball.write_sha256(target)
    return target


def platform_tag(python):
    """The tag (str) of the platform that *python* (path) runs on, as
    'linux_x86_64'."""
    done = subprocess.run(
        [str(python), '-s', '-c', 'from distutils.util import get_platform; '
         'print(get_platform())'], stdout=subprocess.PIPE, text=True,
        check=True)
    return done.stdout.strip().replace('-', '_').replace('.', '_')


def description(source):
    """The text for people in the overlay's *source* (Path)."""
    return Path(source, 'README.rst').read_text()
