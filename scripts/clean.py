"""make clean: remove a variant's folder, or all of build/."""

import os
import shutil
import sys

import console
import layout
import variables


def remove(folder):
    """Remove *folder* (Path), also what a build left without write
    permission; says what is done."""
    name = os.path.relpath(folder, layout.ROOT)
    if not folder.exists():
        console.note('{} is not there: nothing to remove'.format(name))
        return
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o700)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        console.fail('cannot remove {}: {}'.format(error.filename,
                                                   error.strerror),
                     'was it made by another user, root perhaps?')
    console.note('removed {}'.format(name))


def main():
    variables.check()
    if sys.argv[1:] == ['--all']:
        remove(layout.BUILD)
    else:
        remove(layout.Variant.from_env().root)


if __name__ == '__main__':
    console.interruptible(main)
