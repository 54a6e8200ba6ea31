"""tornado's own tests, with docs/examples/tornado_tls.py below its streams.

    python2.7 tornado_over_memory.py MODULE ...
"""

import runpy
import ssl

import tornado_tls

if not hasattr(ssl, 'MemoryBIO'):
    # Each test would wait for its time limit.
    raise SystemExit('this ssl has no MemoryBIO')
tornado_tls.install()
runpy.run_module('tornado.test.runtests', run_name='__main__',
                 alter_sys=True)
