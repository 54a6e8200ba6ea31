"""make help: the targets, out of the Makefile, and the variables."""

import re

import layout

MAKEFILE = layout.ROOT / 'Makefile'

#: name, value by default, what it does.
VARIABLES = (
    ('CONFIG', 'default', 'one of ' + ', '.join(layout.CONFIGS)),
    ('PATCHES', 'all', 'groups to apply, as "compat pep546"; or none'),
    ('OPENSSL', "the host's", 'prefix of the OpenSSL to build against'),
    ('CPYTHON', 'the pin', 'tarball, checkout or export of CPython 2.7.18'),
    ('CONFIGURE_ARGS', '', 'more arguments for configure'),
    ('SHARED', 'no', 'yes builds libpython2.7.so'),
    ('PREFIX', layout.DEFAULT_PREFIX, 'where make install puts it'),
    ('DESTDIR', '', 'staging folder in front of PREFIX'),
    ('BUNDLE_OPENSSL', 'no', 'for make tarball: yes adds the OpenSSL in use'),
    ('PYTHON27', '/usr/bin/python2.7', 'for make overlay: which it is for'),
    ('HASHLIB', 'no', 'for make overlay: yes puts _hashlib in front too'),
    ('OVERLAY_TRIALS', 'all', 'for make overlay-test: some, as "debian11"'),
    ('CHECK', 'no', 'for make refresh: yes fails if a patch changed'),
    ('JOBS', 'one per CPU', 'compilers at once'),
    ('DISTFILES', '', 'folder with the tarballs, looked at first'),
    ('CACHE', 'build/cache', 'where fetched tarballs are kept'),
    ('BOOTSTRAP', 'yes', 'no installs nothing, only says what is missing'),
    ('OPENSSL_VERSION', '', 'for make openssl: one of scripts/pins.json'),
    ('SUITES', 'all', 'for make test: some, as "Lib_tests examples"'),
    ('TESTS', '', 'for make test, sanitize, refleak: only these modules'),
    ('BENCH', 'all', 'for make bench: some parts, as "bulk handshakes"'),
    ('QUICK', 'no', 'for make bench: yes takes under two minutes'),
    ('PYTHON3S', 'python3', 'for make bench, make review: to compare with'),
    ('PYTHON27S', 'the built one', 'for make bench, make review: other 2.7s'),
    ('LINETESTS', 'no', 'for make review: yes finds which tests run what'),
    ('OPENSSL_VERSIONS', 'all', 'for make matrix: some, as "host 4.0.2"'),
    ('MATRIX_EXTRA', '', 'for make matrix: more sections, or all of them'),
    ('CLIENTS', 'all', 'for make clients: some, as "trollius spoof"'),
    ('CLIENTS_STOCK', 'yes', 'for make clients: no runs the patched one only'),
    ('SANITIZE', 'all', 'for make sanitize: asan, tsan, valgrind'),
    ('REFLEAK', 'all', 'for make refleak: in-tree, Lib_tests, connections'),
    ('FUZZ', 'all', 'for make fuzz: bytes, machine'),
    ('FUZZ_SECONDS', '60', 'for make fuzz: how long each of them'),
    ('FUZZ_INPUT', '', 'for make fuzz: a file to replay, a folder to merge'),
    ('DEBIAN_MIRROR', "the host's", 'where Debian roots are made from'),
    ('BASE', '', 'for make bases: a patched source tree of 2.7 to try'),
    ('DEBIAN_FULL', 'no', 'for make debian: yes builds with profiling, LTO'),
    ('PYTHON3', 'python3', 'the Python 3 (3.9 or later) to run scripts/'),
)

_TARGET = re.compile(r'^(?P<name>[a-z][a-z0-9-]*):[^=]*?## (?P<text>.+)$')


def entries(text):
    """('##@' headings and targets of the Makefile *text*) as a list of
    (name, description); a heading has the name ''."""
    found = []
    for line in text.splitlines():
        if line.startswith('##@ '):
            found.append(('', line[4:]))
        match = _TARGET.match(line)
        if match:
            found.append((match['name'], match['text']))
    return found


def main():
    print('make [TARGET] [VARIABLE=value ...]')
    for name, text in entries(MAKEFILE.read_text()):
        print('  {:<13} {}'.format(name, text) if name
              else '\n{}:'.format(text))
    print('\nVariables:')
    for name, default, text in VARIABLES:
        print('  {:<16} {}{}'.format(
            name, text, ' [{}]'.format(default) if default else ''))


if __name__ == '__main__':
    main()
