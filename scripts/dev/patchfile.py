"""One patch file: its header, its body and its diff.

The header has the shape that ``git am``, quilt, dpkg-source 3.0, rpm and
the DEP-3 tools all read; see docs/testing.md.
"""

import collections
import re

import unidiff

ZERO_FROM_LINE = ('From 0000000000000000000000000000000000000000 '
                  'Mon Sep 17 00:00:00 2001')

#: The fields above the body and those below it, in their order.
MAIL_FIELDS = ('From', 'Date', 'Subject')
TRAILER_FIELDS = ('Origin', 'Bug', 'Forwarded', 'Last-Update')

_DIFF_START_RE = re.compile(
    r'^(?:diff |Index: |--- \S[^\n]*\n\+\+\+ )', re.MULTILINE)
_FIELD_RE = re.compile(r'(?P<name>[A-Z][A-Za-z-]*):(?:[ \t]+(?P<value>.*))?')

#: An added line: path, number in the file as the patch leaves it, text
#: without the line's end.
AddedLine = collections.namedtuple('AddedLine', 'path number text')


class PatchError(Exception):
    """The text is no patch that can be read."""


def _take_fields(lines):
    """Take mail-like fields off the front of *lines* (a list, changed).

    Returns a list of [name, value] in file order.
    """
    fields = []
    while lines:
        match = _FIELD_RE.fullmatch(lines[0])
        if match is not None:
            fields.append([match['name'], (match['value'] or '').strip()])
        elif fields and re.match(r'[ \t]+\S', lines[0]):
            fields[-1][1] += ' ' + lines[0].strip()
        else:
            break
        del lines[0]
    return fields


def _take_trailer(lines):
    """Take the block of known trailer fields off the end of *lines*."""
    start = len(lines)
    while start:
        match = _FIELD_RE.fullmatch(lines[start - 1])
        if match is None or (match['name'] not in TRAILER_FIELDS and
                             not match['name'].startswith('Bug-')):
            break
        start -= 1
    block = lines[start:]
    del lines[start:]
    return _take_fields(block)


class Patch:
    """A parsed patch.

    ``name`` is its file name, ``text`` all of it, ``header`` what stands in
    front of the diff, ``diff`` the rest.  ``from_line`` is the first line,
    ``fields`` and ``trailer`` are lists of (name, value), ``body`` is the
    description (str) and ``closed`` tells if a ``---`` line ends the header.
    """

    def __init__(self, name, text):
        self.name = name
        self.text = text
        match = _DIFF_START_RE.search(text)
        start = match.start() if match else len(text)
        self.header = text[:start]
        self.diff = text[start:]
        self._parse_header()
        self._files = None

    @classmethod
    def read(cls, path, name):
        """The patch in the file *path*, under the name *name*."""
        try:
            with open(path, encoding='utf-8', newline='') as file:
                return cls(name, file.read())
        except UnicodeDecodeError as error:
            raise PatchError(
                '{}: not UTF-8 ({}): save it as UTF-8'.format(
                    name, error)) from None

    def _parse_header(self):
        lines = self.header.split('\n')
        if lines and not lines[-1]:
            lines.pop()
        self.from_line = ''
        if lines and lines[0].startswith('From '):
            self.from_line = lines.pop(0)
        self.fields = _take_fields(lines)
        # A diffstat may stand between the closing line and the diff.
        self.closed = '---' in lines
        if self.closed:
            lines = lines[:lines.index('---')]
        while lines and not lines[-1].strip():
            lines.pop()
        self.trailer = _take_trailer(lines)
        self.body = '\n'.join(lines).strip('\n')

    def field(self, name):
        """The value of the header field *name*, None if there is none."""
        for have, value in self.fields + self.trailer:
            if have == name:
                return value
        return None

    @property
    def files(self):
        """The diff, a list of unidiff.PatchedFile."""
        if self._files is None:
            try:
                self._files = list(unidiff.PatchSet(self.diff))
            except unidiff.UnidiffParseError as error:
                raise PatchError('{}: the diff cannot be read ({}): refresh '
                                 'the patch'.format(self.name, error)
                                 ) from None
            if not self._files:
                raise PatchError('{}: no diff in it: refresh the patch or '
                                 'remove it from the series'
                                 .format(self.name))
        return self._files

    @property
    def paths(self):
        """The paths that the patch touches, in file order."""
        return [file.path for file in self.files]

    def added_lines(self):
        """Every line that the patch adds: a list of AddedLine."""
        return [AddedLine(file.path, line.target_line_no,
                          line.value.rstrip('\n'))
                for file in self.files for hunk in file for line in hunk
                if line.is_added]
