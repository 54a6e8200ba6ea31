"""How to see that a tree does already what a patch is for, in its own way.

A probe looks for the code that does it, not for a name that a patch of ours
happens to add.
"""

import collections
import os
import re

from scripts.series.groups import PatchName

#: topic: what the topics of the patches begin with.  path: a file of the
#: tree; pattern: what is in it if the tree does the same; text: what that
#: is.  always: True if the patch is left out even where it applies, since
#: it would do nothing, or undo what the tree does.
Probe = collections.namedtuple('Probe', 'topic path pattern text always')

PROBES = (
    Probe('make-ssl-data', 'Tools/ssl/make_ssl_data.py',
          r'\berrtxt\b|openssl\.txt',
          "its make_ssl_data.py reads OpenSSL 3's list of errors", False),
    Probe('setup-openssl-version', 'setup.py',
          r'OPENSSL_VERSION_MAJOR|_hashlib[^#]*\n(?:(?!min_openssl_ver).)*'
          r'libraries = \["?.?ssl',
          'its setup.py finds OpenSSL 3', False),
    Probe('ssl-cadata-eof', 'Modules/_ssl.c',
          r'cadata does not contain a certificate',
          'its _add_ca_certs() tells the end of cadata', False),
    Probe('ssl-san-newline', 'Modules/_ssl.c',
          r'case GEN_IPADD:\s*(?:/\*(?:[^*]|\*(?!/))*\*/\s*)?'
          r't = PyTuple_New',
          'it prints the addresses in subjectAltName itself', True),
    Probe('test-ssl-openssl-version', 'Lib/test/test_ssl.py',
          r'assertLess\(n, 0x[4-9]0000000\)',
          'its test_ssl knows OpenSSL 3', False),
    Probe('test-ssl-tlsv1-2', 'Lib/test/test_ssl.py',
          r'server_context = ssl\.SSLContext\(ssl\.PROTOCOL_TLS\)',
          'its test_ssl connects with PROTOCOL_TLS', False),
    Probe('test-ssl-legacy-tls', 'Lib/test/test_ssl.py',
          r'if protocol in \(?\{?ssl\.PROTOCOL_TLSv1, ssl\.PROTOCOL_TLSv1_1',
          'its test_ssl leaves out TLS 1.0 and 1.1', False),
    Probe('hashlib-constructors', 'Modules/_hashopenssl.c',
          r'EVP_MD_fetch\(NULL, #NAME|!EVP_DigestInit\(CONST_new_',
          'its _hashlib forgets digests that OpenSSL does not provide',
          False),
    Probe('cve-2023-40217', 'Lib/ssl.py',
          r'pre_handshake_data|CVE-2023-40217',
          'it has a fix for CVE-2023-40217', True),
    Probe('memorybio', 'Modules/_ssl.c',
          r'PyTypeObject\s+\w*MemoryBIO\w*\s*=\s*\{',
          'it has a type MemoryBIO', False),
)


def find(tree, name):
    """The Probe for the patch *name* that the folder *tree* passes, None if
    there is none."""
    topic = PatchName.parse(name).topic
    for probe in PROBES:
        if topic.startswith(probe.topic) and _passes(tree, probe):
            return probe
    return None


def _passes(tree, probe):
    try:
        with open(os.path.join(tree, probe.path), encoding='utf-8',
                  errors='replace') as file:
            return re.search(probe.pattern, file.read()) is not None
    except OSError:
        return False
