"""Write the seeds of make fuzz into Lib_tests/fuzz_seeds.

    build/tools/bin/python -m scripts fuzz-seeds

Files whose names begin with "found-" or "regress-" are from runs; they are
left alone.
"""

from scripts.base.paths import LIB_TESTS
from scripts.dev.fuzz.libtests import fuzzbytes

FOLDER = LIB_TESTS / 'fuzz_seeds'

SHAKE = [['handshake', 'client']]
ALERT = b'\x15\x03\x03\x00\x02'
CLOSE = [['unwrap', 'client'], ['carry', 'client', -1],
         ['read', 'server', 1024], ['unwrap', 'server'],
         ['carry', 'server', -1], ['unwrap', 'client']]


def talk(sender, size=1024, kind='bytes'):
    other = 'client' if sender == 'server' else 'server'
    return [['write', sender, size, kind], ['carry', sender, -1],
            ['read', other, 16385]]


#: name: calls.  Each is written for TLS 1.3 and 1.2.
CALLS = {
    'handshake': SHAKE,
    'talk': SHAKE + talk('client') + talk('server', 16385, 'bytearray') +
    talk('client', 70000, 'array') + talk('server', 1, 'memoryview'),
    'close': SHAKE + talk('client') + CLOSE,
    'half-closed': SHAKE + [['unwrap', 'client']] + talk('server') +
    [['unwrap', 'server'], ['carry', 'client', -1], ['read', 'server', 1]],
    'implicit': [['write', 'client', 100, 'bytes'], ['carry', 'client', -1],
                 ['read', 'server', 100], ['carry', 'server', -1]] * 3,
    'byte-by-byte': [['do_handshake', 'client']] +
    [['carry', 'client', 1], ['do_handshake', 'server']] * 12,
    'records': SHAKE + [['write', 'client', 70000, 'bytes']] +
    [['carry_record', 'client'], ['read', 'server', 100]] * 6,
    'tampered': SHAKE + [['write', 'client', 1024, 'bytes'],
                         ['tamper', 'client', [[9, 1]]],
                         ['read', 'server', 1024], ['read', 'server', 1],
                         ['unwrap', 'server'], ['write', 'server', 1,
                                                'bytes']],
    'tampered-hello': [['do_handshake', 'client'],
                       ['tamper', 'client', [[43, 255], [5, 3]]],
                       ['do_handshake', 'server'], ['carry', 'server', -1],
                       ['do_handshake', 'client'],
                       ['do_handshake', 'client']],
    'repeated': SHAKE + [['write', 'server', 100, 'bytes'],
                         ['repeat', 'server'], ['read', 'client', 100],
                         ['read', 'client', 100]],
    'ragged': SHAKE + talk('server') + [
        ['eof', 'client'], ['read', 'client', 1], ['read', 'client', 1],
        ['write', 'client', 1, 'bytes'], ['unwrap', 'client'],
        ['eof', 'server'], ['do_handshake', 'server']],
    'eof-first': [['eof', 'client'], ['do_handshake', 'client'],
                  ['do_handshake', 'client'], ['read', 'client', 1]],
    'dropped': SHAKE + [['write', 'client', 70000, 'bytes'],
                        ['drop', 'client', 1024], ['carry', 'client', -1],
                        ['read', 'server', 100], ['read', 'server', 100]],
    'look': SHAKE + [[name, end] for end in fuzzbytes.ENDS for name in (
        'pending', 'version', 'cipher', 'compression',
        'selected_alpn_protocol', 'get_channel_binding',
        'binding_of_no_type', 'set_context', 'set_no_context',
        'server_side', 'server_hostname')] + [
        ['getpeercert', 'client', False], ['getpeercert', 'client', True],
        ['bio', 'client', 'incoming'], ['bio', 'server', 'outgoing'],
        ['read_into', 'client', 100, 1024], ['read', 'client', -1],
        ['read_into', 'server', 0, 1]],
    'unwrap-early': [['unwrap', 'client'], ['do_handshake', 'client'],
                     ['carry', 'client', 100], ['unwrap', 'server'],
                     ['do_handshake', 'server'], ['unwrap', 'server']],
    'other-protocol': [['inject', 'server', '474554202f20485454502f312e30'],
                       ['do_handshake', 'server'], ['read', 'server', 1]],
}

#: name: (end, chunks, after the handshake).
RAW = {
    'raw-http': ('server', [b'GET / HTTP/1.0\r\n\r\n'], False),
    'raw-ssh': ('client', [b'SSH-2.0-OpenSSH_9.2\r\n'], False),
    'raw-alert': ('client', [ALERT + b'\x02\x28'], False),
    'raw-warning': ('server', [ALERT + b'\x01\x5a'], False),
    'raw-long-record': ('server', [b'\x16\x03\x01\xff\xff' + bytes(200)],
                        False),
    'raw-short-hello': ('server', [b'\x16\x03\x01\x00\x04\x01\x00\x00\x00'],
                        False),
    'raw-hello-request': ('client', [b'\x16\x03\x03\x00\x04\x00\x00\x00\x00'],
                          True),
    'raw-data': ('server', [b'\x17\x03\x03\x00\x20', bytes(32)], True),
    'raw-close': ('client', [ALERT + b'\x01\x00'], True),
    'raw-ccs': ('server', [b'\x14\x03\x03\x00\x01\x01'], True),
    'raw-heartbeat': ('server', [b'\x18\x03\x03\x00\x03\x01\x40\x00'], True),
}

#: name: (head, calls): other setups.
SETUPS = {
    'client-certificate': ((27 * 3, 0), SHAKE + talk('client') + [
        ['getpeercert', 'server', False]]),
    'check-hostname': ((0, 3), SHAKE + talk('client')),
    'wrong-hostname': ((9 * 2, 3), SHAKE + talk('client')),
    'untrusted': ((0, 2 * 32), SHAKE + [['read', 'client', 1]]),
    'alpn': ((0, 4), SHAKE + [['selected_alpn_protocol', 'client']]),
    'crossed': ((0, 24), [['do_handshake', 'client'],
                          ['do_handshake', 'server']] * 2 + [
        ['write', 'client', 1024, 'bytes'], ['read', 'server', 1024]]),
    'callback-noop': ((1, 3 + 7 * 4), SHAKE),
    'callback-swap': ((0, 4), SHAKE + talk('client')),
    'callback-refuse': ((0, 5), SHAKE),
    'callback-reenter': ((0, 6), SHAKE),
}


def write(folder=FOLDER):
    """Write all seeds into *folder* (Path); returns how many."""
    folder.mkdir(exist_ok=True)
    seeds = {}
    for name, calls in CALLS.items():
        for version in (0, 1):
            seeds['{}-{}'.format(name, '1.3' if not version else '1.2')] = \
                fuzzbytes.encode((version, 0), calls)
    for name, (end, chunks, after) in RAW.items():
        seeds[name] = fuzzbytes.encode_raw((0, 0), end, chunks, after)
        seeds[name + '-1.2'] = fuzzbytes.encode_raw((1, 0), end, chunks,
                                                    after)
    for name, (head, calls) in SETUPS.items():
        seeds[name] = fuzzbytes.encode(head, calls)
    for name, data in seeds.items():
        (folder / name).write_bytes(data)
    return len(seeds)


def main():
    print('{} seeds in {}'.format(write(), FOLDER))
