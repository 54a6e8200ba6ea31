"""Rules about which files and which regions patches may touch.

All of them keep the patches applicable to the trees of the distributions.
"""

import collections
import os
import re

from scripts.dev.lint.rules.blame import Blame
from scripts.dev.lint.rules.model import Finding, NotChecked, Rule, per_patch
from scripts.series.groups import SeriesError, group_of

_GENERATED = {
    'configure': 'the distributions regenerate it',
    'configure.ac': 'the distributions patch it and regenerate configure',
    'pyconfig.h.in': 'it is generated from configure.ac',
}
_C_SUFFIXES = ('.c', '.cc', '.cpp', '.cxx')
_NEWS_DIR = 'Misc/NEWS.d/next/'


def check_files(patch):
    for file in patch.files:
        path = file.path
        if file.is_binary_file:
            yield '{}: a binary diff: quilt cannot apply it'.format(path)
        if file.is_added_file and path.endswith(_C_SUFFIXES):
            yield ('{}: a new C file: static builds name _ssl.c alone, put '
                   'the code there'.format(path))
        if path in _GENERATED:
            yield '{}: leave it alone: {}'.format(path, _GENERATED[path])
        if path == 'Misc/NEWS':
            yield ('Misc/NEWS: write a new file under {} instead, the '
                   'distributions have another NEWS'.format(_NEWS_DIR))
        if path.startswith('Misc/NEWS.d/') and not (
                file.is_added_file and path.startswith(_NEWS_DIR)):
            yield ('{}: only new files under {} are allowed'.format(
                path, _NEWS_DIR))
        if path.startswith('debian/') or os.path.isabs(path) or \
                '..' in path.split('/'):
            yield '{}: not a file of CPython'.format(path)


#: groups: names of the groups it holds for (None: all); bounds: called with
#: the lines of the pinned file, returns first and last protected number.
_Region = collections.namedtuple('_Region', 'path groups bounds reason')


def _line_of(lines, pattern):
    for number, line in enumerate(lines, 1):
        if re.match(pattern, line):
            return number
    raise NotChecked('no line like {!r} in the pinned source'.format(pattern))


REGIONS = {
    'region-ssl-init': _Region(
        'Lib/ssl.py', ('base', 'compat', 'pep546', 'hardening'),
        lambda lines: (515, 620),
        'SSLSocket.__init__ differs in the trees of Debian and RHEL: change '
        'something outside lines 515 to 620'),
    'region-setup': _Region(
        'setup.py', None,
        lambda lines: (_line_of(lines, r' *min_openssl_ver *='), len(lines)),
        'everything from min_openssl_ver on differs in the trees of Debian '
        'and RHEL: change the computation of the version above it'),
    'region-tests-list': _Region(
        'Lib/test/test_ssl.py', None,
        lambda lines: (_line_of(lines, r' *tests = \[ContextTests'),) * 2,
        'the line "tests = [ContextTests, …]" differs in the tree of RHEL: '
        'put tests into a new file, or append below '
        'tests.append(ThreadedTests)'),
}


def region_touches(region, blame, lines):
    """The Touches of *blame* inside *region* of the pinned *lines*."""
    first, last = region.bounds(lines)
    for touch in blame.touches:
        if touch.path != region.path:
            continue
        try:
            group = group_of(touch.patch)
        except SeriesError:
            continue  # name-shape tells
        if region.groups is not None and group not in region.groups:
            continue
        # An added line counts if it stands between two protected ones.
        if first <= touch.above and touch.below <= last:
            yield touch
        elif not touch.removed and touch.below == float('inf') and \
                last == len(lines) and first <= touch.above:
            yield touch


def _check_region(region):
    def check(context):
        if not any(region.path in patch.paths for patch in context.patches):
            return
        context.need_readable()
        context.need_applied()
        path = os.path.join(context.pristine, region.path)
        with open(path, encoding='utf-8', errors='replace') as file:
            lines = file.read().splitlines()
        blame = Blame(context.pristine, context.patches)
        seen = collections.OrderedDict()
        for touch in region_touches(region, blame, lines):
            seen.setdefault(touch.patch, touch)
        for patch, touch in seen.items():
            yield Finding(patch, '{}, line {} of the pin: {}{!r}: {}'.format(
                region.path, touch.above, '-' if touch.removed else '+',
                touch.text.rstrip('\n'), region.reason))
    return check


RULES = [
    Rule('files-allowed', 'no new C file, no configure, NEWS as a new file',
         per_patch(check_files)),
    Rule('region-ssl-init', 'SSLSocket.__init__ is left alone',
         _check_region(REGIONS['region-ssl-init'])),
    Rule('region-setup', 'setup.py below the version computation is left '
         'alone', _check_region(REGIONS['region-setup'])),
    Rule('region-tests-list', 'the list of classes in test_ssl.py is left '
         'alone', _check_region(REGIONS['region-tests-list'])),
]
