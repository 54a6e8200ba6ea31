"""Pages with the files that the series changes, as they are with all patches,
to which the hunks of the diffs lead."""

import html
import re
from dataclasses import dataclass

import pygments
from pygments import formatters, lexers

from scripts.dev.review import cfunctions

_PYTHON = re.compile(r'^[ \t]*(?:def|class)\s+(?P<name>\w+)', re.MULTILINE)
_CALLED = re.compile(r'(?P<name>[A-Za-z_]\w*)\s?\(')


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


def _definitions(path, text):
    """Matches, with the group *name*, of what *text*, or a piece of the file
    *path*, defines."""
    return cfunctions.definitions(text) if path.endswith(('.c', '.h')) else \
        _PYTHON.finditer(text)


def source(path, text):
    """The Source of *path* (str, in CPython) that has the *text*."""
    lines = {}
    for match in _definitions(path, text):
        lines.setdefault(match['name'],
                         text.count('\n', 0, match.start('name')) + 1)
    return Source(path, text, lines)


def find(source, text):
    """(name, address) of the first function of *source* that *text*, a piece
    of code, defines, or that it names if it is one line, a hunk's header, cut
    off as that may be; None if there is none."""
    found = list(_definitions(source.path, text))
    if '\n' not in text:
        found += _CALLED.finditer(text)
    for match in found:
        if match['name'] in source.lines:
            return match['name'], '../source/{}.html#line-{}'.format(
                source.docname, source.lines[match['name']])
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
