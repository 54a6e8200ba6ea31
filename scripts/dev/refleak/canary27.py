"""Tests that leak on purpose: make refleak has to catch each of them, and
only those.  unittest and pytest both run them."""

import ctypes
import os
import ssl
import unittest

_kept = []
_malloc = ctypes.CDLL(None).malloc


class Leaks(unittest.TestCase):
    def test_leak_reference(self):
        _kept.append(object())

    def test_leak_block(self):
        _malloc(40)

    def test_leak_descriptor(self):
        os.dup(0)

    def test_leak_connection(self):
        """A reference too many to an object of _ssl."""
        bio = ssl.MemoryBIO()
        bio.write(b'x' * 100)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(bio))

    def test_clean(self):
        bio = ssl.MemoryBIO()
        bio.write(b'x' * 100)
        self.assertEqual(bio.read(), b'x' * 100)
