#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""The one list of what the patched Python 2.7 does otherwise than Python 3.

The tests run unchanged on both.  Where they must expect two things, they ask
differs(id, py2=..., py3=...), and *id* must be on this list: there is no
other way to expect something else on 2.7.  docs/differences.md shows the list
as a table:

    python3 Lib_tests/differences.py --write
"""

from __future__ import print_function

import collections
import io
import os
import ssl
import sys

import securityfixes

# What forces a difference: 2.7 is another language (text and bytes, types
# built in C), Python 3's behaviour is unsafe, or 2.7's own ssl API is older
# and has to stay as it is.
WHY = ('language', 'safer', 'older API')

DOCUMENT = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
    'docs', 'differences.md')

INTRODUCTION = u"""\
# What differs from Python 3

`ssl.MemoryBIO`, `ssl.SSLObject` and `SSLContext.wrap_bio` on the patched 2.7
do what Python 3 does, but for the rows below. Every row is asserted on both
sides by the tests in `Lib_tests/`, which run unchanged on Python 2.7 and 3.

*Why* is one of: **language** (2.7 has other types of text and bytes, and other
rules for types built in C), **safer** (what Python 3 does loses data, skips a
check or crashes) and **older API** (2.7's own `ssl` stays as it is).

This page is made from the list in `Lib_tests/differences.py`; change it there
and run `python3 Lib_tests/differences.py --write`.

"""


class BuildOption(object):
    """What a build of Python 3 can be asked for, in place of a version.

    text: for the table.
    enabled: True if the running interpreter has it.
    """

    def __init__(self, text, enabled):
        self.text = text
        self.enabled = enabled


# CPython 3.8 and 3.9 set SSL_OP_IGNORE_UNEXPECTED_EOF (1 << 7) in every
# context, and so do some 3.10 and 3.11, Debian 12's 3.11.2 for one.
IGNORES_EOF = BuildOption(
    u'3.8 to 3.11, if `OP_IGNORE_UNEXPECTED_EOF` is on by default',
    bool(sys.version_info[0] == 3 and ssl.OPENSSL_VERSION_INFO >= (3, 0) and
         ssl.create_default_context().options & (1 << 7)))
CLIENT_HAS_SHARED_CIPHERS = BuildOption(
    u"up to 3.9, and some 3.10 and 3.11, Debian 12's 3.11.2 for one",
    securityfixes.client_has_shared_ciphers())
SERVER_TAKES_A_NAME = BuildOption(
    u'without the fix of CVE-2026-19553',
    securityfixes.server_takes_a_name())
CLIENT_NEEDS_NO_NAME = BuildOption(
    u'all that do not raise the `ValueError` of CVE-2026-19553',
    securityfixes.client_needs_no_name())
REPLACED_CONTEXT_IS_SILENT = BuildOption(
    u'with the fix of CVE-2026-19445',
    securityfixes.replaced_context_is_silent())


class Difference(collections.namedtuple(
        'Difference', 'id first last what python3 here why because')):
    """One row.

    id: what the tests name it by.
    first, last: the Python 3 versions it is about, (major, minor) or None
        for no limit; versions outside do what 2.7 does.  Or first is a
        BuildOption.
    what, python3, here, because: Markdown.
    why: one of WHY.
    """
    __slots__ = ()

    def applies_to(self, version):
        """True if the Python 3 *version*, a tuple, is one of those that do
        otherwise."""
        if isinstance(self.first, BuildOption):
            return self.first.enabled
        version = tuple(version[:2])
        return ((self.first is None or self.first <= version) and
                (self.last is None or version <= self.last))

    @property
    def versions(self):
        if isinstance(self.first, BuildOption):
            return self.first.text
        first, last = ('.'.join(map(str, v)) if v else None
                       for v in (self.first, self.last))
        if first and last:
            return first if first == last else '%s to %s' % (first, last)
        if first:
            return first + ' and later'
        return 'up to ' + last if last else 'all'


DIFFERENCES = [
    # ssl.MemoryBIO
    Difference(
        'text-is-encoded', None, None,
        u'`write(text)` on a MemoryBIO or an SSLObject',
        u'`TypeError`',
        u'ASCII `unicode` is encoded; other characters are a '
        u'`UnicodeEncodeError` and nothing is written',
        'language',
        u"every byte interface of 2.7 encodes, `SSLSocket.write` too"),
    Difference(
        'write-after-eof-attributes', None, None,
        u'the `SSLError` of `MemoryBIO.write` after `write_eof`',
        u'has no `reason` and no `library`',
        u'both are None',
        'safer',
        u'code that handles an `SSLError` may look at them'),
    Difference(
        'same-bio-twice', None, None,
        u'`wrap_bio(bio, bio)`: one BIO for both directions',
        u'leaks the BIO and what it holds',
        u'freed with the last reference',
        'safer',
        u'two references are taken and OpenSSL consumes only one'),

    # SSLContext.wrap_bio
    Difference(
        'server-side-truth', None, (3, 11),
        u'`server_side` that is neither bool nor 0 nor 1',
        u'another int is a client; other types are a `TypeError`',
        u'normalised with `bool()`',
        'older API',
        u'newer Python 3 does the same'),
    Difference(
        'server-side-with-name', SERVER_TAKES_A_NAME, None,
        u'`server_side` together with a `server_hostname`',
        u'the name is ignored',
        u'`ValueError`, as `wrap_socket` on both',
        'safer',
        u'a server has no peer name to send or to check'),
    Difference(
        'check-hostname-without-name', CLIENT_NEEDS_NO_NAME, None,
        u'`context.check_hostname` and no `server_hostname`',
        u'checks nothing, silently or, with Debian\'s fix, with a '
        u'`DeprecationWarning` (3.6: `ValueError` from `do_handshake`)',
        u'`ValueError` from `wrap_bio`, as from `wrap_socket` on both',
        'safer',
        u'the caller asked for a check that cannot be made'),
    Difference(
        'hostname-type', (3, 7), None,
        u'`server_hostname` of a wrong type (int, list)',
        u'`AttributeError`',
        u'`TypeError`',
        'safer',
        u'the usual error for a wrong type'),
    Difference(
        'hostname-bytearray', None, None,
        u'a `bytearray` as `server_hostname`',
        u'taken, as `bytes` are',
        u'`TypeError`',
        'older API',
        u"`wrap_socket` of 2.7 takes `str` and `unicode`"),
    Difference(
        'hidden-empty-label', None, None,
        u'a `server_hostname` that has an empty label only after IDNA maps '
        u'its characters, such as `a\\u2024\\u2024b`',
        u'sent as `a..b`',
        u'`UnicodeError`, as for `a..b` itself on both',
        'safer',
        u'no host has such a name'),
    Difference(
        'no-sessions', None, None,
        u"`wrap_bio(session=...)` and the attributes `session`, "
        u"`session_reused`",
        u'resume a TLS session',
        u'None is accepted, all else is a `TypeError`; no such attributes',
        'older API',
        u"2.7's `ssl` has no session type"),

    Difference(
        'no-sslsocket-class', (3, 7), None,
        u'`SSLContext.sslsocket_class`',
        u'the class that `wrap_socket` makes',
        u'no such attribute; `sslobject_class` is there',
        'older API',
        u"SSLSocket is as in 2.7"),
    Difference(
        'sslobject-class-of-the-class', (3, 7), None,
        u'`SSLContext.sslobject_class`, assigned to the class itself, and '
        u'then to a context',
        u'the context has its own',
        u'`AttributeError`: a subclass that has the attribute, or a context, '
        u'is the place for it',
        'language',
        u"an `SSLContext` of 2.7 has slots and no `__dict__`"),

    # ssl.SSLObject
    Difference(
        'no-post-handshake', None, None,
        u'`verify_client_post_handshake()`',
        u'asks a TLS 1.3 client for its certificate',
        u'no such method',
        'older API',
        u"2.7's `SSLContext` has no `post_handshake_auth`"),
    Difference(
        'no-chains', (3, 13), None,
        u'`get_verified_chain()`, `get_unverified_chain()`',
        u"the peer's certificates, in DER",
        u'no such methods; `getpeercert()` has the first',
        'older API',
        u'newer than the interface of PEP 546'),
    Difference(
        'raw-object-constructor', (3, 7), None,
        u'`ssl.SSLObject(raw, owner=x)` with a `_SSLSocket`, over a socket or '
        u'over memory BIOs',
        u'`TypeError`',
        u'returns `raw` itself; any other argument is a `TypeError`',
        'older API',
        u'eventlet calls it so on Python < 3.7 once the name exists, and '
        u'must get what it got before'),
    Difference(
        'raw-object-is-wrapped', None, (3, 6),
        u'the same',
        u'makes an SSLObject over `raw`',
        u'as above',
        'older API',
        u'as above'),
    Difference(
        'silent-copies', None, None,
        u'`copy.copy(sslobject)`, pickle protocols 0 and 1',
        u'a second SSLObject on the same connection; from 3.10 on pickle '
        u'gives one without a connection',
        u'`TypeError` at every protocol',
        'safer',
        u'the state of a connection cannot be copied'),
    Difference(
        'delete-context', None, None,
        u'`del sslobject.context`',
        u'`AttributeError`',
        u'`TypeError`',
        'older API',
        u"what 2.7's type in C raises for a context of a wrong type"),
    Difference(
        'two-gib', (3, 10), None,
        u'`read` with a length, or `write` of data, of 2**31 bytes or more',
        u'accepted',
        u'`OverflowError`',
        'older API',
        u'sizes are a C int in 2.7'),
    Difference(
        'sizes-by-index', (3, 8), None,
        u'a size for `read` that only has `__index__()`',
        u'accepted',
        u'`TypeError`',
        'older API',
        u'2.7 asks for `__int__()` there, Python 3.6 and 3.7 do too'),
    Difference(
        'write-nothing', None, (3, 9),
        u"`write(b'')` on an established connection",
        u'`SSLEOFError`',
        u'0',
        'safer',
        u'newer Python 3 does the same'),
    Difference(
        'channel-binding-early', None, None,
        u"`get_channel_binding()` of a TLS 1.2 client that waits for the "
        u"server's last flight",
        u'the data',
        u'None',
        'safer',
        u'the handshake may still fail'),
    Difference(
        'signal-after-success', None, None,
        u'a signal handler that raises while OpenSSL decrypts or encrypts a '
        u'record',
        u'the method ends without its result: what was just read is lost, '
        u'what was just written is not reported',
        u'the method does all of its work, and the handler runs after it: '
        u'before the program has the result at times, as in `data = '
        u'tls.read()`; `read` into a buffer has filled that',
        'safer',
        u'a call that cannot wait need not look at signals once it has begun'),
    Difference(
        'name-without-memory', None, None,
        u"no memory for the copy of the host name that OpenSSL makes in each "
        u'handshake, and does not look at',
        u'any certificate that can be verified is accepted',
        u'the handshake fails',
        'safer',
        u'a check is made, or there is no connection'),
    Difference(
        'built-in-methods', None, None,
        u'`read` and `write` of an SSLObject, not of its class, with group '
        u'`performance`',
        u'methods: `inspect.ismethod`, `__func__`, `inspect.signature`',
        u'built-in methods; those of the class have all of it',
        'language',
        u'a method in C is called in less time'),
    Difference(
        'unwrap-with-unread-data', None, None,
        u'`unwrap()` while there is data that nobody has read',
        u'`SSLError`; the data is lost, and the connection ends',
        u'the same error, until `read` has returned the data; `unwrap` can be '
        u'called again',
        'safer',
        u'it may be called a moment too early'),
    Difference(
        'unwrap-takes-an-alert', None, None,
        u'`unwrap()` when the peer has sent a fatal alert',
        u'returns, as if the peer had sent close_notify; only the next `read` '
        u'raises the alert, later ones raise `SSLZeroReturnError`',
        u'`SSLError` with the alert, and the connection has failed',
        'safer',
        u'the peer has not ended the stream, it gave it up'),
    Difference(
        'shared-ciphers-of-a-client', CLIENT_HAS_SHARED_CIPHERS, None,
        u'`shared_ciphers()` of a client, and of a server that has received '
        u'nothing',
        u"the connection's own ciphers",
        u'None',
        'safer',
        u'newer Python 3 does the same'),

    # Errors
    Difference(
        'ragged-eof', IGNORES_EOF, None,
        u'`incoming.write_eof()` without a close_notify',
        u"`read` returns `b''`, `do_handshake` raises `SSLZeroReturnError`, "
        u"`unwrap` succeeds",
        u'`SSLEOFError` (8) every time',
        'safer',
        u'truncation by an attacker must not look like a clean end'),
    Difference(
        'reset-is-an-error', (3, 10), (3, 12),
        u'a connection reset under an SSLSocket, on OpenSSL 3',
        u"taken for an end of file: `recv` returns `b''`",
        u'`socket.error` with `ECONNRESET`',
        'safer',
        u'an error of the system is reported as one; newer Python 3 does the '
        u'same'),
    Difference(
        'error-after-failure', None, None,
        u'a call on a connection that has failed before, other than by an '
        u'end of file',
        u"`SSLEOFError`, `SSLSyscallError` or, after the peer's alert, "
        u"`b''`, as if the stream had ended",
        u'`SSLError` "The connection failed in an earlier call"',
        'safer',
        u'a broken stream must not pass for one that has ended'),
    Difference(
        'handshake-after-eof', None, (3, 12),
        u'`do_handshake`, repeated after an end of file',
        u'`SSLSyscallError` (5)',
        u'`SSLEOFError` (8), as the first time',
        'safer',
        u'no system call has failed; newer Python 3 does the same'),
    Difference(
        'end-before-handshake', None, None,
        u'`read`, where a close_notify comes in place of a handshake, in '
        u'cleartext',
        u"`b''` with OpenSSL 1.1.1 and later",
        u'`SSLZeroReturnError` (6)',
        'safer',
        u'anybody can send that; it does not end any data'),
    Difference(
        'unwrap-after-eof', None, None,
        u'`unwrap`, begun before an end of file, goes on after it',
        u'`SSLError` SHUTDOWN_WHILE_IN_INIT',
        u'`SSLEOFError` (8), as from every other method',
        'safer',
        u'the handshake was over'),
    Difference(
        'stale-error-queue', None, None,
        u"an error that other code left on OpenSSL's error queue",
        u'a healthy `read` or `unwrap` raises it as an `SSLError`',
        u'no effect',
        'safer',
        u'the queue is cleared before each call'),
    Difference(
        'certificate-error', (3, 7), None,
        u'`ssl.CertificateError`, and what an SSLSocket raises for a '
        u'certificate',
        u'another name for `SSLCertVerificationError`, which is raised',
        u'a base of `SSLCertVerificationError`, which SSLObject raises; '
        u'SSLSocket raises the base for a wrong name, and plain `SSLError` '
        u'for a certificate that does not verify',
        'older API',
        u"2.7's programs tell the two apart, and its `match_hostname` serves "
        u'SSLSocket'),

    # Host names
    Difference(
        'check-hostname-later', (3, 7), None,
        u'`check_hostname` switched on after `wrap_bio`, before the '
        u'certificate is verified, in the context or by putting in another '
        u'one',
        u'no effect',
        u'the name is checked; `ValueError` if there is none, or if the '
        u'connection was made with `CERT_NONE`',
        'safer',
        u"what the context says holds, as for 2.7's SSLSocket"),
    Difference(
        'no-certificate', (3, 7), None,
        u'`check_hostname`, ciphers that allow it, and a server without any '
        u'certificate in the first handshake (TLS 1.2)',
        u'connects, to whoever it is',
        u'`SSLError`, before any data passes; a server that has proved its '
        u'name may drop its certificate in a renegotiation, as there',
        'safer',
        u'the caller asked for a check that cannot be made'),

    # SNI and contexts
    Difference(
        'sni-name', (3, 7), None,
        u'the name that the SNI callback gets',
        u'`str`, A-label (`xn--...`)',
        u'`unicode`, U-label; with group hardening as it was sent, if the '
        u'codec idna refuses it',
        'older API',
        u"what 2.7's `set_servername_callback` documents"),
    Difference(
        'callback-of-a-replaced-context', REPLACED_CONTEXT_IS_SILENT, None,
        u'a context without a callback is put in before the handshake',
        u'no callback is called',
        u'the callback of the first context is called, with that context, as '
        u'OpenSSL has it',
        'safer',
        u'it may refuse the name; the first context lives as long as the '
        u'connection'),
    Difference(
        'owner-gone', (3, 13), None,
        u'the SNI callback of a connection whose SSLObject is gone',
        u'crashes',
        u'the handshake fails with `CALLBACK_FAILED`, the peer gets '
        u'internal_error',
        'safer',
        u'Python 3.12 and older do the same'),
    Difference(
        'no-owner', None, None,
        u'the SNI callback of a C object that was made without an SSLObject',
        u'gets the C object',
        u'is not called; the handshake fails in the same way',
        'older API',
        u"what 2.7's `_wrap_socket` without `ssl_sock` does"),
    Difference(
        'verify-mode-of-connection', None, None,
        u'`getpeercert()` after another context was put in',
        u"decided by the new context: an unverified certificate's fields are "
        u"shown as if verified",
        u"decided by the connection's own verify mode",
        'safer',
        u'the new context has verified nothing'),
]

BY_ID = {entry.id: entry for entry in DIFFERENCES}


# By group: (what, Python 3, here, test in Lib/test/test_ssl_<group>.py).
# These are no entries of the list above: most cannot be asserted on Python 3,
# which crashes or does so in some runs only.
ALSO = collections.OrderedDict([
    ('security', (
        (u'a callback puts in another context, the first one is collected, '
         u'and the client says hello again after a HelloRetryRequest',
         u'follows a freed pointer, up to the fix of CVE-2026-19445',
         u'the first context lives as long as the connection',
         u'InitialContextTests.test_callback_of_a_context_that_is_gone'),
        (u'a servername callback handles an exception whose error stays in '
         u'OpenSSL, and the client has to say hello again',
         u'`SSLError`, though nothing is wrong', u'the handshake goes on',
         u'CallbackErrorTests.test_errors_left_in_openssl'),
        (u'`load_cert_chain` while other threads make connections',
         u'may crash; a failure leaves a part of it', u'all or nothing',
         u'LoadCertChainTests.test_load_while_others_connect'),
        (u'`set_ciphers` while other threads make connections',
         u'crashes (3.6 to 3.13.0)',
         u'applies to the connections made after it',
         u'CiphersTests.test_set_while_others_connect'),
        (u'a peer asks for key updates or renegotiations while one thread '
         u'reads an SSLSocket and another one writes',
         u'corrupts the heap, and crashes (3.6 to 3.13.0)',
         u'they take turns', u'ConnectionInUseTests.test_key_updates'),
        (u'two threads write to one SSLSocket',
         u'crashes, or mixes up what they write',
         u'each write is whole, one comes after the other',
         u'ConnectionInUseTests.test_writers'),
        (u'the descriptor of an SSLSocket was closed, and its number is '
         u'another one\'s by now',
         u'a call that goes on reads and writes the other one',
         u'`socket.error` with `EBADF`',
         u'ConnectionInUseTests.test_number_of_a_closed_socket'),
        (u'a servername callback calls `do_handshake`, `read`, `write` or '
         u'`unwrap` of its own connection',
         u'the first crashes, `write` sends the data in cleartext',
         u'`SSLError`, in all threads; nothing but the alert is sent',
         u'ConnectionInUseTests.test_reentry'),
        (u'a thread writes to an SSLSocket while another one is in its first '
         u'handshake', u'the data is sent in cleartext, or a crash (3.6 to '
         u'3.13.0)', u'the write waits for the end of the handshake',
         u'ConnectionInUseTests.test_nothing_in_cleartext'),
        (u'a certificate with a `subjectAltName` that cannot be decoded',
         u'`getpeercert` returns it without', u'`SSLError`',
         u'SubjectAltNameTests.test_undecodable'),
        (u'an otherName with a NUL in it, or a newline before its end, '
         u'OpenSSL 3',
         u'`getpeercert` shows the part before it', u'`<unsupported>`',
         u'SubjectAltNameTests.test_part_of_an_other_name'),
    )),
    ('hardening', (
        (u'one thread writes to `incoming` while another one reads',
         u'`DECRYPTION_FAILED_OR_BAD_RECORD_MAC` or `SSLSyscallError`: the '
         u'stream is corrupted', u'every byte arrives, in order',
         u'ThreadTests.test_feed_while_reading'),
        (u'two threads write to one SSLObject', u'crashes, up to 3.13.0',
         u'each write is whole, one comes after the other',
         u'ThreadTests.test_two_writers'),
        (u'one thread reads from `outgoing` while another one writes',
         u'undefined', u'nothing is lost',
         u'ThreadTests.test_drain_while_writing'),
        (u'a cycle of context, callback and SSLObject', u'is never collected',
         u'is collected', u'GarbageTests.test_connected_sslobject'),
        (u'a write after a backlog in `outgoing`', u'moves the backlog',
         u'leaves it alone: as fast after 256 MiB as after 1 KiB',
         u'QueueTests.test_backlog_is_not_touched'),
        (u'a burst of data through a connection',
         u'costs its size until the connection is closed', u'is given back',
         u'MemoryTests.test_burst'),
        (u'a connection that another thread was using when the process forked',
         u'undefined in the child', u'`SSLError` in the child',
         u'ForkTests.test_busy_connection'),
    )),
])

ALSO_INTRODUCTION = {
    'security': u"""
## With group security

Group pep546 needs it, so that this holds wherever the new names are. *Test* is
where it is asserted, in `Lib/test/test_ssl_security.py`, which the group adds.

""",
    'hardening': u"""
## With group hardening

The group can be left out; what is above holds either way. *Test* is where it
is asserted, in `Lib/test/test_ssl_hardening.py`, which the group adds.

""",
}

UNCHANGED = u"""
## What SSLSocket and ftplib keep of 2.7.18

These have been reported as defects of 2.7, and are left as they are.

- **`https://127.0.0.1/`.** An SSLSocket compares an IP address as if it were a
  host name: with the DNS names of the certificate and, where there are none,
  with the common name, as the documentation of `match_hostname()` says.
  Certificates that name an address there are in use on 2.7. Python 3.7 and
  newer, and SSLObject here, take the type `IP Address` only, and would refuse
  them; to take both would give SSLSocket a rule that no other Python has. The
  address of a certificate of that type can be checked by the program, with
  `getpeercert()`. (A unicode host name, which no certificate matched, is
  compared as it is sent: patch 0332.)
- **`FTP_TLS` and a server that closes the data connection without
  close_notify.** `retrbinary()` and the like raise `SSLError` after the last
  piece of data, as Python 3 does where `OP_IGNORE_UNEXPECTED_EOF` is not on by
  default (in 3.8 and 3.9 it is). Such an end cannot be told from one that an
  attacker made, who may have kept back the rest of the file; what the server
  says on the other connection (`226 Transfer complete`) does not help, since
  it has sent all of it. All that was received has been passed to the callback
  when the exception comes: a program that knows the size of the file, or its
  checksum, can go by that.

- **`copy.copy()` of a context** whose class, a subclass of SSLContext, gives
  `protocol` a default value makes a new one without what was set:
  `verify_mode` and `check_hostname` are off. Python 3.13 raises TypeError, as
  2.7 does for SSLContext itself.

## What does not reach gevent

gevent 22.10.2 has an SSLSocket of its own, in Python, over the same C object.
What the series does in C holds for it as well. What it does in
`ssl.SSLSocket` does not: the check of the host name before data passes (0166),
the fix of CVE-2023-40217 (0191), and those of group hardening that are in
`Lib/ssl.py`, such as `shutdown()` (0174).
[gevent-22.10.2.patch](gevent-22.10.2.patch) is for the first two.
"""


def differs(id, py2, py3):
    """*py3* on the Python 3 versions that entry *id* is about, else *py2*."""
    entry = BY_ID[id]
    if sys.version_info[0] == 3 and entry.applies_to(sys.version_info):
        return py3
    return py2


def markdown(rows):
    """Rows of texts as a Markdown table, the first one on top."""
    rows = rows[:1] + [(u'---',) * len(rows[0])] + rows[1:]
    return u''.join(u'| %s |\n' % u' | '.join(
        cell.replace(u'|', u'\\|') for cell in row) for row in rows)


def table():
    """The list as a Markdown table."""
    return markdown(
        [(u'What', u'Python 3 versions', u'Python 3', u'Here', u'Why')] +
        [(entry.what, entry.versions, entry.python3, entry.here,
          u'**%s**: %s' % (entry.why, entry.because))
         for entry in DIFFERENCES])


def group_table(group):
    """What the tests of *group* assert, as a Markdown table."""
    return markdown([(u'What', u'Python 3', u'Here', u'Test')] +
                    [(what, python3, here, u'`%s`' % test)
                     for what, python3, here, test in ALSO[group]])


def document():
    """The text of docs/differences.md."""
    return (INTRODUCTION + table() +
            u''.join(ALSO_INTRODUCTION[group] + group_table(group)
                     for group in ALSO) + UNCHANGED)


def main(arguments):
    if arguments == ['--write']:
        with io.open(DOCUMENT, 'w', encoding='utf-8') as stream:
            stream.write(document())
        print('wrote', DOCUMENT)
    elif not arguments:
        sys.stdout.write(document())
    else:
        sys.exit('usage: differences.py [--write]')


if __name__ == '__main__':
    main(sys.argv[1:])
