"""make print-python: the path of the built interpreter, for scripts."""

from __future__ import annotations

from scripts.base import console
from scripts.build import variables
from scripts.build.variant import Variant


def main() -> None:
    variables.check(existing=False)
    variant = Variant.from_env()
    if not variant.python.exists():
        console.fail('{} is not there: {} has not been built'.format(
                         variant.python, variant.name),
                     'run "make" with the same options first')
    print(variant.python)
