"""Whole programs: real packages that do TLS, served or asked on loopback."""

import contextlib
import os
import sys
import time
from dataclasses import dataclass

from scripts.base import paths
from scripts.build.variant import Variant
from scripts.dev.bench import compiling, contenders, goals, packages, slices
from scripts.dev.bench.child import Child
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import all_cpus, compare
from scripts.dev.bench.stats import Spread
from scripts.dev.bench.units import MIB

TITLE = 'whole programs'
CONNECTIONS = 100
PLAIN_ROLE = 'patched'  # of the contender that also runs without TLS
PROGRAMS = compiling.HERE / 'py27'
PEER = compiling.HERE / 'programpeer.py'
EXAMPLES = paths.ROOT / 'docs' / 'examples'
PLAIN = (EXAMPLES / 'requirements-twisted.txt',
         EXAMPLES / 'requirements-trollius.txt')
WITH_PYOPENSSL = (*PLAIN, packages.REQUIREMENTS,
                  compiling.HERE / 'requirements-programs.txt')


@dataclass(frozen=True)
class Program:
    """One row.  name: for people; key: for the record; argv: of the script
    in py27/, CERTS and PORT to be filled in; load: what a server is asked
    for, '' for a client; ways: {role of a contender, or 'plain': the last
    argument, '' for none}."""

    name: str
    key: str
    argv: tuple
    load: str
    ways: dict


_TWISTED = {'patched': 'names', 'pyopenssl': 'pyopenssl',
            'stock-pyopenssl': 'pyopenssl', 'plain': 'plain'}
_CLIENT = {'patched': 'ssl', 'stock': 'ssl', 'pyopenssl': 'pyopenssl',
           'stock-pyopenssl': 'pyopenssl', 'plain': 'plain'}
ROWS = (
    Program('Twisted echo', 'twisted-echo',
            ('twisted_server.py', 'echo', 'CERTS'), 'echo', _TWISTED),
    Program('Twisted HTTPS', 'twisted-https',
            ('twisted_server.py', 'https', 'CERTS'), 'https', _TWISTED),
    Program('trollius HTTPS', 'trollius-https',
            ('trollius_server.py', 'CERTS'), 'https',
            {'patched': '', 'stock': ''}),
    Program('httplib', 'httplib',
            ('http_client.py', 'httplib', 'CERTS', 'PORT'), '', _CLIENT),
    Program('urllib2', 'urllib2',
            ('http_client.py', 'urllib2', 'CERTS', 'PORT'), '', _CLIENT))


def process_cpu(pid):
    """CPU time in ns of all threads of the process *pid*."""
    # As clock_getcpuclockid(3) has it, which Python has not.
    return time.clock_gettime_ns(~pid << 3 | 2)


def process_rss(pid):
    with open('/proc/{}/statm'.format(pid)) as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


class Running:
    """A program that is measured, and its peer.  Answers like a Child."""

    def __init__(self, program, peer, driver):
        self.program, self.peer, self.driver = program, peer, driver

    def ask(self, request):
        if not request.startswith('run '):
            return {}               # opened by starting it
        pid = self.program.process.pid
        wall, cpu = time.monotonic_ns(), process_cpu(pid)
        self.driver.ask(request)
        cpu = process_cpu(pid) - cpu
        return {'cpu': cpu, 'wall': time.monotonic_ns() - wall,
                'count': int(request.split()[1]), 'rss': process_rss(pid)}


def environments(session):
    """{role: environ} of the contenders, all packages installed."""
    found = {}
    for item in session.having('patched', 'stock', 'pyopenssl',
                               'stock-pyopenssl'):
        with_pyopenssl = 'pyopenssl' in item.role
        env = packages.ensure(
            item.python, Variant.from_env(), 'programs-' + item.key,
            WITH_PYOPENSSL if with_pyopenssl else PLAIN)
        found[item.role] = dict(env, PYTHONPATH=str(EXAMPLES))
    return found


@contextlib.contextmanager
def _ended(child):
    """*child* for as long as the block runs; it does not read its input."""
    with child:
        try:
            yield child
        finally:
            child.process.terminate()


@contextlib.contextmanager
def running(row, way, item, env, session):
    """The Running of *row* (Program) by *item* (Contender) in its *way*."""
    last = [row.ways[way]] * bool(row.ways[way])
    logs = session.log_dir
    tls = 'plain' if way == 'plain' else 'tls'
    here = slices.home_cpu()
    others = all_cpus() - here or here
    certs = str(contenders.CERTS)

    def start(port=''):
        words = {'CERTS': certs, 'PORT': str(port)}
        child = Child(
            [item.python, '-B', PROGRAMS / row.argv[0],
             *[words.get(word, word) for word in row.argv[1:]], *last],
            logs / 'program-{}-{}.log'.format(row.key, way), env)
        child.pin(here)
        return child

    def peer(*words):
        child = Child([sys.executable, '-B', PEER, words[0], certs,
                       *words[1:]], logs / 'programpeer.log')
        child.pin(others)
        return child

    with contextlib.ExitStack() as stack:
        if row.load:
            program = stack.enter_context(_ended(start()))
            other = stack.enter_context(peer(
                'load', row.load, tls, program.receive()['port'],
                CONNECTIONS))
            other.receive()
            yield Running(program, other, other)
        else:
            other = stack.enter_context(_ended(peer('serve', tls)))
            program = stack.enter_context(start(other.receive()['port']))
            yield Running(program, other, program)


def _measure(row, people, envs, session, plan, tick):
    """{way: list of answers, one a round}; *people*: {role: Contender}."""
    with contextlib.ExitStack() as stack:
        children = {}
        for way in row.ways:
            item = people[PLAIN_ROLE if way == 'plain' else way]
            children[way] = stack.enter_context(running(
                row, way, item, envs[item.role], session))
            # To warm up.
            children[way].ask('run {}'.format(2 * CONNECTIONS))
        return slices.in_turn(children, row.key, plan,
                              lambda answer: answer['cpu'], dict, tick)


def run(session, progress):
    """Yields three Results for each of ROWS."""
    envs = environments(session)
    # The first of several patched ones, which is the last to be put in.
    people = {item.role: item for item in session.contenders[::-1]}
    plan = session.plan(0.1, 40)
    with progress(TITLE, len(ROWS) * plan.rounds) as bar:
        for row in ROWS:
            bar.say(row.name)
            yield from results_of(row, _measure(
                row, people, envs, session, plan, bar.tick))


def results_of(row, answers):
    """The Results of *answers*, {way: [dict, one a round]}."""
    base = 'pyopenssl' if 'pyopenssl' in answers else 'stock'
    samples = {word: {way: [one[word] / one['count'] for one in values]
                      for way, values in answers.items()}
               for word in ('cpu', 'wall')}
    rate = compare(Result('programs', row.name + ': requests',
                          {'program': row.key, 'figure': 'rate'},
                          'a second', {}), samples['wall'], base,
                   lambda ns: 1e9 / ns)
    rate.goals = goals.programs(samples['wall'])
    yield rate
    yield compare(Result('programs', row.name + ': CPU time',
                         {'program': row.key, 'figure': 'cpu'},
                         'us a request', {}), samples['cpu'], base,
                  lambda ns: ns / 1e3)
    yield Result('programs', row.name + ': RSS',
                 {'program': row.key, 'figure': 'rss'}, 'MiB',
                 {way: Spread.of([values[-1]['rss'] / MIB])
                  for way, values in answers.items()})
