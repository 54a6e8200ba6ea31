"""Variables of make: how one is declared, read and checked.

An option is read where its value is needed, and checked before any work is
done.  Both end the program, with a message, where the value means nothing.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from scripts.base import console, paths
from scripts.base.aliases import Environ

_YES = ('yes', 'y', '1', 'true', 'on')
_NO = ('no', 'n', '0', 'false', 'off')


@dataclass(frozen=True)
class Text:
    """name: of the variable.  help: one line on what it does.  default: what
    that line has as the default.  targets: of make that read it, () for all
    that build."""

    name: str
    help: str
    default: str = ''
    targets: tuple = ()

    def raw(self, environ: Environ) -> str:
        return environ.get(self.name, '').strip()

    def read(self, environ: Environ = os.environ) -> Any:
        """The value, of a type that is the class's; '' or what the default
        means if the variable is empty or not set."""
        return self.raw(environ)

    def check(self, environ: Environ = os.environ) -> None:
        """End the program unless there is work to be done with the value."""
        self.read(environ)

    def fail(self, environ: Environ, problem: str, hint: str) -> NoReturn:
        console.fail('{}={}: {}'.format(self.name, self.raw(environ),
                                        problem), hint)


class Folder(Text):
    """A folder or file, as an absolute path (str); need not be there."""

    def read(self, environ: Environ = os.environ) -> str:
        return paths.absolute(self.raw(environ))


class Existing(Folder):
    """A folder or file that is there, as an absolute path (str)."""

    what = 'file or folder'

    def there(self, path: str) -> bool:
        return os.path.exists(path)

    def check(self, environ: Environ = os.environ) -> None:
        path = self.read(environ)
        if path and not self.there(path):
            self.fail(environ, 'there is no such ' + self.what,
                      'correct the path, or leave {} out'.format(self.name))


class ExistingFolder(Existing):
    what = 'folder'

    def there(self, path: str) -> bool:
        return os.path.isdir(path)


class NewFolder(Folder):
    """A folder that is there or can be made, as an absolute path (str)."""

    def check(self, environ: Environ = os.environ) -> None:
        path = Path(self.read(environ))
        if re.search(r'\s', str(path)):
            self.fail(environ, 'a path with white space',
                      'use a path without it')
        while not path.exists() and path != path.parent:
            path = path.parent
        if not path.is_dir():
            self.fail(environ, '{} is no folder'.format(path),
                      'name a folder, there already or not')


class Url(Text):
    """An address, as a str."""

    def check(self, environ: Environ = os.environ) -> None:
        if self.raw(environ) and not re.match(r'[a-z]+:/', self.raw(environ)):
            self.fail(environ, 'not a URL', 'write for example '
                      '{}=http://mirror.example.org/debian'.format(self.name))


class Flag(Text):
    """yes or no, as a bool."""

    def read(self, environ: Environ = os.environ) -> bool:
        word = (self.raw(environ) or self.default).lower()
        if word not in _YES + _NO:
            self.fail(environ, 'neither yes nor no',
                      'write {0}=yes or {0}=no'.format(self.name))
        return word in _YES


@dataclass(frozen=True)
class Number(Text):
    """A whole number from 1 on, as an int; *unset* () without one."""

    unset: Callable[[], int] = int

    def read(self, environ: Environ = os.environ) -> Any:
        text = self.raw(environ)
        if not text:
            return self.unset()
        if not (text.isascii() and text.isdigit() and int(text)):
            self.fail(environ, 'not a number from 1 on',
                      'write for example {}=2'.format(self.name))
        return int(text)


class Arguments(Text):
    """Words quoted as for the shell, as a tuple of str."""

    def read(self, environ: Environ = os.environ) -> tuple[str, ...]:
        try:
            return tuple(shlex.split(self.raw(environ)))
        except ValueError as error:
            return self.fail(environ, str(error), 'quote it as for the shell')


@dataclass(frozen=True)
class Program(Text):
    """A program, by name or path, as an absolute path (str); the default
    if none is named.  hint: what to do where it is not there (str)."""

    hint: str = 'name an installed program'

    def find(self, word: str, environ: Environ) -> str:
        """The absolute path (str) of the program *word* (str)."""
        path = shutil.which(os.path.expanduser(word))
        if path is None:
            self.fail(environ, '{} is not there, or not a program'.format(
                word), self.hint)
        return os.path.abspath(path)

    def read(self, environ: Environ = os.environ) -> Any:
        return self.find(self.raw(environ) or self.default, environ)


@dataclass(frozen=True)
class Programs(Program, Arguments):
    """Programs, by name or path, as a tuple of absolute paths (str)."""

    hint: str = 'name installed interpreters, with blanks between them'

    def read(self, environ: Environ = os.environ) -> tuple[str, ...]:
        return tuple(self.find(word, environ)
                     for word in Arguments.read(self, environ))


@dataclass(frozen=True)
class Words(Text):
    """Some words, with blanks or commas between them, as a list of str.

    choices: the words there are, or what returns them: they come in that
    order.  A dict says what each is about.  () allows all words.  special:
    those of them that "all" leaves out.  unset: the word, "all" or "none",
    that nothing means.  empty: "none" may be asked for.  more: how there
    could be others (str).
    """

    choices: object = ()
    special: tuple = ()
    unset: str = 'all'
    empty: bool = False
    more: str = ''

    def known(self) -> Any:
        return self.choices() if callable(self.choices) else self.choices

    def _words(self, environ: Environ) -> list[str]:
        return self.raw(environ).replace(',', ' ').split()

    def read(self, environ: Environ = os.environ) -> Any:
        words, known = self._words(environ), self.known()
        if not known:
            return words
        words = words or [self.unset]
        if words == ['none'] and (self.empty or self.unset == 'none'):
            return []
        if words == ['all']:
            return [word for word in known if word not in self.special]
        unknown = [word for word in words if word not in known]
        if unknown:
            self.fail(environ, 'there is no ' + ', '.join(unknown),
                      'use some of: {}{}'.format(
                          ' '.join(known), self.more and '; ' + self.more))
        return [word for word in known if word in words]


class Choice(Words):
    """One of the words, as a str."""

    def read(self, environ: Environ = os.environ) -> str:
        word = self.raw(environ) or self.default
        if word not in self.known():
            self.fail(environ, 'there is no such one' if word else
                      'which one?', 'use one of: {}{}'.format(
                          ', '.join(self.known()),
                          self.more and '; ' + self.more))
        return word
