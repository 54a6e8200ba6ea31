"""What lintian says of our source package and not of Debian's own."""

import re
import subprocess


def tags(dsc):
    """The complaints (set of str) of lintian about *dsc* (Path)."""
    done = subprocess.run(
        ['lintian', '--no-cfg', '--profile', 'debian', '--info',
         '--display-info', '--pedantic', '--tag-display-limit', '0',
         '--allow-root', dsc.name], cwd=dsc.parent, text=True,
        errors='replace', stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    found = set(re.findall(r'^[EWIPXC]: .*', done.stdout, re.MULTILINE))
    if done.returncode not in (0, 1, 2) or not found:
        raise OSError('lintian: ' + (done.stderr or done.stdout)[-500:])
    return found


def new_tags(before, after):
    """Sorted: the complaints in *after* that are not in *before* (sets)."""
    return sorted(after - before)
