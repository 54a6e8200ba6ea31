"""variations: how the tests are run, and in which order."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts import options
from scripts.base import paths
from scripts.build.variant import Variant
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
    assert variation('C', tmp_path).environ() == {
        'LC_ALL': 'C', **parts.IN_PROCESS}
    alone = variation('alone', tmp_path).files(())
    assert len(alone) > 5 and {len(names) for names in alone} == {1}
    assert variation('OO', tmp_path).files(['test_sni']) == [('test_sni',)]
    assert variation('OO', tmp_path).files(['test_ssl']) == []


def test_processes_of_single_tests():
    """Those that would not have the variation are not made."""
    assert {name for name, part in parts.PARTS.items()
            if parts.IN_PROCESS.items() <= part(Variant()).env.items()} == {
                'Qnew', 'tt', 'C', 'tr_TR', 'no-multiprocessing'}
    patches = [path.read_text() for path in
               paths.PATCHES_DIR.glob('*.patch')]
    for name in parts.IN_PROCESS:
        assert any(name in text for text in patches)


def test_surroundings(tmp_path):
    assert variation('no-multiprocessing', tmp_path).wrapper == (
        str(parts.WITHOUT), '_multiprocessing')
    assert variation('read-only-home', tmp_path).environ() == {
        'HOME': '/proc'}
    with pytest.raises(OSError):
        Path('/proc/anything').write_text('')
    variant = parts.PARTS['no-threads'](Variant()).variant
    assert variant.configure_args == ('--without-threads',)
    assert not parts.PARTS['no-threads'](Variant()).files(())


@pytest.fixture
def shared_folder():
    """A folder that others may enter, which tmp_path is not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


#: One that other users can run: root's own may be in its home folder.
SYSTEM = shutil.which('python3', path='/usr/bin:/usr/local/bin')


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can be another')
@pytest.mark.skipif(not SYSTEM, reason="no system's python3")
def test_not_root(tmp_path, shared_folder):
    """The program has the arguments of its own and no right of root's."""
    program = shared_folder / 'program.py'
    program.write_text(
        'import os, sys\n'
        'print(sys.argv[1:], os.getuid(), os.getegid(), os.getgroups())\n'
        'open({!r}, "w")\n'.format(str(shared_folder / 'file')))
    found = variation('not-root', tmp_path)
    assert found.environ() == {'HOME': str(found.folder)}
    done = subprocess.run(
        [SYSTEM, *found.wrapper, str(program), 'a'], text=True,
        capture_output=True)
    assert done.stdout == "['a'] {0} {0} []\n".format(parts.NOBODY)
    assert 'PermissionError' in done.stderr


def test_closed_folder(shared_folder):
    inner = shared_folder / 'a' / 'b'
    inner.mkdir(parents=True, mode=0o755)
    assert parts.closed_folder(inner) is None
    inner.parent.chmod(0o700)
    assert parts.closed_folder(inner) == inner.parent


def test_without(tmp_path):
    """The module cannot be imported, and the program sees its own
    arguments."""
    program = tmp_path / 'program.py'
    program.write_text('import sys\nprint(sys.argv[1:])\nimport json\n')
    done = subprocess.run(
        [sys.executable, str(parts.WITHOUT), 'json', str(program), 'a'],
        text=True, capture_output=True)
    assert done.stdout == "['a']\n"
    assert done.returncode == 1 and 'json' in done.stderr.splitlines()[-1]


@pytest.mark.skipif(not shutil.which('faketime'), reason='no faketime here')
def test_clock(tmp_path):
    done = subprocess.run(
        [sys.executable, '-c', 'import time; print(time.localtime()[0])'],
        env=variation('clock-2037', tmp_path).environ(), text=True,
        stdout=subprocess.PIPE)
    assert done.stdout == '2037\n'


def test_busy_loops():
    """They run beside, and none is left."""
    started = []

    class Popen(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts.subprocess, 'Popen', Popen)
        with parts.busy_loops():
            assert started and all(loop.poll() is None for loop in started)
    assert all(loop.poll() is not None for loop in started)


def test_missing_locale(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, 'make_locale', lambda *args: None)
    row, = variation('tr_TR', tmp_path).rows(())
    assert not row.ok and 'Debian: the package locales' in row.problem
