"""make model: every order in which threads can use two connections.

docs/proof.md explains it.  The model is hardening.pml, spin looks at all its
states; a difference between the C that was modelled and that of the series is
a finding, and so is a mistake made on purpose that is not found.
"""

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


def check_mutants(folder):
    """{name: the setup (str) by which it was found, or None}."""
    found = {}
    with console.Progress('mistakes made on purpose') as progress:
        for name, mutant in runs.MUTANTS.items():
            progress.update(name)
            outcome = spin.verify(
                folder / name, runs.SETUPS[mutant.setup].defines + (name,),
                optimise='-O0')
            found[name] = mutant.setup if outcome.error else None
    return found


def main():
    variant = Variant.from_env()
    patch.main()
    spin.require()
    folder = paths.BUILD / 'model'
    console.step('Comparing the C with what was modelled')
    stale = modelled.stale((variant.src / modelled.SOURCE).read_text())
    found = []
    console.step('Looking at all states')
    for setup in runs.SETUPS.values():
        with console.Progress(setup.name):
            outcome = spin.verify(folder / setup.name, setup.defines)
        found.append((setup, outcome))
    mutants = check_mutants(folder)
    findings = report(found, mutants, stale)
    files.write_json(RESULTS, {
        'setups': {setup.name: outcome._asdict() for setup, outcome in found},
        'mutants': mutants, 'stale': stale})
    print('results: {}'.format(paths.shown(RESULTS)))
    print('{} findings'.format(findings), flush=True)
    return 1 if findings else 0
