"""variations: how the tests are run, and in which order."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts import options
from scripts.dev.variations import parts

CASES = '''
import sys
import unittest


class Case(unittest.TestCase):
    pass


def add(number):
    setattr(Case, 'test_%02d' % number,
            lambda self: sys.stdout.write('%02d ' % number))


for number in range(20):
    add(number)
if __name__ == '__main__':
    unittest.main()
'''


def variation(name, tmp_path):
    return parts.PARTS[name](SimpleNamespace(
        log_dir=tmp_path, root=tmp_path, python=Path(sys.executable)))


def order(tmp_path, seed, *argv):
    (tmp_path / 'cases.py').write_text(CASES)
    done = subprocess.run(
        [sys.executable, str(parts.ORDER), *argv], text=True,
        capture_output=True, cwd=str(tmp_path),
        env={'ORDER_SEED': seed, 'PYTHONDONTWRITEBYTECODE': '1'})
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize('argv', [
    ('cases.py',), ('-m', 'unittest', 'cases')])
def test_random_order(tmp_path, argv):
    """The seed decides, and nothing is left out."""
    first = order(tmp_path, '1', *argv)
    assert first == order(tmp_path, '1', *argv)
    assert first != order(tmp_path, '2', *argv)
    assert sorted(first) == ['%02d' % number for number in range(20)]
    assert first != sorted(first)


def test_random_order_of_pytest(tmp_path):
    (tmp_path / 'test_cases.py').write_text(
        CASES.replace('lambda self: sys', 'lambda self: sys.__stdout__ and '
                      'sys'))
    runs = [order(tmp_path, seed, '-m', 'pytest', '-q', '-s', '-p',
                  'no:cacheprovider', 'test_cases.py')[:20]
            for seed in ('1', '1', '2')]
    assert runs[0] == runs[1] != runs[2]


def test_locale():
    """It is the user's, and the program is run as it would be."""
    done = subprocess.run(
        [sys.executable, str(parts.LOCALISED), '-m', 'locale'],
        stdout=subprocess.PIPE, text=True, env={'LC_ALL': 'C'})
    assert done.returncode == 0


def test_choices():
    assert tuple(options.VARIATIONS.choices) == tuple(parts.PARTS)


def test_wrappers(tmp_path):
    assert variation('Qnew', tmp_path).wrapper == ('-Qnew',)
    assert variation('C', tmp_path).environ() == {'LC_ALL': 'C'}
    alone = variation('alone', tmp_path).files(())
    assert len(alone) > 5 and {len(names) for names in alone} == {1}
    assert variation('OO', tmp_path).files(['test_sni']) == [('test_sni',)]
    assert variation('OO', tmp_path).files(['test_ssl']) == []


def test_missing_locale(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, 'make_locale', lambda *args: None)
    row, = variation('tr_TR', tmp_path).rows(())
    assert not row.ok and 'Debian: the package locales' in row.problem
