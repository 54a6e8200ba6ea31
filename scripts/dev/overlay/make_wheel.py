"""make wheel: wheels with an OpenSSL in them, for UCS4 and UCS2, and an
sdist."""

import os
import shutil

from scripts.base import console, files, locking, paths
from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev.overlay import (
    compiling,
    existing,
    oldlibc,
    place,
    sdist,
    sources,
    staticssl,
    symbols,
    tools,
    trial,
    variables,
    wheelfile,
)
from scripts.dev.package import tarball
from scripts.dev.run import examples27

FOLDER = sources.FOLDER / 'wheels'

#: The interpreters that the wheels are compiled with and tried on: as
#: upstream has them, since what a wheel may use of them is the same.
STOCK = (Variant(groups=()),
         Variant(groups=(),
                        configure_args=('--enable-unicode=ucs2',)))


def one(python, source, facts, work, static, environ=os.environ):
    """Build the wheel for *python* (existing.Interpreter) of *source*
    (Path) in the folder *work* (Path).  Returns its Path."""
    log = work / 'wheel.log'
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    site = compiling.build(
        python, source, work / 'site', log, openssl=str(static), static=True,
        old_libc=oldlibc.make(work / 'oldlibc'), environ=environ)
    module, = site.rglob('_ssl*.so')
    symbols.check(module)
    shutil.copy(static / 'LICENSE.txt',
                site / wheelfile.NAME / 'LICENSE-OpenSSL.txt')
    wheelfile.dist_info(
        site, facts['version'], wheelfile.description(source),
        'cp27-{}-{}'.format(python.abi, wheelfile.platform_tag(python.path)))
    packed = wheelfile.pack(site, work / 'packed', log, environ)
    return wheelfile.grant(packed, work / 'granted', log, environ)


def both(python, source, facts, work, static, environ=os.environ):
    """one(), twice in two folders: ends the program if the bytes differ."""
    made = [one(python, source, facts, work / name, static, environ)
            for name in ('first', 'second')]
    if made[0].read_bytes() != made[1].read_bytes():
        console.fail('{} has other bytes when it is built again'.format(
            made[0].name), 'both are in {}'.format(work))
    return made[0]


def main():
    groups, cpython = variables.groups()
    with locking.lock(sources.FOLDER / 'wheel.lock'):
        tools.ensure()
        static = staticssl.ensure()
        for variant in STOCK:
            interpreter.ensure(variant)
        work = sources.FOLDER / 'wheel.work'
        shutil.rmtree(work, ignore_errors=True)
        source = work / 'source'
        facts = sources.write(sources.prepare(groups, cpython), groups,
                              source)
        # Those of an earlier version are not to be published with these.
        shutil.rmtree(FOLDER, ignore_errors=True)
        made = []
        for variant in STOCK:
            python = existing.inspect(str(examples27.installed(variant)))
            console.step('Making the wheel for {}, twice'.format(python.abi))
            wheel = both(python, source, facts, work / python.abi, static)
            console.step('Trying {}'.format(wheel.name))
            here = place.Place(python.abi, python.path,
                               work / python.abi / 'home')
            env = here.environment()
            found = trial.install_and_remove(
                here, trial.virtualenv(here, env), wheel, groups, env)
            console.note('{}: installed, used and removed'.format(
                found['in_use']['openssl']))
            made.append(wheelfile.finish(wheel, FOLDER))
        made.append(wheelfile.finish(
            sdist.write(source, facts['version'], work, tarball.epoch()),
            FOLDER))
        shutil.rmtree(work)
    for path in made:
        console.note('{}, {}\n  sha256: {}'.format(
            paths.shown(path),
            console.size_text(path.stat().st_size), files.sha256_of(path)))
