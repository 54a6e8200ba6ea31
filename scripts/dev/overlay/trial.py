"""Try what was built: put it in front, install it, remove it."""

import json
import re

from scripts.base import console, paths

CERTS = paths.LIB_TESTS / 'certs'

#: Prints which ssl it is: None where the interpreter has none.
_WHICH = '''\
try:
    import ssl
    facts = [ssl.__file__.rstrip('c'), ssl.OPENSSL_VERSION,
             hasattr(ssl, 'MemoryBIO')]
except ImportError:
    facts = None
import json; print(json.dumps(facts))'''


def example(certs):
    """The program (str) in README.md, with *certs* (path) as the folder of
    its certificates."""
    program, = re.findall(r'^```python\n(.*?)^```$',
                          (paths.ROOT / 'README.md').read_text(),
                          re.MULTILINE | re.DOTALL)
    return program.replace('Lib_tests/certs/', '{}/'.format(certs))


def python_path(site, python):
    """PYTHONPATH (str) that puts *site* (Path), what setup.py built for
    *python* (existing.Interpreter), in front for once.  Its _hashlib comes
    along only where there is none: everything here is in front."""
    folders = ['ssl_overlay/{}-front'.format(python.abi), '']
    if python.hashlib is None:
        folders.append('ssl_overlay/{}-last'.format(python.abi))
    return ':'.join(str(site / folder) for folder in folders)


def facts(place, python, env):
    """What "python -m ssl_overlay --json" says (dict)."""
    return json.loads(place.run([python, '-m', 'ssl_overlay', '--json'],
                                env))


def which(place, python, env):
    """Which ssl *python* (path) has: [file, OpenSSL's version, True if it
    has MemoryBIO], or None."""
    return json.loads(place.run([python, '-c', _WHICH], env))


def in_front(place, python, env, groups):
    """Use the overlay with *python* (path); ends the program if it is not in
    front or does not work.  Returns its facts (dict)."""
    found = facts(place, python, env)
    serious = [text for text in found['problems'] if 'sha256' not in text]
    if serious:
        console.fail('{}: the overlay is not in front:\n{}'.format(
            place.title, '\n'.join(serious)))
    if 'pep546' in groups:
        program = place.home / 'example.py'
        place.outside(program).write_text(example(place.put(CERTS)))
        said = place.run([python, program], env).strip()
        if not said.endswith(' 5 hello'):
            console.fail("{}: README.md's example printed {!r}".format(
                place.title, said))
    return found


def contents(folder):
    """The names of all below *folder* (Path) but byte code (set of str)."""
    return {str(path.relative_to(folder)) for path in folder.rglob('*')
            if path.suffix != '.pyc'}


def virtualenv(place, env):
    """Make a virtualenv in *place*.  Returns its folder (Path there)."""
    folder = place.home / 'venv'
    command, path = place.virtualenv()
    place.run(command + ['-q', '--no-download', '--clear', '-p',
                         place.python, folder], dict(env, PYTHONPATH=path))
    return folder


def pip(folder):
    """The command (list) that is pip in the virtualenv *folder* (Path)."""
    return [folder / 'bin' / 'python', '-m', 'pip', '-q',
            '--disable-pip-version-check']


def install_and_remove(place, folder, wheel, groups, env):
    """Install *wheel* (Path there) into the virtualenv *folder* (Path there),
    use it and remove it; ends the program if that goes wrong, leaves
    something or does not bring the old ssl back.  Returns the facts
    (dict)."""
    python = folder / 'bin' / 'python'
    before, own = contents(place.outside(folder)), which(place, python, env)
    place.run(pip(folder) + ['install', '--no-index', wheel], env)
    found = in_front(place, python, env, groups)
    place.run([python, '-m', 'ssl_overlay', '--check'], env)
    place.run(pip(folder) + ['uninstall', '-y', 'ssl-overlay'], env)
    left = contents(place.outside(folder)) - before
    if left:
        console.fail('{}: "pip uninstall" leaves {}'.format(
            place.title, ', '.join(sorted(left))))
    again = which(place, python, env)
    if again != own:
        console.fail('{}: ssl is {} after the overlay was removed, not {}'
                     .format(place.title, again, own))
    return found
