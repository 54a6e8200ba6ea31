"""The documentation of ssl out of the patched Doc/, for the site."""

import re

from scripts.dev.coverage import addedlines

FILE = 'Doc/library/ssl.rst'
DOCNAME = 'python/ssl'

_ENTRY = re.compile(r'(?P<indent>\s*)\.\. (?P<kind>class|method|function|'
                    r'attribute|exception|data):: (?P<name>[\w.]+)')
_LABEL = re.compile(r'\.\. _(?P<name>[\w-]+):')


def added_entries(lines, numbers):
    """(names of documented things, labels of sections) among the *lines*
    (str list) with the *numbers* (set of int, from 1)."""
    entries, labels, owner = [], [], ''
    for number, line in enumerate(lines, 1):
        label, entry = _LABEL.match(line), _ENTRY.match(line)
        if entry:
            name = entry['name']
            if not entry['indent']:
                owner = name + '.' if entry['kind'] == 'class' else ''
            elif '.' not in name:
                name = owner + name
            if number in numbers and name not in entries:
                entries.append(name)
        elif label and number in numbers:
            labels.append(label['name'])
    return entries, labels


def page(pinned, patched):
    """reStructuredText of the page; both: folders of sources (Path)."""
    text = (patched / FILE).read_text(encoding='utf-8')
    numbers = addedlines.added_lines(pinned / FILE, patched / FILE)
    entries, labels = added_entries(text.splitlines(), numbers)
    note = ['.. note::', '',
            '   The page of Python 2.7 as the series leaves it, rendered from '
            '``{}``.'.format(FILE),
            '   {} of its {} lines are new.  What it refers to outside of '
            'this page is in'.format(len(numbers), len(text.splitlines())),
            '   the documentation of Python 2.7, docs.python.org/2.7.', '']
    if labels:
        note += ['   New sections: {}.'.format(', '.join(
            ':ref:`{}`'.format(label) for label in labels)), '']
    if entries:
        note += ['   New entries: {}.'.format(', '.join(
            ':any:`{0} <ssl.{0}>`'.format(name) for name in entries)), '']
    # Behind the title: the first line of '=' or '-' below one of text.
    match = re.search(r'^\S.*\n[=-]{3,}\n(?:[=-]{3,}\n)?', text, re.MULTILINE)
    end = match.end()
    return text[:end] + '\n' + '\n'.join(note) + '\n' + text[end:]
