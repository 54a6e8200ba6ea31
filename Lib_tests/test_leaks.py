"""No call leaves memory or references behind, whether it succeeds or fails.

`make refleak` is exact, and needs a build of its own; this is for any.
repeated_calls.py has the calls.
"""

import json
import os
import subprocess
import sys

import pytest

import repeated_calls
import tls

HERE = os.path.dirname(os.path.abspath(__file__))

pytestmark = [
    pytest.mark.skipif(not os.path.exists('/proc/self/statm'),
                       reason='no /proc/self/statm'),
    pytest.mark.skipif('ASAN_OPTIONS' in os.environ or
                       'TSAN_OPTIONS' in os.environ,
                       reason='a sanitizer keeps memory for itself'),
    # One process makes all calls, COUNT times each.
    pytest.mark.timeout(600)]

#: In bytes: the smallest block there is, for every other call.
LIMIT = 16 * repeated_calls.COUNT // 2


def repeat(*names):
    """({name: what repeated_calls.py has found}, how it ended).  A process of
    its own, since other tests leave memory to be used again."""
    child = subprocess.Popen(
        [sys.executable, os.path.join(HERE, 'repeated_calls.py')] +
        list(names), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = child.communicate()
    seen = {}
    for line in out.decode().splitlines():
        seen.update(json.loads(line))
    return seen, 'status %d: %s' % (child.returncode,
                                    err.decode('utf-8', 'replace'))


@pytest.fixture(scope='module')
def found():
    return repeat()


def test_leaks_are_seen():
    seen, end = repeat(*repeated_calls.LEAKS)
    assert sorted(seen) == sorted(repeated_calls.LEAKS), end
    assert seen['a_block'][0] >= LIMIT
    assert seen['a_reference'][1] >= repeated_calls.COUNT // 2


@pytest.mark.skipif(not tls.PY2, reason='about the calls of 2.7')
@pytest.mark.parametrize('name', sorted(repeated_calls.CALLS))
def test_nothing_is_left(found, name):
    seen, end = found
    assert name in seen, end
    assert not isinstance(seen[name], type(u'')), seen[name]
    size, references = seen[name]
    assert size < LIMIT
    assert abs(references) < repeated_calls.COUNT // 2
