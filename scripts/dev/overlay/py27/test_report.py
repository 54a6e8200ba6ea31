"""What python -m ssl_overlay says."""

import json
import os
import shutil
import sys
import tempfile
import unittest

import child


class Report(unittest.TestCase):

    def test_json(self):
        status, output = child.run('-m', 'ssl_overlay', '--json')
        self.assertEqual(status, 0, output)
        facts = json.loads(output)
        self.assertTrue(child.is_ours(facts['in_use']['ssl']))
        self.assertTrue(child.is_ours(facts['in_use']['_ssl']))
        self.assertFalse(facts['in_use']['first'])
        self.assertEqual(os.path.basename(facts['own']['ssl']), 'ssl.py')
        self.assertNotIn('ssl_overlay', facts['own']['ssl'])
        self.assertTrue(facts['own']['openssl'].startswith('OpenSSL'))
        self.assertTrue(facts['version'])
        self.assertEqual(len(facts['patches_sha256']), 64)

    def test_as_a_built_interpreter_says_it(self):
        status, output = child.run('-m', 'ssl_series')
        self.assertEqual(status, 0, output)
        series = json.loads(output)
        facts = json.loads(child.run('-m', 'ssl_overlay', '--json')[1])
        for name in ('version', 'groups', 'patches', 'patches_sha256'):
            self.assertEqual(series[name], facts[name], name)
        for name in ('ssl', '_ssl', 'openssl', 'error'):
            self.assertEqual(series['in_use'][name], facts['in_use'][name])
        self.assertEqual(os.path.dirname(series['file']),
                         os.path.dirname(series['in_use']['ssl']))

    def test_text(self):
        status, output = child.run('-m', 'ssl_overlay')
        self.assertEqual(status, 0, output)
        for word in ('ssl ', '_ssl', 'OpenSSL', 'series', 'without it'):
            self.assertIn(word, output)

    def test_check(self):
        status, output = child.check()
        self.assertEqual((status, output), (0, ''))

    def test_another_overlay(self):
        # An older one of the system's, say, that PYTHONPATH names.
        front = os.path.dirname(json.loads(child.run(
            '-m', 'ssl_overlay', '--json')[1])['in_use']['ssl'])
        folder = os.path.join(tempfile.mkdtemp(), 'ssl_overlay')
        self.addCleanup(shutil.rmtree, os.path.dirname(folder), True)
        shutil.copytree(os.path.dirname(front), folder)
        front = os.path.join(folder, os.path.basename(front))
        # The same one at another place is as good.
        status, output = child.check(PYTHONPATH=front)
        self.assertEqual((status, output), (0, ''))
        with open(os.path.join(folder, 'facts.json')) as file:
            facts = json.load(file)
        with open(os.path.join(folder, 'facts.json'), 'w') as file:
            json.dump(dict(facts, version='0.0.1'), file)
        status, output = child.check(PYTHONPATH=front)
        self.assertEqual(status, 1)
        self.assertIn('of another overlay: its version is 0.0.1', output)

    def test_zip_file(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        archive = shutil.make_archive(os.path.join(folder, 'x'), 'zip',
                                      child.SITE, 'ssl_overlay')
        status, output = child.run('-m', 'ssl_overlay', PYTHONPATH=archive)
        self.assertEqual(status, 1)
        self.assertIn('install the wheel with pip', output)
        self.assertNotIn('Traceback', output)

    def test_unknown_ssl(self):
        # A distribution's security update, as the overlay would see it.
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        code = ('import sys; from ssl_overlay import judge, places, report\n'
                'own = %r\n'
                'places.standard_path = lambda: [own]\n'
                'facts = report.collect([])\n'
                'print(facts["own"]["sha256"])\n'
                'print(judge.problems(facts, sys.argv[1:]))' % folder)
        with open(os.path.join(folder, 'ssl.py'), 'w') as file:
            file.write('OPENSSL_VERSION = "fixed"\n')
        status, output = child.run('-c', code)
        self.assertEqual(status, 0, output)
        digest, text = output.split('\n')[-2:]
        self.assertIn('may have a fix that the overlay hides', text)
        self.assertIn(digest, text)
        # Known to the caller.
        self.assertTrue(child.run('-c', code, digest)[1].endswith('[]'))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + ['-v'])
