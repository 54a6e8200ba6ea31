"""Which differences between two outcomes are intended, by name.

The names are those of Lib_tests/differences.py.  explain() gets what 2.7
and Python 3 answered to the same call; a difference without a name is a
finding.
"""

from scripts.dev.fuzz.libtests import differences

#: Errors after which a connection does not go on.
_FATAL = ('SSLError', 'SSLCertVerificationError', 'SSLSyscallError')
_ON_OBJECT = ('do_handshake', 'read', 'read_into', 'write', 'unwrap')
#: Calls that answer once the handshake is done.
_AFTER_HANDSHAKE = ('getpeercert', 'version', 'get_channel_binding')


class Facts:
    """What has happened so far that a difference may follow from."""

    def __init__(self, setup):
        self.setup = setup
        self.failed = set()     # ends on which 2.7 raised a fatal error
        self.ended = set()      # ends on which it raised SSLEOFError
        self.eof = set()        # ends whose incoming was given its end
        self.swapped = set()    # ends that were given another context
        self.unwrapped = set()  # ends on which unwrap() returned
        self.unread = set()     # ends on which it met data
        self.parted = ''        # the difference after which states differ

    def note(self, call, outcome):
        """Remember *call* and what 2.7 answered, its *outcome*."""
        name, end = call[:2]
        if name == 'eof':
            self.eof.add(end)
        if name == 'set_context':
            self.swapped.add(end)
        if name == 'unwrap' and outcome[0] == 'returned':
            self.unwrapped.add(end)
        if name not in _ON_OBJECT or outcome[0] != 'raised':
            return
        if outcome[3] == 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY':
            self.unread.add(end)
            return
        if outcome[1] == 'SSLEOFError':
            self.ended.add(end)
        elif outcome[1] in _FATAL and outcome[3] != \
                'SHUTDOWN_WHILE_IN_INIT' and (
                    outcome[3] != 'PROTOCOL_IS_SHUTDOWN' or
                    # What unwrap() takes for the end may be an alert.
                    end in self.ended | self.unwrapped):
            self.failed.add(end)


class Known:
    """One intended difference.

    id: its name; holds: function of (call, facts, here, there), the two
    outcomes, True if this is it; parts: whether the two connections are in
    different states from then on, so that nothing can be compared.
    """

    def __init__(self, id, holds, parts=False):
        if id not in differences.BY_ID:
            raise ValueError('{} is not in differences.py'.format(id))
        self.id = id
        self.holds = holds
        self.parts = parts


def _raised(outcome, *kinds):
    return outcome[0] == 'raised' and outcome[1] in kinds


def _after_eof_write(call, facts, here, there):
    return (call[0] in ('carry', 'carry_record', 'tamper', 'repeat',
                        'inject') and
            _raised(here, 'SSLError') and _raised(there, 'SSLError'))


def _failed_before(call, facts, here, there):
    return (call[0] in _ON_OBJECT and call[1] in facts.failed and
            _raised(here, 'SSLError') and here[3] is None)


def _ragged_eof(call, facts, here, there):
    return (call[0] in _ON_OBJECT and call[1] in facts.eof and
            _raised(here, 'SSLEOFError') and
            (there[0] == 'returned' or
             _raised(there, 'SSLZeroReturnError')))


def _handshake_after_eof(call, facts, here, there):
    return (call[0] in _ON_OBJECT and call[1] in facts.ended and
            _raised(here, 'SSLEOFError') and
            # Crossed BIOs can have more behind the end, which Python 3 reads.
            (_raised(there, 'SSLSyscallError') or
             facts.setup.get('crossed') and there[0] == 'raised'))


def _unwrap_after_eof(call, facts, here, there):
    return (call[0] == 'unwrap' and call[1] in facts.ended and
            _raised(here, 'SSLEOFError') and _raised(there, 'SSLError') and
            there[3] == 'SHUTDOWN_WHILE_IN_INIT')


def _forgotten(here, there):
    # OpenSSL takes the handshake back in such a call; Python 3 asks it.
    return (here[0] == 'returned' and (
        _raised(there, 'ValueError') or there == ['returned', None]))


def _forgotten_by_failure(call, facts, here, there):
    return (call[0] in _AFTER_HANDSHAKE and
            call[1] in facts.failed | facts.unwrapped and
            _forgotten(here, there))


def _forgotten_at_eof(call, facts, here, there):
    return (call[0] in _AFTER_HANDSHAKE and call[1] in facts.ended and
            _forgotten(here, there))


def _error_of_unwrap(call, facts, here, there):
    # SSL_shutdown() takes a fatal alert for the end, but leaves its error in
    # the queue, and Python 3 raises that from the next call on any object.
    return (call[0] in _ON_OBJECT and facts.unwrapped and
            _raised(there, 'SSLError') and '_ALERT_' in (there[3] or ''))


def _alert_in_unwrap(call, facts, here, there):
    return (call[0] == 'unwrap' and _raised(here, 'SSLError') and
            '_ALERT_' in (here[3] or '') and there == ['returned', None])


def _kept_by_unwrap(call, facts, here, there):
    # Both raised the same SSLError; since then this connection goes on and
    # that of Python 3 has ended, whatever is asked of it first.
    return call[1] in facts.unread and (
        here[0] == 'returned' or there[0] == 'raised')


def _write_nothing(call, facts, here, there):
    return (call[0] == 'write' and call[2] == 0 and
            here == ['returned', 0] and _raised(there, 'SSLEOFError'))


def _binding_early(call, facts, here, there):
    return (call[0] == 'get_channel_binding' and
            here == ['returned', None] and there == ['returned', 'some'])


def _verify_mode(call, facts, here, there):
    return call[0] == 'getpeercert' and call[1] in facts.swapped


KNOWN = (
    Known('write-after-eof-attributes', _after_eof_write),
    Known('error-after-failure', _failed_before),
    Known('ragged-eof', _ragged_eof, parts=True),
    Known('handshake-after-eof', _handshake_after_eof),
    Known('unwrap-after-eof', _unwrap_after_eof),
    Known('error-after-failure', _forgotten_by_failure),
    Known('handshake-after-eof', _forgotten_at_eof),
    Known('unwrap-takes-an-alert', _alert_in_unwrap, parts=True),
    Known('unwrap-with-unread-data', _kept_by_unwrap, parts=True),
    Known('write-nothing', _write_nothing),
    Known('stale-error-queue', _error_of_unwrap, parts=True),
    Known('channel-binding-early', _binding_early),
    Known('verify-mode-of-connection', _verify_mode),
)


def explain(call, facts, here, there, applies):
    """The name of the difference between the outcomes *here* (2.7) and
    *there* (Python 3) of *call*; '' if they are the same; None if it is
    none of the intended ones.  applies: the names that are about this
    Python 3.
    """
    if here == there or facts.parted:
        return ''
    for known in KNOWN:
        if known.id in applies and known.holds(call, facts, here, there):
            if known.parts:
                facts.parted = known.id
            return known.id
    return None
