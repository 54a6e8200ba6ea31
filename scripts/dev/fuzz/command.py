"""make fuzz: bytes for libFuzzer, and sequences of calls beside Python 3.

docs/proof.md explains it.  Options by variable: FUZZ, some of: bytes
machine; FUZZ_SECONDS, for each of them; FUZZ_INPUT, a file to replay, or
a folder with inputs to merge into the seeds.
"""

import collections
import contextlib
import dataclasses
import json
import os
import shutil
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from scripts import options
from scripts.base import console, locking, paths
from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.evidence import record
from scripts.dev.fuzz import bytefuzz, machine


class Options:
    """parts: names out of options.FUZZ; seconds: int, for each; input: Path or
    None."""

    def __init__(self, environ=os.environ):
        options.FUZZ_INPUT.check(environ)
        self.parts = options.FUZZ.read(environ)
        self.seconds = options.FUZZ_SECONDS.read(environ)
        path = options.FUZZ_INPUT.read(environ)
        self.input = Path(path) if path else None


#: What a part came to.  facts: {what: figure}, in order; findings: list of
#: str, each with what to do next.
Result = collections.namedtuple('Result', 'name facts findings')


@contextlib.contextmanager
def compiler(environ=os.environ):
    """CC is clang, unless it was chosen."""
    chosen = environ.get('CC')
    if not chosen:
        if shutil.which('clang') is None:
            console.fail('there is no clang, which libFuzzer belongs to',
                         'install it (on Debian and Ubuntu: "apt-get install '
                         'clang libclang-rt-dev"), or\nleave this part out '
                         'with FUZZ=machine')
        environ['CC'] = 'clang'
    try:
        yield
    finally:
        if not chosen:
            del environ['CC']


def tell_bytes(path):
    """What the finding *path* (Path) is, and how to go on."""
    text = '{}\n  -> again: make fuzz FUZZ=bytes FUZZ_INPUT={}'.format(
        path.name, path)
    setup, calls = machine.fuzzbytes.decode(path.read_bytes(), True)
    return '{}\n     setup {}\n     calls {}'.format(
        text, json.dumps(setup), json.dumps(calls))


def run_bytes(asked, variant):
    """Fuzz with libFuzzer; returns a Result."""
    variant = dataclasses.replace(variant, config='fuzz')
    with compiler():
        interpreter.ensure(variant)
        with locking.lock(variant.root / 'tests.lock'):
            program = bytefuzz.build_harness(variant)
            if asked.input and asked.input.is_dir():
                return Result('bytes', {'seeds after merging': bytefuzz.merge(
                    variant, program, asked.input)}, [])
            if asked.input:
                good, output = bytefuzz.replay(variant, program,
                                               [asked.input])
                print(output)
                return Result('bytes', {'replayed': asked.input.name}, []
                              if good else [tell_bytes(asked.input)])
            console.step('bytes: an error made on purpose, and the seeds')
            if not bytefuzz.canary(variant, program):
                console.fail('an error made on purpose was not noticed',
                             'libFuzzer and AddressSanitizer do not work '
                             'here: without them nothing is found')
            seeds = sorted(path for path in bytefuzz.SEEDS.iterdir()
                           if path.suffix != '.json')
            good, output = bytefuzz.replay(variant, program, seeds)
            if not good:
                return Result('bytes', {}, [
                    'a seed fails:\n' + output[-4000:]])
            console.step('bytes: {} for libFuzzer'.format(
                console.seconds_text(asked.seconds)))
            stats, log = bytefuzz.run(variant, program, asked.seconds)
    if not stats.executions:
        console.fail('nothing was executed', 'see {}'.format(log))
    return Result('bytes', {
        'executions': stats.executions, 'of them a second':
        stats.per_second, 'edges covered in _ssl.c': '{} of {}'.format(
            stats.covered, stats.edges), 'features': stats.features,
        'inputs kept': stats.corpus, 'log': paths.shown(log)},
        [tell_bytes(path) for path in stats.findings])


def run_machine(asked, variant):
    """Compare sequences; returns a Result."""
    interpreter.ensure(variant)
    log_dir = variant.log_dir / 'fuzz'
    with locking.lock(variant.root / 'tests.lock'):
        console.step('machine: a difference made on purpose, and the '
                     'sequences that are kept')
        with machine.pair_for(variant, log_dir, canary=True) as pair:
            if not machine.run(pair, None, None, machine.CANARY_EXAMPLES):
                console.fail('a difference made on purpose was not found '
                             'in {} sequences'.format(
                                 machine.CANARY_EXAMPLES),
                             'see scripts/dev/fuzz/machine.py')
        with machine.pair_for(variant, log_dir) as pair:
            kept = json.loads((bytefuzz.SEEDS / 'sequences.json').read_text(
                encoding='utf-8'))
            findings = ['{}: {}'.format(*item) for item
                        in machine.replay(pair, kept).items()]
            if not findings:
                console.step('machine: {} of sequences'.format(
                    console.seconds_text(asked.seconds)))
                with console.Progress('sequences') as progress:
                    found = machine.run(pair, asked.seconds,
                                        progress.update)
                if found:
                    findings.append(
                        found + '\n  -> put the sequence, with a name, into '
                        'Lib_tests/fuzz_seeds/sequences.json, and\n     run '
                        '"make fuzz FUZZ=machine FUZZ_SECONDS=1" again')
            counts = dict(pair.counts)
            facts = {
                'Python 3': '{version}, {openssl}'.format(
                    **pair.hello['there']),
                'Python 2.7': '{version}, {openssl}'.format(
                    **pair.hello['here']),
                'sequences kept from before': len(kept),
                'sequences': counts.pop('sequences', 0),
                'calls compared': counts.pop('calls', 0),
                'different outcomes seen': len(pair.coverage)}
            for name in sorted(counts):
                facts['intended: ' + name if name != 'oracle crashed'
                      else 'Python 3 crashed'] = counts[name]
    return Result('machine', facts, findings)


def main():
    asked = Options()
    variant = Variant.from_env()
    if variant.config != 'default':
        console.fail('make fuzz chooses the CONFIG itself',
                     'leave CONFIG out')
    results = []
    taking = record.Taking('fuzz', variant)
    if 'bytes' in asked.parts:
        results.append(run_bytes(asked, variant))
    if 'machine' in asked.parts and not asked.input:
        results.append(run_machine(asked, variant))
    made = taking.write(
        {result.name: dict(result._asdict(), ok=not result.findings,
                           seconds=asked.seconds) for result in results},
        not asked.input, options.FUZZ.known())
    out = terminal.output()
    for result in results:
        table = Table(title='make fuzz, ' + result.name,
                      title_justify='left', show_header=False)
        for name, figure in result.facts.items():
            table.add_row(name, escape(str(figure)))
        table.add_row('findings', str(len(result.findings)))
        out.print(table)
        for text in result.findings:
            print(text)
    findings = sum(len(result.findings) for result in results)
    print('results: {}'.format(made.path))
    print('{} findings'.format(findings), flush=True)
    return 1 if findings else 0
