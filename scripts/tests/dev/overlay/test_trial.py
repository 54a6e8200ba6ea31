"""overlay: what a trial wants of a virtualenv, before and after."""

import json
import shutil

import pytest

from scripts.dev.overlay import trial

OWN = ['/usr/lib/python2.7/ssl.py', 'OpenSSL 1.1.1w  11 Sep 2023', False]
PRINTED = 'TLSv1.3 5 hello\n'


class Pretended:
    """A place whose pip does nothing but what the test says.  printed: by
    README.md's program.  again: which ssl there is at the end."""

    title = 'Pretended'

    def __init__(self, home, printed=PRINTED, again=OWN, left=''):
        self.home = home
        self.again, self.printed, self.left = again, printed, left
        self.which, self.program = OWN, ''

    def outside(self, path):
        return path

    def put(self, source):
        return shutil.copytree(source, self.home / source.name,
                               dirs_exist_ok=True)

    def run(self, words, env):
        words = [str(word) for word in words]
        if words[-1] == '--json':
            return json.dumps({'problems': []})
        if words[1] == '-c':
            return json.dumps(self.which)
        if words[-1].endswith('.py'):
            self.program = (self.home / 'example.py').read_text()
            return self.printed
        if 'uninstall' in words:
            self.which = self.again
            if self.left:
                (self.home / 'venv' / self.left).touch()
        return ''


def install_and_remove(place):
    folder = place.home / 'venv'
    folder.mkdir()
    return trial.install_and_remove(place, folder, 'wheel', ('pep546',), {})


def test_as_it_should_be(tmp_path):
    place = Pretended(tmp_path)
    assert install_and_remove(place) == {'problems': []}
    assert 'certs = "{}/certs/"\n'.format(tmp_path) in place.program
    assert 'wrap_bio' in place.program and 'Lib_tests' not in place.program


@pytest.mark.parametrize('wrong, said', [
    ({'printed': 'Traceback'}, "README.md's example printed 'Traceback'"),
    ({'left': 'a.py'}, 'leaves a.py'),
    ({'again': [OWN[0], 'OpenSSL 3.5.7', True]}, 'not ' + repr(OWN)),
    ({'again': None}, 'ssl is None after the overlay was removed')])
def test_what_is_wrong(wrong, said, tmp_path, capsys):
    with pytest.raises(SystemExit):
        install_and_remove(Pretended(tmp_path, **wrong))
    assert said in capsys.readouterr().err
