"""A pyconfig.h to compile against."""

import os
import stat

from scripts.base import console, paths
from scripts.series import walk


def find_pyconfig(variant, pristine, work):
    """The path of a pyconfig.h: a build's, else configure makes one.

    *variant*'s own build is preferred; *pristine* is the source that is
    configured, in *work*, where there is no build.
    """
    built = [variant.src] + sorted(
        path / 'src' for path in paths.BUILD.glob('default*'))
    for folder in built:
        if (folder / 'pyconfig.h').exists():
            return str(folder / 'pyconfig.h')
    folder = walk.copy_tree(pristine, os.path.join(str(work), 'configured'))
    configure = os.path.join(folder, 'configure')
    os.chmod(configure, os.stat(configure).st_mode | stat.S_IXUSR)
    console.run(['./configure', '--enable-unicode=ucs4'], cwd=folder,
                log=os.path.join(str(work), 'configure.log'),
                title='configure (no build to take pyconfig.h from)')
    return os.path.join(folder, 'pyconfig.h')
