"""Read what coverage.py and gcovr found, restricted to some lines."""

import collections
import json
import re
import xml.etree.ElementTree as ElementTree

#: covered, total: of lines (and branches); missing: {line number: text}.
Figure = collections.namedtuple('Figure', 'covered total missing')


def percent(figure):
    """The share that is covered, in percent; 100 for nothing to cover."""
    return 100.0 * figure.covered / figure.total if figure.total else 100.0


def read_python(xml, name, lines):
    """The Figure of coverage.py's XML report (path) for the file whose path
    ends with *name*, restricted to the numbers in *lines*.

    Counts statements and the branches that leave them.  LookupError if the
    report does not have the file.
    """
    classes = [node for node in ElementTree.parse(str(xml)).iter('class')
               if node.get('filename', '').endswith(name)]
    if not classes:
        raise LookupError('{} is not in {}'.format(name, xml))
    covered = total = 0
    missing = {}
    for node in classes[0].iter('line'):
        number = int(node.get('number'))
        if number not in lines:
            continue
        total += 1
        if int(node.get('hits')):
            covered += 1
        else:
            missing[number] = 'never run'
        branches = re.search(r'\((\d+)/(\d+)\)',
                             node.get('condition-coverage', ''))
        if branches:
            taken, all_branches = map(int, branches.groups())
            covered += taken
            total += all_branches
            if taken < all_branches and number not in missing:
                missing[number] = 'never jumps to {}'.format(
                    node.get('missing-branches'))
    return Figure(covered, total, missing)


def read_c(path, name, lines):
    """The Figure of gcovr's JSON report (path) for the file whose path ends
    with *name*, restricted to the numbers in *lines*; lines only.

    LookupError if the report does not have the file.
    """
    with open(str(path), encoding='utf-8') as file:
        data = json.load(file)
    files = [entry for entry in data['files']
             if entry['file'].endswith(name)]
    if not files:
        raise LookupError('{} is not in {}'.format(name, path))
    # The same line may be listed once for each function it is part of.
    counts = collections.Counter()
    for entry in files[0]['lines']:
        if entry.get('gcovr/noncode') or entry.get('gcovr/excluded'):
            continue
        if entry['line_number'] in lines:
            counts[entry['line_number']] += entry['count']
    missing = {number: 'never run' for number, count in counts.items()
               if not count}
    return Figure(len(counts) - len(missing), len(counts), missing)
