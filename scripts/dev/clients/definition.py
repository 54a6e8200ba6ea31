"""What a client is: definitions/NAME.json, read and checked.

docs/clients.md, "Adding one", describes the file.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Optional

import msgspec
from msgspec.structs import replace

from scripts import options
from scripts.base import console, option

FOLDER = Path(__file__).resolve().parent / 'definitions'

_PINNED = (r'[A-Za-z0-9][A-Za-z0-9._-]*==[^ ]+'
           r'( --hash=sha256:[0-9a-f]{64})+')
Requirement = Annotated[str, msgspec.Meta(pattern=f'^{_PINNED}\\Z')]
Edits = list[tuple[str, str, str]]


class DefinitionError(Exception):
    """The file does not describe a client; the message says why."""


class _Checked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is read has the names and types that the class has."""


class Wanted(_Checked):
    """What a suite must give on the patched interpreter.

    passed: at least so many tests (int).  failed, skipped: {test id:
    reason}, those that may fail or be skipped.  skip_reasons: what tests
    that may be skipped say (str list, "*" for anything).  counts:
    {'module:class': at least so many objects}.  as_stock: a test that fails
    or is skipped on stock may do so here, too.  strict: all those that may
    fail or be skipped have to.
    """

    passed: int
    failed: dict[str, str] = {}
    skipped: dict[str, str] = {}
    skip_reasons: list[str] = []
    counts: dict[str, int] = {}
    as_stock: bool = False
    strict: bool = False


class DropIn(_Checked):
    """A module of docs/examples that takes the place of packages.

    module: its name.  replaces: the packages (str list).  startup: the
    folder of py27/ with the sitecustomize.py that puts it there.
    """

    module: str
    replaces: list[str]
    startup: str


class Checkout(_Checked):
    """Tests that are in a git repository only, of which the user has a
    clone.

    variable: the option that names its folder.  repository: where it is to
    be cloned from.  commit: 40 hexadecimal digits.  edits: see
    sources.edit().
    """

    variable: str
    repository: str
    commit: Annotated[str, msgspec.Meta(pattern=r'^[0-9a-f]{40}\Z')]
    edits: Edits = []


class Suite(_Checked):
    """One run of a client's tests.

    command: arguments of the interpreter (str list);
    for imports, names of modules; for regrtest, a module of Lib/test is
    added.  limit: seconds, for each module in these two.  left_out: {test:
    reason}, what is not run at all.  drop_in: what it must give with the
    client's drop-in, compared with the run without.  checkout: a Checkout,
    in which it is run.
    """

    name: str
    kind: Literal['pytest', 'unittest', 'imports', 'regrtest']
    command: list[str]
    limit: int
    wanted: Wanted
    left_out: dict[str, str] = {}
    drop_in: Optional[Wanted] = None
    checkout: Optional[Checkout] = None


class Client(_Checked):
    """One piece of software.

    about, looks_for: for the documents.  requirements, build: lines for
    pip, with hashes; those of build are installed first.  tests_of: the
    line of the source distribution that the tests are in, '' for none.
    openssl_conf: lines for all TLS contexts.  clock: 'YYYY-MM-DD hh:mm:ss'
    or ''.  variables: of the environment.  files: {path: what}, which the
    source distribution lacks.  copies: patterns of files below the
    interpreter's source that the tests need.  project: the same of this
    project.  edits: see sources.edit().  patches: {folder: file in
    docs/examples}, applied with patch -p1.  path: folders for PYTHONPATH,
    below that in which the tests are run.  installed: the tests need an
    interpreter that is installed, by INSTALLED_PYTHON.  ports: those that
    the tests
    listen on by number.  plugins: modules of py27/ for pytest.  drop_in:
    a DropIn, with which the suites are run once more.  startup: as there.
    """

    name: str
    version: str
    about: str
    looks_for: str
    requirements: list[Requirement]
    suites: list[Suite]
    build: list[Requirement] = []
    tests_of: Annotated[str, msgspec.Meta(
        pattern=f'^({_PINNED})?\\Z')] = ''
    openssl_conf: list[str] = []
    clock: str = ''
    variables: dict[str, str] = {}
    files: dict[str, Literal['self-signed certificate']] = {}
    copies: list[str] = []
    project: list[str] = []
    edits: Edits = []
    patches: dict[str, str] = {}
    path: list[str] = []
    installed: bool = False
    ports: list[int] = []
    plugins: list[str] = []
    drop_in: Optional[DropIn] = None
    startup: str = ''

    @property
    def title(self):
        return ' '.join(filter(None, (self.name, self.version)))

    def with_drop_in(self):
        """The same Client without the packages that are replaced."""
        replaced = {name.lower() for name in self.drop_in.replaces}
        return replace(
            self, name=self.name + '-drop-in', startup=self.drop_in.startup,
            requirements=[line for line in self.requirements if
                          line.split('==')[0].lower() not in replaced])


def _check(client, name):
    """DefinitionError where *client* (Client), of the file NAME.json, has
    what types cannot tell."""
    checkouts = [suite.checkout for suite in client.suites if suite.checkout]
    for _, expression, _ in [*client.edits, *(
            edit for checkout in checkouts for edit in checkout.edits)]:
        try:
            re.compile(expression)
        except re.error as error:
            raise DefinitionError('edits: {!r}: {}'.format(
                expression, error)) from None
    for checkout in checkouts:
        if not isinstance(options.ALL.get(checkout.variable),
                          option.ExistingFolder):
            raise DefinitionError(
                'checkout: there is no option {} for a folder'.format(
                    checkout.variable))
    if any(bool(suite.drop_in) != bool(client.drop_in)
           for suite in client.suites):
        raise DefinitionError('drop_in: the client and each suite have it, '
                              'or none')
    if client.name != name:
        raise DefinitionError('its name is {}'.format(client.name))
    if not client.suites:
        raise DefinitionError('no suite')


def read(path):
    """The Client that the file *path* (Path) describes."""
    try:
        client = msgspec.json.decode(path.read_bytes(), type=Client)
    except (OSError, msgspec.MsgspecError) as error:
        raise DefinitionError(str(error)) from None
    _check(client, path.stem)
    return replace(client, suites=[replace(
        suite, drop_in=suite.drop_in and replace(
            suite.drop_in, as_stock=True, strict=True))
        for suite in client.suites])


def read_all(folder=FOLDER):
    """{name: Client} of all files in *folder* (Path), those first whose
    first suite needs MemoryBIO; ends the program if a file is wrong."""
    found = []
    for path in sorted(folder.glob('*.json')):
        try:
            found.append(read(path))
        except DefinitionError as error:
            console.fail('{}: {}'.format(path, error),
                         'docs/clients.md describes such a file')
    found.sort(key=lambda client: client.suites[0].wanted.as_stock)
    return {client.name: client for client in found}
