"""Ten thousand bad records into each of a handshake and a connection.

Whatever arrives, the answer is an SSLError or one of its subclasses, such as
SSLWantReadError while a record is incomplete: never a crash, a hang, data,
or a handshake that succeeds.  The records come from a fixed seed, so that a
failure can be repeated; the assertion names the number of the record.
"""

import random
import ssl
import zlib

import pytest

import tls

# Of each state, over both ends and both TLS versions.
RECORDS = 10000

TYPES = (20, 21, 22, 23, 24)


class Mangler(object):
    """Makes bad records: random ones, and real ones with something wrong."""

    def __init__(self, *seed):
        # A number: how a str seeds depends on the version of Python.
        text = ' '.join(seed).encode('ascii')
        self.random = random.Random(zlib.crc32(text) & 0xffffffff)

    def choose(self, options):
        return options[self.number(len(options))]

    def number(self, limit):
        # The same on both versions of Python, unlike randrange().
        return int(self.random.random() * limit)

    def bytes(self, size):
        return bytearray(self.number(256) for _ in range(size))

    def record(self, body, kind=None, version=(3, 3)):
        kind = self.choose(TYPES) if kind is None else kind
        return bytearray((kind,) + version +
                         (len(body) >> 8, len(body) & 255)) + body

    def random_record(self):
        """A record whose body is noise."""
        how = self.number(4)
        if how == 0:            # not even a header
            return self.bytes(1 + self.number(60))
        body = self.bytes(self.number(400) if how > 1 else self.number(8))
        if how == 3:
            return self.record(body, self.number(256),
                               (self.number(256), self.number(256)))
        return self.record(body)

    def mutated(self, record):
        """*record* with something in it changed.

        The version in the header of a record in cleartext is left alone:
        receivers have to ignore it (RFC 8446, 5.1), so that changing it
        alone is no error.
        """
        for _ in range(100):
            changed = self.mutate(bytearray(record))
            if changed != record and changed[:1] + changed[3:] != \
                    record[:1] + record[3:]:
                return changed
        raise AssertionError('no mutation')

    def mutate(self, data):
        how = self.number(8)
        body = len(data) - 5
        if how == 0:            # some bits
            for _ in range(1 + self.number(4)):
                data[self.number(len(data))] ^= 1 << self.number(8)
        elif how == 1:          # some bytes of the body
            for _ in range(1 + self.number(8)):
                data[5 + self.number(body)] = self.number(256)
        elif how == 2:          # cut short, the length adjusted
            data = self.record(data[5:5 + self.number(body)], data[0])
        elif how == 3:          # longer, the length adjusted
            data = self.record(data[5:] + self.bytes(1 + self.number(40)),
                               data[0])
        elif how == 4:          # another length in the header
            data[3:5] = self.bytes(2)
        elif how == 5:          # another type
            data[0] = self.choose(TYPES + (0, 255))
        elif how == 6:          # a part in the middle missing or doubled
            first = 5 + self.number(body)
            last = first + self.number(len(data) - first + 1)
            middle = self.choose((b'', bytes(data[first:last]) * 2))
            data = self.record(data[5:first] + middle + data[last:], data[0])
        else:                   # zeros
            first = 5 + self.number(body)
            data[first:] = bytearray(len(data) - first)
        return data


def refuses(call, number, times=2):
    """*call* raises an SSLError: True if it only asks for more."""
    wants_more = False
    for _ in range(times):
        try:
            result = call()
        except ssl.SSLWantReadError:
            wants_more = True
        except ssl.SSLError:
            wants_more = False
        else:
            raise AssertionError('record %d: %r' % (number, result))
    return wants_more


class Handshakes(object):
    """Ends in their handshake, each with the flight that it waits for."""

    def __init__(self, version, side):
        self.client = tls.client_context(version)
        self.server = tls.server_context(version, 'ecdsa')
        self.version = version
        self.side = side
        self.second = False

    def next(self):
        """(a new end, the records that would continue its handshake)"""
        connection = tls.Connection(None, self.client, self.server)
        connection.step(connection.client, connection.client.obj.do_handshake)
        if self.side == 'client':
            connection.step(connection.server,
                            connection.server.obj.do_handshake)
            end = connection.client
        else:
            end = connection.server
            # Half of them wait for the client's second flight.
            self.second = not self.second
            if self.second:
                for each in (connection.server, connection.client):
                    connection.step(each, each.obj.do_handshake)
        return end, tls.records(end.incoming.read())


def feed(mangler, end, call, flight, budget, number):
    """Give bad records to *end* until it fails for good or *budget* are
    spent; returns how many were given."""
    spent = 0
    flight = list(flight)
    while spent < budget:
        spent += 1
        if flight and mangler.number(3):
            # One bad record in a flight of good ones.
            index = mangler.number(len(flight))
            for good in flight[:index]:
                end.incoming.write(good)
            end.incoming.write(mangler.mutated(bytearray(flight[index])))
            for good in flight[index + 1:]:
                end.incoming.write(good)
        else:
            end.incoming.write(mangler.random_record())
        if not refuses(call, number + spent):
            break
        flight = []             # it was for the state before
        end.outgoing.read()
    return spent


@pytest.mark.parametrize('side', ['client', 'server'])
class TestBadRecords(object):
    def test_handshake(self, version, side):
        mangler = Mangler('handshake', version, side)
        handshakes = Handshakes(version, side)
        number = failed = 0
        while number < RECORDS // 4:
            end, flight = handshakes.next()
            number += feed(mangler, end, end.obj.do_handshake, flight,
                           min(20, RECORDS // 4 - number), number)
            failed += 1
            assert end.obj.version() is None
        assert number == RECORDS // 4
        # Not just a few ends that ask for more and more.
        assert failed > number // 2

    def test_established(self, version, side):
        mangler = Mangler('established', version, side)
        client = tls.client_context(version)
        server = tls.server_context(version, 'ecdsa')
        number = failed = 0
        while number < RECORDS // 4:
            connection = tls.Connection(None, client, server).established()
            end = getattr(connection, side)
            other = connection.peer_of(end)
            other.obj.write(bytes(mangler.bytes(1 + mangler.number(200))))
            flight = tls.records(other.outgoing.read())
            call = mangler.choose((
                end.obj.read, lambda: end.obj.read(100, bytearray(100)),
                end.obj.unwrap))
            number += feed(mangler, end, call, flight,
                           min(20, RECORDS // 4 - number), number)
            failed += 1
        assert number == RECORDS // 4
        assert failed > number // 2


def test_mutations_are_changes():
    """The mangler's records differ from the good one in what counts, and
    the sequence depends on the seed alone."""
    record = bytearray(b'\x17\x03\x03\x00\x06abcdef')
    first, second = ([m.mutated(record) for _ in range(500)]
                     for m in (Mangler('seed'), Mangler('seed')))
    assert first == second
    for changed in first:
        assert changed[:1] + changed[3:] != record[:1] + record[3:]
    assert len(set(map(bytes, first))) > 200
