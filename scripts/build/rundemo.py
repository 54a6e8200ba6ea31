"""Run the demo on the built interpreter; with --once, if it was not yet."""

from __future__ import annotations

import subprocess

from scripts.base import console, files, paths
from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.source import tree

DEMO = paths.SCRIPTS / 'build' / 'demo.py'


def _identity(variant: Variant) -> str:
    return files.read(variant.src.with_name('src.built')) + \
        DEMO.read_text()


def run(variant: Variant, once: bool) -> None:
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


def main(args: list[str]) -> None:
    run(Variant.from_env(), '--once' in args)
