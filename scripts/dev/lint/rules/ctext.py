"""C source as text: comments and literals told from code."""

import re

_TOKEN_RE = re.compile(
    r'(?P<line>//(?:\\\n|[^\n])*)'
    r'|(?P<block>/\*.*?(?:\*/|\Z))'
    r'|(?P<literal>"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')',
    re.DOTALL)


def _spaces(text):
    return re.sub(r'[^\n]', ' ', text)


def scan(text):
    """Blank out comments and literals of C source *text*.

    Returns (code, numbers): the text with everything in comments and
    literals turned to blanks (a literal leaves its quotes), and the numbers
    of the lines with a // comment.
    """
    line_comments = []

    def blank(match):
        if match.lastgroup == 'line':
            line_comments.append(text.count('\n', 0, match.start()) + 1)
        if match.lastgroup == 'literal':
            found = match.group()
            return found[0] + _spaces(found[1:-1]) + found[-1]
        return _spaces(match.group())

    return _TOKEN_RE.sub(blank, text), line_comments
