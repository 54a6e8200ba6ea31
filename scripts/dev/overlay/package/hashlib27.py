"""_hashlib of ssl_overlay: it is in one file with _ssl, since both need the
same library.

For an interpreter that has none; in front of its own only if that was asked
for when this was built.
"""

import imp
import os
import sys

# Python knows the extension modules that it has loaded by their path: this
# one has to be another than the one that "import _ssl" finds.
imp.load_dynamic(__name__, imp.find_module('_ssl', [os.path.join(
    os.path.dirname(os.path.abspath(__file__)), os.pardir,
    'cp27%sm%s-front' % ('d' * hasattr(sys, 'gettotalrefcount'),
                         'u' * (sys.maxunicode > 65535)))])[1])
