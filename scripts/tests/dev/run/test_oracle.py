"""Lib_tests on a Python 3 that crashes: what is left of the others' results.

The child process of test_allocation_failure.py is replaced by one that dies
where it is told to.
"""

import os
import shutil
import subprocess
import sys

import pytest

from scripts.base import paths
from scripts.build.variant import Variant

BUILT = Variant().python

CHILD = '''\
import json, os, sys
options = json.loads(sys.argv[1])
for name in options['scenarios']:
    for lasting in (False, True):
        sys.stderr.write(name + ' here\\n')
        if (name, lasting) in DIES:
            sys.stdout.flush()
            os.abort()
        print(json.dumps({
            'scenario': name, 'kind': options['kind'], 'lasting': lasting,
            'count': 1, 'wanted': 1, 'tried': 1, 'problems': PROBLEMS,
            # As OpenSSL loses the name for Python 3
            'outcomes': {'success' if name == 'WrongName' and not lasting and
                         sys.version_info[0] == 3 else 'MemoryError': 1}}))
'''


def run(folder, dies, problems=(), python=sys.executable):
    """The summary line of pytest, as {outcome: number}."""
    copy = folder / 'Lib_tests'
    shutil.copytree(paths.LIB_TESTS, copy)
    (copy / 'failing_allocations.py').write_text(
        CHILD.replace('DIES', repr(dies)).replace('PROBLEMS',
                                                  repr(list(problems))))
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(('PYTHON', 'PYTEST_'))}
    env['PYTHONUSERBASE'] = str(Variant().userbase)
    done = subprocess.run(
        [str(python), '-B', '-m', 'pytest', '-q', '-k',
         'test_failure and openssl and not noticed or ends_well and openssl',
         str(copy / 'test_allocation_failure.py')],
        stdout=subprocess.PIPE, text=True, env=env, cwd=folder)
    words = done.stdout.splitlines()[-1].replace(',', '').split()
    return {outcome: int(number) for number, outcome
            in zip(words, words[1:]) if number.isdigit()}


def test_no_crash(tmp_path):
    found = run(tmp_path, [])
    assert set(found) == {'passed', 'deselected'} or set(found) == {'passed'}


def test_crashes_of_python_3(tmp_path):
    """Skipped is what it crashes in and how it ends, for both versions."""
    found = run(tmp_path, [('Handshake', False), ('Write', True)])
    assert found['skipped'] == 2 * (2 + 1 + 1)
    assert found['passed'] > 20 and 'failed' not in found


def test_crash_at_the_end(tmp_path):
    found = run(tmp_path, [('Unwrap', True)])
    assert found['skipped'] == 2 * (1 + 1) and 'failed' not in found


def test_what_is_wrong_is_a_failure(tmp_path):
    assert run(tmp_path, [], ['left behind'])['failed'] > 20


@pytest.mark.skipif(not Variant().userbase.exists(),
                    reason='nothing is installed for the built 2.7')
def test_crash_of_2_7(tmp_path):
    """It is never forgiven."""
    found = run(tmp_path, [('Handshake', False)], python=BUILT)
    assert found['failed'] > 20 and 'skipped' not in found
