"""A small unpacked release, for the steps of docs/packaging/."""

import shutil

from scripts.base import paths


def unpacked(folder, names):
    """Make *folder* (Path) a release of patches with these *names* (strs);
    returns it."""
    (folder / 'patches').mkdir(parents=True)
    for name in names:
        (folder / 'patches' / name).write_text(name)
    (folder / 'series').write_text(''.join(name + '\n' for name in names))
    (folder / 'VERSION').write_text('1.2.3\n')
    shutil.copytree(paths.ROOT / 'packaging', folder / 'packaging')
    return folder
