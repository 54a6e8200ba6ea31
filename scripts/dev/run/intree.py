"""Run modules of Lib/test on the built interpreter and judge the outcome."""

import collections
import json
import os
import re
import signal
import subprocess
from pathlib import Path

from scripts.base import files
from scripts.build import interpreter
from scripts.dev.run import watched

RECORDER = Path(__file__).resolve().with_name('record27.py')

#: test_ssl and what lies around it.
MODULES = ('test_ssl', 'test_ftplib', 'test_httplib',
           'test_urllib2_localnet', 'test_poplib', 'test_smtplib',
           'test_imaplib', 'test_asyncore', 'test_hashlib', 'test_hmac',
           'test_socket')

TIMEOUT = 900       # seconds for one module

#: Variables that change what OpenSSL trusts and how it is configured, or
#: lead local connections elsewhere.
_DROPPED = re.compile(
    r'SSL_CERT_(FILE|DIR)|SSLKEYLOGFILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|'
    r'OPENSSL_(CONF|MODULES|ENGINES)|PIP_.*|MAKE.*|MFLAGS|COVERAGE_.*|'
    r'PYTEST_.*|(https?|ftp|all|no)_proxy', re.IGNORECASE)

_SKIPPED_RE = re.compile(r'^(?P<name>test_\w+) skipped -- (?P<why>.*)$',
                         re.MULTILINE)


def clean_env(variant, environ=os.environ):
    """The environ (dict) for tests: nothing of the user's settings that
    could change their outcome, and a home folder of their own."""
    env = {name: value for name, value
           in interpreter.run_env(variant, environ).items()
           if not _DROPPED.fullmatch(name)}
    home = variant.root / 'home'
    home.mkdir(parents=True, exist_ok=True)
    env.update(HOME=str(home), LC_ALL='C.UTF-8')
    return env


class ModuleResult:
    """The outcome of one module.

    tests: {test id: outcome}, an outcome being 'passed', 'failed', 'error',
    'skipped' or 'crashed'; texts: {test id: reason or last line of the
    error}; problem: why the module as a whole does not count, '' if it
    does; seconds: how long it took.  A test that runs several times counts
    once, with its worst outcome.
    """

    ORDER = ('skipped', 'passed', 'failed', 'error', 'crashed')

    def __init__(self, name, tests, texts, problem='', seconds=0.0):
        self.name = name
        self.tests = tests
        self.texts = texts
        self.problem = problem
        self.seconds = seconds

    def ids(self, *outcomes):
        """The ids of the tests with one of *outcomes*, sorted."""
        return sorted(test for test, outcome in self.tests.items()
                      if outcome in outcomes)

    def count(self, *outcomes):
        return len(self.ids(*outcomes))

    @property
    def bad(self):
        """The ids of all tests that did not do what they should."""
        return self.ids('failed', 'error', 'crashed')

    def as_dict(self):
        return {'name': self.name, 'problem': self.problem,
                'seconds': round(self.seconds, 1),
                'passed': self.count('passed'),
                'failed': {test: self.texts.get(test, '')
                           for test in self.ids('failed', 'crashed')},
                'errors': {test: self.texts.get(test, '')
                           for test in self.ids('error')},
                'skipped': {test: self.texts.get(test, '')
                            for test in self.ids('skipped')},
                'tests': len(self.tests)}


def read_record(path):
    """(tests, texts) out of the file that record27.py wrote."""
    tests, texts = collections.OrderedDict(), {}
    started = None
    try:
        lines = Path(path).read_text().splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        try:
            event, test, text = json.loads(line)
        except ValueError:
            continue        # torn by a crash
        if event == 'start':
            started = test
            continue
        if test == started:
            started = None
        order = ModuleResult.ORDER
        if test not in tests or \
                order.index(event) > order.index(tests[test]):
            tests[test] = event
            texts[test] = text
    if started is not None:
        # It began and the process ended: this is where.
        tests[started] = 'crashed'
        texts[started] = 'the interpreter ended in this test'
    return tests, texts


def skipped_as_a_whole(name, output):
    """Why regrtest skipped the module *name*, by its *output*; '' if it did
    not."""
    found = [match['why'] for match in _SKIPPED_RE.finditer(output)
             if match['name'] == name]
    return found[-1] if found else ''


def _problem(name, tests, output, status, timed_out, timeout):
    """Why the module's outcome cannot be trusted, '' if it can."""
    if timed_out:
        return 'no end after {} s'.format(timeout)
    skipped = skipped_as_a_whole(name, output)
    if skipped:
        return 'skipped as a whole: ' + skipped
    if status < 0:
        return 'the interpreter died of signal {}'.format(
            signal.Signals(-status).name)
    if not any(outcome != 'skipped' for outcome in tests.values()):
        return 'ran no test'
    bad = any(outcome not in ('passed', 'skipped')
              for outcome in tests.values())
    if status and not bad:
        return 'regrtest ended with status {}, see the log'.format(status)
    return ''


def run_module(python, name, env, log_dir, timeout=TIMEOUT, wrapper=(),
               cwd=None):
    """Run the module *name* (str) of Lib/test on *python* (Path).

    log_dir (Path) gets NAME.log, the output, and NAME.record.  *wrapper* is
    put between the interpreter and the recorder (coverage, say).  cwd: the
    folder to run it in (Path), by default the interpreter's, where tests
    make files.  Returns a ModuleResult.
    """
    log, record = log_dir / (name + '.log'), log_dir / (name + '.record')
    if record.exists():
        record.unlink()
    ran = watched.run(
        [python, *wrapper, RECORDER, record, name],
        cwd=cwd or python.parent, env=env, log=log, limit=timeout, title=name,
        says=lambda: events_text(record))
    tests, texts = read_record(record)
    text = log.read_text(errors='replace')
    return ModuleResult(
        name, tests, texts, seconds=ran.seconds, problem=_problem(
            name, tests, text, ran.status, ran.timed_out, timeout))


def events_text(record):
    """How many lines the file *record* has, for the progress."""
    return '{} events'.format(files.read(record).count('\n'))


def added_modules(patches):
    """The test modules that *patches* (patchfile.Patch) add to Lib/test."""
    names = []
    for patch in patches:
        for file in patch.files:
            match = re.fullmatch(r'Lib/test/(test_\w+)\.py', file.path)
            if match and file.is_added_file and match[1] not in names:
                names.append(match[1])
    return names


def default_modules(python, env):
    """The modules that regrtest runs when none is named."""
    code = ('import json; from test import regrtest; '
            'print(json.dumps(regrtest.findtests()))')
    done = subprocess.run([str(python), '-c', code], env=env,
                          cwd=str(python.parent), stdout=subprocess.PIPE,
                          check=True)
    return json.loads(done.stdout.decode())
