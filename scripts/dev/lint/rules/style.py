"""Rules about the text of added lines: white space, length, comments."""

import re

from scripts.dev.lint.rules import ctext
from scripts.dev.lint.rules.model import Finding, Rule

LINE_LIMIT = 79
_TEXT_SUFFIXES = ('.c', '.h', '.py', '.rst', '.txt')
_SHOW = 3  # findings of one kind in one file of one patch


def _limited(patch, path, numbers, message):
    """At most one finding for all *numbers* (of lines)."""
    if not numbers:
        return
    shown = ', '.join(map(str, numbers[:_SHOW]))
    if len(numbers) > _SHOW:
        shown += ' and {} more'.format(len(numbers) - _SHOW)
    yield Finding(patch.name, '{}, added line {}: {}'.format(
        path, shown, message))


def _lines_by_path(patch, suffixes):
    found = {}
    for line in patch.added_lines():
        if line.path.endswith(suffixes):
            found.setdefault(line.path, []).append(line)
    return sorted(found.items())


def check_trailing(context):
    for patch in context.patches:
        for path, lines in _lines_by_path(patch, _TEXT_SUFFIXES):
            numbers = [line.number for line in lines
                       if line.text != line.text.rstrip()]
            yield from _limited(patch, path, numbers,
                                    'remove the trailing white space')


def check_length(context):
    for patch in context.patches:
        for path, lines in _lines_by_path(patch, ('.c', '.h', '.py')):
            numbers = [line.number for line in lines
                       if len(line.text.expandtabs(8)) > LINE_LIMIT]
            yield from _limited(
                    patch, path, numbers,
                    'longer than {} columns: break it'.format(LINE_LIMIT))


def check_python_tabs(context):
    for patch in context.patches:
        for path, lines in _lines_by_path(patch, ('.py',)):
            numbers = [line.number for line in lines if '\t' in line.text]
            yield from _limited(patch, path, numbers,
                                    'a tab: use four blanks')


def indents_with_tabs(text):
    """True if the C source *text* is indented with tabs."""
    tabs = len(re.findall(r'^\t', text, re.MULTILINE))
    return tabs > len(re.findall(r'^    ', text, re.MULTILINE))


def bad_indent(line, tabs):
    """What is wrong with the indentation of the C *line*, None if nothing.

    *tabs*: the file is one that is indented with tabs.
    """
    indent = line[:len(line) - len(line.lstrip())]
    if tabs:
        if ' \t' in indent:
            return 'a blank before a tab: this file is indented with tabs'
        if len(indent) - len(indent.lstrip('\t')) == 0 and len(indent) >= 4:
            return 'indented with blanks: this file is indented with tabs'
    elif '\t' in line:
        return 'a tab: this file is indented with four blanks'
    return None


def odd_statements(text):
    """Numbers of lines where a statement is not on a multiple of 4 columns.

    *text*: C source indented with blanks.  Only lines that begin a
    statement are looked at; those that continue one may be aligned freely.
    """
    code, _ = ctext.scan(text)
    depth = 0
    starts = True
    macro = False
    for number, line in enumerate(code.split('\n'), 1):
        bare = line.strip()
        was_macro, macro = macro, bare.endswith('\\')
        if was_macro or bare.startswith('#'):
            macro = macro or (was_macro and bare.endswith('\\'))
            continue
        if not bare:
            continue
        indent = len(line) - len(line.lstrip())
        label = re.fullmatch(r'[A-Za-z_]\w*[ \t]*:', bare)
        if starts and depth == 0 and indent % 4 and not label:
            yield number
        depth += bare.count('(') - bare.count(')')
        starts = bare[-1] in ';{}:'


def _c_files(context):
    """(patch, path, added lines, text after the patch) for each C file."""
    context.need_readable()
    context.need_applied()
    for step in context.steps:
        patch = context.patch(step.name)
        for path, lines in _lines_by_path(patch, ('.c', '.h')):
            after = step.files[path][1]
            yield patch, path, lines, after.decode('utf-8', 'replace')


def check_indent(context):
    for patch, path, lines, text in _c_files(context):
        tabs = indents_with_tabs(text)
        found = {}
        for line in lines:
            message = bad_indent(line.text, tabs)
            if message:
                found.setdefault(message, []).append(line.number)
        if not tabs:
            odd = set(odd_statements(text))
            numbers = [line.number for line in lines
                       if line.number in odd and '\t' not in line.text]
            if numbers:
                found['indent it by a multiple of four blanks'] = numbers
        for message, numbers in sorted(found.items()):
            yield from _limited(patch, path, numbers, message)


def check_comments(context):
    for patch, path, lines, text in _c_files(context):
        bad = set(ctext.scan(text)[1])
        numbers = [line.number for line in lines if line.number in bad]
        yield from _limited(patch, path, numbers,
                                'a // comment: C89 has only /* … */')


RULES = [
    Rule('style-trailing', 'no trailing white space', check_trailing),
    Rule('style-length', 'at most {} columns'.format(LINE_LIMIT),
         check_length),
    Rule('style-python-tabs', 'no tabs in Python', check_python_tabs),
    Rule('style-c-indent', 'C is indented as its file is', check_indent),
    Rule('style-c-comments', 'no // comments', check_comments),
]
