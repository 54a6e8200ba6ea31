"""Run the demo on the built interpreter; with --once, if it was not yet."""

import subprocess
import sys
from pathlib import Path

from scripts.build import interpreter as build
from scripts.base import console
from scripts.build import variant as layout
from scripts.source import tree

DEMO = Path(__file__).resolve().with_name('demo.py')


def _identity(variant):
    return tree.read_stamp(variant.src.with_name('src.built')) + \
        DEMO.read_text()


def run(variant, once):
    """Run the demo.  Where it fails, the program ends."""
    stamp = variant.src.with_name('demo.passed')
    identity = _identity(variant)
    if once and tree.read_stamp(stamp) == identity:
        return
    if not tree.has_patches(variant, 'pep546'):
        console.note('no demo: without the group pep546 there is no '
                     'ssl.MemoryBIO to show')
        return
    console.step('Demo on {}'.format(variant.python))
    done = subprocess.run([str(variant.python), str(DEMO)],
                          env=build.run_env(variant))
    if done.returncode:
        console.fail('the demo failed with status {}'.format(
                         done.returncode),
                     'the step that did not happen is named above; '
                     '"make demo" runs it again')
    tree.write_stamp(stamp, identity)


def main():
    run(layout.Variant.from_env(), '--once' in sys.argv[1:])


if __name__ == '__main__':
    console.interruptible(main)
