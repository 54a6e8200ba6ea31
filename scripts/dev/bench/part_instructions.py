"""Where the instructions of a message, or of a handshake, go, counted by
callgrind.

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
    """Instructions by group, and their sum under TOTAL."""
    found = collections.Counter()
    for (place, function), value in counts.items():
        found[group_of(place, function)] += value
        found[TOTAL] += value
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
            judged = goals.instructions(found) \
                if request.startswith('bulk') else []
            yield from _results(work, found, most, judged)


def _most(counts):
    """The functions with the most instructions."""
    return [[os.path.basename(place), function, round(value, 1)]
            for (place, function), value in counts.most_common(25)]


def _results(work, found, most, judged):
    for group in (TOTAL,) + GROUPS:
        figures = {key: Spread.of([counts[group]])
                   for key, counts in found.items() if counts[group] >= 1}
        if not figures:
            continue
        result = Result(
            'instructions', '{}: {}'.format(work, group),
            {'work': work, 'group': group}, 'instructions', figures)
        if group == TOTAL:
            result.base = 'c'
            result.ratios = {
                key: Spread.of([found['c'][TOTAL] / counts[TOTAL]])
                for key, counts in found.items() if key != 'c'}
            result.facts = most
            result.goals = judged
        yield result
