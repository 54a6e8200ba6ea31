"""Builds the ssl of the series for the CPython 2.7 that runs this.

Environment: OPENSSL, the prefix of the OpenSSL to build against (default: the
system's); OVERLAY_STATIC=1 links its static libraries and hides their symbols,
with OVERLAY_OLD_LIBC (files, with colons between them) in place of the C
library; OVERLAY_HASHLIB=1 puts _hashlib in front of the interpreter's own, if
it has one.
"""

import os
import sys

if sys.version_info[:2] != (2, 7) or sys.version_info < (2, 7, 9) or \
        not hasattr(sys, 'subversion') or sys.subversion[0] != 'CPython':
    sys.exit('ssl-overlay is for CPython 2.7.9 to 2.7.18, this is %s %s' % (
        getattr(sys, 'subversion', ('Python',))[0], sys.version.split()[0]))

import json
from distutils.command.build_ext import build_ext
from distutils.command.build_py import build_py
from distutils.command.config import config
from distutils.core import Extension, setup
from distutils.errors import DistutilsSetupError
from distutils.sysconfig import get_python_inc

HERE = os.path.dirname(os.path.abspath(__file__))
OPENSSL = os.environ.get('OPENSSL', '')
STATIC = os.environ.get('OVERLAY_STATIC') == '1'
HASHLIB = os.environ.get('OVERLAY_HASHLIB') == '1'
OLD_LIBC = os.environ.get('OVERLAY_OLD_LIBC', '').split(':')

ABI = 'cp27%sm%s' % ('d' if hasattr(sys, 'gettotalrefcount') else '',
                     'u' if sys.maxunicode > 65535 else '')
FRONT = 'ssl_overlay/%s-front' % ABI
LAST = 'ssl_overlay/%s-last' % ABI
#: Goes where the packages go.
PTH = '00-ssl-overlay.pth'
FACTS_FILE = 'ssl_overlay/facts.json'

OPENSSL_TEST = '''
#include <openssl/opensslv.h>
#if OPENSSL_VERSION_NUMBER < 0x10002000L
#error too old
#endif
'''

with open(os.path.join(HERE, FACTS_FILE)) as file:
    FACTS = json.load(file)


def extension():
    """_ssl, and in the same file _hashlib: they share the library."""
    found = Extension(
        '_ssl', ['src/overlay.c', 'src/_hashopenssl.c'],
        include_dirs=['src'], depends=['src/_ssl.c', 'src/_ssl_data.h'],
        extra_compile_args=['-Werror=implicit-function-declaration'])
    if OPENSSL:
        found.include_dirs.append(os.path.join(OPENSSL, 'include'))
    if STATIC:
        found.sources.append('src/certificates.c')
        found.define_macros.append(('OVERLAY_AREA', '"%s"' % FACTS['area']))
        found.extra_objects += [os.path.join(OPENSSL, 'lib', name)
                                for name in ('libssl.a', 'libcrypto.a')]
        found.extra_link_args += ['-Wl,--exclude-libs,ALL',
                                  '-Wl,-Bsymbolic', '-Wl,--gc-sections',
                                  '-Wl,-s']
        if OLD_LIBC != ['']:
            found.sources.append('src/oldglibc.c')
            found.extra_link_args += ['-nodefaultlibs', '-Wl,--as-needed']
            found.extra_link_args += OLD_LIBC
            found.extra_link_args += ['-lgcc', '-l:libc_nonshared.a']
        return found
    found.libraries += ['ssl', 'crypto']
    if OPENSSL:
        folders = [os.path.join(OPENSSL, name) for name in ('lib64', 'lib')
                   if os.path.isdir(os.path.join(OPENSSL, name))]
        found.library_dirs += folders
        found.runtime_library_dirs += folders
    return found


class BuildExt(build_ext):
    """Puts _ssl into FRONT, and says what is missing before it fails."""

    def get_ext_fullpath(self, name):
        return os.path.join(self.build_lib, FRONT,
                            self.get_ext_filename(name))

    def build_extension(self, ext):
        header = os.path.join(get_python_inc(), 'Python.h')
        if not os.path.exists(header):
            raise DistutilsSetupError(
                'no %s: install the headers of this interpreter '
                '(Debian, Ubuntu: python2.7-dev)' % header)
        if not config(self.distribution).try_cpp(
                OPENSSL_TEST, include_dirs=ext.include_dirs):
            raise DistutilsSetupError(
                'no compiler, or no headers of OpenSSL 1.0.2 or later%s: '
                'install them (Debian, Ubuntu: gcc libc6-dev libssl-dev), or '
                'name the prefix of another OpenSSL: OPENSSL=' %
                (' in ' + OPENSSL if OPENSSL else ''))
        build_ext.build_extension(self, ext)


class BuildPy(build_py):
    """Puts each file where an installation has it."""

    def files(self):
        """(source, target) of each, relative to HERE and the build."""
        found = [(PTH, PTH), ('ssl.py', FRONT + '/ssl.py'),
                 ('hashlib27.py', (FRONT if HASHLIB else LAST) +
                  '/_hashlib.py')]
        if os.path.exists(os.path.join(HERE, 'ssl_series.py')):
            found.append(('ssl_series.py', FRONT + '/ssl_series.py'))
        names = os.listdir(os.path.join(HERE, 'ssl_overlay'))
        return found + [('ssl_overlay/' + name,) * 2
                        for name in sorted(names)
                        if name.endswith(('.py', '.json', '.txt'))]

    def run(self):
        for source, target in self.files():
            target = os.path.join(self.build_lib, target)
            self.mkpath(os.path.dirname(target))
            self.copy_file(os.path.join(HERE, source), target,
                           preserve_mode=False)
        facts = dict(FACTS, abi=ABI, bundled=STATIC, hashlib=HASHLIB,
                     built_with=sys.version.split()[0])
        with open(os.path.join(self.build_lib, FACTS_FILE), 'w') as file:
            json.dump(facts, file, indent=1, sort_keys=True)
            file.write('\n')

    def get_outputs(self, include_bytecode=1):
        outputs = [os.path.join(self.build_lib, target)
                   for _, target in self.files()]
        outputs.append(os.path.join(self.build_lib, FACTS_FILE))
        if include_bytecode and self.compile:
            outputs += [name + 'c' for name in outputs
                        if name.endswith('.py')]
        return outputs


ONLY_SETUPTOOLS = {}
if 'setuptools' in sys.modules:
    ONLY_SETUPTOOLS = {'python_requires': '>=2.7.9,<2.8', 'zip_safe': False}

with open(os.path.join(HERE, 'README.rst')) as file:
    README = file.read()

setup(name='ssl-overlay', version=FACTS['version'],
      description='ssl with MemoryBIO and today\'s OpenSSL, for an installed '
                  'CPython 2.7',
      long_description=README, license='PSF and MIT',
      platforms=['Linux'],
      classifiers=['Programming Language :: Python :: 2.7',
                   'Programming Language :: Python :: Implementation :: '
                   'CPython',
                   'Operating System :: POSIX :: Linux'],
      packages=['ssl_overlay'],
      ext_modules=[extension()],
      cmdclass={'build_ext': BuildExt, 'build_py': BuildPy},
      **ONLY_SETUPTOOLS)
