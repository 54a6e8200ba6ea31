"""Rule: nothing of the machine the patches were made on is in them."""

import os
import re

from scripts.dev.lint.rules.model import Rule, per_patch

_PATH_RE = re.compile(
    r'(?<![\w.~:/-])/(?:root|home|work|workspace|builds?|tmp|var/tmp|'
    r'Users|mnt|srv)/[\w.]+')
#: Hosts that packages are fetched from; a patch has no business there.
_HOST_RE = re.compile(
    r'\b(?:pypi\.org|pypi\.python\.org|(?:[\w-]+\.)*pythonhosted\.org|'
    r'(?:deb|security|snapshot|ftp|archive)\.debian\.org|'
    r'(?:archive|ports|security)\.ubuntu\.com|registry\.npmjs\.org|'
    r'proxy\.golang\.org|[\w.-]*(?:artifactory|jfrog|devpi|nexus)[\w.-]*\.'
    r'[a-z]+)\b', re.IGNORECASE)


def check_leaks(patch):
    own = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))))
    lines = [('header', text) for text in patch.header.splitlines()]
    lines += [('{}, added line {}'.format(line.path, line.number), line.text)
              for line in patch.added_lines()]
    for where, text in lines:
        match = _PATH_RE.search(text)
        if match or own in text:
            yield ('{}: {}: a path of one machine: take it out'.format(
                where, match.group() if match else own))
        match = _HOST_RE.search(text)
        if match:
            yield ('{}: {}: a host that packages are fetched from: take it '
                   'out'.format(where, match.group()))


RULES = [Rule('leaks', 'no path of a build machine, no package host',
              per_patch(check_leaks))]
