"""Runs the interpreter under test again, in other ways."""

import os
import subprocess
import sys

import ssl_overlay

#: The folder of the .pth line: site-packages or dist-packages.
SITE = os.path.dirname(os.path.dirname(os.path.abspath(ssl_overlay.__file__)))
PTH = os.path.join(SITE, '00-ssl-overlay.pth')
CERTS = os.environ['OVERLAY_CERTS']

#: Prints the file of ssl, or why there is none.
WHICH = ('try:\n    import ssl; print(ssl.__file__)\n'
         'except ImportError as error: print("ImportError")')


def run(*args, **variables):
    """(status, output) of the interpreter with *args* (strs); *variables*
    are added to the environment."""
    env = dict(os.environ, **variables)
    process = subprocess.Popen((sys.executable,) + args, env=env,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, cwd='/')
    output = process.communicate()[0]
    return process.returncode, output.strip()


def check(*args, **variables):
    """(status, output) of python -m ssl_overlay --check *args*."""
    return run('-m', 'ssl_overlay', '--check', *args, **variables)


def is_ours(text):
    """True if *text* is the path of a module of the overlay."""
    return '-front' in text and 'ssl_overlay' in text
