"""make model: every order in which threads can use two connections.

docs/proof.md explains it.  The model is hardening.pml, spin looks at all its
states; a difference between the C that was modelled and that of the series is
a finding, and so is a mistake made on purpose that is not found.
"""

import os
from concurrent import futures

from rich.table import Table

from scripts.base import console, files, paths
from scripts.build import patch
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.model import modelled, runs, spin

RESULTS = paths.BUILD / 'model-results.json'


def report(found, mutants, stale):
    """Print what came out; returns the number of findings (int).

    found: list of (runs.Setup, spin.Outcome); mutants: {name: name of the
    setup that found it, or None}; stale: list of str.
    """
    table = Table(title='make model', title_justify='left')
    for title in ('setup', 'states', 'deepest', 'seconds', 'outcome'):
        table.add_column(title)
    for setup, outcome in found:
        table.add_row(setup.name, '{:,}'.format(outcome.states),
                      str(outcome.depth), '{:.1f}'.format(outcome.seconds),
                      outcome.error or 'holds')
    terminal.output().print(table)
    for setup, outcome in found:
        if outcome.error:
            print('{}: {}\n{}'.format(setup.name, outcome.error,
                                      outcome.trail))
    for name, by in mutants.items():
        print('{}: {}: {}'.format(name, runs.MUTANTS[name].what,
                                  'found by ' + by if by else 'NOT FOUND'))
    for text in stale:
        print(text)
    return sum(bool(outcome.error) for _, outcome in found) + \
        sum(by is None for by in mutants.values()) + len(stale)


def look(folder, title, defines, optimise):
    """What spin finds, {name: spin.Outcome}, with each of *defines*, {name:
    str sequence}; as many at a time as there are processors."""
    def verify(name):
        outcome = spin.verify(folder / name, defines[name], optimise=optimise)
        progress.update(name)
        return outcome

    with console.Progress(title) as progress, \
            futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(defines, pool.map(verify, defines)))


def main():
    variant = Variant.from_env()
    patch.main()
    spin.require()
    folder = paths.BUILD / 'model'
    console.step('Comparing the C with what was modelled')
    stale = modelled.stale((variant.src / modelled.SOURCE).read_text())
    console.step('Looking at all states')
    outcomes = look(folder, 'setups', {
        name: setup.defines for name, setup in runs.SETUPS.items()}, '-O1')
    found = [(runs.SETUPS[name], outcome)
             for name, outcome in outcomes.items()]
    outcomes = look(folder, 'mistakes made on purpose', {
        name: runs.SETUPS[mutant.setup].defines + (name,)
        for name, mutant in runs.MUTANTS.items()}, '-O0')
    mutants = {name: runs.MUTANTS[name].setup if outcome.error else None
               for name, outcome in outcomes.items()}
    findings = report(found, mutants, stale)
    files.write_json(RESULTS, {
        'setups': {setup.name: outcome._asdict() for setup, outcome in found},
        'mutants': mutants, 'stale': stale})
    print('results: {}'.format(paths.shown(RESULTS)))
    print('{} findings'.format(findings), flush=True)
    return 1 if findings else 0
