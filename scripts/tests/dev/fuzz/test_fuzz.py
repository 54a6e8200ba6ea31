"""fuzz: options, seeds, what a difference is, and the two workers."""

import json
import os
import subprocess
import sys

import pytest

from scripts.base import paths

# Not "import fuzz": the package has the name of the program.
from scripts.dev.fuzz import bytefuzz, known, machine, seeds

OUTPUT = '''\
INFO: Loaded 1 modules   (1767 inline 8-bit counters): 1767 [0x1, 0x2),
#433\tINITED cov: 576 ft: 2408 corp: 224/5864b exec/s: 24 rss: 419Mb
#1804\tDONE   cov: 589 ft: 3300 corp: 416/30Kb lim: 42 exec/s: 44 rss: 1Mb
Done 1804 runs in 41 second(s)
stat::number_of_executed_units: 1804
'''


def test_libfuzzers_figures():
    stats = bytefuzz.parse(OUTPUT, [])
    assert stats == bytefuzz.Stats(1804, 589, 1767, 3300, 416, 44, [])
    assert bytefuzz.parse(OUTPUT.replace('stat::', ''), []).executions == 1804
    assert bytefuzz.parse('', []).executions == 0


def test_seeds_are_what_the_table_says(tmp_path):
    number = seeds.write(tmp_path)
    assert number == len(list(tmp_path.iterdir()))
    for path in tmp_path.iterdir():
        assert (seeds.FOLDER / path.name).read_bytes() == path.read_bytes()


def program(**variables):
    """Run scripts/dev/fuzz/command.py with *variables*; (status, output)."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith('FUZZ')}
    done = subprocess.run(
        [sys.executable, '-m', 'scripts', 'fuzz'], cwd=paths.ROOT,
        env=dict(env, **variables), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


@pytest.mark.parametrize('variables, text', [
    ({'FUZZ': 'fields'}, 'FUZZ=fields: there is no fields'),
    ({'FUZZ_SECONDS': 'long'}, 'FUZZ_SECONDS=long: not a number'),
    ({'FUZZ_INPUT': 'nowhere'}, 'FUZZ_INPUT=nowhere: there is no such file'),
    ({'CONFIG': 'debug', 'FUZZ': 'machine'}, 'leave CONFIG out')])
def test_bad_options(variables, text):
    status, output = program(**variables)
    assert status == 1 and text in output and 'Traceback' not in output


def error(kind, number=1, reason=None, library=None):
    return ['raised', kind, number, reason, library]


class TestKnown:
    def explain(self, call, here, there, applies=None, **setup):
        facts = known.Facts(dict({'cert': 'ecdsa', 'name': 'ecdsa.test',
                                  'version': 'TLSv1.3'}, **setup))
        self.facts = facts
        return known.explain(call, facts, here, there, applies if applies
                             is not None else list(
                                 known.differences.BY_ID))

    def test_same(self):
        assert self.explain(['version', 'client'], ['returned', None],
                            ['returned', None]) == ''

    def test_unknown_is_a_finding(self):
        assert self.explain(['version', 'client'], ['returned', None],
                            ['returned', 'TLSv1.3']) is None

    def test_errors_of_certificates_are_the_same(self):
        call = ['do_handshake', 'client']
        there = error('SSLCertVerificationError', 1, 'X', 'SSL')
        for kind in 'SSLError', 'CertificateError':
            assert self.explain(call, error(kind, 1, 'X', 'SSL'),
                                there) is None

    def test_only_if_it_is_about_this_python(self):
        assert self.explain(['write', 'client', 0, 'bytes'],
                            ['returned', 0], error('SSLEOFError', 8),
                            ['ragged-eof']) is None

    def test_states_that_part(self):
        call = ['read', 'client', 1]
        here, there = error('SSLEOFError', 8), ['returned', '']
        names = list(known.differences.BY_ID)
        facts = known.Facts({})
        assert known.explain(call, facts, here, there, names) is None
        facts.note(['eof', 'client'], ['returned', None])
        assert known.explain(call, facts, here, there, names) == 'ragged-eof'
        assert facts.parted == 'ragged-eof'
        # From then on nothing can be compared.
        assert known.explain(['version', 'client'], facts,
                             ['returned', 1], ['returned', 2], []) == ''

    def test_error_of_an_alert_that_ended_unwrap(self):
        here = error('SSLZeroReturnError', 6)
        there = error('SSLError', 1, 'TLSV1_ALERT_DECODE_ERROR', 'SSL')
        facts = known.Facts({})
        names = list(known.differences.BY_ID)
        call = ['do_handshake', 'client']
        assert known.explain(call, facts, here, there, names) is None
        facts.note(['unwrap', 'client'], error('SSLWantReadError', 2))
        assert known.explain(call, facts, here, there, names) is None
        facts.note(['unwrap', 'client'], ['returned', None])
        assert known.explain(call, facts, here, error(
            'SSLError', 1, 'BAD_RECORD_TYPE', 'SSL'), names) is None
        assert known.explain(['version', 'client'], facts,
                             ['returned', 'TLSv1.3'], ['returned', None],
                             names) == 'error-after-failure'
        # It need not be the same object.
        assert known.explain(['read', 'server', 1], facts, here, there,
                             names) == 'stale-error-queue'

    def test_a_failure_has_to_have_come_before(self):
        here, there = error('SSLError'), error('SSLEOFError', 8)
        facts = known.Facts({})
        names = list(known.differences.BY_ID)
        call = ['read', 'client', 1]
        assert known.explain(call, facts, here, there, names) is None
        facts.note(call, error('SSLError', 1, 'BAD_RECORD_TYPE', 'SSL'))
        assert known.explain(call, facts, here, there, names) == \
            'error-after-failure'
        assert known.explain(['read', 'server', 1], facts, here, there,
                             names) is None

    def test_an_unwrap_too_early_is_no_failure(self):
        facts = known.Facts({})
        facts.note(['unwrap', 'client'],
                   error('SSLError', 1, 'SHUTDOWN_WHILE_IN_INIT', 'SSL'))
        assert not facts.failed

    def test_an_alert_in_unwrap(self):
        facts, names = known.Facts({}), list(known.differences.BY_ID)
        here = error('SSLError', 1, 'TLSV1_ALERT_DECODE_ERROR', 'SSL')
        there = ['returned', None]
        assert known.explain(['read', 'client', 1], facts, here, there,
                             names) is None
        assert known.explain(['unwrap', 'client'], facts, error(
            'SSLError', 1, 'BAD_RECORD_TYPE', 'SSL'), there, names) is None
        assert known.explain(['unwrap', 'client'], facts, here, there,
                             names) == 'unwrap-takes-an-alert'

    @pytest.mark.parametrize('name, here, there', (
        ('read', ['returned', {'size': 1}], error('SSLEOFError', 8)),
        ('do_handshake', ['returned', None], error('SSLSyscallError', 5)),
        ('unwrap', error('SSLError', 1, 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY',
                         'SSL'),
         error('SSLError', 1, 'SHUTDOWN_WHILE_IN_INIT', 'SSL')),
        ('pending', ['returned', 1], ['returned', 0]),
        ('version', ['returned', 'TLSv1.3'], ['returned', None])))
    def test_data_that_unwrap_kept(self, name, here, there):
        facts, names = known.Facts({}), list(known.differences.BY_ID)
        call = [name, 'client']
        assert known.explain(call, facts, here, there, names) is None
        facts.note(['unwrap', 'client'], error(
            'SSLError', 1, 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY', 'SSL'))
        assert known.explain([name, 'server'], facts, here, there,
                             names) is None
        assert known.explain(call, facts, error('SSLError', 1),
                             ['returned', None], names) is None
        assert known.explain(call, facts, here, there, names) == \
            'unwrap-with-unread-data'
        assert not facts.failed

    def test_unwrap_after_an_end(self):
        facts, names = known.Facts({}), list(known.differences.BY_ID)
        call, here = ['unwrap', 'client'], error('SSLEOFError', 8)
        there = error('SSLError', 1, 'SHUTDOWN_WHILE_IN_INIT', 'SSL')
        assert known.explain(call, facts, here, there, names) is None
        facts.note(['read', 'client', 1], here)
        assert known.explain(['read', 'client', 1], facts, here, there,
                             names) is None
        assert known.explain(call, facts, here, there, names) == \
            'unwrap-after-eof'

    def test_names_are_those_of_the_list(self):
        with pytest.raises(ValueError):
            known.Known('no-such-difference', None)


@pytest.fixture
def pairs(tmp_path):
    """Makes Pairs of this Python with itself."""
    made = []

    def make(**options):
        made.append(machine.Pair(sys.executable, dict(os.environ), tmp_path,
                                 **options))
        return made[-1]
    yield make
    for pair in made:
        pair.end()


def test_no_difference_to_itself(pairs):
    pair = pairs()
    assert machine.run(pair, None, examples=5) == ''
    assert pair.counts['sequences'] > 1 and pair.counts['calls'] > 10
    assert set(pair.counts) <= {'sequences', 'calls'}


def test_canary_is_found_and_made_small(pairs):
    found = machine.run(pairs(canary=True), None,
                        examples=machine.CANARY_EXAMPLES)
    first, sequence = found.split('\nsequence: ')
    assert "'pending'" in first and '2.7 ' in first
    assert len(json.loads(sequence)['calls']) == 1


def test_sequences_are_compared(pairs):
    sequence = {'setup': {'cert': 'ecdsa'}, 'calls': [['pending', 'client']]}
    assert machine.replay(pairs(), {'one': sequence}) == {}
    wrong = machine.replay(pairs(canary=True), {'one': sequence})
    assert list(wrong) == ['one'] and 'pending' in wrong['one']


def test_rules_of_the_worker_are_findings(pairs):
    wrong = machine.replay(pairs(), {'one': {
        'setup': {'cert': 'ecdsa'}, 'calls': [['no_such_call', 'client']]}})
    assert 'no_such_call' in wrong['one']


def test_crash_is_a_finding(pairs):
    pair = pairs()
    pair.begin({'cert': 'ecdsa'})
    pair.workers['here'].process.kill()
    pair.workers['here'].process.wait()
    with pytest.raises(machine.Crash):
        pair.call(['pending', 'client'])
    # Others are started.
    pair.begin({'cert': 'ecdsa'})
    assert pair.call(['pending', 'client']) == ['returned', 0]


def test_crash_of_the_oracle_is_counted(pairs):
    pair = pairs()
    pair.begin({'cert': 'ecdsa'})
    pair.workers['there'].process.kill()
    pair.workers['there'].process.wait()
    assert pair.call(['pending', 'client']) == ['returned', 0]
    assert pair.counts['oracle crashed'] == 1
    assert pair.facts.parted


def test_kept_sequences_are_well_formed():
    kept = json.loads((seeds.FOLDER / 'sequences.json').read_text())
    for sequence in kept.values():
        assert set(sequence) == {'setup', 'calls'}
        assert set(sequence['setup']) <= set(machine.conversation.SETUP)
        assert all(call[1] in ('client', 'server')
                   for call in sequence['calls'])
