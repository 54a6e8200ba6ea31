"""The overlay is in front, in whatever way the interpreter is called; what
the user puts into PYTHONPATH goes first."""

import os
import shutil
import sys
import tempfile
import unittest
import zipfile

import child


class Folder(unittest.TestCase):
    """A folder for each test."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, True)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w') as file:
            file.write(text)
        return path


class InFront(Folder):

    def test_here(self):
        import _ssl
        import ssl
        self.assertTrue(child.is_ours(ssl.__file__), ssl.__file__)
        self.assertTrue(child.is_ours(_ssl.__file__), _ssl.__file__)

    def test_options(self):
        for options in ('-E', '-s', '-sE', '-B', '-O', '-OO', '-Qnew', '-R',
                        '-tt', '-W error::SyntaxWarning'):
            status, output = child.run(*(options.split() +
                                         ['-c', child.WHICH]))
            self.assertEqual(status, 0, output)
            self.assertTrue(child.is_ours(output), (options, output))

    def test_without_site(self):
        # It is an option to go without, and the interpreter's own is there
        # (a virtualenv has no standard library without site).
        output = child.run('-S', '-c', child.WHICH)[1]
        self.assertFalse(child.is_ours(output), output)
        self.assertIn(os.path.basename(output).split('.')[0],
                      ('ssl', 'ImportError'))

    def test_script_and_module(self):
        path = self.write('program.py', child.WHICH)
        self.assertTrue(child.is_ours(child.run(path)[1]))
        output = child.run('-m', 'program', PYTHONPATH=self.folder)[1]
        self.assertTrue(child.is_ours(output), output)

    def test_program_in_a_zip(self):
        path = os.path.join(self.folder, 'program.zip')
        with zipfile.ZipFile(path, 'w') as archive:
            archive.writestr('__main__.py', child.WHICH)
        output = child.run(path)[1]
        self.assertTrue(child.is_ours(output), output)

    def test_site_twice(self):
        code = ('import site, sys; site.main(); print([p for p in sys.path '
                'if p.endswith(("-front", "-last"))])')
        status, output = child.run('-c', code)
        self.assertEqual(status, 0, output)
        self.assertEqual(output.count('-front'), 1, output)
        self.assertEqual(output.count('-last'), 1, output)


class OldLibrary(unittest.TestCase):

    def test_rand_egd(self):
        # 2.7.9's socket.py needs it, whatever OpenSSL has.
        import _ssl
        import ssl
        if ssl.OPENSSL_VERSION_INFO < (1, 1):
            return
        old = sys.version_info[:3] == (2, 7, 9)
        self.assertEqual(hasattr(_ssl, 'RAND_egd'), old)
        if old:
            self.assertRaises(ssl.SSLError, ssl.RAND_egd, '/dev/egd')


class Others(Folder):

    def test_pythonpath_goes_first(self):
        self.write('ssl.py', 'OPENSSL_VERSION = "mine"\n')
        output = child.run('-c', child.WHICH, PYTHONPATH=self.folder)[1]
        self.assertTrue(output.startswith(self.folder), output)
        status, output = child.check(PYTHONPATH=self.folder)
        self.assertEqual(status, 1, output)
        self.assertIn(self.folder, output)
        self.assertIn('in front of the overlay', output)

    def test_imported_before(self):
        # What sorts before the overlay's own .pth comes first.
        path = os.path.join(child.SITE, '00-a.pth')
        with open(path, 'w') as file:
            file.write('import ssl\n')
        self.addCleanup(os.unlink, path)
        status, output = child.check()
        self.assertEqual(status, 1, output)
        self.assertIn('imported before', output)

    def test_sitecustomize_gets_it(self):
        self.write('sitecustomize.py', 'import ssl\n')
        output = child.run('-c', child.WHICH, PYTHONPATH=self.folder)[1]
        self.assertTrue(child.is_ours(output), output)
        status, output = child.check(PYTHONPATH=self.folder)
        self.assertNotIn('imported before', output)


class NotImported(unittest.TestCase):
    """Who does not import ssl gets nothing but two folders in sys.path."""

    CODE = ('import sys; print(sorted(sys.modules)); '
            'print([p for p in sys.path if "ssl_overlay" not in p])')

    def test_nothing_changes(self):
        with_it = child.run('-c', self.CODE)
        hidden = child.PTH + '.hidden'
        os.rename(child.PTH, hidden)
        try:
            without = child.run('-c', self.CODE)
            self.assertFalse(child.is_ours(child.run('-c', child.WHICH)[1]))
        finally:
            os.rename(hidden, child.PTH)
        self.assertEqual(with_it, without)
        self.assertEqual(with_it[0], 0)
        self.assertNotIn("'ssl'", with_it[1])


class Hashlib(unittest.TestCase):

    def test_hashlib(self):
        # In either order: both modules are in one file.
        for first, second in (('_ssl', '_hashlib'), ('_hashlib', '_ssl')):
            status, output = child.run('-c', (
                'import %s, %s, hashlib, ssl; '
                'print(hashlib.pbkdf2_hmac("sha256", "p", "s", 1)'
                '.encode("hex")); print(_hashlib.openssl_sha256("")'
                '.hexdigest()[:8]); print(hasattr(_ssl, "openssl_md5"), '
                'hasattr(_hashlib, "_SSLContext"))') % (first, second))
            self.assertEqual(status, 0, output)
            self.assertEqual(output.split()[1:], [
                'e3b0c442', '(False,', 'False)'])

    def test_own_hashlib_stays(self):
        status, output = child.run('-c', (
            'import sys, imp; sys.path[:] = [p for p in sys.path '
            'if "ssl_overlay" not in p]; imp.find_module("_hashlib")'))
        has_own = status == 0
        status, output = child.run('-c', 'import _hashlib; '
                                   'print(_hashlib.__file__)')
        self.assertEqual(status, 0, output)
        self.assertEqual('ssl_overlay' in output, not has_own, output)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + ['-v'])
