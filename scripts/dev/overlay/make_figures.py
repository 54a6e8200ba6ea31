"""make overlay-bench: what an overlay costs, side by side with an interpreter
that was built with the series.

The overlay and the built interpreter have the same OpenSSL: the host's, and
the one of the wheel.
"""

import contextlib
import os
import shutil
import subprocess

from rich.table import Table

from scripts.base import console, locking
from scripts.build import interpreter, openssl
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.bench import contenders, slices
from scripts.dev.bench.child import Child
from scripts.dev.bench.stats import Spread
from scripts.dev.overlay import (
    existing,
    make_overlay,
    make_trials,
    make_wheel,
    place,
    sources,
    staticssl,
    variables,
    wheelfile,
)
from scripts.dev.run import examples27

FOLDER = sources.FOLDER / 'figures'
WORKER = contenders.WORKER / 'main.py'

#: Title and request of what is done by bench's worker.
WORK = (('handshakes, ECDSA P-256, TLS 1.3', 'handshake TLSv1.3 ecdsa no'),
        ('handshakes, RSA-2048, TLS 1.3', 'handshake TLSv1.3 rsa no'),
        ('16 KiB, TLS 1.3', 'bulk TLSv1.3 16384'))
#: Title and code of what is started.
STARTS = (('python -c pass', 'pass'), ('import ssl', 'import ssl'))
PLAN = slices.Plan(0.05, 60)
STARTS_ROUNDS = 100


def installed(name, wheel):
    """A stock interpreter (Path) of its own, with *wheel* (Path or None) in
    its site-packages."""
    copy = FOLDER / name
    shutil.rmtree(copy, ignore_errors=True)
    interpreter.ensure(make_wheel.STOCK[0])
    source = examples27.installed(make_wheel.STOCK[0])
    shutil.copytree(source.parents[1], copy, symlinks=True)
    python = copy / 'bin' / 'python2.7'
    if wheel is not None:
        here = place.Place(name, python, FOLDER / 'home')
        make_overlay.install_for_all(here, wheel, here.environment())
    return python


def full(prefix):
    """The interpreter (Path) built with all of the series, and *prefix* (str)
    as its OpenSSL."""
    variant = Variant(openssl=prefix)
    interpreter.ensure(variant)
    return variant.python


def speed(base, other, env):
    """{title: Spread} of how fast *other* is as part of *base*, both Paths
    of interpreters."""
    with contextlib.ExitStack() as stack:
        children = {}
        for key, python in (('base', base), ('other', other)):
            children[key] = stack.enter_context(Child(
                [python, '-B', WORKER, 'memory', contenders.CERTS],
                FOLDER / (key + '.log'), env))
            children[key].pin(slices.home_cpu())
        found = {}
        for title, request in WORK:
            samples = slices.interleave(
                children, dict.fromkeys(children, request), PLAN)
            found[title] = slices.ratio(samples, 'base', 'other')
        return found


def _start(python, code, env):
    """CPU ms of one run of *python* with *code*."""
    process = subprocess.Popen([str(python), '-c', code], env=env, cwd='/')
    usage = os.wait4(process.pid, 0)[2]
    process.returncode = 0
    return (usage.ru_utime + usage.ru_stime) * 1e3


def starts(pythons, env):
    """{title: {name: Spread of CPU ms}} of starting *pythons* ({name:
    Path}), by turns."""
    found = {}
    for title, code in STARTS:
        samples = {name: [] for name in pythons}
        for number in range(STARTS_ROUNDS):
            for name in slices.order(list(pythons), number):
                samples[name].append(_start(pythons[name], code, env))
        found[title] = {name: Spread.of(values)
                        for name, values in samples.items()}
    return found


def report(sizes, speeds, started):
    """Print the three tables."""
    out = terminal.output()
    table = Table('size', 'MB', title='Files', title_justify='left')
    for name, size in sizes.items():
        table.add_row(name, '{:.2f}'.format(size / 1e6))
    out.print(table)
    table = Table('as part of the built interpreter', *speeds,
                  title='Speed, median and quartiles', title_justify='left')
    for title, _ in WORK:
        table.add_row(title, *('{:.3f} ({:.3f} to {:.3f})'.format(
            found[title].median, found[title].low, found[title].high)
            for found in speeds.values()))
    out.print(table)
    names = list(next(iter(started.values())))
    table = Table('CPU ms', *names, title='Starting', title_justify='left')
    for title, found in started.items():
        table.add_row(title, *('{:.2f}'.format(found[name].median)
                               for name in names))
    out.print(table)


def main():
    groups, cpython = variables.groups()
    with locking.lock(FOLDER / 'lock'):
        plain = installed('plain', None)
        stock = existing.inspect(str(plain))
        wheel = make_trials.wheel_for(stock)
        local = make_overlay.make(stock, '', False, groups, cpython).wheel
        pythons = {'stock': plain, 'overlay': installed('overlay', local),
                   'wheel': installed('wheel', wheel)}
        prefix = openssl.ensure(staticssl.VERSION)
        bases = {'overlay': full(''), 'wheel': full(str(prefix))}
        env = interpreter.run_env(Variant())
        sizes = {}
        for title, path in (('overlay', local), ('wheel', wheel)):
            sizes[title] = path.stat().st_size
            sizes[title + ', installed'] = sum(
                map(len, wheelfile.contents(path).values()))
        console.step('Measuring')
        speeds = {name: speed(base, pythons[name], env)
                  for name, base in bases.items()}
        report(sizes, speeds, starts(pythons, env))
