"""What is known of each patch: its tests and its coverage.

Nothing is guessed from names.  Which tests a patch brings is read from the
lines that it adds to test files; which of its lines run is what `make
coverage` measured, after following every line to the patch that it comes
from.
"""

import collections
import re

from scripts.base import paths
from scripts.dev.coverage import coveragedata
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


class Coverage:
    """What `make coverage` left, if it is about the same source.

    figures(lines) gives {path: Figure} for one patch; note says why there
    is nothing.
    """

    def __init__(self, tree, folder=None):
        """tree: folder of the complete patched source (Path); folder: the
        variant that make coverage built (Path)."""
        folder = folder or paths.BUILD / 'coverage'
        self.python = folder / 'coverage' / 'python.xml'
        self.c = folder / 'coverage' / 'c.json'
        self.note = ''
        if not (self.python.exists() and self.c.exists()):
            self.note = '`make coverage` has not been run.'
        elif any((folder / 'src' / name).read_bytes() !=
                 (tree / name).read_bytes()
                 for name in (PYTHON_FILE, C_FILE)):
            self.note = '`make coverage` was run for another state of the ' \
                'series; run it again.'

    def figures(self, lines):
        """lines: {path: numbers}.  Figures of the files that are measured
        and that have such lines."""
        if self.note:
            return {}
        found = {}
        for path, data, read in (
                (PYTHON_FILE, self.python, coveragedata.read_python),
                (C_FILE, self.c, coveragedata.read_c)):
            if lines.get(path):
                found[path] = read(data, path, lines[path])
        return found
