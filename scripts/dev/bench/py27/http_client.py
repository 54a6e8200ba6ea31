"""An HTTPS client on httplib or urllib2, driven over a pipe.

    python http_client.py httplib|urllib2 CERTS PORT ssl|pyopenssl|plain

httplib keeps its connection; urllib2 makes one for each page.  With
"pyopenssl" their TLS is that of urllib3's module for pyOpenSSL; "plain" is
without TLS.  Each line of standard input is "run N": N pages are fetched and
looked at.
"""

import json
import os
import ssl
import sys
import warnings

import httplib
import urllib2

import common27

warnings.simplefilter('ignore')     # cryptography's, on Python 2.7


def context_of(certs, tls):
    """The context for the way *tls*, None if there is none."""
    authority = os.path.join(certs, 'ca.pem')
    if tls == 'plain':
        return None
    if tls == 'ssl':
        return ssl.create_default_context(cafile=authority)
    from urllib3.contrib.pyopenssl import PyOpenSSLContext
    from urllib3.util.ssl_match_hostname import match_hostname

    class Context(PyOpenSSLContext):
        """Checks the host name, which pyOpenSSL does not, as urllib3's
        own connections do."""

        def wrap_socket(self, sock, *args, **names):
            wrapped = PyOpenSSLContext.wrap_socket(self, sock, *args, **names)
            match_hostname(wrapped.getpeercert(), names['server_hostname'])
            return wrapped

    context = Context(ssl.PROTOCOL_SSLv23)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority)
    return context


def with_httplib(port, context):
    connection = httplib.HTTPSConnection('localhost', port, context=context) \
        if context else httplib.HTTPConnection('localhost', port)

    def fetch():
        connection.request('GET', '/')
        return connection.getresponse().read()
    return fetch


def with_urllib2(port, context):
    opener = urllib2.build_opener(urllib2.HTTPSHandler(context=context))
    url = 'http{}://localhost:{}/'.format('s' * bool(context), port)

    def fetch():
        answer = opener.open(url)
        try:
            return answer.read()
        finally:
            answer.close()
    return fetch


def main(what, certs, port, tls):
    fetch = globals()['with_' + what](int(port), context_of(certs, tls))
    for line in iter(sys.stdin.readline, ''):
        for _ in range(int(line.split()[1])):
            if fetch() != common27.PAGE:
                raise SystemExit('not the page')
        sys.stdout.write(json.dumps({}) + '\n')
        sys.stdout.flush()


if __name__ == '__main__':
    main(*sys.argv[1:])
