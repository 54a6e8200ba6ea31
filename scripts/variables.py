"""Look at make's variables before any work is done.

A name on make's command line that nobody knows and that looks like one of
ours was misspelt; so was a value that no script can use.  Both are errors, by
a message that says what to write.
"""

import difflib
import os
import re
from pathlib import Path

import console
import help as helping
import layout

#: What the programs of the targets are told by, on make's command line too.
OTHERS = re.compile(
    r'CC|CXX|CPP|AR|LD|(C|CPP|CXX|LD)FLAGS|V|VERBOSE|SHELL|MAKE\w*|MFLAGS|'
    r'PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|TERM|PYTHON[A-Z]+|PYTEST_\w+|PIP_\w+|'
    r'SSL_CERT_\w+|OPENSSL_(CONF|MODULES|ENGINES)|LD_\w+|CONFIG_SITE|'
    r'DEBIAN_FRONTEND|SOURCE_DATE_EPOCH|ALLOCATION_STRIDE|'
    r'(ASAN|UBSAN|TSAN|LSAN)_OPTIONS|(https?|ftp|all|no)_proxy|'
    r'(HTTPS?|FTP|ALL|NO)_PROXY')

NAMES = [row[0] for row in helping.VARIABLES]

# What only one check needs is imported there: this runs before everything.

#: What parts there are, by variable.  The modules that run them need packages
#: which may not be there yet.
PARTS = {
    'SUITES': ('in-tree', 'Lib_tests', 'oracle', 'examples', 'tooling'),
    'SANITIZE': ('asan', 'tsan', 'valgrind'),
    'REFLEAK': ('in-tree', 'Lib_tests', 'connections'),
    'FUZZ': ('bytes', 'machine'),
    'ORACLE': ('report', 'strict'),
    'BARE': ('bookworm', 'trixie', 'sid') + tuple(
        '{}-{}'.format(suite, user) for suite in ('bookworm', 'trixie', 'sid')
        for user in ('root', 'user')),
}


def on_command_line(environ):
    """The names (str list) of the variables on make's command line."""
    words = re.findall(r'(?:\\.|\S)+', environ.get('MAKEFLAGS', ''))
    if '--' in words:
        words = words[words.index('--') + 1:]
    found = [re.match(r'([^\s:?+!=]+)[:?+!]*=', word) for word in words
             if not word.startswith('-')]
    return [match[1] for match in found if match]


def near(name, cutoff):
    """Those of our variables (str list) that *name* may have been meant to
    be, the most similar one first."""
    found = difflib.get_close_matches(name.upper(), NAMES, 3, cutoff)
    if cutoff < 0.8:
        found += [ours for ours in NAMES if ours not in found and
                  min(len(ours), len(name)) > 3 and
                  (ours.startswith(name.upper()) or
                   name.upper().startswith(ours))]
    return found


def check_names(environ):
    """End the program if a name was misspelt; of others that mean nothing
    to us, say so."""
    given = on_command_line(environ)
    for name in given:
        if name in NAMES or OTHERS.fullmatch(name):
            continue
        found = near(name, 0.7)
        if found:
            console.fail(
                'there is no variable {}'.format(name),
                'did you mean {}? "make help" lists all'.format(
                    ' or '.join(found)))
        console.warn('{} is no variable of this makefile'.format(name))
    for name in environ:
        if name not in NAMES + given and name.isupper() and \
                not OTHERS.fullmatch(name) and near(name, 0.83):
            console.warn('{} in the environment is ignored; is {} meant?'
                         .format(name, near(name, 0.83)[0]))


def _words(name, environ):
    known = PARTS[name]
    words = environ.get(name, '').replace(',', ' ').split()
    unknown = [word for word in words if word not in known]
    if unknown:
        console.fail('{}: there is no {}'.format(name, ', '.join(unknown)),
                     'use some of: ' + ' '.join(known))


def _number(name, environ):
    text = environ.get(name, '').strip()
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        console.fail('{}={}: not a number from 1 on'.format(name, text),
                     'write for example {}=2'.format(name))


def _yes_or_no(name, environ):
    layout.yes_or_no(name, environ)


def _there(name, environ):
    text = layout.absolute(environ.get(name, '').strip())
    if text and not os.path.exists(text):
        console.fail('{}={}: there is no such file or folder'.format(
            name, text), 'correct the path, or leave {} out'.format(name))


def _folder(name, environ):
    _there(name, environ)
    text = layout.absolute(environ.get(name, '').strip())
    if text and not os.path.isdir(text):
        console.fail('{}={} is no folder'.format(name, text),
                     'name a folder, or leave {} out'.format(name))


def _new_folder(name, environ):
    """A folder that is there or can be made."""
    text = layout.absolute(environ.get(name, '').strip())
    if not text:
        return
    if re.search(r'\s', text):
        console.fail('{}: a path with white space: {!r}'.format(name, text),
                     'use a path without it')
    path = Path(text)
    while not path.exists() and path != path.parent:
        path = path.parent
    if not path.is_dir():
        console.fail('{}={}: {} is no folder'.format(name, text, path),
                     'name a folder, there already or not')


def _openssl(name, environ):
    import sslprefix
    text = layout.absolute(environ.get(name, '').strip())
    if text:
        sslprefix.check_prefix(text)


def _openssl_version(name, environ):
    import openssl
    text = environ.get(name, '').strip()
    if text and text not in openssl.known_versions():
        console.fail('{}={}: not pinned'.format(name, text),
                     'use one of: ' + ', '.join(openssl.known_versions()))


def _modules(name, environ):
    """Modules of Lib/test or Lib_tests, as far as these are there."""
    source = layout.Variant.from_env(environ).src / 'Lib' / 'test'
    for word in environ.get(name, '').replace(',', ' ').split():
        if not re.fullmatch(r'test_\w+', word):
            console.fail('{}: {} is no name of a module'.format(name, word),
                         'write for example {}="test_ssl test_hmac"'.format(
                             name))
        if source.is_dir() and not any(
                (folder / (word + '.py')).exists() or
                (folder / word).is_dir()
                for folder in (source, layout.ROOT / 'Lib_tests')):
            console.fail('{}: there is no {}'.format(name, word),
                         'the modules are in {}'.format(source))


def _url(name, environ):
    text = environ.get(name, '').strip()
    if text and not re.match(r'[a-z]+:/', text):
        console.fail('{}={}: not a URL'.format(name, text),
                     'write for example {}=http://mirror.example.org/debian'
                     .format(name))


def _variant(name, environ):
    layout.Variant.from_env(environ)


def _bench(name, environ):
    from bench import options
    options.from_env(environ)


def _clients(name, environ):
    from clients import options
    options.from_env(environ)


def _matrix(name, environ):
    import matrixplan
    matrixplan.plan(environ)


def _by_bootstrap(name, environ):
    """bootstrap.sh has looked at it: without it this would not run."""


CHECKS = {
    'CONFIG': _variant, 'PATCHES': _variant, 'OPENSSL': _openssl,
    'CPYTHON': _there, 'CONFIGURE_ARGS': _variant, 'SHARED': _variant,
    'PREFIX': _new_folder, 'DESTDIR': _new_folder,
    'BUNDLE_OPENSSL': _yes_or_no, 'CHECK': _yes_or_no, 'JOBS': _number,
    'DISTFILES': _folder, 'CACHE': _new_folder, 'BOOTSTRAP': _yes_or_no,
    'OPENSSL_VERSION': _openssl_version, 'SUITES': _words,
    'TESTS': _modules, 'BENCH': _bench, 'QUICK': _yes_or_no,
    'PYTHON3S': _bench, 'PYTHON27S': _bench, 'LINETESTS': _yes_or_no,
    'OPENSSL_VERSIONS': _matrix, 'MATRIX_EXTRA': _matrix,
    'CLIENTS': _clients, 'CLIENTS_STOCK': _yes_or_no, 'SANITIZE': _words,
    'ORACLE': _words, 'REFLEAK': _words, 'FUZZ': _words,
    'FUZZ_SECONDS': _number,
    'FUZZ_INPUT': _there, 'DEBIAN_MIRROR': _url, 'BASE': _folder,
    'BARE': _words, 'DEBIAN_FULL': _yes_or_no, 'PYTHON3': _by_bootstrap,
}


def check(environ=os.environ):
    """End the program if a variable in *environ* was misspelt or has a
    value that cannot be used."""
    check_names(environ)
    for name in NAMES:
        if environ.get(name, '').strip():
            CHECKS[name](name, environ)


def main():
    check()


if __name__ == '__main__':
    console.interruptible(main)
