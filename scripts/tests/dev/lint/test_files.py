"""Rules about files and regions that patches must leave alone, and leaks."""

import os

import pytest

from scripts.dev.lint.rules import leaks

NAME = '0201-pep546-a.patch'


@pytest.mark.parametrize('path, text, expected', [
    ('Modules/_memorybio.c', 'int x;\n', 'a new C file'),
    ('configure', '#!/bin/sh\nexit 1\n', 'leave it alone'),
    ('configure.ac', 'x\n', 'leave it alone'),
    ('pyconfig.h.in', 'x\n', 'leave it alone'),
    ('Misc/NEWS', 'More news\n', 'a new file under Misc/NEWS.d/next/'),
    ('Misc/NEWS.d/2.7.18.rst', 'x\n', 'only new files'),
    ('debian/rules', 'x\n', 'not a file of CPython'),
])
def test_bad_files(project, path, text, expected):
    project.write(NAME, {path: text})
    found, = project.lint('files-allowed')
    assert found.startswith('{}: {}'.format(NAME, path))
    assert expected in found


def test_good_files(project):
    project.write(NAME, {
        'Misc/NEWS.d/next/Library/2026-11-22-00-00-00.bpo-22559.a.rst': 'x\n',
        'Modules/_ssl.h': 'int x;\n', 'Lib/test/test_ssl_a.py': 'x = 1\n'})
    assert project.lint('files-allowed') == []


@pytest.mark.parametrize('name, changes, inside', [
    (NAME, ('line_515 = 515\n', 'x = 1\n'), True),
    (NAME, ('line_620 = 620\n', 'x = 1\n'), True),
    (NAME, ('line_514 = 514\n', 'x = 1\n'), False),
    (NAME, ('line_621 = 621\n', 'x = 1\n'), False),
    (NAME, ('line_515 = 515\n', 'line_515 = 515\nx = 1\n'), True),
    (NAME, ('line_620 = 620\n', 'x = 1\nline_620 = 620\n'), True),
    (NAME, ('line_515 = 515\n', 'x = 1\nline_515 = 515\n'), False),
    (NAME, ('line_620 = 620\n', 'line_620 = 620\nx = 1\n'), False),
    (NAME, ('line_550 = 550\n', ''), True),
    ('0301-hardening-a.patch', ('line_550 = 550\n', ''), True),
    ('0501-performance-a.patch', ('line_550 = 550\n', ''), False),
])
def test_ssl_init_region(project, name, changes, inside):
    # A patch before it moves all lines: the numbers are those of the pin.
    project.write('0001-base-z.patch', {
        'Lib/ssl.py': ('line_5 = 5\n', 'a = 1\n' * 40)})
    project.write(name, {'Lib/ssl.py': changes})
    found = project.lint('region-ssl-init')
    assert bool(found) == inside
    if inside:
        assert found[0].startswith(name + ': Lib/ssl.py, line 5') or \
            found[0].startswith(name + ': Lib/ssl.py, line 6')


def test_added_lines_may_be_changed_again(project):
    project.write(NAME, {'Lib/ssl.py': ('line_5 = 5\n', 'a = 1\n')})
    project.write('0202-pep546-b.patch', {
        'Lib/ssl.py': ('a = 1\n', 'b = 1\n')})
    assert project.lint('region-ssl-init') == []


@pytest.mark.parametrize('change, inside', [
    (('openssl_ver = compute()\n', 'openssl_ver = compute_better()\n'),
     False),
    (('compute()\n', 'compute()\nopenssl_ver += 1\n'), False),
    (('min_openssl_ver = 0x00907000', 'min_openssl_ver = 1'), True),
    (("'_sha256'", "'_sha512'"), True),
    (("append('_sha256')\n", "append('_sha256')\nlast = 1\n"), True),
])
def test_setup_region(project, change, inside):
    project.write(NAME, {'setup.py': change})
    assert bool(project.lint('region-setup')) == inside


@pytest.mark.parametrize('change, inside', [
    (('[ContextTests, BasicTests]', '[ContextTests, NewTests, BasicTests]'),
     True),
    (('tests.append(ThreadedTests)\n',
      'tests.append(ThreadedTests)\n        tests.append(NewTests)\n'),
     False),
])
def test_tests_list_region(project, change, inside):
    project.write(NAME, {'Lib/test/test_ssl.py': change})
    assert bool(project.lint('region-tests-list')) == inside


@pytest.mark.parametrize('text', [
    'open("/{}/key.pem")\n'.format('root'), 'x = "/home/me/src"\n',
    'x = "/tmp/a.pem"\n', 'x = "/{}/main/a"\n'.format('work'),
    'url = "https://{}.org/simple"\n'.format('pypi'),
    'url = "http://deb.{}.org/debian"\n'.format('debian'),
    'url = "https://files.{}.org/x"\n'.format('pythonhosted')])
def test_leaks(project, text):
    project.write(NAME, {'Lib/a.py': text})
    found, = project.lint('leaks')
    assert found.startswith(NAME + ': Lib/a.py, added line 1')


def test_leak_of_the_checkout_itself(project):
    folder = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.dirname(os.path.dirname(
        os.path.abspath(leaks.__file__))))))
    project.write(NAME, {'Lib/a.py': 'x = {!r}\n'.format(folder)})
    assert project.lint('leaks')


def test_leak_in_the_header(project):
    project.write(NAME, {'Lib/a.py': 'a = 1\n'})
    project.edit(NAME, lambda text: text.replace(
        'It adds', 'Made in /home/me/src: it adds'))
    found, = project.lint('leaks')
    assert 'header: /home/me' in found


def test_no_leak(project):
    project.write(NAME, {'Lib/a.py': (
        'a = "https://bugs.python.org/issue22559"\nb = "/usr/include"\n'
        'c = "https://example.org/home/x"\n')})
    assert project.lint('leaks') == []
