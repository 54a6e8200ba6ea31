"""PEP 543, "A Unified TLS API for Python": buffers and sockets, both ends.

    from pep543 import NextProtocol, TLSConfiguration
    from pep543.stdlib import BACKEND

    configuration = TLSConfiguration(
        trust_store=BACKEND.trust_store.from_pem_file('ca.pem'),
        inner_protocols=(NextProtocol.HTTP1,))
    context = BACKEND.client_context(configuration)
    sock = context.wrap_socket(socket.create_connection(address), 'localhost')
    sock.do_handshake()

    buffer = context.wrap_buffers('localhost')      # or without any I/O

Everything here knows nothing of OpenSSL: a backend is what makes contexts.
stdlib.py is one over the ssl module, pyopenssl.py another over pyOpenSSL;
they share openssl.py and pem.py, and none of their modules shows through.
The names and meanings are the PEP's.  Where it is silent, a comment says
what was chosen.  The words "Gotcha N" refer to the list in docs/examples.md.
"""

from pep543.abstract import (
    Backend,
    Certificate,
    ClientContext,
    PrivateKey,
    ServerContext,
    TLSWrappedBuffer,
    TrustStore,
)
from pep543.configuration import TLSConfiguration
from pep543.errors import (
    RaggedEOF,
    TLSError,
    WantReadError,
    WantWriteError,
)
from pep543.names import NextProtocol, TLSVersion
from pep543.sockets import TLSWrappedSocket
from pep543.suites import DEFAULT_CIPHER_LIST, CipherSuite

__all__ = ['Backend', 'Certificate', 'CipherSuite', 'ClientContext',
           'DEFAULT_CIPHER_LIST', 'NextProtocol', 'PrivateKey', 'RaggedEOF',
           'ServerContext', 'TLSConfiguration', 'TLSError', 'TLSVersion',
           'TLSWrappedBuffer', 'TLSWrappedSocket', 'TrustStore',
           'WantReadError', 'WantWriteError']
