"""Import _ssl where one call fails that its initialisation makes.

    python2.7 failing_import.py LIBRARY EXTENSION

LIBRARY: what allocations.build() returned.  EXTENSION: path of _ssl.  A line
of JSON for each call, [its function, what the import raised or null]; then
_ssl is imported and used.
"""

from __future__ import print_function

import ctypes
import json
import sys

import allocations


def attempt(hooks, number):
    """Import _ssl with call *number* failing: the exception or None."""
    try:
        with hooks.failing('import', number):
            import _ssl  # noqa: F401
    except Exception as error:
        return error
    finally:
        sys.modules.pop('_ssl', None)


def main():
    hooks = allocations.Allocations.of_loaded(
        sys.argv[1], ctypes.CDLL(sys.argv[2], ctypes.RTLD_GLOBAL))
    number = 0
    while True:
        error = attempt(hooks, number)
        if not hooks.failed:
            break
        print(json.dumps([hooks.where.split(':')[0],
                          error and type(error).__name__]))
        number += 1
    assert error is None, error

    import tls
    tls.Connection().established().close()


if __name__ == '__main__':
    if not __debug__:
        sys.exit('what it checks is gone under -O and with PYTHONOPTIMIZE: '
                 'run it without')
    main()
