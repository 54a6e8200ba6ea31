"""Run the demo on the built interpreter; with --once, if it was not yet."""

import subprocess
import sys
from pathlib import Path

from scripts.build import interpreter
from scripts.base import console, paths
from scripts.source import tree
from scripts.build.variant import Variant
from scripts.base import files

DEMO = paths.SCRIPTS / 'build' / 'demo.py'


def _identity(variant):
    return files.read(variant.src.with_name('src.built')) + \
        DEMO.read_text()


def run(variant, once):
    """Run the demo.  Where it fails, the program ends."""
    stamp = variant.src.with_name('demo.passed')
    identity = _identity(variant)
    if once and files.read(stamp) == identity:
        return
    if not tree.has_patches(variant, 'pep546'):
        console.note('no demo: without the group pep546 there is no '
                     'ssl.MemoryBIO to show')
        return
    console.step('Demo on {}'.format(variant.python))
    done = subprocess.run([str(variant.python), str(DEMO)],
                          env=interpreter.run_env(variant))
    if done.returncode:
        console.fail('the demo failed with status {}'.format(
                         done.returncode),
                     'the step that did not happen is named above; '
                     '"make demo" runs it again')
    files.write(stamp, identity)


def main(args):
    run(Variant.from_env(), '--once' in args)
