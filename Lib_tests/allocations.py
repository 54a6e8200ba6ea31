"""Build and call allocations.c: allocations that fail on demand.

Imports neither ssl nor anything that does: OpenSSL takes other functions for
its memory only before it has allocated any.
"""

import contextlib
import ctypes
import os
import shlex
import subprocess
import sys
import sysconfig

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      'allocations.c')
KINDS = {'openssl': 0, 'python': 1, 'import': 2}


class Unavailable(Exception):
    """The hooks cannot be had here; says why."""


def build(folder):
    """Compile allocations.c into *folder*; the library's path."""
    if not sys.platform.startswith('linux'):
        raise Unavailable('the hooks are for Linux')
    library = os.path.join(folder, 'allocations.so')
    compiler = shlex.split(os.environ.get('CC') or
                           (sysconfig.get_config_var('CC') or 'cc'))
    try:
        child = subprocess.Popen(
            compiler + ['-O1', '-shared', '-fPIC', '-o', library, SOURCE,
                        '-ldl'],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        raise Unavailable('no C compiler (%s): %s' % (compiler[0], error))
    output = child.communicate()[0]
    assert child.returncode == 0, output.decode('utf-8', 'replace')
    return library


class Allocations(object):
    """The hooks in this process, which has not used OpenSSL yet.

    library: what build() returned.  extension: path of the extension module
    _ssl, through which libcrypto is found wherever it is.
    """

    def __init__(self, library, extension):
        self.load(library, ctypes.CDLL(extension))
        if not self.lib.hook_openssl(self.crypto.CRYPTO_set_mem_functions):
            raise Unavailable('OpenSSL does not take the hooks any more')

    @classmethod
    def of_loaded(cls, library, extension):
        """Those between *extension*, a ctypes.CDLL, and Python alone."""
        self = cls.__new__(cls)
        self.load(library, extension)
        self.hook_calls()
        return self

    def load(self, library, extension):
        self.lib = ctypes.CDLL(library)
        self.lib.disarm.restype = ctypes.c_long
        self.lib.live_blocks.restype = ctypes.c_long
        self.lib.newest_block.restype = ctypes.c_ulong
        self.lib.list_blocks.argtypes = [ctypes.c_ulong, ctypes.c_char_p,
                                         ctypes.c_size_t]
        self.lib.hook_type.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        self.crypto = extension
        self.seen = self.failed = 0
        self.where = None

    def hook_calls(self):
        address = ctypes.cast(self.crypto.init_ssl, ctypes.c_void_p)
        if self.lib.hook_python(address) < 10:
            raise Unavailable('the calls of _ssl cannot be replaced')

    def hook_python(self, module):
        """Put the hooks between *module*, which is _ssl, and Python."""
        self.hook_calls()
        for name in ('MemoryBIO', '_SSLContext'):
            kind = getattr(module, name)
            # Python has noticed by then that a slot of the type is set.
            if not self.lib.hook_type(id(kind), type(kind).__basicsize__):
                raise Unavailable('%s allocates in its own way' % name)

    @contextlib.contextmanager
    def failing(self, kind, number=-1, lasting=False):
        """In the block, allocation *number* (from 0 on) of *kind* fails, and
        those behind it if *lasting*.  Then self.seen is how many there were,
        self.failed how many of them failed, self.where the first."""
        failed, line = ctypes.c_long(), ctypes.c_int()
        name = ctypes.c_char_p()
        self.lib.arm(KINDS[kind], ctypes.c_long(number), int(lasting))
        try:
            yield
        finally:
            self.seen = self.lib.disarm(ctypes.byref(failed),
                                        ctypes.byref(name),
                                        ctypes.byref(line))
            self.failed = failed.value
            self.where = None
            if name.value is not None:
                self.where = '%s:%d' % (name.value.decode('ascii'),
                                        line.value)

    def live(self):
        """The number of OpenSSL's blocks that have not been freed."""
        return self.lib.live_blocks()

    def newest(self):
        """The number of the newest of OpenSSL's blocks."""
        return self.lib.newest_block()

    def blocks_since(self, number):
        """What is left of the blocks newer than *number*: a sorted list of
        'file:line size'."""
        text = ctypes.create_string_buffer(1 << 16)
        self.lib.list_blocks(number, text, len(text))
        return sorted(text.value.decode('ascii', 'replace').splitlines())
