"""What harness.c calls with each input, on the patched Python 2.7."""

import gc
import zlib

import _harness

import conversation
import fuzzbytes
import tls

_EVERY = 500        # runs between two collections of garbage
_runs = 0


def run(data):
    """Have the conversation that *data* (str) means."""
    global _runs
    setup, calls = fuzzbytes.decode(data, conversation.REENTRY)
    talk = conversation.Conversation(setup)
    last = ''
    for call in calls:
        outcome = talk.call(call)
        now = repr((setup['version'], call[:2], outcome[0],
                    outcome[1:4] if outcome[0] == 'raised' else ''))
        # What came of a call, and of which call before it.
        _harness.feature(zlib.crc32(now) & 0xffffffff)
        _harness.feature(zlib.crc32(last + now) & 0xffffffff)
        last = now
    _runs += 1
    if _runs % _EVERY == 0:
        tls.forget_errors()
        gc.collect()
