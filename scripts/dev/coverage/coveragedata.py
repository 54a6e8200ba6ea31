"""Read what coverage.py and gcovr found, restricted to some lines."""

import collections
import re
import xml.etree.ElementTree as ElementTree

#: covered, total: of lines (and branches); missing: {line number: text}.
Figure = collections.namedtuple('Figure', 'covered total missing')


def percent(figure):
    """The share that is covered, in percent; 100 for nothing to cover."""
    return 100.0 * figure.covered / figure.total if figure.total else 100.0


def read(xml, name, lines, branches):
    """The Figure of the report *xml* (path), as coverage.py and gcovr write
    it, for the file whose path ends with *name*, restricted to the numbers
    in *lines*.

    Counts lines, and with *branches* those that leave them.  LookupError if
    the report does not have the file.
    """
    classes = [node for node in ElementTree.parse(str(xml)).iter('class')
               if node.get('filename', '').endswith(name)]
    if not classes:
        raise LookupError('{} is not in {}'.format(name, xml))
    covered = total = 0
    missing = {}
    # Those of functions, which gcovr has, are among those of the file.
    for node in classes[0].findall('lines/line'):
        number = int(node.get('number'))
        if number not in lines:
            continue
        total += 1
        if int(node.get('hits')):
            covered += 1
        else:
            missing[number] = 'never run'
        found = branches and re.search(r'\((\d+)/(\d+)\)',
                                       node.get('condition-coverage', ''))
        if found:
            taken, all_branches = map(int, found.groups())
            covered += taken
            total += all_branches
            if taken < all_branches and number not in missing:
                missing[number] = 'never jumps to {}'.format(
                    node.get('missing-branches'))
    return Figure(covered, total, missing)
