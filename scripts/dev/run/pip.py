"""pip and ensurepip of an interpreter, always with the same hints."""

from scripts.base import console, paths

HINT = ('pip needs to reach its package index: see to the network, or let '
        'PIP_INDEX_URL or\nPIP_FIND_LINKS name a mirror or a folder with '
        'the packages. A wrong hash means another\nfile than the one that '
        'was tested')


def ensurepip(python, *, log, env, title='ensurepip', cwd=paths.ROOT):
    """Put pip into the user base that *env* names."""
    console.run(
        [python, '-m', 'ensurepip', '--user', '--no-default-pip'],
        log=log, cwd=cwd, env=env, title=title,
        hint='ensurepip needs zlib and _ssl: did the build have them?')


def run(python, command, *words, requirements, log, env=None, title='',
        cwd=paths.ROOT):
    """Run pip's *command* with *words*, on the file *requirements* (Path), in
    which everything has a hash."""
    console.run(
        [python, '-m', 'pip', command, *words, '--require-hashes',
         '--no-input', '--disable-pip-version-check', '-r', requirements],
        log=log,
        cwd=cwd, env=env, title=title or 'installing ' + requirements.name,
        hint=HINT)
