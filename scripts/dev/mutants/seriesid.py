"""What identifies the series, whatever its line numbers and headers."""

import hashlib
import re

from scripts.base import console, paths
from scripts.dev.patchfile import Patch
from scripts.series import gitrepo


def series(names, folder=paths.PATCHES_DIR):
    """The id (str) of the patches *names* in *folder* (Path), made of what
    "git patch-id --stable" says of each."""
    digest = hashlib.sha256()
    for name in names:
        diff = Patch.read(str(folder / name), name).diff
        # Only this line tells git that a file begins.
        diff = re.sub(r'^--- \S+\n\+\+\+ ', r'diff --git a/x b/x\n\g<0>',
                      diff, flags=re.MULTILINE)
        done = gitrepo.git(folder, 'patch-id', '--stable', text=False,
                           input=diff.encode(), stderr=None, check=True)
        if len(done.stdout.split()) != 2:
            console.fail('{}: git sees no patch in it'.format(name),
                         'make lint says more')
        digest.update(done.stdout.split()[0])
    return digest.hexdigest()[:12]
