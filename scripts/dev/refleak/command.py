"""make refleak: what does each test leave behind, and ten thousand
connections?

docs/proof.md explains it.
"""

from scripts import options
from scripts.dev.refleak.parts import PARTS
from scripts.dev.run import parts


def main():
    return parts.run('refleak', options.REFLEAK, PARTS)
