"""docs/patches.md: the list of the patches, for people."""

from scripts.base import paths

PAGE = paths.ROOT / 'docs' / 'patches.md'

_INTRODUCTION = '''\
# The patches

Written by `make dist` from the headers of the patches; `make lint` (rule
`patches-page`) tells when it is out of date. The same for programs is
`patches.json`, which `make dist` makes too.

*applies to* says how the patch goes onto each base, behind those before it and
with zero fuzz:

| word | meaning |
|---|---|
| exact | every hunk at its line |
| offset | some hunks are found at other lines |
| there | the base has this patch |
| other | the base does the same in its own way; leave the patch out |
| refused | it does not apply |

*patch-id* is what `git patch-id --stable` says. It changes only if the patch
does something else, not if only line numbers do.
'''

#: What would be markup outside of code.
_SPECIAL = '\\`*_<>[]|#'


def escape(text):
    """*text* (str) for a paragraph or a table's cell."""
    for char in _SPECIAL:
        text = text.replace(char, '\\' + char)
    return text


def _overview(group, entry_list):
    yield '## {}: {}'.format(group['name'], group['purpose'])
    yield ''
    if group['needs']:
        yield 'Needs: {}.'.format(', '.join(group['needs']))
        yield ''
    bases = list(entry_list[0]['applies'])
    yield '| number | subject | lines | {} |'.format(' | '.join(bases))
    yield '|---|---|---|{}'.format('---|' * len(bases))
    for entry in entry_list:
        yield '| [{number}](#{number}) | {subject} | +{added} -{removed} | ' \
            '{words} |'.format(
                number=entry['number'], added=entry['added'],
                subject=escape(entry['subject']), removed=entry['removed'],
                words=' | '.join(entry['applies'][base]
                                 for base in bases))
    yield ''


def _file(file):
    return '`{}` ({}+{} -{})'.format(
        file['path'], 'new, ' if file['new'] else '', file['added'],
        file['removed'])


def _details(entry):
    yield '### {}'.format(entry['number'])
    yield ''
    yield '**{}** (`{}`)'.format(escape(entry['subject']), entry['name'])
    yield ''
    yield escape(entry['why'])
    yield ''
    yield '- *droppable when:* {}'.format(escape(entry['droppable']))
    if entry['cves']:
        yield '- *fixes:* {}'.format(', '.join(entry['cves']))
    yield '- *files:* {}'.format(', '.join(map(_file, entry['files'])))
    yield '- *applies to:* {}'.format(', '.join(
        '{} ({})'.format(base, status)
        for base, status in entry['applies'].items()))
    yield '- *patch-id:* `{}`'.format(entry['patch_id'])
    yield ''


def text(groups, entries):
    """The page (str) for what index.groups() and index.entries() return."""
    lines = _INTRODUCTION.splitlines() + ['']
    by_group = {group['name']: [entry for entry in entries
                                if entry['group'] == group['name']]
                for group in groups}
    for group in groups:
        lines += _overview(group, by_group[group['name']])
    lines += ['## One by one', '']
    for entry in entries:
        lines += _details(entry)
    return '\n'.join(lines).rstrip() + '\n'
