"""What the programs have in common; for Python 2.7, patched or not."""

from __future__ import print_function

import json
import os
import sys

PAGE = b'x' * 1024


def certificate(certs):
    """The path of a server's certificate and key in the folder *certs*."""
    return os.path.join(certs, 'server.pem')


def listening(port):
    """Tell "make bench" where this server is."""
    print(json.dumps({'port': port}))
    sys.stdout.flush()
