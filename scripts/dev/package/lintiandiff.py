"""What lintian says of our source package and not of the distribution's."""

import re
import subprocess

from scripts.dev.run import debianroot

#: Debian 12's, whatever the host has, or cannot have.
KIND = debianroot.Kind('lintian', by_apt=('lintian',))

#: What is in a complaint about who uploads under which version: a matter of
#: the one who builds.
_UPLOADER = ('[debian/changelog:', '+memorybio')


def tags(dsc):
    """The complaints (set of str) of lintian about *dsc* (Path), without
    the numbers of lines."""
    done = subprocess.run(
        debianroot.command(
            debianroot.ensure(KIND), 'lintian', '--no-cfg', '--profile',
            'debian', '--display-info', '--pedantic', '--tag-display-limit',
            '0', '--allow-root', dsc.name),
        cwd=dsc.parent, env=debianroot.environment(), text=True,
        errors='replace', capture_output=True)
    found = re.findall(r'^[EWIPXC]: .*', done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1, 2) or not found:
        raise OSError('lintian: ' + (done.stderr or done.stdout)[-500:])
    return {re.sub(r':\d+(?=\]$)', ':', line) for line in found}


def new_tags(before, after):
    """(about the package, about the entry in the changelog): complaints in
    *after* that are not in *before* (sets), two sorted lists."""
    new = sorted(after - before)
    uploader = [line for line in new
                if any(word in line for word in _UPLOADER)]
    return [line for line in new if line not in uploader], uploader
