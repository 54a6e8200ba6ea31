"""Pages with the files that the series changes, as they are with all patches,
to which the hunks of the diffs lead."""

import html
import re
from dataclasses import dataclass

import pygments
from pygments import formatters, lexers

_PYTHON = re.compile(r'^[ \t]*(?:def|class)\s+(\w+)', re.MULTILINE)
_C = re.compile(r'^(?:[A-Za-z_][\w \t*]*[ \t*])?([A-Za-z_]\w*)\s?\('
                r'(?=[^;{}]*\)\s*\{)', re.MULTILINE)
_CALLED = re.compile(r'([A-Za-z_]\w*)\s?\(')
_NO_FUNCTIONS = {'if', 'while', 'for', 'switch', 'return', 'sizeof'}


@dataclass(frozen=True)
class Source:
    """path: of the file, in CPython.  text: with all patches.  lines: {name
    of a function or class: its first line, from 1}; of those that are there
    twice, under #if or as methods of classes, the first."""

    path: str
    text: str
    lines: dict

    @property
    def docname(self):
        """The name of its page, without folder."""
        return self.path.replace('/', '-')


def _pattern(path):
    return _C if path.endswith(('.c', '.h')) else _PYTHON


def source(path, text):
    """The Source of *path* (str, in CPython) that has the *text*."""
    lines = {}
    for match in _pattern(path).finditer(text):
        if match[1] not in _NO_FUNCTIONS:
            lines.setdefault(match[1],
                             text.count('\n', 0, match.start(1)) + 1)
    return Source(path, text, lines)


def find(source, text):
    """(name, address) of the first function of *source* that *text* begins or
    that is what a hunk's header says, cut off as it may be; None if there is
    none."""
    for pattern in (_pattern(source.path), _CALLED):
        for match in pattern.finditer(text):
            if match[1] in source.lines:
                return match[1], '../source/{}.html#line-{}'.format(
                    source.docname, source.lines[match[1]])
        if '\n' in text:
            break       # calls in a hunk's code are no definitions
    return None


def page(source):
    """The page of *source*, Markdown."""
    try:
        lexer = lexers.get_lexer_for_filename(source.path, stripnl=False)
    except lexers.ClassNotFound:
        lexer = lexers.TextLexer(stripnl=False)
    formatter = formatters.HtmlFormatter(
        lineanchors='line', anchorlinenos=True, linenos='inline',
        cssclass='highlight')
    return '# {}\n\nWith all patches.\n\n```{{raw}} html\n' \
        '<div class="highlight-diff">{}</div>\n```\n'.format(
            html.escape(source.path),
            pygments.highlight(source.text, lexer, formatter))
