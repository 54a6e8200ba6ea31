"""The page of one patch, and the list of all."""

import html
import re

from scripts.dev.coverage import coveragedata
from scripts.dev.review import diffview, pages
from scripts.series import groups

_USERS = re.compile(r'(do(es)? not use|who use|without (it|them|the new)'
                    r'|non-users|nothing changes)', re.IGNORECASE)


def paragraphs(body):
    """The paragraphs of a header's description (str list)."""
    return [text for text in re.split(r'\n\s*\n', body) if text.strip()]


def for_others(body):
    """The paragraphs about those who do not use what is new: the rule
    header-body of make lint asks for such a sentence."""
    return [text for text in paragraphs(body) if _USERS.search(text)]


#: A line that begins an item of a list.
_ITEM = re.compile(r'^[ \t]{0,3}[-*] +', re.MULTILINE)


def _prose(text):
    """A paragraph of a header as HTML; lists are lists, and what is indented
    otherwise keeps its shape."""
    if _ITEM.search(text):
        lead, *items = _ITEM.split(text)
        return ('<p>{}</p>'.format(html.escape(lead)) if lead.strip()
                else '') + '<ul>{}</ul>'.format(''.join(
                    '<li>{}</li>'.format(html.escape(item))
                    for item in items))
    if re.match(r'[ \t]', text):
        return '<pre>{}</pre>'.format(html.escape(text))
    return '<p>{}</p>'.format(html.escape(text))


def raw(text):
    """The HTML *text* in Markdown."""
    longest = max(map(len, re.findall('`+', text)), default=0)
    fence = '`' * max(3, longest + 1)
    return '{0}{{raw}} html\n{1}\n{0}\n'.format(fence, text)


def prose(texts):
    return raw('\n'.join(map(_prose, texts)))


def counts(patch):
    """(lines added, lines removed) by *patch*."""
    return (sum(file.added for file in patch.files),
            sum(file.removed for file in patch.files))


def _tests(patch, brought):
    """The tests of *brought*, with links to where the diff adds them."""
    if not brought:
        return 'It adds no test of its own.\n'
    places = {}
    for number, part in enumerate(diffview.parts(patch.diff), 1):
        for line, text in enumerate(part.split('\n'), 1):
            match = re.match(r'\+\s*(?:def|class)\s+(\w+)', text)
            if match:
                places[diffview.path_of(part), match[1]] = \
                    'line-{}-{}'.format(number, line)
    out = []
    for item in brought:
        names = ', '.join('<a href="#{}"><code>{}</code></a>'.format(
            places[item.path, name], name)
            for name in item.classes + item.tests)
        out.append('<li><code>{}</code>{}: {} test{}{}</li>'.format(
            item.path, ' (new)' * item.new, len(item.tests),
            's' * (len(item.tests) != 1),
            '<details><summary>which</summary>{}</details>'.format(names)
            if names else ''))
    return raw('<ul>{}</ul>'.format('\n'.join(out)))


def _exercise(measured):
    """measured: {test file: {path: [lines run, lines of the patch]}}."""
    out = ['| tests | ' + 'file | its lines that these tests run |',
           '|---|---|---:|']
    for name, files in sorted(measured.items()):
        for path, (run, total) in sorted(files.items()):
            out.append('| `{}` | `{}` | {} of {} |'.format(name, path, run,
                                                           total))
    return out


def _no_lines(record):
    """Why the *record* has nothing about a patch."""
    if record.stale:
        return 'There was no such patch, or it has changed its name.'
    return 'None of its lines are left in `Lib/ssl.py` or `Modules/_ssl.c`, ' \
        'which is what is measured.'


def _coverage(record, name):
    """What the record of make coverage says of the patch *name*."""
    out = []
    for path, file in record.rows.items():
        own = file.get('patches', {}).get(name)
        if not own:
            continue
        figure = coveragedata.Figure(**own)
        line = '- `{}`: {} of {} ({:.1f} %)'.format(
            path, figure.covered, figure.total, coveragedata.percent(figure))
        if figure.missing:
            line += '; not covered, in the complete file: ' + ', '.join(
                sorted(figure.missing, key=int))
        out.append(line)
    return '\n'.join(out) or _no_lines(record)


def _run_lines(record, name):
    """What the record of the line tests says of the patch *name*."""
    found = record.rows.get(name)
    return '\n'.join(_exercise(found['tests'])) if found else \
        _no_lines(record)


def page(patch, neighbours, brought, sources=None):
    """The page of *patch* (patchfile.Patch), Markdown.

    neighbours: the names before and after it, or None; brought: as
    patchdata.brought(); sources: as of diffview.diffs().
    """
    added, removed = counts(patch)
    number = patch.name.split('-')[0]
    out = ['# {} {}\n'.format(number, patch.field('Subject'))]
    out.append('Patch `{}` of group **{}**; {} lines added, {} removed, in '
               'these files:\n'.format(patch.name,
                                       groups.group_of(patch.name), added,
                                       removed))
    out += ['- `{}`'.format(path) for path in patch.paths]
    out.append('\n## Why\n')
    out.append(prose(paragraphs(patch.body)))
    out.append('| field | |\n|---|---|')
    out += ['| {} | {} |'.format(name, value)
            for name, value in patch.fields + patch.trailer
            if name not in ('From', 'Subject')]
    out.append('\n## What changes for those who do not use it\n')
    others = for_others(patch.body)
    out.append(prose(others) if others else
               'The header does not tell; `make lint` would object.\n')
    out.append('## Tests\n')
    out.append(_tests(patch, brought))
    out.append('\nTests that run its lines ([how this is found]'
               '(../docs/review.md)):\n')
    out.append(pages.evidence('linetests', lambda record: _run_lines(
        record, patch.name)))
    out.append('\n## Coverage\n')
    out.append(pages.evidence('coverage', lambda record: _coverage(
        record, patch.name)))
    out.append('\n## The patch\n')
    out.append(raw('<p><a href="{0}" download>{0}</a>, the file</p>'.format(
        patch.name)))
    out.append(raw(diffview.diffs(patch.diff, sources)))
    before, behind = neighbours
    out.append(' · '.join(
        '{}: [{}]({}.md)'.format(word, name, docname(name))
        for word, name in (('before', before), ('next', behind)) if name))
    return '\n'.join(out) + '\n'


def docname(name):
    """The name of the page of the patch *name*, without folder."""
    return name[:-len('.patch')]


def overview(patches):
    """The page that lists all *patches*."""
    out = ['# The patches\n',
           'In the order in which they apply. A page has the reason, the '
           'tests, the coverage and the diff.\n']
    for group in groups.GROUPS:
        members = [patch for patch in patches
                   if groups.group_of(patch.name) == group.name]
        if not members:
            continue
        out.append('## {}\n'.format(group.name))
        out.append('{}; needs {}.\n'.format(
            group.purpose[0].upper() + group.purpose[1:],
            ', '.join(group.needs) or 'no other'))
        out.append('| patch | what | + | − |\n|---|---|---:|---:|')
        for patch in members:
            out.append('| [{}]({}.md) | {} | {} | {} |'.format(
                patch.name.split('-')[0], docname(patch.name),
                patch.field('Subject').replace('|', '\\|'),
                *counts(patch)))
        out.append('')
    out.append('```{toctree}\n:hidden:\n')
    out += [docname(patch.name) for patch in patches]
    return '\n'.join(out) + '\n```\n'
