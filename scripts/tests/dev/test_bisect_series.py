"""bisect_series: keys of steps, the rules, the table."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from scripts.dev import bisect_series
from scripts.dev.bisect_series import STOCK, Step, chain, judge

LAST = '0102-compat-b.patch'


def module(tests=10, failed=(), errors=(), skipped=(), problem=''):
    return {'tests': tests, 'failed': dict.fromkeys(failed, ''),
            'errors': dict.fromkeys(errors, ''),
            'skipped': dict.fromkeys(skipped, ''), 'problem': problem}


def step(name, built=True, added=None, **test_ssl):
    modules = {'test_ssl': module(**test_ssl)} if built else {}
    if added:
        modules['test_ssl_memory'] = added
    return Step(name, built, '' if built else 'no compiler', modules)


def complaints(*steps, last_compat=LAST):
    return {name: found for name, found
            in judge(list(steps), last_compat).items() if found}


GOOD = [step(STOCK, failed=['a'], errors=['b'], skipped=['s']),
        step('0101-compat-a.patch', failed=['a'], skipped=['s']),
        step(LAST, skipped=['s']),
        step('0201-pep546-a.patch', tests=11, added=module(3))]


def test_good():
    assert complaints(*GOOD) == {}


@pytest.mark.parametrize('third, expected', [
    (dict(failed=['a']), 'test_ssl: 1 fail: a'),
    (dict(errors=['c']), 'fails here and did not before: c'),
    (dict(skipped=['s', 't']), 'skipped here and was not before: t'),
    (dict(tests=9), 'test_ssl has 9 tests, 10 before'),
    (dict(problem='ran no test'), 'test_ssl: ran no test'),
    (dict(built=False), 'not built: no compiler'),
    (dict(added=module(failed=['x'])), 'test_ssl_memory: 1 fail: x'),
])
def test_bad(third, expected):
    found = complaints(*GOOD[:2], step(LAST, **third))
    assert list(found) == [LAST]
    assert expected in found[LAST]


def test_new_failure_before_the_last_compat_patch():
    found = complaints(GOOD[0], step('0101-compat-a.patch',
                                     failed=['a', 'z'], skipped=['s']))
    assert found == {'0101-compat-a.patch':
                     ['fails here and did not before: z']}


def test_without_compat_stock_failures_may_stay():
    assert complaints(GOOD[0], step('0201-pep546-a.patch', failed=['a'],
                                    errors=['b']), last_compat=None) == {}


def test_stock_that_cannot_be_built_is_for_compat_to_mend():
    stock = step(STOCK, built=False)
    assert complaints(stock, step('0101-compat-a.patch', built=False),
                      step(LAST)) == {}
    assert list(complaints(stock, step(LAST, built=False))) == [LAST]
    assert list(complaints(stock, step('0201-pep546-a.patch', built=False),
                           last_compat=None)) == ['0201-pep546-a.patch']


def test_table_and_status():
    out = io.StringIO()
    console = Console(file=out, width=100)
    found = judge(GOOD, LAST)
    assert bisect_series.report(GOOD, found, 'title', console) == 0
    bad = GOOD[:2] + [step(LAST, failed=['a'])]
    assert bisect_series.report(bad, judge(bad, LAST), 'title', console) == 1
    assert LAST + ': test_ssl: 1 fail: a' in out.getvalue()


def keys(contents, text='OpenSSL 3.0', config='default'):
    variant = SimpleNamespace(config=config, configure_args=(), shared=False)
    ssl = SimpleNamespace(text=text, prefix='')
    return chain('source', variant, ssl, contents)


def test_keys_change_from_the_changed_patch_on():
    before, after = keys([b'a', b'b', b'c']), keys([b'a', b'x', b'c'])
    assert [one == two for one, two in zip(before, after)] == [
        True, True, False, False]
    assert len(set(before)) == 4


def test_keys_depend_on_the_build():
    assert keys([b'a'])[0] != keys([b'a'], text='OpenSSL 3.5')[0]
    assert keys([b'a'])[0] != keys([b'a'], config='debug')[0]
