"""make variations: the tests as users of 2.7 may run them.

docs/proof.md explains it.
"""

from scripts import options
from scripts.dev.run import parts
from scripts.dev.variations.parts import PARTS


def main():
    return parts.run('variations', options.VARIATIONS, PARTS)
