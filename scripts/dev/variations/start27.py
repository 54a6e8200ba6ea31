"""Go on with the program in sys.argv, as the interpreter itself would."""

import runpy
import sys


def program():
    """Run what stands behind this program's name: a file, or -m MODULE."""
    del sys.argv[0]
    if sys.argv[0] == '-m':
        del sys.argv[0]
        sys.path[0] = ''
        runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)
    else:
        import os
        sys.path[0] = os.path.dirname(sys.argv[0])
        runpy.run_path(sys.argv[0], run_name='__main__')
