"""What is looked at: setups that are small enough for all their states, and
mistakes in the model that have to be found."""

import collections

#: defines: of the preprocessor, for hardening.pml.
Setup = collections.namedtuple('Setup', 'name defines')

#: what: the mistake in words; setup: the one that is to find it.
Mutant = collections.namedtuple('Mutant', 'what setup')

SETUPS = {setup.name: setup for setup in (
    # Who may enter, without bytes: the longest sequences.
    Setup('turns', ('CROSSED', 'STEPS=5', 'BYTES=0')),
    # The same before, in and after a handshake.
    Setup('handshakes', ('CROSSED', 'HANDSHAKES', 'STEPS=3', 'BYTES=0')),
    # Bytes that pass between two connections, without failures.
    Setup('bytes', ('CROSSED', 'STEPS=4', 'BYTES=2', 'FAILURES=0')),
    # Two connections that read from one memory BIO.
    Setup('shared', ('SHARED', 'STEPS=4', 'BYTES=2', 'FAILURES=0')),
    # The same, ended before.
    Setup('ended', ('SHARED', 'ENDED', 'STEPS=4', 'BYTES=1', 'FAILURES=0')),
    # Over sockets, where threads wait between their calls of OpenSSL: from
    # before the first handshake on, with callbacks or with signal handlers,
    # of which one may come in the other one, and after it, with both.
    Setup('first', ('SOCKETS', 'HANDSHAKES', 'STEPS=3', 'BYTES=0',
                    'FAILURES=0')),
    Setup('signals', ('SOCKETS', 'HANDSHAKES', 'STEPS=3', 'BYTES=0',
                      'FAILURES=0', 'CALLBACKS=0', 'HANDLERS=2')),
    Setup('sockets', ('SOCKETS', 'STEPS=3', 'BYTES=0', 'FAILURES=0',
                      'HANDLERS=1')))}

MUTANTS = {
    'M_KEEP_WAITERS': Mutant(
        'a callback leaves those in line where they are', 'turns'),
    'M_CALLBACK_BUSY': Mutant(
        'a callback counts as a call, for which one waits', 'turns'),
    'M_TAKE_BUSY': Mutant(
        'who wakes up enters with a call that was let in before', 'turns'),
    'M_WOKEN_ONCE': Mutant(
        'who finds it busy again is not woken once more', 'turns'),
    'M_OLD_LINE': Mutant(
        'who was in line before a fork is in line in the child', 'turns'),
    'M_LOOK_KEEPS': Mutant(
        'who only looks does not pass the connection on', 'turns'),
    'M_RAISE_INSIDE': Mutant(
        'an exception is made before the connection is free', 'turns'),
    'M_NO_FORK_CHECK': Mutant(
        'one waits for a thread that was lost at a fork', 'turns'),
    'M_OLD_FORK_COUNT': Mutant(
        'a callback that forks leaves the connection of the parent', 'turns'),
    'M_FREE_BUSY': Mutant(
        'buffers are freed while a thread works on them', 'turns'),
    'M_BACK': Mutant(
        'what was not read goes behind what was fed since', 'bytes'),
    'M_KEEP_BORROWED': Mutant(
        'what threads had that were lost at a fork still counts', 'bytes'),
    'M_TAKE_ALWAYS': Mutant(
        'a call takes bytes while another one has earlier ones', 'shared'),
    'M_END_OF_ANOTHER': Mutant(
        'the end of a call forgets what another one has taken', 'shared'),
    'M_EARLY_EOF': Mutant(
        'the end of the stream comes before what another call has taken',
        'ended'),
    'M_NO_EOF': Mutant('the end of the stream never arrives', 'ended'),
    'M_KEEP_EOF': Mutant(
        'the end of the stream is gone when a call has taken it', 'ended'),
    'M_OLD_EOF': Mutant(
        'a call sees the end of the stream that an earlier one took',
        'ended'),
    'M_EOF_AT_ONCE': Mutant(
        'eof is true while calls have bytes from before it', 'ended'),
    'M_FAILED_GOES_ON': Mutant(
        'a connection that has failed goes on', 'turns'),
    'M_NO_HANDSHAKE': Mutant(
        'a read or a write does not do the handshake first', 'handshakes'),
    'M_HANDSHAKE_TOGETHER': Mutant(
        'a thread enters between the calls of a first handshake', 'first'),
    'M_HANDSHAKE_SLEEPS': Mutant(
        'a handshake waits on for what a signal handler has read', 'signals'),
    'M_HANDSHAKE_GOES_ON': Mutant(
        'a handshake is underway after a signal handler has ended it',
        'signals'),
    'M_DONE_OF_ANOTHER': Mutant(
        'the end of a handshake is that of a write of another thread, too',
        'signals'),
    'M_WRITE_TOGETHER': Mutant(
        'a thread writes between the calls of a write', 'sockets'),
    'M_GIVEN_UP_TOGETHER': Mutant(
        'a thread writes where another one has left its write', 'sockets'),
    'M_WAIT_IN_VAIN': Mutant(
        'one waits for a write that was left', 'sockets'),
    'M_OLD_WAITERS': Mutant(
        'who waited to write before a fork counts in the child', 'sockets'),
    'M_WRITERS_WAIT': Mutant(
        'those who have waited to write wait for each other', 'sockets'),
    'M_LOOK_BEFORE': Mutant(
        'what is underway is looked at before the connection is there',
        'sockets'),
    'M_WAIT_BUSY': Mutant(
        'who waits for what is underway keeps the connection', 'sockets'),
    'M_WRITE_IN_WRITE': Mutant(
        'a signal handler writes in the middle of a write', 'sockets'),
    'M_REFUSE_BUSY': Mutant(
        'a call that is refused does not free the connection', 'sockets'),
    'M_NEVER_DONE': Mutant(
        'what was underway stays so when it is over', 'sockets'),
    'M_WRITE_SLEEPS': Mutant(
        'a write waits for what another thread has read', 'sockets'),
    'M_UNWRAP_SLEEPS': Mutant(
        'unwrap() waits for what another thread has read', 'sockets'),
    'M_WAIT_IN_CHILD': Mutant(
        'one waits for a write whose thread was lost at a fork', 'sockets'),
    'M_OLD_UNDERWAY': Mutant(
        'a thread goes on in the child with what the parent goes on with',
        'sockets'),
    'M_STALE_FORKS': Mutant(
        'who forks in its own write, and goes on, refuses the others',
        'sockets'),
    'M_GOES_ON_LEFT': Mutant(
        'a handshake goes on in the child, and a write that was left with it',
        'signals')}
