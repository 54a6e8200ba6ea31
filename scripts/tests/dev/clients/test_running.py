"""make clients: running a suite, its folder, and what it leaves behind."""

import os
import socket
import subprocess
import sys
import tarfile
import time

import pytest
from msgspec.structs import replace

from scripts.base import paths
from scripts.build.variant import Variant
from scripts.dev.clients import packages, running, suites, surroundings
from scripts.dev.clients.definition import Client, Suite, Wanted
from scripts.dev.run import intree

SLEEP = ('import os, subprocess, sys, time; '
         'child = subprocess.Popen([sys.executable, "-c", '
         '"import time; time.sleep(60)"], start_new_session=True); '
         'print(child.pid, flush=True); ')


def run(tmp_path, code, limit=30):
    log = tmp_path / 'logs' / 'out.log'
    outcome = running.run([sys.executable, '-c', code], cwd=tmp_path,
                          env=dict(os.environ), log=log, limit=limit,
                          title='spam')
    return outcome, log.read_text()


def is_gone(pid):
    """True once the process *pid* ended, maybe as a zombie."""
    for _ in range(100):
        try:
            with open('/proc/{}/stat'.format(pid)) as file:
                if file.read().rpartition(')')[2].split()[0] == 'Z':
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_run(tmp_path):
    outcome, text = run(tmp_path, 'print("eggs"); raise SystemExit(3)')
    assert (outcome.status, outcome.timed_out, outcome.left) == (3, False, [])
    assert text == 'eggs\n'


def test_run_has_a_limit(tmp_path):
    outcome, text = run(tmp_path, SLEEP + 'time.sleep(60)', limit=3)
    assert outcome.timed_out and outcome.seconds < 30
    assert is_gone(int(text))


def test_run_leaves_nothing(tmp_path):
    """Not even a process with a session of its own."""
    outcome, text = run(tmp_path, SLEEP)
    assert outcome.status == 0 and len(outcome.left) == 1
    assert is_gone(int(text))


def test_others_are_left_alone(tmp_path):
    with subprocess.Popen([sys.executable, '-c', 'input()'],
                          stdin=subprocess.PIPE) as other:
        run(tmp_path, SLEEP)
        assert other.poll() is None
        other.communicate(b'\n')
        assert other.returncode == 0


@pytest.fixture
def variant(tmp_path, monkeypatch):
    """A variant whose interpreter is this one."""
    monkeypatch.setattr(paths, 'BUILD', tmp_path / 'build')
    variant = Variant()
    variant.src.mkdir(parents=True)
    variant.python.write_text('#!/bin/sh\nexec {} "$@"\n'.format(
        sys.executable))
    variant.python.chmod(0o755)
    return variant


def client(*suites_, **options):
    return Client('spam', '1.0', 'eggs', 'bacon', [], list(suites_),
                  **options)


def sources(client_, variant, **files):
    """A source distribution with *files* {name without .py: text}."""
    folder = packages.sources(client_, variant)
    folder.mkdir(parents=True)
    top = folder / 'spam-1.0'
    top.mkdir()
    for name, text in files.items():
        (top / (name + '.py')).write_text(text)
    with tarfile.open(folder / 'spam-1.0.tar.gz', 'w:gz') as tar:
        tar.add(top, 'spam-1.0')


PYTEST = Suite('all', 'pytest', ['-m', 'pytest', '.'], 60, Wanted(1))


def test_pytest_suite(variant):
    spam = client(PYTEST, tests_of='spam', variables={'COLOUR': 'red'})
    sources(spam, variant, test_spam=(
        'import os, pytest\n'
        'def test_good(): assert os.environ["COLOUR"] == "red"\n'
        'def test_bad(): assert 0, "no eggs"\n'
        'def test_skipped(): pytest.skip("no bacon")\n'
        'def test_writes(): open("written", "w").close()\n'
        'def test_fresh(): assert not os.path.exists("seen")\n'))
    for _ in range(2):
        ran = suites.run(spam, PYTEST, variant)
        assert ran.row.problem == ''
        assert ran.row.tests == {
            'test_spam::test_good': 'passed', 'test_spam::test_bad': 'failed',
            'test_spam::test_skipped': 'skipped',
            'test_spam::test_writes': 'passed',
            'test_spam::test_fresh': 'passed'}
        assert 'no eggs' in ran.row.texts['test_spam::test_bad']
        work = packages.folder(spam, variant) / 'work'
        # The next run begins with a new folder.
        assert (work / 'written').exists()
        (work / 'seen').touch()


@pytest.mark.parametrize('text, problem', [
    ('', 'ran no test'),
    ('import os; os.abort()', 'the interpreter died of signal SIGABRT'),
    ('import time; time.sleep(60)', 'no end after 2 s'),
])
def test_suite_that_does_not_count(variant, text, problem):
    spam = client(PYTEST, tests_of='spam')
    sources(spam, variant, test_spam=text)
    limited = replace(PYTEST, limit=2 if 'sleep' in text else 60)
    ran = suites.run(spam, limited, variant)
    assert ran.row.problem == problem


def test_left_out(variant):
    suite = replace(PYTEST, left_out={
        'test_spam.py::test_public': 'it needs a public host'})
    spam = client(suite, tests_of='spam')
    sources(spam, variant, test_spam='def test_public(): assert 0\n'
                                     'def test_local(): pass\n')
    ran = suites.run(spam, suite, variant)
    assert ran.row.tests == {'test_spam::test_local': 'passed'}


def test_names_without_a_folder(variant):
    """What is compared between interpreters has no path of either."""
    spam = client(PYTEST, tests_of='spam')
    sources(spam, variant, test_spam=(
        'import pytest\n'
        '@pytest.mark.parametrize("path", [__file__])\n'
        'def test_path(path): pass\n'))
    ran = suites.run(spam, PYTEST, variant)
    assert ran.row.tests == {'test_spam::test_path[./work/test_spam.py]':
                             'passed'}


def test_imports(variant):
    suite = Suite('imports', 'imports', ['json', 'no_such_module'], 30,
                  Wanted(2))
    spam = client(suite)
    packages.folder(spam, variant).mkdir(parents=True)
    ran = suites.run(spam, suite, variant)
    assert ran.row.tests == {'import json': 'passed',
                             'import no_such_module': 'failed'}
    assert 'No module named' in ran.row.texts['import no_such_module']


MODULES = {
    'test_good': (0, ['["passed", "test.test_good.T.test_a", ""]',
                      '["passed", "json.tests.T.test_a", ""]'], ''),
    'test_bad': (1, ['["failed", "test.test_bad.T.test_a", "no eggs"]'], ''),
    'test_platform': (0, [], 'test_platform skipped -- for Windows\n'),
    'test_dies': (134, ['["start", "test.test_dies.T.test_a", ""]'], ''),
    'test_hangs': (None, [], 'working\n')}


def test_regrtest(variant, monkeypatch):
    """Each module has an interpreter of its own, and is a test, too."""
    seen = []

    def run(argv, *, cwd, env, log, limit, title):
        status, lines, text = MODULES[argv[-1]]
        assert argv[0] == 'sh'
        seen.append(argv[7:])
        argv[6].write_text(''.join(line + '\n' for line in lines))
        log.write_text(text)
        return running.watched.Outcome(status or 0, 2.0, status is None,
                                       ['eggd'] * (status == 134))
    monkeypatch.setattr(suites.running, 'run', run)
    monkeypatch.setattr(suites.intree, 'default_modules',
                        lambda *args: [*MODULES, 'test_public'])
    suite = Suite('all', 'regrtest', ['-m', 'test.regrtest', '-v'], 30,
                  Wanted(2), {'test_public': 'it needs a public host'})
    spam = client(suite)
    packages.folder(spam, variant).mkdir(parents=True)
    ran = suites.run(spam, suite, variant)
    assert seen == [['[]', '-m', 'test.regrtest', '-v', name]
                    for name in MODULES]
    assert ran.row.tests == {
        'test_good': 'passed', 'test.test_good.T.test_a': 'passed',
        'test_good: json.tests.T.test_a': 'passed',
        'test_bad': 'failed', 'test.test_bad.T.test_a': 'failed',
        'test_platform': 'skipped',
        'test_dies': 'crashed', 'test.test_dies.T.test_a': 'crashed',
        'test_hangs': 'failed'}
    assert ran.row.texts['test.test_bad.T.test_a'] == 'no eggs'
    assert ran.row.texts['test_platform'] == 'for Windows'
    assert 'SIGABRT' in ran.row.texts['test_dies']
    assert ran.row.texts['test_hangs'] == 'no end after 30 s'
    assert ran.row.problem == '' and ran.left == ['eggd']
    assert ran.row.seconds == 10


def test_no_packages(variant):
    """What needs none is not given pip."""
    spam = client()
    packages.ensure(spam, variant)
    assert list(packages.folder(spam, variant).iterdir()) == []


def test_copies_and_files(variant, capsys):
    (variant.src / 'Lib' / 'test' / 'capath').mkdir(parents=True)
    (variant.src / 'Lib' / 'test' / 'a.pem').write_text('a')
    spam = client(copies=['Lib/test/*.pem', 'Lib/test/capath'],
                  files={'b.pem': 'self-signed certificate'})
    packages.folder(spam, variant).mkdir(parents=True)
    work = surroundings.work_folder(spam, variant)
    assert (work / 'a.pem').read_text() == 'a'
    assert (work / 'capath').is_dir()
    text = (work / 'b.pem').read_text()
    assert 'PRIVATE KEY' in text and 'CERTIFICATE' in text
    with pytest.raises(SystemExit):
        surroundings.work_folder(client(copies=['Lib/test/*.crl']), variant)
    assert 'no Lib/test/*.crl' in capsys.readouterr().err


def test_environ(variant, monkeypatch):
    for name in ('SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE',
                 'CURL_CA_BUNDLE', 'PYTHONPATH', 'HTTPS_PROXY'):
        monkeypatch.setenv(name, '/elsewhere')
    spam = client(openssl_conf=['MinProtocol = TLSv1'],
                  plugins=['monotonic_clock'], variables={'A': 'b'})
    env = surroundings.environ(spam, variant)
    assert '/elsewhere' not in env.values()
    assert env['A'] == 'b' and env['PYTHONPATH'] == surroundings.PY27
    assert env['PYTHONUSERBASE'] == str(packages.base(spam, variant))
    with open(env['OPENSSL_CONF']) as file:
        assert file.read().endswith('\nMinProtocol = TLSv1\n')
    env = surroundings.environ(client(), variant)
    assert 'PYTHONPATH' not in env and 'OPENSSL_CONF' not in env


def test_port_in_use(capsys):
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        with pytest.raises(SystemExit):
            surroundings.wait_for_ports(client(ports=[port]), patience=0)
        assert 'port {}'.format(port) in capsys.readouterr().err
    surroundings.wait_for_ports(client(ports=[port]))


def built_python():
    """The patched interpreter, if there is one."""
    path = Variant().python
    if not path.exists():
        pytest.skip('the interpreter is not built')
    return path


TESTS = '''
import os, sys, unittest
import counted
class Tests(unittest.TestCase):
    def test_good(self):
        counted.Thing(1); counted.Thing(2)
        assert arguments == ["more"], arguments
    def test_bad(self):
        self.fail("no eggs")
    @unittest.skip("no bacon")
    def test_skipped(self):
        pass
    def test_fork(self):
        if os.fork() == 0:
            counted.Thing(3)
            sys.exit(0)
        os.wait()
    def test_results(self):
        class Inner(unittest.TestCase):
            def test_inner(self):
                self.fail("not seen")
        result = unittest.TestResult()
        Inner("test_inner").run(result)
        assert len(result.failures) == 1
arguments = sys.argv[1:]
unittest.main(argv=["tests"])
'''


@pytest.mark.parametrize('words', [['tests.py', 'more'],
                                   ['-m', 'tests', 'more']])
def test_recorded(tmp_path, words):
    """Tests of unittest are recorded, and objects counted, from outside."""
    python = built_python()
    (tmp_path / 'counted.py').write_text(
        'class Thing(object):\n    def __init__(self, x): self.x = x\n')
    (tmp_path / 'tests.py').write_text(TESTS)
    record = tmp_path / 'all.record'
    done = subprocess.run(
        [str(python), str(suites.RECORDED), str(record), '["counted:Thing"]',
         *words], cwd=str(tmp_path), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 1, done.stdout
    tests, texts = intree.read_record(record)
    assert {name.rpartition('.')[2]: outcome
            for name, outcome in tests.items()} == {
        'test_good': 'passed', 'test_bad': 'failed', 'test_fork': 'passed',
        'test_skipped': 'skipped', 'test_results': 'passed'}, done.stdout
    assert suites._read(Suite('all', 'unittest', [], 1, Wanted(1)),
                        record)[2] == {'counted:Thing': 2}
