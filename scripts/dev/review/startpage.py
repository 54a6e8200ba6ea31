"""What the start page says of the patches, out of their headers."""

import re

from scripts.dev.review import patchpage
from scripts.series import groups

_CVE = re.compile(r'\bCVE-\d{4}-\d{4,}\b')
#: A paragraph that says that all stays as it is.
_NOTHING = re.compile(r'\s*nothing (else )?changes', re.IGNORECASE)


def _link(patch):
    return '[{}](patches/{}.md)'.format(patch.name.split('-')[0],
                                        patchpage.docname(patch.name))


def _plain(text):
    """A paragraph of a header for a cell of a table."""
    words = ' '.join(text.split())
    return re.sub(r'([\\`*_<>\[\]|$~])', r'\\\1', words)


def for_everybody(patches):
    """The patches that change something for programs that do not use the new
    names: Markdown, a table for each group."""
    out = []
    for group in groups.GROUPS:
        rows = []
        for patch in patches:
            if groups.group_of(patch.name) != group.name:
                continue
            others = [text for text in patchpage.for_others(patch.body)
                      if not _NOTHING.match(text)]
            if others:
                rows.append('| {} | {} | {} |'.format(
                    _link(patch), _plain(patch.field('Subject')),
                    _plain(' '.join(others))))
        if rows:
            out += ['### {}: {}\n'.format(group.name, group.purpose),
                    '| patch | what | for those who do not use it |',
                    '|---|---|---|', *rows, '']
    return '\n'.join(out) + '\n'


def vulnerabilities(patches):
    """The published vulnerabilities that the headers name, with the patches:
    Markdown."""
    found = {}
    for patch in patches:
        for name in _CVE.findall(patch.body):
            if patch not in found.setdefault(name, []):
                found[name].append(patch)
    return '\n'.join('- {}: {}'.format(name, ', '.join(map(_link, which)))
                     for name, which in sorted(found.items())) + '\n'


def sizes(patches):
    """How much there is to read: Markdown, a table of the groups."""
    out = ['| group | patches | lines of C and Python of the interpreter | '
           'lines of tests | what it is for |', '|---|---:|---:|---:|---|']
    for group in groups.GROUPS:
        members = [patch for patch in patches
                   if groups.group_of(patch.name) == group.name]
        if not members:
            continue
        code = tests = 0
        for file in (file for patch in members for file in patch.files):
            if '/test/' in file.path:
                tests += file.added
            elif file.path.endswith(('.c', '.h', '.py')):
                code += file.added
        out.append('| [{0}](patches/index.md#{0}) | {1} | {2} | {3} | {4} '
                   '|'.format(group.name, len(members), code, tests,
                              group.purpose))
    return '\n'.join(out) + '\n'
