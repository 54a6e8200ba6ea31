"""The facts about the ssl that is in use."""

import os
import subprocess
import sys

from ssl_overlay import places

# Run without what the overlay adds: what ssl would be without it.
_OWN = '''
import sys
sys.path[:] = sys.argv[1:]
try:
    import ssl, _ssl
    print(ssl.OPENSSL_VERSION)
except ImportError as error:
    print("ImportError: %s" % error)
'''


def own():
    """What the interpreter would have without the overlay (dict): ssl and
    _ssl (path, 'built-in' or None), sha256 and known (of ssl.py: what it is
    and which groups have its fixes, or None), openssl (str)."""
    path = places.standard_path()
    found = {'ssl': places.find('ssl', path),
             '_ssl': places.find('_ssl', path)}
    found['sha256'] = places.sha256(found['ssl'])
    found['known'] = places.read_json('known.json').get(found['sha256'])
    process = subprocess.Popen(
        [sys.executable, '-E', '-s', '-c', _OWN] + path,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found['openssl'] = process.communicate()[0].strip()
    return found


def in_use(before):
    """What "import ssl" gives here (dict): ssl and _ssl (paths), openssl
    (str), ours (the names of those that are an overlay's), series (what tells
    that overlay from others), first (True if *before*, the names of the
    modules that had been imported already, has one of them), error (str or
    None)."""
    found = {'first': bool({'ssl', '_ssl'} & set(before)), 'error': None,
             'ssl': None, '_ssl': None, 'openssl': None, 'ours': [],
             'series': {}}
    try:
        import _ssl
        import ssl
    except ImportError as error:
        found['error'] = str(error)
        return found
    found['ssl'] = ssl.__file__
    found['_ssl'] = getattr(_ssl, '__file__', 'built-in')
    found['openssl'] = ssl.OPENSSL_VERSION
    found['ours'] = [name for name in ('ssl', '_ssl')
                     if places.is_ours(found[name])]
    if 'ssl' in found['ours']:
        found['series'] = _series(os.path.dirname(found['ssl']))
    return found


def _series(front):
    """What tells the overlay of the folder *front* from others (dict): in a
    virtualenv, for example, that of the system may be an older one."""
    try:
        facts = places.read_json(os.path.join(front, os.pardir, 'facts.json'))
    except (IOError, ValueError):
        facts = {}
    return {name: facts.get(name)
            for name in ('version', 'patches_sha256', 'bundled')}


def collect(before):
    """All facts (dict); *before* as in_use() wants it."""
    facts = dict(places.read_json('facts.json'))
    facts.update(python='%s, %s, %s' % (
        sys.executable, sys.version.split()[0], places.ABI),
        front=places.FRONT, fits=os.path.isdir(places.FRONT),
        in_use=in_use(before), own=own())
    return facts
