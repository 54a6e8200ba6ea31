"""Sequences of calls on the patched 2.7 and on Python 3: make fuzz
FUZZ=machine.

A Hypothesis state machine chooses the calls; two workers make them, one per
interpreter, and the outcomes are compared one by one.
"""

import collections
import contextlib
import io
import json
import math
import sys
import time
from pathlib import Path

import hypothesis
import hypothesis.configuration
import hypothesis.errors
import hypothesis.stateful
from hypothesis import strategies as st

from scripts.base import paths
from scripts.build import interpreter
from scripts.dev.bench.child import Child, ChildError
from scripts.dev.fuzz import known
from scripts.dev.fuzz.libtests import conversation, fuzzbytes

WORKER = Path(__file__).resolve().with_name('worker.py')
STEPS = 40          # calls of one sequence, some of which are several

# Nothing is left in the folder that the program is called from.
hypothesis.configuration.set_hypothesis_home_dir(paths.BUILD / 'hypothesis')


class Finding(AssertionError):
    """The two interpreters differ, or one of them broke a rule."""


class Crash(Finding):
    """The patched interpreter is gone."""


class Pair:
    """The two workers.

    python: Path of the patched 2.7; log_dir: Path; counts: how often each
    difference was seen, and 'calls', 'sequences', 'oracle crashed'.
    With canary, 2.7's worker tells a lie.
    """

    def __init__(self, python, env, log_dir, oracle=sys.executable,
                 canary=False):
        self.commands = {'here': [python, WORKER, paths.LIB_TESTS] +
                         ['canary'] * canary,
                         'there': [oracle, WORKER, paths.LIB_TESTS]}
        self.env = env
        self.log_dir = log_dir
        self.workers = {}
        self.counts = collections.Counter()
        self.coverage = collections.Counter()
        self.facts = None
        self.last = None        # the sequence that was found last
        self.hello = {name: self.ask(name, {'hello': 1})
                      for name in self.commands}
        self.applies = self.hello['there']['differences']

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.end()

    def worker(self, name):
        if name not in self.workers:
            self.workers[name] = Child(
                self.commands[name], self.log_dir / 'worker-{}.log'.format(
                    name), self.env)
        return self.workers[name]

    def ask(self, name, request):
        worker = self.worker(name)
        try:
            return worker.ask(json.dumps(request))
        except ChildError:
            self.workers.pop(name).end()
            raise

    def both(self, request):
        """The answers of both; None in place of an oracle that crashed."""
        text = json.dumps(request)
        answers = {}
        for name in ('here', 'there'):
            try:
                self.worker(name).send(text)
            except ChildError:
                pass            # receive() says so
        for name in ('here', 'there'):
            try:
                answers[name] = self.worker(name).receive(text)
            except ChildError as error:
                self.workers.pop(name).end()
                if name == 'here':
                    if 'there' in self.workers:
                        self.workers.pop('there').end()
                    raise Crash(str(error)) from None
                self.counts['oracle crashed'] += 1
                answers[name] = None
        return answers

    def begin(self, setup):
        """Begin a conversation on both."""
        self.counts['sequences'] += 1
        self.facts = known.Facts(setup)
        self.both({'setup': setup})

    def call(self, call):
        """Make *call* on both; raises Finding.  Returns the outcome of
        2.7."""
        answers = self.both({'call': call})
        here, there = answers['here'], answers['there']
        self.counts['calls'] += 1
        if 'broken' in here:
            raise Finding('{}: {}'.format(call, here['broken']))
        outcome = here['outcome']
        if here['noise']:
            self.facts.parted = self.facts.parted or 'random bytes'
        self.coverage[(call[0], outcome[0]) + tuple(
            outcome[1:4] if outcome[0] == 'raised' else ())] += 1
        if there is None:
            self.facts.parted = 'oracle crashed'
        elif 'broken' in there:
            if not self.facts.parted:
                raise Finding('{}: on Python 3, {}'.format(
                    call, there['broken']))
        else:
            name = known.explain(call, self.facts, outcome,
                                 there['outcome'], self.applies)
            if name is None:
                raise Finding('{}: 2.7 {}, Python 3 {}'.format(
                    call, outcome, there['outcome']))
            if name:
                self.counts[name] += 1
        self.facts.note(call, outcome)
        return outcome

    def end(self):
        for worker in self.workers.values():
            worker.end()
        self.workers.clear()


ENDS = st.sampled_from(conversation.ENDS)
SETUPS = st.fixed_dictionaries({
    'version': st.sampled_from(['TLSv1.3', 'TLSv1.2']),
    'cert': st.sampled_from(['ecdsa', 'ecdsa', 'server', 'other']),
    'ca': st.sampled_from(['ca', 'ca', None, 'wrongca']),
    'name': st.sampled_from(['ecdsa.test', None, 'localhost']),
    'check_hostname': st.sampled_from([False, False, True]),
    'client_cert': st.booleans(),
    'alpn': st.booleans(),
    'crossed': st.sampled_from([False, False, True]),
    'callback': st.sampled_from(['none', 'none', 'noop', 'swap', 'refuse']),
}).map(lambda setup: dict(setup, check_hostname=bool(
    setup['check_hostname'] and setup['ca'] and setup['name'])))

_ARGUMENTS = {
    # In the header or in the last bytes: the sizes of records differ.
    'edits': st.lists(st.tuples(st.integers(-16, 4), st.integers(0, 255))
                      .map(list), min_size=1, max_size=2),
    'data': st.binary(max_size=60).map(bytes.hex),
}


def _calls():
    """One strategy for all calls in the table of fuzzbytes.py."""
    options = []
    for row in fuzzbytes.CALLS_TABLE:
        arguments = [_ARGUMENTS[kind] if isinstance(kind, str)
                     else st.sampled_from(kind) for kind in row[1:]]
        if row[0] != 'handshake':
            options.append(st.tuples(st.just(row[0]), ENDS, *arguments)
                           .map(list))
    return st.one_of(options)


HARMLESS = ('do_handshake', 'read', 'write', 'carry', 'unwrap', 'read_into',
            'carry_record', 'pending', 'version')


def machine(pair, deadline):
    """The state machine's class.  After *deadline* (time.monotonic()) it
    does nothing any more."""

    class Calls(hypothesis.stateful.RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.done = time.monotonic() > deadline
            self.sequence = None

        def make(self, call):
            if self.done:
                return
            self.sequence['calls'].append(call)
            try:
                pair.call(call)
            except Finding as error:
                pair.last = self.sequence
                self.done = True
                raise Finding(str(error)) from None

        @hypothesis.stateful.initialize(setup=SETUPS, shake=st.booleans())
        def begin(self, setup, shake):
            self.sequence = {'setup': setup, 'calls': []}
            if self.done:
                return
            pair.begin(setup)
            if shake:
                self.handshake()

        @hypothesis.stateful.rule(call=_calls())
        def any_call(self, call):
            self.make(call)

        @hypothesis.stateful.rule(call=_calls().filter(
            lambda call: call[0] in HARMLESS))
        def harmless_call(self, call):
            self.make(call)

        @hypothesis.stateful.rule()
        def handshake(self):
            for call in fuzzbytes.HANDSHAKE:
                self.make(call)

        @hypothesis.stateful.rule(end=ENDS, call=_calls().filter(
            lambda call: call[0] in ('read', 'read_into', 'unwrap')))
        def carry_and(self, end, call):
            self.make(['carry', end, -1])
            self.make([call[0], 'client' if end == 'server' else 'server'] +
                      call[2:])

    return Calls


#: Sequences in which a difference made on purpose has to be found.
CANARY_EXAMPLES = 300

#: Sequences in one run of Hypothesis; there are as many as fit the time.
EXAMPLES = 60


def run(pair, seconds, progress=None, examples=EXAMPLES):
    """Try sequences for *seconds*, or as many as *examples* for None.
    Returns what was found, a str with the smallest sequence, or '' for
    nothing."""
    deadline = math.inf if seconds is None else time.monotonic() + seconds
    # smallest() is faster than what Hypothesis does to make it small.
    settings = hypothesis.settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None,
        database=None, print_blob=False, report_multiple_bugs=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck))
    while time.monotonic() < deadline:
        case = hypothesis.seed(time.time_ns())(machine(pair, deadline))
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                hypothesis.stateful.run_state_machine_as_test(
                    case, settings=settings)
        except (Finding, hypothesis.errors.Flaky) as error:
            sequence, text = smallest(pair, pair.last)
            return '{}\nsequence: {}'.format(
                text or 'not each time: {}'.format(error),
                json.dumps(sequence))
        if progress:
            progress('{} sequences, {} calls'.format(
                pair.counts['sequences'], pair.counts['calls']))
        if seconds is None:
            break
    return ''


def smallest(pair, sequence):
    """(*sequence* without the calls that it does not need, what is wrong
    with it); '' is wrong if it does not happen again."""
    def wrong(calls):
        return ''.join(replay(pair, {'': dict(sequence, calls=calls)})
                       .values())

    calls = sequence['calls']
    text = wrong(calls)
    size = len(calls) // 2 if text else 0
    while size:
        start = 0
        while start < len(calls):
            fewer = calls[:start] + calls[start + size:]
            found = wrong(fewer)
            if found:
                calls, text = fewer, found
            else:
                start += size
        size //= 2
    return dict(sequence, calls=calls), text


def replay(pair, sequences):
    """Compare the *sequences* (name: {setup, calls}).  Returns {name: what
    is wrong}."""
    wrong = {}
    for name, sequence in sequences.items():
        try:
            pair.begin(sequence['setup'])
            for call in sequence['calls']:
                pair.call(call)
        except Finding as error:
            wrong[name] = str(error)
    return wrong


def pair_for(variant, log_dir, canary=False):
    """The Pair of *variant*'s interpreter and this Python 3."""
    return Pair(variant.python, interpreter.run_env(variant), log_dir,
                canary=canary)
