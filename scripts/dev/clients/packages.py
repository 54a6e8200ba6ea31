"""The packages of a client, by the interpreter's own ensurepip and pip."""

import shutil

from scripts.base import files, once, unpacking
from scripts.build import interpreter, sslprefix
from scripts.dev.run import pip


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
    pip.run(variant.python, *arguments, '--no-deps', '--no-build-isolation',
            requirements=requirements, log=where / 'pip.log', cwd=where,
            env=_pip_env(client, variant), title='{}: pip {} for {}'.format(
                side(variant), arguments[0], client.title))


def _identity(client, variant):
    return '\n'.join([files.sha256_of(variant.python), variant.openssl,
                      *client.build, '--', *client.requirements, '--',
                      client.tests_of])


def ensure(client, variant):
    """Install what *client* consists of for *variant*'s interpreter, unless
    it is there, and fetch its tests."""
    where = folder(client, variant)
    for _ in once.made(where, _identity(client, variant)):
        where.mkdir()
        if client.requirements or client.tests_of:
            _install(client, variant)


def _install(client, variant):
    """Install and fetch all with a new pip."""
    where = folder(client, variant)
    pip.ensurepip(
        variant.python, log=where / 'pip.log', cwd=where,
        env=_pip_env(client, variant),
        title='{}: ensurepip for {}'.format(side(variant), client.title))
    if client.build:
        _pip(client, variant, client.build, 'build', 'install', '--user')
    _pip(client, variant, client.requirements, 'requirements', 'install',
         '--user')
    if client.tests_of:
        _pip(client, variant, [client.tests_of], 'tests-of', 'download',
             '--no-binary', ':all:', '-d', sources(client, variant))


def unpack(client, variant, target):
    """Unpack the source distribution into the new folder *target* (Path),
    without its own first folder."""
    archive, = sources(client, variant).glob('*.tar.gz')
    part = target.with_name(target.name + '.part')
    shutil.rmtree(part, ignore_errors=True)
    unpacking.unpack(archive, part, pinned=True)
    top, = part.iterdir()
    top.rename(target)
    part.rmdir()
