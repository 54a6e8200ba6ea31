"""What git makes of the files on its way to a clone."""

import shutil
import subprocess

from scripts.base.paths import ROOT


def git(folder, *words):
    subprocess.run(['git', '-c', 'user.name=n', '-c', 'user.email=e', *words],
                   cwd=folder, check=True, capture_output=True)


def test_no_line_end_is_changed(tmp_path):
    origin = tmp_path / 'origin'
    origin.mkdir()
    for name in '.gitattributes', 'series', 'scripts/bootstrap.sh':
        (origin / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, origin / name)
    git(origin, 'init', '-q')
    git(origin, 'add', '.')
    git(origin, 'commit', '-q', '-m', 'all')
    git(tmp_path, 'clone', '-q', '-c', 'core.autocrlf=true', 'origin', 'new')
    for name in 'series', 'scripts/bootstrap.sh':
        assert (tmp_path / 'new' / name).read_bytes() == \
            (ROOT / name).read_bytes()
