"""Run a suite of a client on one interpreter and read what came out."""

import json
import signal
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from scripts.dev.clients import packages, running, surroundings
from scripts.dev.run import intree, pytestrun
from scripts.dev.run.testreport import Row

RECORDED = Path(surroundings.PY27, 'recorded.py')

#: Leads the session in place of a test: a terminal that the leader opens
#: ends it when that is closed.
_LEADER = ('sh', '-c', '"$@"; exit $?', 'sh')


@dataclass
class Ran:
    """row: the tests (testreport.Row).  counts: {'module:class': number of
    objects made}.  left: names of processes left behind (str list)."""

    row: Row
    counts: dict = field(default_factory=dict)
    left: list = field(default_factory=list)


def _argv(suite, client, record):
    """The arguments of the interpreter (str list)."""
    if suite.kind == 'pytest':
        plugins = [word for name in client.plugins for word in ('-p', name)]
        # pytest leaves those out that are named so, and says how many.
        left_out = ['--deselect=' + name for name in suite.left_out]
        return [*suite.command[:2], '-p', 'no:cacheprovider', *plugins,
                *left_out, '--junitxml={}'.format(record),
                *suite.command[2:]]
    return [str(RECORDED), str(record), json.dumps(
        sorted(suite.wanted.counts)), *suite.command]


def _problem(outcome, limit, tests):
    """Why the run does not count, '' if it does."""
    if outcome.timed_out:
        return 'no end after {} s'.format(limit)
    if outcome.status < 0:
        return 'the interpreter died of signal {}'.format(
            signal.Signals(-outcome.status).name)
    if not any(word != 'skipped' for word in tests.values()):
        return 'ran no test'
    bad = any(word not in ('passed', 'skipped') for word in tests.values())
    if outcome.status and not bad:
        return 'ended with status {}, see the log'.format(outcome.status)
    return ''


def _same_names(tests, texts, where):
    """*tests* and *texts* with names that do not tell the folder *where*:
    they have to be the same with each interpreter."""
    names = {test: test.replace(str(where), '.') for test in tests}
    return ({name: tests[test] for test, name in names.items()},
            {name: texts.get(test, '') for test, name in names.items()})


def _read(suite, record):
    """(tests, texts, counts) from the file *record* (Path)."""
    if suite.kind == 'pytest':
        try:
            return (*pytestrun.read_junit(record), {})
        except (FileNotFoundError, ElementTree.ParseError):
            return {}, {}, {}
    tests, texts = intree.read_record(record)
    counts = record.with_name(record.name + '.counts')
    return tests, texts, json.loads(counts.read_text()) \
        if counts.exists() else {}


def _imports(suite, variant, env, log_dir, title):
    """Import each module in an interpreter of its own.  Returns a Ran."""
    tests, texts, seconds, left = {}, {}, 0.0, []
    for name in suite.command:
        log = log_dir / (name + '.log')
        outcome = running.run(
            [variant.python, '-c', 'import ' + name], cwd=log_dir, env=env,
            log=log, limit=suite.limit, title='{}: {}'.format(title, name))
        lines = log.read_text(errors='replace').strip().splitlines()
        good = outcome.status == 0 and not outcome.timed_out
        tests['import ' + name] = 'passed' if good else 'failed'
        texts['import ' + name] = '' if good else \
            'no end' if outcome.timed_out else lines[-1] if lines else \
            'status {}'.format(outcome.status)
        seconds += outcome.seconds
        left += outcome.left
    return Ran(Row(title, tests, texts, seconds=seconds, log=log_dir),
               left=left)


def _module_outcome(name, outcome, limit, text):
    """(outcome, why) of the module *name* as a whole; text: the output."""
    if outcome.timed_out:
        return 'failed', 'no end after {} s'.format(limit)
    # As sh has it.
    if outcome.status - 128 in {int(number) for number in signal.Signals}:
        return 'crashed', 'the interpreter died of signal {}'.format(
            signal.Signals(outcome.status - 128).name)
    if outcome.status:
        return 'failed', 'regrtest ended with status {}'.format(
            outcome.status)
    why = intree.skipped_as_a_whole(name, text)
    return ('skipped', why) if why else ('passed', '')


def _regrtest(suite, variant, env, work, log_dir, title):
    """Run each module of Lib/test in an interpreter of its own, but for
    those that are left out.  A module is a test, by its name, besides those
    in it.  Returns a Ran."""
    tests, texts, seconds, left = {}, {}, 0.0, []
    names = [name for name in intree.default_modules(variant.python, env)
             if name not in suite.left_out]
    for number, name in enumerate(names, 1):
        log = log_dir / (name + '.log')
        record = log.with_suffix('.record')
        if record.exists():
            record.unlink()
        outcome = running.run(
            [*_LEADER, variant.python, RECORDED, record, '[]',
             *suite.command, name],
            cwd=work, env=env, log=log, limit=suite.limit,
            title='{}: {} ({}/{})'.format(title, name, number, len(names)))
        found, why = intree.read_record(record)
        prefix = 'test.{}.'.format(name)
        for test, word in found.items():
            # Several modules run the tests of another package.
            whole = test if test.startswith(prefix) else \
                '{}: {}'.format(name, test)
            tests[whole], texts[whole] = word, why[test]
        tests[name], texts[name] = _module_outcome(
            name, outcome, suite.limit, log.read_text(errors='replace'))
        seconds += outcome.seconds
        left += outcome.left
    return Ran(Row(title, tests, texts, '' if names else 'ran no test',
                   seconds, log=log_dir), left=left)


def run(client, suite, variant):
    """Run *suite* on *variant*'s interpreter.  Returns a Ran."""
    title = '{}: {}, {}'.format(packages.side(variant), client.title,
                                suite.name)
    log_dir = packages.folder(client, variant) / 'logs'
    log_dir.mkdir(exist_ok=True)
    env = surroundings.environ(client, variant)
    if suite.kind == 'imports':
        return _imports(suite, variant, env, log_dir, title)
    work = surroundings.work_folder(client, variant, suite.checkout)
    surroundings.wait_for_ports(client)
    if suite.kind == 'regrtest':
        return _regrtest(suite, variant, env, work, log_dir, title)
    log = log_dir / (suite.name.replace(' ', '-') + '.log')
    record = log.with_suffix('.record')
    for path in (record, record.with_name(record.name + '.counts')):
        if path.exists():
            path.unlink()
    outcome = running.run(
        [variant.python, *_argv(suite, client, record)], cwd=work, env=env,
        log=log, limit=suite.limit, title=title)
    tests, texts, counts = _read(suite, record)
    tests, texts = _same_names(tests, texts, packages.folder(client, variant))
    return Ran(Row(title, tests, texts, _problem(outcome, suite.limit, tests),
                   outcome.seconds, log=log), counts, outcome.left)
