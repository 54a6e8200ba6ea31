"""Diffs as HTML: code in colour, an anchor for each line, links from hunks to
the function in the source with all patches."""

import html
import io
import re
from functools import partial

from pygments import formatters, lexers, token

from scripts.dev.review import sourceview

_DIFF_OF_FILE = re.compile(r'^(?=--- \S[^\n]*\n\+\+\+ )', re.MULTILINE)
_HUNK = re.compile(r'(@@ [^@]* @@) ?(.*)')
_KINDS = {'+': 'gi', '-': 'gd'}     # Pygments' classes


def parts(text):
    """The parts of the diff *text*, one for each file (str list)."""
    return [part for part in _DIFF_OF_FILE.split(text)
            if part.startswith('--- ')]


def path_of(part):
    """The path of the file that *part* of a diff is about."""
    found = re.search(r'^\+\+\+ \S+?/(\S+)', part, re.MULTILINE) or \
        re.match(r'--- \S+?/(\S+)', part)
    return found[1]


def _split(tokens):
    """*tokens*, (type, text) pairs, as a list of them for each line."""
    lines = [[]]
    for kind, text in tokens:
        first, *rest = text.split('\n')
        lines[-1].append((kind, first))
        for piece in rest:
            lines.append([(kind, piece)])
    return lines


def _coloured(lines, lexer):
    """Tokens of the *lines* (str list) of a diff of one file, a list for each
    line.  What begins outside a hunk, as a comment may, has no colour."""
    out, hunk = [], []

    def end_of_hunk():
        code = _split(lexer.get_tokens('\n'.join(line[1:] for line in hunk)))
        out.extend([(token.Text, line[:1])] + tokens
                   for line, tokens in zip(hunk, code, strict=False))
        hunk.clear()

    inside = False
    for line in lines:
        if inside and line[:1] in ('+', '-', ' ', ''):
            hunk.append(line)
            continue
        end_of_hunk()
        # "\\ No newline at end of file" may stand within a hunk.
        inside = line.startswith('@@') or inside and line.startswith('\\')
        out.append([(token.Generic.Subheading if line.startswith('@@') else
                     token.Generic.Heading, line)])
    end_of_hunk()
    return out


class _Formatter(formatters.HtmlFormatter):
    """A line that is added or removed has its class, whatever is in it.
    links: {number of a line from 1: HTML to put behind it}."""

    def __init__(self, lines, links, **options):
        super().__init__(**options)
        self._shown, self._links = lines, links

    def _format_lines(self, tokensource):
        number = 0
        for is_code, text in super()._format_lines(tokensource):
            if is_code:
                number += 1
                kind = _KINDS.get(self._shown[number - 1][:1])
                text = text.rstrip('\n') + self._links.get(number, '')
                if kind and not self._shown[number - 1].startswith(
                        ('+++ ', '--- ')):
                    text = '<span class="{}">{}</span>'.format(kind, text)
                text += '\n'
            yield is_code, text


def _links(lines, find):
    """{number: HTML} for the hunks in *lines*.  find: from a piece of code to
    (name, address) of a function in it, or None."""
    found = {}
    for number, line in enumerate(lines, 1):
        match = _HUNK.match(line)
        if not match:
            continue
        body = []
        for text in lines[number:]:
            if text.startswith('@@'):
                break
            if not text.startswith('-'):
                body.append(text[1:])
        target = find(match[2]) or find('\n'.join(body))
        if target:
            found[number] = ' <a class="source" href="{1}">{0}</a>'.format(
                *map(html.escape, target))
    return found


def _lexer(path):
    try:
        return lexers.get_lexer_for_filename(
            path, stripnl=False, ensurenl=False)
    except lexers.ClassNotFound:
        return lexers.TextLexer(stripnl=False, ensurenl=False)


def diffs(text, sources=None):
    """The diff *text* as HTML: a part for each file, which can be folded, and
    links to the files before and after.

    sources: {path: sourceview.Source} of the pages with the patched source.
    """
    every = parts(text)
    out = []
    for number, part in enumerate(every, 1):
        lines = part.rstrip('\n').split('\n')
        path = path_of(part)
        source = (sources or {}).get(path)
        links = ['<a href="#file-{}">{} file</a>'.format(other, word)
                 for other, word in ((number - 1, 'previous'),
                                     (number + 1, 'next'))
                 if 1 <= other <= len(every)]
        formatter = _Formatter(
            lines, _links(lines, partial(sourceview.find, source))
            if source else {}, lineanchors='line-{}'.format(number),
            anchorlinenos=True, linenos='inline', cssclass='highlight')
        tokens = [pair for line in _coloured(lines, _lexer(path))
                  for pair in [*line, (token.Text, '\n')]]
        out.append(
            '<details open class="highlight-diff" id="file-{}"><summary>'
            '<code>{}</code> +{} −{} {}</summary>{}</details>'.format(
                number, html.escape(path),
                sum(line.startswith('+') for line in lines) - 1,
                sum(line.startswith('-') for line in lines) - 1,
                ' · '.join(links), _formatted(formatter, tokens)))
    return '\n'.join(out)


def _formatted(formatter, tokens):
    out = io.StringIO()
    formatter.format(tokens, out)
    return out.getvalue()
