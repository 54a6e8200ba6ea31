"""make print-python: the path of the built interpreter, for scripts."""

import sys

import console
import layout
import variables


def main():
    variables.check()
    variant = layout.Variant.from_env()
    if not variant.python.exists():
        console.fail('{} is not there: {} has not been built'.format(
                         variant.python, variant.name),
                     'run "make" with the same options first')
    print(variant.python)


if __name__ == '__main__':
    sys.exit(main())
