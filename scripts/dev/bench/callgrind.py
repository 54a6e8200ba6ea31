"""Instructions, misses of the caches and mispredicted branches by function,
counted by valgrind's callgrind.

Counts are the same again on a busy machine, other than times.  What happens
once (start, handshake) is taken out by counting two runs that differ in the
number of operations only.
"""

import collections
import re
import shutil

from scripts.dev.bench.child import Child

INSTRUCTIONS = 'instructions'
#: Figure: callgrind's events that it is the sum of.
EVENTS = {INSTRUCTIONS: ('Ir',), 'I1 misses': ('I1mr',),
          'D1 misses': ('D1mr', 'D1mw'),
          'last-level misses': ('ILmr', 'DLmr', 'DLmw'),
          'mispredicted branches': ('Bcm', 'Bim')}
_POSITION = re.compile(r'(ob|fn|cob|cfn|fl|fi|fe|cfi|cfl)=(?:\((\d+)\))?'
                       r'(?: ?(.*))?$')


class CallgrindError(Exception):
    """There is no valgrind, or it wrote nothing that can be read."""


def parse(lines):
    """{(object, function): {figure: count}} of a callgrind output file.

    Costs of called functions are not added to those of their callers.
    """
    names = collections.defaultdict(dict)
    costs = collections.defaultdict(collections.Counter)
    figures = {event: figure for figure, events in EVENTS.items()
               for event in events}
    here = {'ob': '?', 'fn': '?'}
    columns = []
    of_call = False
    for line in lines:
        match = _POSITION.match(line)
        if match:
            kind = match[1].lstrip('c') if match[1] in ('cob', 'cfn') \
                else match[1]
            name = match[3]
            if match[2] is not None:
                if name:
                    names[kind][match[2]] = name
                name = names[kind].get(match[2], '?')
            if match[1] in here:
                here[match[1]] = name
        elif line.startswith('events:'):
            columns = [figures.get(event) for event in line.split()[1:]]
        elif line.startswith('calls='):
            of_call = True      # the next line's cost is the callee's
        elif line[:1] in '0123456789+-*' and line.strip():
            if not of_call:
                # A line number, then the counts; zeros at the end are left
                # out.
                for figure, cost in zip(columns, line.split()[1:]):
                    if figure:
                        costs[here['ob'], here['fn']][figure] += int(cost)
            of_call = False
    return costs


def count(argv, request, operations, folder, env=None):
    """{(object, function): {figure: count of one operation}}.

    argv, env: how a contender is started; request: what it opens;
    folder: Path for what valgrind writes.
    """
    valgrind = shutil.which('valgrind')
    if valgrind is None:
        raise CallgrindError('there is no valgrind')
    totals = []
    for number in (operations, 3 * operations):
        output = folder / 'callgrind.out'
        if output.exists():
            output.unlink()
        with Child([valgrind, '--tool=callgrind', '--quiet',
                    '--cache-sim=yes', '--branch-sim=yes',
                    '--callgrind-out-file={}'.format(output)] + argv,
                   folder / 'valgrind.log', env) as child:
            child.ask('open ' + request)
            child.ask('run {}'.format(number))
        try:
            with open(output, encoding='ascii', errors='replace') as file:
                totals.append(parse(file))
        except FileNotFoundError:
            raise CallgrindError('valgrind wrote no figures; see {}'.format(
                folder / 'valgrind.log')) from None
    # Each run does a twentieth and one more to warm up.
    done = [number + number // 20 + 1
            for number in (operations, 3 * operations)]
    first, second = totals
    return {where: {figure: (value - first[where][figure]) /
                    (done[1] - done[0]) for figure, value in costs.items()}
            for where, costs in list(second.items())}
