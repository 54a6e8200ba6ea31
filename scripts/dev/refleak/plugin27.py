"""A pytest plugin: repeat each test and look for leaks.

    python2.7 -m pytest -p plugin27 ...     with REFLEAK_RECORD in the
                                            environment

Written for pytest 4.6 on the patched Python 2.7.
"""

import os

import meter27
import pytest
from _pytest.runner import runtestprotocol

RECORD = os.environ['REFLEAK_RECORD']


class _Failed(Exception):
    pass


def pytest_configure(config):
    config.refleak_meter = meter27.Meter()


def _once(item, nextitem):
    """Run *item*; its reason if it was skipped."""
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.failed:
            raise _Failed(str(report.longrepr).strip().split('\n')[-1])
        if report.skipped:
            return str(report.longrepr[2] if isinstance(
                report.longrepr, tuple) else report.longrepr)
    return ''


def _finalizers(item):
    """The lists of finalizers that pytest keeps beyond one test."""
    session = item.session
    for known in session._setupstate._finalizers.values():
        yield known
    for fixtures in session._fixturemanager._arg2fixturedefs.values():
        for fixture in fixtures:
            yield fixture._finalizers


class Repeated(object):
    """A test that is run again and again.  Each time pytest adds finalizers
    of what belongs to its class or module; only the first ones are kept, as
    they would look like a leak."""

    def __init__(self, item):
        self.item = item
        self.sizes = None

    def __call__(self):
        # With this as the next one, what belongs to the test alone is torn
        # down, and what belongs to its class or module is not.
        skipped = _once(self.item, self.item.parent)
        lists = list(_finalizers(self.item))
        if self.sizes is None:
            self.sizes = dict((id(known), len(known)) for known in lists)
        for known in lists:
            del known[self.sizes.get(id(known), len(known)):]
        return skipped


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    meter = item.config.refleak_meter
    hook = item.ihook
    again = Repeated(item)
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    try:
        skipped = again()
        if skipped:
            outcome = 'skipped', skipped
        else:
            leaks = meter.leaks(again)
            outcome = ('failed' if leaks else 'passed'), meter27.text(leaks)
    except _Failed as error:
        outcome = 'error', str(error)
    meter27.write(RECORD, item.nodeid, *outcome)
    # Once more for pytest, and to tear down what the next one does not use.
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
