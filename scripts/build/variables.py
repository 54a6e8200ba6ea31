"""Look at make's variables before any work is done.

A name on make's command line that nobody knows and that looks like one of
ours was misspelt; so was a value that no script can use.  Both are errors, by
a message that says what to write.
"""

from __future__ import annotations

import difflib
import os
import re

from scripts import options
from scripts.base import console, paths
from scripts.base.aliases import Environ
from scripts.build import sslprefix
from scripts.build.variant import Variant

#: What the programs of the targets are told by, on make's command line too.
OTHERS = re.compile(
    r'CC|CXX|CPP|AR|LD|(C|CPP|CXX|LD)FLAGS|V|VERBOSE|SHELL|MAKE\w*|MFLAGS|'
    r'PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|TERM|PYTHON[A-Z]+|PYTEST_\w+|PIP_\w+|'
    r'SSL_CERT_\w+|OPENSSL_(CONF|MODULES|ENGINES)|LD_\w+|CONFIG_SITE|'
    r'DEBIAN_FRONTEND|SOURCE_DATE_EPOCH|ALLOCATION_STRIDE|'
    r'(ASAN|UBSAN|TSAN|LSAN)_OPTIONS|(https?|ftp|all|no)_proxy|'
    r'(HTTPS?|FTP|ALL|NO)_PROXY')

NAMES = list(options.ALL)


def on_command_line(environ: Environ) -> list[str]:
    """The names (str list) of the variables on make's command line."""
    words = re.findall(r'(?:\\.|\S)+', environ.get('MAKEFLAGS', ''))
    if '--' in words:
        words = words[words.index('--') + 1:]
    found = [re.match(r'([^\s:?+!=]+)[:?+!]*=', word) for word in words
             if not word.startswith('-')]
    return [match[1] for match in found if match]


def near(name: str, cutoff: float) -> list[str]:
    """Those of our variables (str list) that *name* may have been meant to
    be, the most similar one first."""
    found = difflib.get_close_matches(name.upper(), NAMES, 3, cutoff)
    if cutoff < 0.8:
        found += [ours for ours in NAMES if ours not in found and
                  min(len(ours), len(name)) > 3 and
                  (ours.startswith(name.upper()) or
                   name.upper().startswith(ours))]
    return found


def check_names(environ: Environ) -> None:
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


def check_modules(variant: Variant, environ: Environ) -> None:
    """TESTS names modules of Lib/test or Lib_tests, as far as these are
    there."""
    source = variant.src / 'Lib' / 'test'
    for word in options.TESTS.read(environ):
        if not re.fullmatch(r'test_\w+', word):
            console.fail('TESTS: {} is no name of a module'.format(word),
                         'write for example TESTS="test_ssl test_hmac"')
        if source.is_dir() and not any(
                (folder / (word + '.py')).exists() or
                (folder / word).is_dir()
                for folder in (source, paths.LIB_TESTS)):
            console.fail('TESTS: there is no {}'.format(word),
                         'the modules are in {}'.format(source))


def check(environ: Environ = os.environ, existing: bool = True) -> None:
    """End the program if a variable in *environ* was misspelt or has a
    value that cannot be used; not *existing*: what it names may be gone."""
    check_names(environ)
    for option in options.ALL.values():
        if option.raw(environ):
            (option.check if existing else option.read)(environ)
    variant = Variant.from_env(environ)
    if not existing:
        return
    if variant.openssl:
        sslprefix.check_prefix(variant.openssl)
    check_modules(variant, environ)


def main() -> None:
    check()
