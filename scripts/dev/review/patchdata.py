"""What is known of each patch: its tests and its lines.

Nothing is guessed from names.  Which tests a patch brings is read from the
lines that it adds to test files; which lines are its own is found by following
every line to the patch that it comes from.
"""

import collections
import re

from scripts.dev.lint.rules.blame import Blame

_CLASS = re.compile(r'\s*class\s+(?P<name>\w+)')
_TEST = re.compile(r'\s*def\s+(?P<name>test\w*)\s*\(')

PYTHON_FILE = 'Lib/ssl.py'
C_FILE = 'Modules/_ssl.c'

#: path: of the file of tests; new: the patch adds the file; classes, tests:
#: the names that it adds.
BroughtTests = collections.namedtuple('BroughtTests',
                                      'path new classes tests')


def is_test(path):
    """True for a module of tests in the tree of CPython."""
    return re.fullmatch(r'Lib/(.*/)?test/test_\w+\.py', path) is not None


def brought(patch):
    """The tests that *patch* (patchfile.Patch) adds: list of
    BroughtTests.  A test that is moved or renamed counts."""
    found = []
    for file in patch.files:
        if not is_test(file.path):
            continue
        lines = [line.value for hunk in file for line in hunk
                 if line.is_added]
        names = {kind: [match['name'] for match in map(regex.match, lines)
                        if match]
                 for kind, regex in (('classes', _CLASS), ('tests', _TEST))}
        found.append(BroughtTests(file.path, file.is_added_file,
                                  names['classes'], names['tests']))
    return found


def lines_by_patch(pinned, patches):
    """{patch name: {path: set of line numbers in the complete tree}}.

    pinned: folder of the unpatched source; patches: parsed, in order.
    """
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    for path, origins in Blame(str(pinned), patches).lines.items():
        for number, origin in enumerate(origins, 1):
            if origin.patch:
                found[origin.patch][path].add(number)
    return found
