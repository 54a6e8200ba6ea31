"""The packages of a client, by the interpreter's own ensurepip and pip."""

import shutil
import tarfile

from scripts.base import console, files
from scripts.build import interpreter, sslprefix

_HINT = ('pip needs to reach its package index: see to the network, or let '
         'PIP_INDEX_URL or\nPIP_FIND_LINKS name a mirror or a folder with '
         'the packages. A wrong hash means another\nfile than the one that '
         'was tested')


def folder(client, variant):
    """Where all that belongs to *client* on *variant* is kept (Path)."""
    return variant.root / 'clients' / client.name


def side(variant):
    """What *variant* is called in messages."""
    return 'patched' if variant.groups else 'stock'


def base(client, variant):
    """PYTHONUSERBASE (Path)."""
    return folder(client, variant) / 'packages'


def sources(client, variant):
    """Where the source distribution with the tests is (Path)."""
    return folder(client, variant) / 'sources'


def _pip_env(client, variant):
    """The environ (dict) for pip, with what compiling against the asked
    OpenSSL needs."""
    env = interpreter.run_env(variant)
    env['PYTHONUSERBASE'] = str(base(client, variant))
    del env['PYTHONNOUSERSITE']
    ssl = sslprefix.inspect(variant.openssl)
    env.update(argument.split('=', 1) for argument in ssl.configure_args)
    return env


def _pip(client, variant, lines, name, *arguments):
    """Run pip with *arguments* on the requirements *lines* (str list)."""
    where = folder(client, variant)
    requirements = where / (name + '.txt')
    requirements.write_text('\n'.join(lines) + '\n')
    # The versions are pinned, with all that they pull in: no dependency is
    # looked for.  What a build needs was installed, pinned as well.
    console.run(
        [variant.python, '-m', 'pip', *arguments, '--no-deps',
         '--no-build-isolation', '--require-hashes',
         '--disable-pip-version-check', '--no-input', '-r', requirements],
        log=where / 'pip.log', cwd=where, env=_pip_env(client, variant),
        title='{}: pip {} for {}'.format(side(variant), arguments[0],
                                         client.title), hint=_HINT)


def _identity(client, variant):
    return '\n'.join([files.sha256_of(variant.python), variant.openssl,
                      *client.build, '--', *client.requirements, '--',
                      client.tests_of])


def ensure(client, variant):
    """Install what *client* consists of for *variant*'s interpreter, unless
    it is there, and fetch its tests."""
    where = folder(client, variant)
    stamp = where / 'made-of'
    identity = _identity(client, variant)
    if files.read(stamp) == identity:
        return
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    console.run(
        [variant.python, '-m', 'ensurepip', '--user', '--no-default-pip'],
        log=where / 'pip.log', cwd=where, env=_pip_env(client, variant),
        title='{}: ensurepip for {}'.format(side(variant), client.title),
        hint='ensurepip needs zlib and _ssl: did the build have them?')
    if client.build:
        _pip(client, variant, client.build, 'build', 'install', '--user')
    _pip(client, variant, client.requirements, 'requirements', 'install',
         '--user')
    if client.tests_of:
        _pip(client, variant, [client.tests_of], 'tests-of', 'download',
             '--no-binary', ':all:', '-d', sources(client, variant))
    files.write(stamp, identity)


def unpack(client, variant, target):
    """Unpack the source distribution into the new folder *target* (Path),
    without its own first folder."""
    archive, = sources(client, variant).glob('*.tar.gz')
    part = target.with_name(target.name + '.part')
    shutil.rmtree(part, ignore_errors=True)
    with tarfile.open(archive) as tar:
        # Its hash is pinned: no stranger's archive.
        tar.extractall(part)
    top, = part.iterdir()
    top.rename(target)
    part.rmdir()
