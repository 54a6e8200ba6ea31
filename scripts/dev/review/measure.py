"""Run Lib_tests and look at the names, with several Pythons.

What is found is kept in docs/evidence, so that the site builds without
those interpreters.
"""

import dataclasses
import json
import os
import subprocess
from pathlib import Path

from scripts.base import console, paths
from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev import tools
from scripts.dev.evidence import record
from scripts.dev.review import conformance, names, places
from scripts.dev.run import intree, site27, watched

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / 'requirements-python3.txt'
LIB_TESTS = paths.ROOT / 'Lib_tests'
TIMEOUT = 3600      # seconds for one interpreter


def version_of(python):
    """'3.6' for the interpreter *python* (path)."""
    try:
        done = subprocess.run(
            [str(python), '-c', 'import sys; print("%d.%d" % '
             'sys.version_info[:2])'], text=True, stdout=subprocess.PIPE)
    except OSError as error:
        return console.fail('PYTHON3S: {}: {}'.format(python, error.strerror),
                            'name interpreters of Python 3.6 or later')
    return done.stdout.strip()


def with_packages(python):
    """An interpreter like *python* (path of a Python 3) that has what
    Lib_tests needs (Path)."""
    version = version_of(python)
    folder = paths.BUILD / 'review-pythons' / version
    if not version.startswith('3.'):
        console.fail('PYTHON3S: {} is no Python 3'.format(python),
                     'name interpreters of Python 3.6 or later')
    return tools.ensure(folder, REQUIREMENTS, python=str(python))


def run_lib_tests(python, env, label):
    """Run Lib_tests on *python* (Path); the summary of what happened."""
    places.LOGS.mkdir(parents=True, exist_ok=True)
    noted = places.LOGS / (label + '.json')
    if noted.exists():
        noted.unlink()
    env = dict(env, PYTHONDONTWRITEBYTECODE='1', RECORD_DIFFERS=str(noted),
               PYTHONPATH=os.pathsep.join([str(HERE / 'plugin'),
                                           str(LIB_TESTS)]))
    log = places.LOGS / (label + '.log')
    watched.run([python, '-m', 'pytest', '-q', '-p', 'recorddiffers',
                 '--timeout=600', LIB_TESTS], cwd=paths.ROOT, env=env,
                log=log, limit=TIMEOUT, title='Lib_tests on Python ' + label)
    if not noted.exists():
        console.fail('Lib_tests on Python {}: no results\n{}'.format(
            label, console.tail(log)), 'the output is in {}'.format(log))
    return conformance.summarise(json.loads(
        noted.read_text(encoding='utf-8')))


def pythons27(words):
    """The patched and the unpatched 2.7 (Paths), and the environs in which
    to run tests and probe: those that PYTHON27S names (*words*), else those
    built here, which are made if need be."""
    variant = Variant.from_env()
    if words:
        if len(words) != 2:
            console.fail('PYTHON27S={}: not two interpreters'.format(
                ' '.join(words)), 'name the patched one and the unpatched')
        return Path(words[0]), Path(words[1]), variant
    interpreter.ensure(variant)
    stock = dataclasses.replace(variant, groups=())
    interpreter.ensure(stock)
    return variant.python, stock.python, variant


def measure(python3s, python27s):
    """Measure with *python3s* (places of interpreters); python27s: () or the
    patched and the unpatched 2.7.  The record keeps what it says of other
    Python 3 versions."""
    patched, stock, variant = pythons27(python27s)
    taking = record.Taking('conformance', variant)
    env27 = dict(intree.clean_env(variant), PYTHONUSERBASE=site27.ensure(
        variant)['PYTHONUSERBASE'])
    env27.pop('PYTHONNOUSERSITE', None)
    rows = {}

    def add(version, **values):
        rows[version] = dict(
            values, about=[taking.series, taking.tests],
            date=taking.machine['date'][:10])
        rows[version].setdefault('ok', True)
        made = taking.write(rows)
        if '2.7' in made.rows:      # which the pages compare with
            record.publish(made)

    console.step('Looking at the names, and running Lib_tests')
    env = interpreter.run_env(variant)
    add('stock', probe=names.probe(stock, env))
    probe = names.probe(patched, env)
    if not probe['names']['MemoryBIO']:
        console.fail('{} has no MemoryBIO'.format(patched),
                     'PATCHES has to have pep546 in it')
    found = run_lib_tests(patched, env27, '2.7')
    add('2.7', probe=probe, ok=not found['counts']['failed'], **found)
    for python in python3s:
        version = version_of(python)
        add(version, probe=names.probe(python), **run_lib_tests(
            with_packages(python), intree.clean_env(variant), version))
