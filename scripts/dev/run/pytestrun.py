"""Run pytest in a process of its own and read its results."""

import collections
import os
import re
import shutil
import signal
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from scripts.base import console
from scripts.dev.run import watched

TIMEOUT = 3600      # seconds for one run
NOTHING_RAN = 'no test ran in: '

#: tests: {test id: 'passed', 'failed', 'error' or 'skipped'}; texts: {test
#: id: reason or message}; problem: why the run does not count, '' if it
#: does; seconds.
PytestResult = collections.namedtuple(
    'PytestResult', 'tests texts problem seconds')

_OUTCOMES = {'failure': 'failed', 'error': 'error', 'skipped': 'skipped'}


def read_junit(path):
    """(tests, texts) from the JUnit XML file at *path*."""
    tests, texts = collections.OrderedDict(), {}
    for case in ElementTree.parse(str(path)).iter('testcase'):
        name = '{}::{}'.format(case.get('classname', ''), case.get('name'))
        outcome, text = 'passed', ''
        for child in case:
            if child.tag not in _OUTCOMES:
                continue
            found = _OUTCOMES[child.tag]
            if outcome in ('passed', 'skipped') or found == 'error':
                outcome = found
                text = (child.get('message') or child.text or '').strip()
        # An error in the teardown is a test case of its own.
        if tests.get(name) in ('failed', 'error'):
            continue
        tests[name] = outcome
        texts[name] = text.split('\n')[0]
    return tests, texts


def _missing_modules(folder, tests, files=()):
    """Names of the test modules in *folder*, or of those called *files*, of
    which nothing ran."""
    ran = set()
    for name, outcome in tests.items():
        if outcome != 'skipped':
            ran.update(name.split('::')[0].split('.'))
    names = files or [path.stem for path
                      in sorted(Path(folder).glob('test_*.py'))]
    return [name for name in names if name not in ran]


def _last_line(log):
    """The last line in the file *log* with anything on it."""
    lines = [line for line in console.tail(log).splitlines() if line.strip()]
    return lines[-1].strip() if lines else '(no output)'


def _problem(status, timed_out, timeout, log, folder, tests, files=()):
    if timed_out:
        return 'no end after {} s; last line: {}'.format(
            timeout, _last_line(log))
    if status < 0:
        return 'the interpreter died of signal {}; last line: {}'.format(
            signal.Signals(-status).name, _last_line(log))
    if status not in (0, 1):
        return 'pytest ended with status {}: {}'.format(
            status, _last_line(log))
    missing = _missing_modules(folder, tests, files)
    if missing:
        return NOTHING_RAN + ', '.join(missing)
    if status and not {'failed', 'error'} & set(tests.values()):
        return 'pytest ended with status {}, see the log'.format(status)
    return ''


def run_pytest(python, folder, env, log_dir, label, timeout=TIMEOUT,
               wrapper=(), files=(), owner=None):
    """Run the tests in *folder* (Path) with pytest on *python* (Path).

    files: names of the test modules to run, all of them by default.

    log_dir (Path) gets LABEL.log and LABEL.xml.  *wrapper* is put in front
    of pytest's own arguments ('-m', 'coverage', 'run', say).  owner: the
    number of the user whose the folder for temporary files is to be (int),
    None for one's own.  Returns a PytestResult.
    """
    log, xml = log_dir / (label + '.log'), log_dir / (label + '.xml')
    if xml.exists():
        xml.unlink()
    # Unbuffered: after a crash the last line of the log is the last test.
    env = dict(env, PYTHONDONTWRITEBYTECODE='1', PYTHONUNBUFFERED='1')
    # pytest's own folder is all runs' on this machine: one may wait while
    # another removes old ones.  It makes it anew, in a root for the first
    # time, where there is nothing but /tmp.
    scratch = Path(tempfile.mkdtemp(prefix='pytest-'))
    try:
        if owner is not None:
            os.chown(scratch, owner, owner)
        ran = watched.run(
            [python, *wrapper, '-m', 'pytest', '-v',
             '--junitxml={}'.format(xml), '--basetemp', scratch,
             *([folder / (name + '.py') for name in files] or [folder])],
            cwd=folder.parent, env=env, log=log, limit=timeout, title=label,
            says=lambda: _last_words(log))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    try:
        tests, texts = read_junit(xml)
    except (FileNotFoundError, ElementTree.ParseError):
        tests, texts = collections.OrderedDict(), {}
    return PytestResult(
        tests, texts, _problem(ran.status, ran.timed_out, timeout, log,
                               folder, tests, files), ran.seconds)


def _last_words(log):
    """The percentage that pytest printed last, '' at first."""
    found = re.findall(r'\[ *(\d+%)\]$', console.tail(log, 200),
                       re.MULTILINE)
    return found[-1] if found else ''
