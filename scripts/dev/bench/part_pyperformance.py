"""CPython 2.7's own benchmarks, pyperformance's, beside the unpatched."""

import math
import statistics
from dataclasses import dataclass

from scripts.build.variant import Variant
from scripts.dev.bench import compiling, contenders, goals, packages, slices
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import compare

TITLE = 'pyperformance'
REQUIREMENTS = compiling.HERE / 'requirements-pyperformance.txt'
PROGRAM = compiling.HERE / 'py27' / 'macro.py'
#: How often the processes are new ones: where things lie in memory makes
#: some of them faster, each time others.
STARTS = 3


@dataclass(frozen=True)
class Benchmark:
    """script: of the suite, without bm_; word: its argument, '' for none;
    short: QUICK has it, too."""

    script: str
    word: str = ''
    short: bool = False

    @property
    def name(self):
        return '_'.join(filter(None, (self.script, self.word)))


#: Whole programs and libraries, of those that there are for 2.7.
ROWS = (
    Benchmark('2to3'), Benchmark('chameleon', short=True),
    Benchmark('django_template'), Benchmark('dulwich_log', short=True),
    Benchmark('genshi', 'text', True), Benchmark('genshi', 'xml', True),
    Benchmark('hg_startup'), Benchmark('html5lib'),
    Benchmark('mako', short=True), Benchmark('spambayes', short=True),
    Benchmark('sqlalchemy_declarative'),
    Benchmark('sqlalchemy_imperative', short=True),
    Benchmark('sympy', 'expand'), Benchmark('sympy', 'integrate', True),
    Benchmark('sympy', 'sum'), Benchmark('sympy', 'str'),
    Benchmark('tornado_http'))


def _prepared(session):
    """The Contenders, each with an environ that has the packages."""
    found = []
    for item in session.having('patched', 'stock'):
        env = packages.ensure(item.python, Variant.from_env(),
                              'pyperformance-' + item.key, (REQUIREMENTS,))
        found.append(contenders.Contender(
            item.key, 'macro', item.role, item.title, item.python, [], env))
    return found


def _measure(row, people, session, plan, tick):
    """{key: CPU ns of a loop of *row*, by round}."""
    found = {item.key: [] for item in people}
    for item in people:
        item.argv = [item.python, PROGRAM, row.script,
                     *[row.word] * bool(row.word)]
    starts = 1 if session.options.quick else STARTS
    once = slices.Plan(plan.seconds, plan.rounds // starts)
    for _ in range(starts):
        with session.children(people) as children:
            values = slices.in_turn(
                children, row.name, once, lambda answer: answer['cpu'],
                lambda answer: answer['cpu'] / answer['count'], tick)
        for key in found:
            found[key] += values[key]
    return found


def mean(rows):
    """The geometric mean of *rows*, a list of {key: values by round}, in
    each round: {key: values}."""
    return {key: [math.exp(statistics.fmean(map(math.log, values)))
                  for values in zip(*[row[key] for row in rows])]
            for key in rows[0]}


def _result(name, case, samples, judge):
    result = compare(Result('pyperformance', 'pyperformance, ' + name, case,
                            'ms', {}), samples, 'stock', lambda ns: ns / 1e6)
    result.goals = judge(samples)
    return result


def run(session, progress):
    """Yields a Result for each benchmark, and one for their mean."""
    people = _prepared(session)
    plan = session.plan(0.1, 18)
    rows = [row for row in ROWS if row.short or not session.options.quick]
    measured = []
    with progress(TITLE, len(rows) * plan.rounds) as bar:
        for row in rows:
            bar.say(row.name)
            measured.append(_measure(row, people, session, plan, bar.tick))
            yield _result(row.name, {'benchmark': row.name}, measured[-1],
                          goals.pyperformance)
    yield _result('geometric mean', {'benchmark': 'mean'}, mean(measured),
                  goals.pyperformance_mean)
