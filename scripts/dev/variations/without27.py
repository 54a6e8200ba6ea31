"""Run a program on a Python that lacks an extension module.

    python2.7 without27.py MODULE FILE ARGUMENT ...   or: MODULE -m MODULE ...
"""

import sys

import start27

# As import does for a module that was not found before.
sys.modules[sys.argv.pop(1)] = None
start27.program()
