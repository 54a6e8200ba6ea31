"""make patch: the patched source of the chosen variant."""

from __future__ import annotations

from scripts.base import console, files, locking
from scripts.build.variant import Variant
from scripts.source import tree


def main() -> None:
    variant = Variant.from_env()
    with locking.lock(variant.root / 'lock'):
        before = files.read(tree.stamp_file(variant.src))
        if tree.prepare(variant) == before:
            console.note('{} is up to date'.format(variant.src))
        else:
            console.note('patched source: {}'.format(variant.src))
