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
    # One connection over a socket, where several threads are inside at once.
    Setup('socket', ('SOCKET', 'HANDSHAKES', 'STEPS=3', 'BYTES=0')))}

MUTANTS = {
    'M_KEEP_WAITERS': Mutant(
        'a callback leaves those in line where they are', 'turns'),
    'M_CALLBACK_BUSY': Mutant(
        'a callback counts as a call, for which one waits', 'turns'),
    'M_RELEASE_IDLE': Mutant(
        'a connection that is handed over is free as well', 'turns'),
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
    'M_LEAVE_BUSY': Mutant(
        'a second do_handshake() does not free the connection', 'handshakes'),
    'M_NO_HANDSHAKE': Mutant(
        'a read or a write does not do the handshake first', 'handshakes'),
    'M_NO_POLL': Mutant(
        'a thread goes into the first handshake of another one', 'socket'),
    'M_ENTER_BETWEEN': Mutant(
        'a thread enters between the calls of a first handshake', 'socket'),
    'M_WAIT_IN_CHILD': Mutant(
        'one waits for a handshake whose thread was lost at a fork',
        'socket'),
    'M_OLD_FORKS': Mutant(
        'a handshake of the child counts as that of a lost thread', 'socket'),
    'M_NO_BREAK': Mutant(
        'do_handshake() goes to OpenSSL while another thread reads', 'socket'),
    'M_FREE_WRITING': Mutant(
        'buffers are freed while a thread writes', 'socket')}
