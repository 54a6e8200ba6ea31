"""make overlay: ssl and _ssl of the series for the interpreter that PYTHON27
names."""

import collections
import os
import re
import shlex
import shutil
from pathlib import Path

from scripts import options
from scripts.base import console, locking
from scripts.build import sslprefix
from scripts.build.variant import Variant
from scripts.dev.overlay import (
    compiling,
    existing,
    place,
    sources,
    tools,
    trial,
    variables,
    wheelfile,
)

_END = '''\
once:    PYTHONPATH={path} {python} PROGRAM
install: VENV/bin/pip install {wheel}
remove:  VENV/bin/pip uninstall ssl-overlay
For all users of {python}, as root, pip is: {python} {pip}
Which ssl is in use: python -m ssl_overlay'''


#: python: existing.Interpreter.  found: its facts (dict).  site, wheel,
#: pip: Paths of what setup.py built, the same as a wheel, and pip's.
Built = collections.namedtuple('Built', 'python found site wheel pip')


def folder_of(python, openssl, groups):
    """The folder (Path) of the overlay for *python* (path, str)."""
    # As Variant names what is built with other options.
    parts = Variant(groups=groups, openssl=openssl).name.split('-')[1:]
    name = python.strip('/').replace('/', '-')
    return sources.FOLDER / '-'.join([name] + parts)


def make(python, openssl, hashlib, groups, cpython):
    """Build the overlay for *python* (existing.Interpreter) and try it.

    openssl: prefix (str), '' for the host's.  hashlib: True puts _hashlib in
    front too.  groups, cpython: as Variant has them.  Returns a
    Built.
    """
    folder = folder_of(python.path, openssl, groups)
    log = folder / 'overlay.log'
    with locking.lock(folder.with_name(folder.name + '.lock')):
        tools.ensure()
        tree = sources.prepare(groups, cpython)
        console.step('Making an overlay for {}'.format(python.text))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        source = folder / 'source'
        facts = sources.write(tree, groups, source)
        site = compiling.build(python, source, folder / 'site', log,
                               openssl=openssl, hashlib=hashlib,
                               environ=os.environ)
        wheelfile.dist_info(
            site, facts['version'], wheelfile.description(source),
            'cp27-{}-{}'.format(python.abi,
                                wheelfile.platform_tag(python.path)))
        wheel = wheelfile.pack(site, folder / 'wheel', log)
        pip = Path(shutil.copy(tools.embedded_pip(), folder))
        console.step('Trying it')
        here = place.Place(python.path, python.path, folder / 'home')
        found = trial.in_front(here, python.path, here.environment(
            PYTHONPATH=trial.python_path(site, python)), groups)
    return Built(python, found, site, wheel, pip)


def pip_command(here, pip):
    """The command (list) that is *pip* (Path of its wheel) for all users of
    the interpreter of *here* (place.Place)."""
    return [here.python, '-s', '{}/pip'.format(here.put(pip)), '-q',
            '--disable-pip-version-check']


def install_for_all(here, wheel, env):
    """Install *wheel* (Path) for all users of the interpreter of *here*
    (place.Place)."""
    here.run(pip_command(here, tools.embedded_pip()) + [
        'install', '--no-index', here.put(wheel)], env)


def remove_for_all(here, env):
    """Remove it."""
    here.run(pip_command(here, tools.embedded_pip()) + [
        'uninstall', '-y', 'ssl-overlay'], env)


def _too_old(openssl):
    """True if *openssl* (str, ssl.OPENSSL_VERSION) is older than 1.1.1."""
    match = re.match(r'OpenSSL (\d+)\.(\d+)\.(\d+)', openssl)
    return bool(match) and tuple(map(int, match.groups())) < (1, 1, 1)


def report(built):
    """Say what was built, and what to type."""
    python, found = built.python, built.found
    console.note('{}, series {}: {}'.format(
        found['in_use']['openssl'], found['version'],
        ' '.join(found['groups']) or 'no groups'))
    console.note('without it: {}, {}'.format(
        found['own']['ssl'], found['own']['openssl']))
    for text in found['problems']:
        console.note('{}\nsee "Security updates" in docs/overlay.md'.format(
            text))
    if _too_old(found['in_use']['openssl']):
        console.note('the tests of the series are for OpenSSL 1.1.1 and '
                     'later: take a wheel ("make wheel"),\nor another '
                     'OpenSSL: OPENSSL=prefix')
    if python.hashlib is None:
        console.note('the interpreter has no _hashlib: it gets one too')
    console.note(_END.format(**{
        name: shlex.quote(str(value)) for name, value in (
            ('path', trial.python_path(built.site, python)),
            ('python', python.path), ('wheel', built.wheel),
            ('pip', '{}/pip'.format(built.pip)))}))


def main():
    groups, cpython = variables.groups()
    openssl = options.OPENSSL.read()
    hashlib = options.HASHLIB.read()
    python = existing.inspect(options.PYTHON27.read())
    if openssl:
        sslprefix.inspect(openssl)
    report(make(python, openssl, hashlib, groups, cpython))
