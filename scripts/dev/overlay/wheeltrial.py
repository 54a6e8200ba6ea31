"""Try the wheels and the sdist as a user does: in a virtualenv, with the
pips that 2.7 has had."""

import re
import shutil
from pathlib import Path

from scripts.base import console
from scripts.dev.overlay import localindex, sources, tools, trial

REQUIREMENTS = Path(__file__).resolve().with_name('requirements-pips.txt')
PIPS = sources.FOLDER / 'pips'


def fetch_pips():
    """The wheels (list of Path) of requirements-pips.txt, the oldest
    first."""
    versions = re.findall(r'^(pip==\S+ .*)$', REQUIREMENTS.read_text(),
                          re.MULTILINE)
    found = []
    PIPS.mkdir(parents=True, exist_ok=True)
    for line in versions:
        version = line.split()[0].partition('==')[2]
        path = PIPS / 'pip-{}-py2.py3-none-any.whl'.format(version)
        if not path.exists():
            # One at a time: pip does not take two of a package.
            one = PIPS / 'one.txt'
            one.write_text(line + '\n')
            console.run(
                [tools.FOLDER / 'bin' / 'python', '-m', 'pip', 'download',
                 '-q', '--no-deps', '--require-hashes', '--dest', PIPS,
                 '--python-version', '2.7', '--implementation', 'py',
                 '--abi', 'none', '--only-binary', ':all:', '-r', one],
                log=PIPS / 'pips.log', title='pip ' + version)
        found.append(path)
    return found


def with_each_pip(place, wheel, groups, env):
    """Install *wheel* (Path), use and remove it with each pip; ends the
    program if that goes wrong.  Returns the versions (str list)."""
    folder = trial.virtualenv(place, env)
    there, versions = place.put(wheel), []
    for path in fetch_pips():
        place.run(trial.pip(folder) + [
            'install', '--no-index', '--force-reinstall', place.put(path)],
            env)
        version = place.run(trial.pip(folder) + ['--version'],
                            env).split()[1]
        trial.install_and_remove(place, folder, there, groups, env)
        versions.append(version)
    return versions


def over_https(place, wheel, env, scratch):
    """Let pip, with the overlay installed, fetch *wheel* (Path) from an
    index over HTTPS; ends the program if it cannot, or if it does not look
    at the certificate."""
    folder = trial.virtualenv(place, env)
    pip = trial.pip(folder)
    shutil.rmtree(scratch, ignore_errors=True)
    place.run(pip + ['install', '--no-index', place.put(wheel)], env)
    with localindex.serving(scratch, [wheel]) as (address, certificate):
        target = place.home / 'downloads'
        download = pip + ['download', '--no-deps', '--dest', target,
                          '--index-url', address, 'ssl-overlay']
        place.run(download + ['--cert', place.put(certificate)], env)
        if not (place.outside(target) / wheel.name).exists():
            console.fail('{}: pip fetched nothing'.format(place.title))
        place.run(download + ['--retries', '0'], env, expected=(1,))


def from_sdist(place, archive, groups, env):
    """Install the sdist *archive* (Path), which is built against the
    OpenSSL there, use and remove it.  Returns the facts (dict)."""
    folder = trial.virtualenv(place, env)
    return trial.install_and_remove(place, folder, place.put(archive),
                                    groups, env)
