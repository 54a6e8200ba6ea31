"""A plugin of pytest: which tests ask differs() for which entry.

Runs on Python 2.7 and 3.6 or later, inside the interpreter under test.  The
file that RECORD_DIFFERS names gets {"asked": {entry: [test, ...]},
"outcomes": {test: outcome}, "errors": {test: first line of the message},
"applies": {entry: bool}, "python", "openssl"}.
"""

import io
import json
import os
import ssl
import sys

_asked = {}
_outcomes = {}
_errors = {}
_current = [None]


def pytest_configure(config):
    import differences
    original = differences.differs

    def differs(id, py2, py3):
        if _current[0]:
            _asked.setdefault(id, set()).add(_current[0])
        return original(id, py2, py3)

    # The test modules import it by name, and are imported later.
    differences.differs = differs


def pytest_runtest_setup(item):
    _current[0] = item.nodeid


def pytest_runtest_logreport(report):
    name = report.nodeid
    if report.failed:
        _outcomes[name] = 'failed'
        crash = getattr(report.longrepr, 'reprcrash', None)
        _errors.setdefault(name, (crash.message if crash else
                                  str(report.longrepr)).split('\n')[0])
    elif report.skipped:
        _outcomes.setdefault(name, 'skipped')
    elif report.when == 'call':
        _outcomes.setdefault(name, 'passed')


def pytest_sessionfinish(session):
    import differences
    third = sys.version_info[0] == 3
    found = {
        'python': '.'.join(map(str, sys.version_info[:3])),
        'openssl': ssl.OPENSSL_VERSION,
        'asked': {name: sorted(tests) for name, tests in _asked.items()},
        'outcomes': _outcomes,
        'errors': _errors,
        'applies': {entry.id: third and entry.applies_to(sys.version_info)
                    for entry in differences.DIFFERENCES},
    }
    with io.open(os.environ['RECORD_DIFFERS'], 'w',
                 encoding='utf-8') as stream:
        text = json.dumps(found)
        stream.write(text if third else text.decode('ascii'))
