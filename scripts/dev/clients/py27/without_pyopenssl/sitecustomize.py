"""Every interpreter that finds this module when it starts has
docs/examples/pyopenssl_names in place of pyOpenSSL.

What Twisted's tests make their certificates with, certificates.py stands
for.  If pyOpenSSL or what it needs can be imported, the interpreter ends.
"""

import imp
import sys

import pyopenssl_names

for _name in ('OpenSSL', 'cryptography', 'cffi', '_cffi_backend',
              'service_identity'):
    try:
        imp.find_module(_name)
    except ImportError:
        continue
    sys.exit('{} is installed: these tests are to run without'.format(_name))

pyopenssl_names.install()

import certificates  # noqa: E402

certificates.install()
