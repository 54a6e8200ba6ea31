"""Two tests: without the second, a mutant that it kills has to survive."""

import ssl
import unittest


class Canary(unittest.TestCase):

    def test_kept(self):
        self.assertEqual(ssl.MemoryBIO().pending, 0)

    def test_removed(self):
        bio = ssl.MemoryBIO()
        bio.write_eof()
        self.assertTrue(bio.eof)


if __name__ == '__main__':
    unittest.main()
