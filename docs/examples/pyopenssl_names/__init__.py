"""The names of pyOpenSSL that Twisted uses, on Python 2.7's ssl module.

    import pyopenssl_names
    pyopenssl_names.install()       # before anything imports OpenSSL
    from twisted.internet import ssl

Twisted 20.3.0 then speaks TLS by ssl.MemoryBIO and ssl.SSLObject, without
pyOpenSSL, cryptography, cffi and service_identity.  SSL.py and crypto.py
list the names that are there.  All others of pyOpenSSL raise
NotImplementedError when they are called and say what to do instead.

Whatever is asked for in order to verify a peer is done, or is an error.
"""

import ssl
import sys
import types

from . import SSL, crypto, identity


def _package(name, **names):
    module = types.ModuleType(name, __doc__)
    vars(module).update(names, __path__=[])     # nothing else is in it
    return module


def install():
    """From now on, importing OpenSSL or service_identity gives this package,
    in the whole process.

    ImportError is raised if the ssl module has no MemoryBIO, RuntimeError if
    the real ones were imported before: somebody has names of theirs.
    """
    if not hasattr(ssl, 'MemoryBIO'):
        raise ImportError('no ssl.MemoryBIO: use the patched Python 2.7')
    if sys.modules.get('OpenSSL.SSL') is SSL:
        return
    modules = {
        'OpenSSL': _package('OpenSSL', SSL=SSL, crypto=crypto),
        'OpenSSL.SSL': SSL,
        'OpenSSL.crypto': crypto,
        # Twisted imports cffi's library, and uses it with OpenSSL 1.0.2.
        'OpenSSL._util': _package('OpenSSL._util', lib=None),
        'service_identity.pyopenssl': identity,
        'service_identity': _package(
            'service_identity', pyopenssl=identity,
            VerificationError=identity.VerificationError)}
    for name in modules:
        if sys.modules.get(name):
            raise RuntimeError(name + ' is there: call install() earlier')
    sys.modules.update(modules)
