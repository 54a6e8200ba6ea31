"""librarylimits: what cannot pass with another TLS library."""

import json
import re

import pytest

from scripts.base import paths
from scripts.dev.run.librarylimits import FILE, Limits
from scripts.dev.run.testreport import Row


@pytest.fixture
def path(tmp_path):
    file = tmp_path / 'limits.json'
    file.write_text(json.dumps({
        'OpenSSL 1.0': {'no TLS 1.3': ['test_a::test_x[TLSv1.3]', 'test_b*']},
        'LibreSSL': {'no names': ['test.test_a.T.test_y']}}))
    return file


@pytest.mark.parametrize('text, test, reason', [
    ('OpenSSL 1.0.2k  26 Jan 2017', 'test_a::test_x[TLSv1.3]', 'no TLS 1.3'),
    ('OpenSSL 1.0.2k  26 Jan 2017', 'test_a::test_xT', None),
    ('OpenSSL 1.0.2k  26 Jan 2017', 'test_b::test_anything', 'no TLS 1.3'),
    ('OpenSSL 1.01', 'test_b::test_anything', None),
    ('LibreSSL 4.3.2', 'test.test_a.T.test_y', 'no names'),
    ('LibreSSL 4.3.2', 'test.test_a.T.test_y2', None),
    ('OpenSSL 3.0.19', 'test.test_a.T.test_y', None)])
def test_reason(path, text, test, reason):
    assert Limits(text, path).reason(test) == reason


def test_only_what_fails(path):
    row = Limits('OpenSSL 1.0.2k', path).apply(Row('b', {
        'test_b1': 'passed', 'test_b2': 'failed', 'test_b3': 'error',
        'test_b4': 'crashed', 'test_c': 'failed'}, {'test_b2': 'why'}))
    assert row.tests == {
        'test_b1': 'passed', 'test_b2': 'skipped', 'test_b3': 'skipped',
        'test_b4': 'crashed', 'test_c': 'failed'}
    assert row.texts['test_b2'] == 'no TLS 1.3'
    assert not row.ok


@pytest.mark.parametrize('text, before, after', [
    ('OpenSSL 1.0.2k', 'no test ran in: test_b', ''),
    ('OpenSSL 1.0.2k', 'no test ran in: test_b, test_a, test_c',
     'no test ran in: test_a, test_c'),
    ('OpenSSL 3.0.19', 'no test ran in: test_b', 'no test ran in: test_b'),
    ('OpenSSL 1.0.2k', 'the interpreter died', 'the interpreter died')])
def test_module_of_which_nothing_can_run(path, text, before, after):
    row = Row('b', {'test_b1': 'skipped'}, problem=before)
    assert Limits(text, path).apply(row).problem == after


#: module, class or '', function, parameters.
ID = re.compile(r'(?P<module>test_\w+)(?:\.(?P<name>\w+))?::(?P<test>test\w*)'
                r'(?:\[.*\]|\*)?')


def texts_of(module):
    """The text of the tests called *module* outside of CPython's tree."""
    places = [*(paths.ROOT / 'Lib_tests').glob('test_*.py'),
              *(paths.ROOT / 'docs' / 'examples').glob('tests*/test_*.py')]
    return ''.join(path.read_text(encoding='utf-8') for path in places
                   if path.stem == module)


def test_every_test_of_the_list_is_there():
    """As the reports call it: one that is not would never be found."""
    added = ''.join(path.read_text(encoding='utf-8') for path
                    in paths.PATCHES_DIR.glob('*.patch'))
    for library, reasons in json.loads(FILE.read_text()).items():
        for test in [test for tests in reasons.values() for test in tests]:
            if re.fullmatch(r'test_\w+\*', test):
                assert texts_of(test[:-1]), (library, test)
                continue
            if test.startswith('test.'):
                _, module, kind, name = test.split('.')
                # What CPython has is in the patches only if they change it.
                assert module == 'test_ssl' or re.search(
                    r'^[+ ] +def {}\('.format(name), added, re.MULTILINE), (
                        library, test)
                continue
            match = ID.fullmatch(test)
            assert match, (library, test)
            text = texts_of(match['module'])
            names = re.findall(r'^ *(class|def) (\w+)', text, re.MULTILINE)
            assert ('class', match['name']) in names or not match['name'], (
                library, test)
            assert ('def', match['test']) in names, (library, test)


def test_the_list_that_is_used():
    lists = json.loads(FILE.read_text())
    for library, reasons in lists.items():
        # The OpenSSL that is pinned has no limits of this kind.
        assert not library.startswith(('OpenSSL 1.1.1', 'OpenSSL 3')), library
        tests = [test for tests in reasons.values() for test in tests]
        assert len(tests) == len(set(tests)), library
        assert all(reason and found for reason, found in reasons.items())
