"""make soak: everything at once, in one process, for SOAK_SECONDS.

docs/proof.md explains it.  No time is asserted.
"""

import collections
import json
import random
import statistics
import time

from rich.table import Table

from scripts import options
from scripts.base import console, locking, paths
from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.evidence import record
from scripts.dev.run import intree, watched

PROGRAM = paths.ROOT / 'scripts' / 'dev' / 'soak' / 'soak27.py'
GRACE = 300             # seconds for the threads to come to an end
WARM_UP = 0.25          # of the time
#: Bytes by which the memory may grow between the halves of the
#: rest: some seven times what it differs by from one sample to the next.
GROWTH = 128 << 10
#: The latter, as threads come and go, needs malloc without an arena and a
#: cache for each.
ENVIRON = {'GLIBC_TUNABLES':
           'glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0',
           'PYTHONDONTWRITEBYTECODE': '1'}
#: Each has to have been played.
SCENES = ('talk', 'close', 'renegotiate', 'tamper', 'share', 'drop',
          'echo', 'early', 'refuse', 'reset',
          'talk under signals', 'reload', 'fork')
#: (what is done wrong on purpose, for how many seconds, findings that have
#: to come of it)
CANARIES = (('lose', 2, ('other bytes than were written',)),
            ('double', 2, ('bytes too many',)),
            ('leak', 10, ('memory grew', 'descriptors grew')))

#: What a run came to.  findings: list of str; facts: {what: figure}.
Result = collections.namedtuple('Result', 'facts findings')


def read(text):
    """(samples, summary) of what the program printed (str)."""
    samples, summary = [], None
    for line in text.splitlines():
        try:
            data = json.loads(line)
        except ValueError:
            continue
        if 'memory' in data:
            samples.append(data)
        else:
            summary = data
    return samples, summary


def medians(samples, name):
    """Those of *name* in the two halves after the warm-up."""
    rest = [entry[name] for entry in samples[int(len(samples) * WARM_UP):]]
    half = len(rest) // 2
    return statistics.median(rest[:half]), statistics.median(rest[half:])


def judge(samples, summary, status):
    """The Result of a run that ended with *status* (int)."""
    if summary is None:
        return Result({}, ['it did not come to its end: status {}'.format(
            status)])
    findings = list(summary['errors'])
    if status:
        findings.append('the process ended with status {}'.format(status))
    if summary['stuck']:
        findings.append('{} threads did not come to an end'.format(
            summary['stuck']))
    missing = [name for name in SCENES if not summary['scenes'].get(name)]
    if missing:
        findings.append('never played: {}\n  -> a longer SOAK_SECONDS'.format(
            ', '.join(missing)))
    facts = {'scenes': sum(summary['scenes'].values())}
    facts.update(('  ' + name, count) for name, count
                 in sorted(summary['scenes'].items()))
    facts.update(('bytes ' + name, '{:,}'.format(count)) for name, count
                 in sorted(summary['bytes'].items()))
    facts.update(('raised ' + name, count) for name, count
                 in sorted(summary['refused'].items()))
    facts['signals'] = summary['signals']
    if len(samples) < 8:
        findings.append('{} samples of the memory are too few\n  -> a longer '
                        'SOAK_SECONDS'.format(len(samples)))
        return Result(facts, findings)
    before, after = medians(samples, 'connections')
    made = max(after - before, 1)
    facts['a leak is seen from'] = '{:.1f} bytes per connection'.format(
        GROWTH / made)
    kind = next(iter(samples[0]['memory']))
    before, after = medians([entry['memory'] for entry in samples], kind)
    facts[kind] = '{:.2f} MB, then {:.2f} MB'.format(before / 1e6, after / 1e6)
    if after - before > GROWTH:
        findings.append('{} memory grew from {:,} to {:,} bytes: {:.1f} per '
                        'connection'.format(kind, int(before), int(after),
                                            (after - before) / made))
    # Nothing is open between the scenes: they are the same all the time.
    before, after = (samples[place]['descriptors'] for place
                     in (int(len(samples) * WARM_UP), -1))
    facts['descriptors'] = '{}, then {}'.format(before, after)
    if after > before:
        findings.append('descriptors grew from {} to {}'.format(before,
                                                                after))
    return Result(facts, findings)


def run(variant, seconds, seed, *words):
    """Run the program; returns a Result."""
    log = variant.log_dir / 'soak.log'
    outcome = watched.run(
        [variant.python, PROGRAM, paths.LIB_TESTS, seconds, seed, *words],
        cwd=variant.src, env=dict(intree.clean_env(variant), **ENVIRON),
        log=log, limit=seconds + GRACE, title='soak', says=lambda:
        'of {}'.format(console.seconds_text(seconds)))
    if outcome.timed_out:
        return Result({}, ['no end within {}\n  -> the log is {}'.format(
            console.seconds_text(seconds + GRACE), log)])
    return judge(*read(log.read_text()), outcome.status)


def main():
    seconds = options.SOAK_SECONDS.read()
    variant = Variant.from_env()
    interpreter.ensure(variant)
    seed = random.randrange(1 << 30)
    with locking.lock(variant.root / 'tests.lock'):
        console.step('What goes wrong on purpose')
        for mischief, short, texts in CANARIES:
            found = '\n'.join(run(variant, short, seed, mischief).findings)
            if not all(text in found for text in texts):
                console.fail('"{}" was not noticed'.format(mischief),
                             'see {}'.format(variant.log_dir / 'soak.log'))
        console.step('{} of everything at once, seed {}'.format(
            console.seconds_text(seconds), seed))
        taking, begin = record.Taking('soak', variant), time.monotonic()
        result = run(variant, seconds, seed)
    table = Table(title='make soak', title_justify='left', show_header=False)
    for name, figure in result.facts.items():
        table.add_row(name, str(figure))
    terminal.output().print(table)
    for text in result.findings:
        print(text)
    made = taking.write({'soak': dict(
        result._asdict(), ok=not result.findings, asked=seconds, seed=seed,
        seconds=round(time.monotonic() - begin, 1))})
    print('results: {}'.format(paths.shown(made.path)))
    print('{} findings'.format(len(result.findings)), flush=True)
    return 1 if result.findings else 0
