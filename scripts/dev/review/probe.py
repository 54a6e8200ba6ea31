"""Print the public names of ssl, SSLContext and _ssl as JSON.

Runs on Python 2.7 and 3, inside the interpreter that is looked at, without
anything of this project.
"""

import _ssl
import json
import ssl
import sys


def names(thing):
    return sorted(name for name in dir(thing) if not name.startswith('_'))


def modules(module):
    """The names in *module* that are only what it imports itself."""
    kind = type(sys)
    return {name for name in names(module)
            if isinstance(getattr(module, name), kind)}


def main():
    found = {
        'python': '.'.join(map(str, sys.version_info[:3])),
        'openssl': ssl.OPENSSL_VERSION,
        'names': {
            'ssl': sorted(set(names(ssl)) - modules(ssl)),
            'SSLContext': names(ssl.SSLContext),
            'SSLSocket': names(ssl.SSLSocket),
            '_ssl': sorted(set(names(_ssl)) - modules(_ssl)),
        },
    }
    for name in ('SSLObject', 'MemoryBIO'):
        thing = getattr(ssl, name, None)
        found['names'][name] = names(thing) if thing else []
    print(json.dumps(found))


if __name__ == '__main__':
    main()
