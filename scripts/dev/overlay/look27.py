"""Run by the interpreter that an overlay is asked for: what it is."""

import json
import os
import sys

found = {
    'executable': sys.executable,
    'implementation': getattr(sys, 'subversion', ('Python',))[0],
    'version': list(sys.version_info[:3]),
    'level': sys.version_info[3],
    'wide': sys.maxunicode > 65535,
    'debug': hasattr(sys, 'gettotalrefcount'),
}
if found['version'][:2] == [2, 7]:
    from distutils.sysconfig import get_python_inc
    found['header'] = os.path.join(get_python_inc(), 'Python.h')
    found['has_header'] = os.path.exists(found['header'])
    # As it would be without an overlay that is there already.
    sys.path[:] = [folder for folder in sys.path
                   if not folder.endswith(('-front', '-last'))]
    for name in ('_hashlib', '_ssl'):
        try:
            module = __import__(name)
            found[name] = getattr(module, '__file__', 'built-in')
        except ImportError:
            found[name] = None
    try:
        import ssl
        found['openssl'] = ssl.OPENSSL_VERSION
    except ImportError:
        found['openssl'] = None
    import imp
    found['ssl'] = imp.find_module('ssl')[1]
    import hashlib
    with open(found['ssl'], 'rb') as file:
        found['sha256'] = hashlib.sha256(file.read()).hexdigest()
print(json.dumps(found))
