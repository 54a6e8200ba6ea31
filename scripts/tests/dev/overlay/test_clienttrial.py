"""overlay: the tests of trollius are judged as on the built interpreter."""

import pytest

from scripts.dev.clients import definition
from scripts.dev.clients.suites import Ran
from scripts.dev.overlay import clienttrial
from scripts.dev.run.testreport import Row

WANTED = definition.Wanted(2, failed={'a.*.may': 'why'},
                           counts={'m:_SSLPipe': 1}, strict=True)
SUITE = definition.Suite('ssl', 'unittest', [], 1, WANTED)


def row(tests, pipes=1):
    return clienttrial.judged('debian11: trollius', SUITE, Ran(
        Row('x', dict({'one': 'passed', 'two': 'passed'}, **tests)),
        {'m:_SSLPipe': pipes}))


def test_the_suite_is_there():
    client = definition.read(definition.FOLDER /
                             (clienttrial.CLIENT + '.json'))
    assert clienttrial.SUITE in [suite.name for suite in client.suites]


def test_what_may_fail():
    found = row({'a.b.may': 'failed'})
    assert found.ok and found.name == 'debian11: trollius'
    assert (found.passed, found.failed, found.expected) == (2, 0, 1)


@pytest.mark.parametrize('tests, pipes', [
    ({'a.b.may': 'failed', 'three': 'failed'}, 1),
    # It has to fail, where it is listed.
    ({'a.b.may': 'passed'}, 1), ({}, 1),
    # MemoryBIO was not used at all.
    ({'a.b.may': 'failed'}, 0)])
def test_what_may_not(tests, pipes):
    assert not row(tests, pipes).ok
