"""make sanitize: all tests under ASan, UBSan and TSan, some under valgrind.

docs/proof.md explains it.
"""

from scripts import options
from scripts.dev.run import parts
from scripts.dev.sanitize.parts import PARTS


def main():
    return parts.run('sanitize', options.SANITIZE, PARTS)
