"""Where the instructions of a message, or of a handshake, go, and where
caches and branch prediction miss, counted by callgrind.

Copies of some KiB are done by one instruction that callgrind counts once a
byte: with messages of 16 KiB, "memcpy, memset" is 16,384 for each copy.
"""

import collections
import os
import re

from scripts.dev.bench import callgrind, goals
from scripts.dev.bench.child import ChildError
from scripts.dev.bench.results import Result
from scripts.dev.bench.stats import Spread
from scripts.dev.bench.units import KIB, size_text

TITLE = 'instructions'
#: What one operation is: (what a contender opens, operations of the shorter
#: run).  Handshakes with an ECDSA key: less of them is arithmetic.
WORK = {
    size_text(64): ('bulk TLSv1.3 64', 400),
    size_text(16 * KIB): ('bulk TLSv1.3 16384', 200),
    'handshake': ('handshake TLSv1.3 ecdsa no', 50),
    'handshake, host name': ('handshake TLSv1.3 ecdsa yes', 50),
}
TOTAL = 'all'

#: (group, pattern of the object's name, pattern of the function's name).
_GROUPS = (
    ('_ssl.c', r'^_ssl\b', r''),
    ('libssl', r'libssl', r''),
    ('libcrypto', r'libcrypto', r''),
    ('memcpy, memset', r'', r'mem(cpy|move|set)'),
    ('malloc', r'', r'(_int_)?(malloc|free|realloc|calloc|memalign)\b|'
                    r'_int_(malloc|free|realloc)|unlink_chunk|'
                    r'malloc_|sysmalloc|systrim|_?PyObject_(Malloc|Free|'
                    r'Realloc|Calloc)|PyMem_|_PyMem_|pymalloc_'),
    ('arguments', r'python', r'v?getargs|convert(simple|item)|'
                             r'_?PyArg_|getbuffer|cleanreturn|'
                             r'skipitem|PyObject_(GetBuffer|AsCharBuffer)'),
    ('interpreter', r'python', r''),
    ('locks and time', r'', r'pthread|sem_|futex|clock_gettime|gettime'),
    ('everything else', r'', r''),
)
GROUPS = tuple(name for name, _, _ in _GROUPS)


def group_of(place, function):
    """The name out of GROUPS for a *function* in the object *place*."""
    base = os.path.basename(place)
    function = function.lstrip('_') if function.startswith('__') \
        else function
    for name, objects, functions in _GROUPS:
        if re.search(objects, base) and re.match(functions, function):
            return name
    return GROUPS[-1]


def grouped(counts):
    """{group: {figure: count}}, and their sums under TOTAL."""
    found = collections.defaultdict(collections.Counter)
    for (place, function), costs in counts.items():
        for group in (group_of(place, function), TOTAL):
            found[group].update(costs)
    return found


def run(session, progress):
    """Yields a Result for each of WORK and each group."""
    contenders = session.having('c', 'patched', 'python3', 'socket', 'stock')
    with progress(TITLE, len(contenders) * len(WORK)) as bar:
        for work, (request, operations) in WORK.items():
            found, most = {}, {}
            for item in contenders:
                bar.say('{}, {}'.format(work, item.title))
                try:
                    counts = callgrind.count(
                        item.argv, request, operations, session.log_dir,
                        item.env)
                except callgrind.CallgrindError as error:
                    raise ChildError(
                        '{}; "apt-get install valgrind", or leave this part '
                        'out'.format(error)) from None
                found[item.key] = grouped(counts)
                most[item.key] = _most(counts)
                bar.tick()
            yield from results_of(work, found, most,
                                  request.startswith('bulk'))


def _most(counts):
    """The functions with the most instructions."""
    first = sorted(counts.items(), reverse=True,
                   key=lambda item: item[1][callgrind.INSTRUCTIONS])[:25]
    return [[os.path.basename(place), function,
             {figure: round(value, 1) for figure, value in costs.items()}]
            for (place, function), costs in first]


def results_of(work, found, most, judged):
    """The Results of *found*, {key: as of grouped()}.  The figures are the
    instructions; what else was counted is among the facts."""
    totals = {key: groups[TOTAL][callgrind.INSTRUCTIONS]
              for key, groups in found.items()}
    for group in (TOTAL,) + GROUPS:
        figures = {key: Spread.of([groups[group][callgrind.INSTRUCTIONS]])
                   for key, groups in found.items()
                   if groups[group][callgrind.INSTRUCTIONS] >= 1}
        if not figures:
            continue
        result = Result(
            'instructions', '{}: {}'.format(work, group),
            {'work': work, 'group': group}, 'instructions', figures,
            facts={'events': {
                key: {figure: round(found[key][group][figure], 2) + 0
                      for figure in callgrind.EVENTS} for key in figures}})
        if group == TOTAL:
            result.base = 'c'
            result.ratios = {
                key: Spread.of([totals['c'] / total])
                for key, total in totals.items() if key != 'c'}
            result.facts['most'] = most
            result.goals = goals.instructions(totals) if judged else []
        yield result
