"""How many of the mutants have to be killed."""

#: Of all that a test could kill.
SHARE = 0.97

#: {path: functions in which it is all of them}: what decides about
#: verification, about the state after a failure, and about who may enter a
#: connection.
EACH = {
    'Modules/_ssl.c': (
        'context_wrap_bio', 'has_certificate', 'match_hostname',
        'may_be_address', 'PySSL_SSLdo_handshake', 'verify_with_name',
        'handshake_first', 'has_failed', 'note_failure',
        'acquire_connection', 'begin_call', 'end_call', 'enter_callback',
        'forget_writers', 'in_handshake', 'leave_callback', 'leave_line',
        'may_pass', 'must_wait', 'refuse_call', 'release_connection',
        'set_done', 'set_underway', 'wait_a_moment', 'wait_for_openssl',
        'wait_in_line', 'wake_waiter'),
    'Lib/ssl.py': (
        '_dnsname_match', '_encode_hostname', 'match_hostname',
        'SSLObject._create', 'SSLSocket._check_write',
        'SSLSocket._real_connect', 'SSLSocket._refuse_plaintext',
        'SSLSocket._verify', 'SSLSocket.do_handshake')}


def is_vital(mutant):
    """Whether *mutant* (operators.Mutant) is in one of EACH."""
    return mutant.function in EACH.get(mutant.path, ())


def unknown(mutants):
    """What is wrong (list of str) with EACH, by all *mutants* (list)."""
    there = {(mutant.path, mutant.function) for mutant in mutants}
    return ['goals.py: the series changes no {}() of {}\n  -> take it out, '
            'or give its new name'.format(name, path)
            for path, names in EACH.items() for name in names
            if (path, name) not in there]
