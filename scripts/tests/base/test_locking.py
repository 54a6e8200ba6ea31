"""locking: one process at a time, also after the folder was removed."""

import os
import subprocess
import sys
import time

from scripts.base import locking
from scripts.base.paths import ROOT

CODE = """
import sys
from scripts.base import locking
with locking.lock(sys.argv[1]):
    open(sys.argv[1]).close()
"""


def test_folder_that_is_removed_while_one_waits(tmp_path):
    path = tmp_path / 'build' / 'lock'
    with locking.lock(path):
        waiting = subprocess.Popen(
            [sys.executable, '-c', CODE, str(path)], cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(1)
        assert waiting.poll() is None
        os.replace(path.parent, tmp_path / 'going')
    output = waiting.communicate(timeout=30)[0]
    assert waiting.returncode == 0, output
    assert path.exists()
