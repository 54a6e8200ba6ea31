"""Break the examples, one gotcha after the other, and demand that a test
fails.

    python3 docs/examples/tests/mutations.py [WORD ...]

Works on a copy.  WORDs choose: those mutations whose file or test contains
one.  --python names the interpreter with pytest and pytest-timeout, this one
by default.  Mutations of https_trollius.py need one with trollius, those of
pyopenssl_names and https_twisted.py the patched 2.7, with Twisted.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))

#: (file, what stands there, what to put in its place, tests: module and -k)
MUTATIONS = (
    # 1: no flush after a failure; nothing is kept of a short send.
    ('reactor.py', 'self.unsent = self.unsent or self.stream.take(CHUNK)',
     'self.unsent = self.unsent or (\n'
     '                    not self.stream.failed and '
     'self.stream.take(CHUNK) or b"")',
     'test_loops', 'alert_is_sent'),
    ('completion.py',
     'self.unsent = self.unsent or self.stream.take(CHUNK)',
     'self.unsent = self.unsent or (\n'
     '                not self.stream.failed and '
     'self.stream.take(CHUNK) or b"")',
     'test_loops', 'alert_is_sent'),
    ('asyncore_fetch.py',
     'self.unsent = self.unsent or self.stream.take(CHUNK)',
     'self.unsent = self.unsent or (\n'
     '            not self.stream.failed and self.stream.take(CHUNK) or b"")',
     'test_fetch', 'alert_is_sent'),
    ('tls_in_tls.py', 'data = self.inner.take(tlsstream.RECORD)',
     'data = (not self.inner.failed and\n'
     '                    self.inner.take(tlsstream.RECORD))',
     'test_tls_in_tls', 'hears_of_it'),
    ('reactor.py', 'self.unsent[self.sock.send(self.unsent):]',
     'self.sock.send(self.unsent) and b""', 'test_loops', 'short_sends'),
    ('completion.py', 'self.unsent = self.unsent[count:]',
     'self.unsent = b""', 'test_loops', 'short_sends'),
    # The alert is lost if the socket is closed with bytes unread.
    ('reactor.py', 'if source.eof and source.shut:',
     'if source.shut:', 'test_loops', 'alert_survives'),
    ('completion.py', 'self.receiving or not (self.shut and self.eof)',
     '(self.receiving and not self.shut)\\\n            or not self.shut',
     'test_loops', 'alert_survives'),
    ('tlsstream.py', 'return self.failed or self.app.wants_input(self)',
     'return not self.failed and self.app.wants_input(self)',
     'test_tlsstream', 'not_read_while_full'),
    # 2: the implicit handshake; no name.
    ('tlsstream.py', 'elif self.secure:\n            self.tls.write(data)',
     'elif True:\n            self.tls.write(data)', 'test_tlsstream', '2_'),
    ('contexts.py', 'context.options &=',
     'context.check_hostname = False\n    context.options &=',
     'test_tlsstream', '2_ or contexts'),
    ('pep543/openssl.py', 'if not self._ready:', 'if False:', 'test_pep543',
     'before_the_handshake'),
    ('pep543/stdlib.py', 'self._checking.check_hostname = True', 'pass',
     'test_pep543', 'wrong_certificate'),
    # 3: closing.
    ('tlsstream.py', '''            if self.ending:
                # Gotcha 3''', '''            if False:
                # Gotcha 3''', 'test_tlsstream', '3_'),
    ('tlsstream.py', '        self.ending = True\n        self._run()',
     '        self.ending = True\n        if self.tls:\n'
     '            self.tls.unwrap()\n        self._run()',
     'test_tlsstream', '3_'),
    ('tlsstream.py', '        except ssl.SSLZeroReturnError:      # we have '
     'said it before\n            return b\'\'\n', '', 'test_tlsstream',
     '3_'),
    ('tls_proxy.py', '        self.other.end()', '        pass',
     'test_tls_in_tls', 'cuts_the_answer or through_the_proxy'),
    ('pep543/openssl.py', 'for data in iter(', 'for data in [] and iter(',
     'test_pep543', 'shutdown'),
    ('pep543/sockets.py', 'self._run(self._buffer.shutdown)\n        self',
     'self', 'test_pep543_sockets', 'clear_before_and_after'),
    # 4: ragged ends.
    ('tlsstream.py', 'self.incoming.write_eof()', 'pass',
     'test_tlsstream', '4_'),
    ('tlsstream.py', '        except ssl.SSLWantReadError:\n            pass',
     '        except (ssl.SSLWantReadError, ssl.SSLEOFError):\n'
     '            pass', 'test_tlsstream', '4_'),
    ('http_get.py', 'if self.error:\n            self.error = error',
     'self.error = error', 'test_fetch', '4_'),
    ('http_get.py', 'if self.error:\n            self.error = error',
     'self._complete(stream, True)', 'test_fetch', '4_'),
    ('tls_in_tls.py', '        self.inner.feed(b\'\')\n', '',
     'test_tls_in_tls', 'politely'),
    ('tls_proxy.py', 'self.other.lost(error)', 'self.other.end()',
     'test_tls_in_tls', 'half'),
    ('pep543/stdlib.py', 'raise RaggedEOF(*error.args)', 'raise TLSError()',
     'test_pep543', 'ragged'),
    # 5: bytes behind close_notify.
    ('tlsstream.py', '(self.app.received if self.tls else\n'
     '             self.app.received_clear)(self, data)',
     'self.app.received(self, data)', 'test_fetch', '5_'),
    ('tlsstream.py', 'self.app.unsecured(self)\n            return True',
     'self.incoming.read()\n            self.app.unsecured(self)\n'
     '            return True', 'test_tlsstream', '5_'),
    ('pep543/openssl.py', 'self._inbox[:self._records.size]', 'self._inbox',
     'test_pep543', 'shutdown'),
    ('pep543/sockets.py', 'self._records.size)', '_CHUNK)',
     'test_pep543_sockets', 'clear_with_the'),
    # 6: bytes behind STARTTLS.
    ('starttls_echo.py', 'stream.start_tls(self.context, self.rest(), '
     'server_side=True)',
     'stream.start_tls(self.context, server_side=True)', 'test_loops',
     'command_behind'),
    ('starttls_echo.py', 'stream.start_tls(self.context, self.rest(),',
     'stream.start_tls(self.context, b"",', 'test_loops', 'reply_behind'),
    ('tlsstream.py', 'self.incoming.write(leftover)', 'pass',
     'test_tlsstream', '6_'),
    ('tls_in_tls.py', '        if data:\n            self.inner.feed(data)',
     '        if data and stream.app.answer is None:\n'
     '            self.inner.feed(data)', 'test_tls_in_tls',
     'behind or through'),
    ('starttls_echo.py', 'if not line.startswith(b\'220\'):', 'if False:',
     'test_loops', 'no_fallback'),
    # 7: no limits.
    ('tlsstream.py', 'return not stream.full', 'return True', 'test_loops',
     'back_pressure'),
    ('tlsstream.py', 'self.app.drained(self)', 'pass', 'test_loops',
     'much_data'),
    ('starttls_echo.py', 'if len(self.buffer) > LONGEST:', 'if False:',
     'test_loops', 'without_end'),
    ('tls_in_tls.py', 'while not stream.full and not stream.ending:',
     'while not stream.ending:', 'test_tls_in_tls', 'carry'),
    ('pep543/openssl.py', 'if room <= 0:',
     'room = len(buf)\n        if room <= 0:',
     'test_pep543', 'bounded'),
    ('pep543/openssl.py', 'if len(self._inbox) >= INBOX:', 'if False:',
     'test_pep543', 'bounded'),
    ('http_get.py', 'if len(self._answer) > LARGEST:', 'if False:',
     'test_fetch', '7_'),
    # 8: one record per chunk.
    ('tlsstream.py', '            while not self.failed and self._step():\n'
     '                pass', '            self._step()', 'test_tlsstream',
     '8_'),
    # 9: TLS in a worker.
    ('completion.py', 'self.workers.start(self._received, self.sock.recv, '
     'CHUNK)', 'self.workers.start(\n                lambda data, error: '
     'self._received(data, error),\n                lambda: '
     '(self.stream.take(0), self.sock.recv(CHUNK))[1])', 'test_loops',
     'one_thread'),
    # Peers that do not play along.
    ('reactor.py', 'if time.time() - source.active > self.idle:',
     'if False:', 'test_loops', 'silent'),
    ('completion.py', 'sock.settimeout(self.idle)', 'sock.settimeout(None)',
     'test_loops', 'silent'),
    ('reactor.py', 'if not self.stream.failed:', 'if True:', 'test_loops',
     'does_not_close'),
    ('completion.py', 'if not self.stream.failed:', 'if True:', 'test_loops',
     'does_not_close'),
    ('reactor.py', 'source.sock.close()', 'self.kept = getattr(\n'
     '                    self, "kept", []) + [source.sock]', 'test_loops',
     'no_file_open'),
    # A host has more than one address.
    ('connecting.py', 'addresses[1:]\n        self.make',
     '[]\n        self.make', 'test_loops', 'every_address'),
    ('connecting.py', 'failure, addresses[1:]', 'failure, []',
     'test_loops', 'every_address'),
    ('asyncore_fetch.py', 'self.failure = error', 'self.addresses = []',
     'test_fetch', 'every_address'),
    ('asyncore_fetch.py', "self.failure = socket.timeout('no answer in time')",
     'pass', 'test_fetch', 'every_address'),
    ('starttls_echo.py', 'error = failure\n            continue', 'break',
     'test_loops', 'listens_where'),
    # The small reactor, by the numbers of the gotchas.
    ('small_reactor.py', 'unsent[sock.send(unsent):]',
     'sock.send(unsent) and b""', 'test_small_reactor', 'short_sends'),
    ('small_reactor.py', 'while unsent or not stream.over:',
     'while not stream.over:', 'test_small_reactor', 'alert_is_sent'),
    ('small_reactor.py', 'self.tls.do_handshake()', 'pass',
     'test_small_reactor', 'client_and_server or trust'),
    ('small_reactor.py', 'if not self.data or self.sent < len(self.data):',
     'if True:', 'test_small_reactor', 'half_close or client_and_server'),
    ('small_reactor.py', 'self.incoming.write_eof()', 'None',
     'test_small_reactor', 'ragged or in_the_clear'),
    ('small_reactor.py', 'if not isinstance(error, ssl.SSLWantReadError):',
     'if not isinstance(error, (ssl.SSLWantReadError, ssl.SSLEOFError)):',
     'test_small_reactor', 'ragged'),
    ('small_reactor.py', 'self.over = not data ', 'self.over = False ',
     'test_small_reactor', 'close_behind'),
    ('small_reactor.py', 'len(self.awaited) - len(self.line))',
     '-1)[:len(self.awaited) - len(self.line)]', 'test_small_reactor',
     'behind'),
    ('small_reactor.py', 's.outgoing.pending < FULL)', 'True)',
     'test_small_reactor', 'bounded'),
    ('small_reactor.py', ' and self.outgoing.pending < FULL:', ':',
     'test_small_reactor', 'bounded'),
    ('small_reactor.py', 'while not self.over:    # Gotcha 8',
     'if not self.over:    # Gotcha 8', 'test_small_reactor',
     'much_data'),
    ('small_reactor.py', '(len(data) or 1)', 'len(data)',
     'test_small_reactor', 'incomplete'),
    # Greenlets.
    ('greenlets.py', 'self._alert()', 'pass', 'test_greenlets',
     'wrong_certificate'),
    ('greenlets.py', 'self._incoming.write_eof()      # Gotcha 4',
     'return b""', 'test_greenlets', 'without_close_notify'),
    ('greenlets.py', 'while self.recv(RECORD):\n                pass', 'pass',
     'test_greenlets', 'unwrap_first'),
    # PEP 543.
    ('pep543/stdlib.py', 'context = ssl.SSLContext(protocol)',
     'context = ssl.SSLContext(protocol)\n'
     '    context.load_default_certs()', 'test_pep543',
     'trust_store_alone'),
    ('pep543/openssl.py', 'if self.cipher() not in '
     'self._context.configuration.ciphers:', 'if False:', 'test_pep543',
     'cipher_that_cannot'),
    ('pep543/stdlib.py', 'tls.context = self._others[plain]._context', 'pass',
     'test_pep543', 'SNI'),
    ('pep543/openssl.py', 'del self._unsent[:amt]', 'del self._unsent[:]',
     'test_pep543', 'peek'),
    ('pep543/openssl.py', "('CCM_8', 'CCM8'), ", '', 'test_pep543_names',
     'cipher_suites'),
    ('pep543/sockets.py', 'if deadline is not None and _clock() >= deadline:',
     'if False:', 'test_pep543_sockets', 'timeout'),
    ('pep543/sockets.py', 'if not self._files:', 'if True:',
     'test_pep543_sockets', 'files'),
    # pyOpenSSL's names.
    ('pyopenssl_names/SSL.py', 'if callback is not None and not '
     '_returns_last(callback):', 'if False:',
     '../tests27/test_pyopenssl_names', 'verify_callback'),
    ('pyopenssl_names/SSL.py', 'code.co_argcount == 5 and \\\n        ', '',
     '../tests27/test_pyopenssl_names', 'verify_callback'),
    ('pyopenssl_names/SSL.py', 'if depth < DEPTH:', 'if False:',
     '../tests27/test_pyopenssl_names', 'depth'),
    ('pyopenssl_names/SSL.py',
     'if (self._context._mode | context._mode) & VERIFY_PEER:',
     'if context._mode & VERIFY_PEER:', '../tests27/test_pyopenssl_names',
     'server_name'),
    ('pyopenssl_names/SSL.py', '            self._done = False\n'
     '            raise', '            raise',
     '../tests27/test_pyopenssl_names', 'failing_info_callback'),
    ('pyopenssl_names/SSL.py', 'self.do_handshake()     # Gotcha 2: write() '
     'would, and tell nobody', 'self._tls or self._begin()',
     '../tests27/test_pyopenssl_names', 'failing_info_callback'),
    ('pyopenssl_names/SSL.py',
     'while self._done and not self._shutdown & RECEIVED_SHUTDOWN:',
     'while False:', '../tests27/test_pyopenssl_names', 'loses_nothing'),
    ('pyopenssl_names/SSL.py',
     'data, self._unread = self._unread[:bufsiz], self._unread[bufsiz:]',
     'data, self._unread = self._unread, b""',
     '../tests27/test_pyopenssl_names', 'loses_nothing'),
    ('pyopenssl_names/SSL.py', 'self._context._check_alpn(self)', 'pass',
     '../tests27/test_pyopenssl_names', 'alpn'),
    ('pyopenssl_names/SSL.py', "not select(connection, ['?']) and", '',
     '../tests27/test_pyopenssl_names', 'alpn'),
    ('pyopenssl_names/SSL.py', 'tempfile.NamedTemporaryFile()',
     'tempfile.NamedTemporaryFile(delete=False)',
     '../tests27/test_pyopenssl_names', 'kept_from_others'),
    ('pyopenssl_names/identity.py', "first == '*' and ", '',
     '../tests27/test_pyopenssl_names', 'bad_names'),
    ('pyopenssl_names/identity.py', "and '.' in rest.strip('.') ", '',
     '../tests27/test_pyopenssl_names', 'bad_names'),
    ('pyopenssl_names/identity.py',
     "and not label.startswith('xn--')", '',
     '../tests27/test_pyopenssl_names', 'bad_names'),
    ('pyopenssl_names/identity.py', "'DNS', 'IP Address', 'URI', "
     "'othername'}", "'DNS'}", '../tests27/test_pyopenssl_names',
     'common_name'),
    ('pyopenssl_names/crypto.py', "if label.startswith('ENCRYPTED') or "
     "label and not data:", 'if False:',
     '../tests27/test_pyopenssl_names', 'encrypted'),
    ('pyopenssl_names/asn1.py', 'if len(whole) < begin + length:', 'if False:',
     '../tests27/test_pyopenssl_names', 'malformed'),
    ('https_twisted.py', 'defer.returnValue(answer == body)',
     'defer.returnValue(True)', '../tests27/test_https_twisted', 'counts'),
    ('https_twisted.py', 'trustRoot=self.root,', '',
     '../tests27/test_https_twisted', 'fetch'),
    # trollius.
    ('https_trollius.py', 'yield From(writer.drain())\n\n\n@',
     'pass\n\n\n@', '../tests27/test_https_trollius', 'back_pressure'),
    ('https_trollius.py', 'if tls is None or tls.selected_alpn_protocol() '
     '!= PROTOCOL:', 'if False:', '../tests27/test_https_trollius', 'alpn'),
    ('https_trollius.py', 'error = failure', 'raise',
     '../tests27/test_https_trollius', 'every_address'),
    ('https_trollius.py', 'writer.write(piece)',
     'writer.write(piece if len(piece) != 10001 else b"")',
     '../tests27/test_https_trollius', 'thousand'),
    ('https_trollius.py', 'if answer != body or rest:', 'if rest:',
     '../tests27/test_https_trollius', 'counts'),
    ('https_trollius.py',
     'if self._transport._ssl_protocol._transport is not None:', 'if True:',
     '../tests27/test_https_trollius', 'paused'),
    ('https_trollius.py', "server_hostname=url.hostname))",
     "server_hostname='localhost'))", '../tests27/test_https_trollius',
     'wrong_certificate'),
    ('https_trollius.py',
     "raise HTTPError('it ends in the middle of the headers')", 'break',
     '../tests27/test_https_trollius', 'cut_short'),
)


def judge(python, mutation):
    """What happened: 'seen', or why it does not count."""
    name, old, new, module, words = mutation
    scratch = tempfile.mkdtemp()
    try:
        copy = os.path.join(scratch, 'docs', 'examples')
        shutil.copytree(os.path.join(ROOT, 'docs', 'examples'), copy)
        shutil.copytree(os.path.join(ROOT, 'Lib_tests', 'certs'),
                        os.path.join(scratch, 'Lib_tests', 'certs'))
        path = os.path.join(copy, name)
        with open(path) as source:
            text = source.read()
        if old not in text:
            return 'NOT FOUND: ' + old
        with open(path, 'w') as target:
            target.write(text.replace(old, new))
        process = subprocess.Popen(
            [python, '-B', '-m', 'pytest', '-q', '-x', '--timeout=30',
             os.path.join(copy, 'tests', module + '.py'), '-k', words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=copy)
        output = process.communicate()[0].decode('utf-8', 'replace')
        last = output.strip().split('\n')[-1]
        # A hang is a failure, too: pytest-timeout ends the process.
        if process.returncode == 1 and (
                'failed' in last or 'error' in last or 'Timeout' in output):
            return 'seen'
        return 'NOT SEEN (status {}): {}'.format(process.returncode, last)
    finally:
        shutil.rmtree(scratch)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--python', default=sys.executable)
    parser.add_argument('words', nargs='*', metavar='WORD')
    options = parser.parse_args(argv)
    missed = total = 0
    for mutation in MUTATIONS:
        title = '{0}: {3} -k "{4}"'.format(*mutation)
        if options.words and not any(word in title
                                     for word in options.words):
            continue
        total += 1
        result = judge(options.python, mutation)
        missed += result != 'seen'
        print('{:<70} {}'.format(title, result))
        sys.stdout.flush()
    print('{} of {} were seen'.format(total - missed, total))
    return 1 if missed or not total else 0


if __name__ == '__main__':
    sys.exit(main())
