"""What a client is: definitions/NAME.json, read and checked.

docs/clients.md, "Adding one", describes the file.
"""

import json
import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from scripts import options
from scripts.base import console, option

FOLDER = Path(__file__).resolve().parent / 'definitions'
KINDS = ('pytest', 'unittest', 'imports', 'regrtest')
SELF_SIGNED = 'self-signed certificate'

_REQUIREMENT = re.compile(
    r'(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^ ]+)'
    r'( --hash=sha256:[0-9a-f]{64})+')


class DefinitionError(Exception):
    """The file does not describe a client; the message says why."""


@dataclass(frozen=True)
class Wanted:
    """What a suite must give on the patched interpreter.

    passed: at least so many tests (int).  failed, skipped: {test id:
    reason}, those that may fail or be skipped.  skip_reasons: what tests
    that may be skipped say (str list, "*" for anything).  counts:
    {'module:class': at least so many objects}.  as_stock: a test that fails
    or is skipped on stock may do so here, too.  strict: all those that may
    fail or be skipped have to.
    """

    passed: int
    failed: dict = field(default_factory=dict)
    skipped: dict = field(default_factory=dict)
    skip_reasons: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)
    as_stock: bool = False
    strict: bool = False


@dataclass(frozen=True)
class DropIn:
    """A module of docs/examples that takes the place of packages.

    module: its name.  replaces: the packages (str list).  startup: the
    folder of py27/ with the sitecustomize.py that puts it there.
    """

    module: str
    replaces: list
    startup: str


@dataclass(frozen=True)
class Checkout:
    """Tests that are in a git repository only, of which the user has a
    clone.

    variable: the option that names its folder.  repository: where it is to
    be cloned from.  commit: 40 hexadecimal digits.  edits: see
    sources.edit().
    """

    variable: str
    repository: str
    commit: str
    edits: list = field(default_factory=list)


@dataclass(frozen=True)
class Suite:
    """One run of a client's tests.

    kind: out of KINDS.  command: arguments of the interpreter (str list);
    for imports, names of modules; for regrtest, a module of Lib/test is
    added.  limit: seconds, for each module in these two.  left_out: {test:
    reason}, what is not run at all.  drop_in: what it must give with the
    client's drop-in, compared with the run without.  checkout: a Checkout,
    in which it is run.
    """

    name: str
    kind: str
    command: list
    limit: int
    wanted: Wanted
    left_out: dict = field(default_factory=dict)
    drop_in: Wanted = None
    checkout: Checkout = None


@dataclass(frozen=True)
class Client:
    """One piece of software.

    about, looks_for: for the documents.  requirements, build: lines for
    pip, with hashes; those of build are installed first.  tests_of: the
    line of the source distribution that the tests are in, '' for none.
    openssl_conf: lines for all TLS contexts.  clock: 'YYYY-MM-DD hh:mm:ss'
    or ''.  variables: of the environment.  files: {path: SELF_SIGNED}, what
    the source distribution lacks.  copies: patterns of files below the
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
    requirements: list
    suites: list
    build: list = field(default_factory=list)
    tests_of: str = ''
    openssl_conf: list = field(default_factory=list)
    clock: str = ''
    variables: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    copies: list = field(default_factory=list)
    project: list = field(default_factory=list)
    edits: list = field(default_factory=list)
    patches: dict = field(default_factory=dict)
    path: list = field(default_factory=list)
    installed: bool = False
    ports: list = field(default_factory=list)
    plugins: list = field(default_factory=list)
    drop_in: DropIn = None
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


def _made(kind, values, where):
    """An object of the dataclass *kind* from *values* (dict)."""
    if not isinstance(values, dict):
        raise DefinitionError('{}: not an object'.format(where))
    types = {item.name: item.type for item in fields(kind)}
    for name in values:
        if name not in types:
            raise DefinitionError('{}: there is no key "{}"; known: {}'.format(
                where, name, ' '.join(types)))
        # bool is an int, too.
        right = type(values[name]) is types[name] if \
            types[name] in (int, bool) else \
            types[name] in (Wanted, DropIn, Checkout) or \
            isinstance(values[name], types[name])
        if not right:
            raise DefinitionError('{}: "{}" must be a {}'.format(
                where, name, types[name].__name__))
    try:
        return kind(**values)
    except TypeError as error:
        missing = re.findall(r"'(\w+)'", str(error))
        raise DefinitionError('{}: missing: {}'.format(
            where, ', '.join(missing))) from None


def _check_requirements(client):
    for line in client.build + client.requirements + \
            [client.tests_of] * bool(client.tests_of):
        if not _REQUIREMENT.fullmatch(line):
            raise DefinitionError(
                '{!r}: not NAME==VERSION --hash=sha256:...'.format(line))


def _check_edits(edits):
    for each in edits:
        if not (isinstance(each, list) and len(each) == 3 and
                all(isinstance(part, str) for part in each)):
            raise DefinitionError('edits: {!r} is not [files, expression, '
                                  'replacement]'.format(each))
        try:
            re.compile(each[1])
        except re.error as error:
            raise DefinitionError('edits: {!r}: {}'.format(
                each[1], error)) from None


def _checkout(values, where):
    if not values:
        return None
    checkout = _made(Checkout, values, where)
    if not re.fullmatch('[0-9a-f]{40}', checkout.commit):
        raise DefinitionError('{}: {!r} is no commit'.format(
            where, checkout.commit))
    if not isinstance(options.ALL.get(checkout.variable),
                      option.ExistingFolder):
        raise DefinitionError('{}: there is no option {} for a folder'.format(
            where, checkout.variable))
    _check_edits(checkout.edits)
    return checkout


def read(path):
    """The Client that the file *path* (Path) describes."""
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise DefinitionError(str(error)) from None
    if not isinstance(values, dict):
        raise DefinitionError('not an object')
    suites = []
    for number, suite in enumerate(values.get('suites') or (), 1):
        where = 'suite {}'.format(number)
        suite = _made(Suite, suite, where)
        if suite.kind not in KINDS:
            raise DefinitionError('{}: kind is one of: {}'.format(
                where, ' '.join(KINDS)))
        wanted = _made(Wanted, suite.wanted, where + ', wanted')
        dropped = _made(Wanted, dict(
            suite.drop_in, as_stock=True, strict=True),
            where + ', drop_in') if suite.drop_in else None
        suites.append(replace(
            suite, wanted=wanted, drop_in=dropped, checkout=_checkout(
                suite.checkout, where + ', checkout')))
    client = _made(Client, dict(values, suites=suites), 'client')
    if client.drop_in:
        client = replace(client, drop_in=_made(DropIn, client.drop_in,
                                               'drop_in'))
    for suite in suites:
        if bool(suite.drop_in) != bool(client.drop_in):
            raise DefinitionError('drop_in: the client and each suite have '
                                  'it, or none')
    if client.name != path.stem:
        raise DefinitionError('its name is {}'.format(client.name))
    if not suites:
        raise DefinitionError('no suite')
    for file, content in client.files.items():
        if content != SELF_SIGNED:
            raise DefinitionError('files: {} can only be a "{}"'.format(
                file, SELF_SIGNED))
    _check_requirements(client)
    _check_edits(client.edits)
    return client


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
