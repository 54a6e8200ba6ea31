"""Running spin: from the model to a verifier, and what that found."""

import collections
import re
import shutil
import subprocess
import time
from pathlib import Path

from scripts.base import console

MODEL = Path(__file__).resolve().parent / 'hardening.pml'

#: What came out of a run.  error: '' if the model holds in all its states,
#: else what pan said; trail: the steps that lead there (str).
Outcome = collections.namedtuple('Outcome',
                                 'states depth seconds error trail')

#: -E: that nobody can go on is judged by the model's own watch().
_PAN = ('./pan', '-E', '-m200000')
_CC = ('-w', '-DSAFETY', '-DVECTORSZ=1024', '-DMEMLIM=8000')
_TRAIL = 60         # lines of it that are shown


def require():
    """End the program without spin and a compiler."""
    for name, package in (('spin', 'spin'), ('cc', 'gcc')):
        if shutil.which(name) is None:
            console.fail('there is no ' + name, 'install the package {} '
                         '("make model" does so as root)'.format(package))


def _run(argv, folder):
    done = subprocess.run(argv, cwd=str(folder), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def _build(folder, model, options, optimise):
    """Make the verifier in *folder*, which is emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for argv in (['spin', '-a', *options, str(model)],
                 ['cc', optimise, *_CC, '-o', 'pan', 'pan.c']):
        status, output = _run(argv, folder)
        if status:
            console.fail('{} failed:\n{}'.format(' '.join(argv), output),
                         'the files are in {}'.format(folder))


def parse(output):
    """(states, depth, error) of what pan printed (str).  An error, too, if
    not all states were looked at."""
    states = re.search(r'^\s*(\d+) states, stored', output, re.MULTILINE)
    depth = re.search(r'depth reached (\d+), errors: (\d+)', output)
    if not states or not depth:
        return 0, 0, 'pan did not come to an end'
    error = ''
    said = re.search(r'^pan:\d+: (.*?)(?: \(at depth \d+\))?$', output,
                     re.MULTILINE)
    if depth[2] != '0':
        error = said[1] if said else 'error without a word'
    elif re.search(r'Search not completed|max search depth too small|'
                   r'out of memory', output):
        error = 'not all states were looked at'
    return int(states[1]), int(depth[1]), error


def verify(folder, defines, model=MODEL, optimise='-O1'):
    """Look at all states of *model* (Path) with *defines* (str sequence), in
    *folder* (Path).  *optimise*: what the compiler is to do for it (str).
    Returns the Outcome."""
    options = ['-D' + name for name in defines]
    _build(folder, model, options, optimise)
    begin = time.monotonic()
    _, output = _run(_PAN, folder)
    seconds = time.monotonic() - begin
    (folder / 'pan.log').write_text(output)
    states, depth, error = parse(output)
    trail = ''
    if error and list(folder.glob('*.trail')):
        for path in folder.glob('*.trail'):
            # spin looks for it next to the model.
            _, text = _run(['spin', '-p', '-g', '-k', path.name, *options,
                            str(model)], folder)
        trail = '\n'.join(text.splitlines()[-_TRAIL:])
        (folder / 'trail.txt').write_text(text)
        trail += '\n  -> all steps: {}'.format(folder / 'trail.txt')
    return Outcome(states, depth, seconds, error, trail)
