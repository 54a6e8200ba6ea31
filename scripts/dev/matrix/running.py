"""One run of the matrix: build an interpreter and test it."""

import os
import shutil
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path

from scripts.base import console, paths
from scripts.build import interpreter as build
from scripts.build import openssl
from scripts.build.variant import Variant
from scripts.dev.matrix import (
    compilerwarnings,
    conditions,
    muslzlib,
    plan,
    reasonnames,
    report,
)
from scripts.dev.matrix.skips import Allowed
from scripts.dev.run import debianroot, intree, pytestrun, runtests, site27
from scripts.dev.run.librarylimits import Limits
from scripts.dev.run.testreport import Row
from scripts.source import fetch, pins

#: Seconds for one module, in an emulator
_LIMITS = {'s390x': 3600, 'arm64': 3600}
#: What takes too long there: each allocation of the long calls.  On how it
#: fails the machine has little bearing.  And a test that takes seconds takes
#: a minute, where others run beside it.
_EMULATED = {'ALLOCATION_STRIDE': '211', 'PYTEST_TIMEOUT': '600'}

_FLAVOURS = {'musl': openssl.MUSL, 'fips': openssl.FIPS}


@dataclass
class Result:
    """The outcome of one run, as it is kept in a file.

    openssl: what ssl.OPENSSL_VERSION says; compiler: its first line;
    warnings, deprecations: str lists, None where they were not looked at;
    names: counts by word; suites: list of dicts with name, tests, failed,
    skipped; problems: what makes it fail; skips: {test: reason}.
    """

    section: str
    version: str
    openssl: str = ''
    compiler: str = ''
    warnings: list = None
    deprecations: list = None
    names: dict = None
    suites: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    skips: dict = field(default_factory=dict)

    @property
    def ok(self):
        return not self.problems

    as_dict = asdict


class Native:
    """An interpreter for this machine."""

    def __init__(self, section, version, environ):
        env = dict(environ)
        musl = section.name == 'musl' and conditions.musl_compiler()
        if version != plan.PREFIX:
            env.pop('OPENSSL', None)
            if version != plan.HOST:
                env['OPENSSL'] = str(openssl.ensure(
                    version, environ,
                    _FLAVOURS.get(section.name, openssl.PLAIN)))
        if section.name in ('gcc', 'clang'):
            # As an argument, so that this build has a folder of its own.
            command = plan.newest_compiler(section.name)[0]
            env['CONFIGURE_ARGS'] = 'CC=' + command
        elif musl:
            muslzlib.ensure(Path(env['OPENSSL']), openssl.MUSL.cc, environ)
            # The host's libffi is one for glibc.
            env['CONFIGURE_ARGS'] = 'CC={} --without-system-ffi'.format(musl)
        self.environ = env
        self.variant = Variant.from_env(env)
        self.prefix = []

    @property
    def python(self):
        return self.variant.python

    @property
    def include(self):
        return Path(self.variant.openssl or '/usr', 'include')

    @property
    def flags(self):
        """What leads the compiler to OpenSSL's headers (str list)."""
        return ['-I{}'.format(self.include)] * bool(self.variant.openssl)

    @property
    def log(self):
        return self.variant.log_dir / 'make.log'

    def build(self):
        build.ensure(self.variant, self.environ)

    def packages(self):
        """PYTHONUSERBASE, with what Lib_tests need."""
        return site27.ensure(self.variant)['PYTHONUSERBASE']


class InRoot(Native):
    """An interpreter in a Debian root."""

    def __init__(self, section, version, environ):
        self.kind = debianroot.ROOTS[section.name]
        self.native = Native(section, version, environ)
        env = dict(environ,
                   CONFIGURE_ARGS=self.kind.configure)
        for name in ('OPENSSL', 'DISTFILES', 'CPYTHON', 'CC'):
            env.pop(name, None)
        self.environ = env
        self.variant = Variant.from_env(env)
        self.prefix = self.command()

    def command(self, *words):
        return debianroot.command(debianroot.FOLDER / self.kind.name, *words,
                                  arch=self.kind.arch)

    @property
    def python(self):
        return self.variant.root / ('python-' + self.kind.name)

    @property
    def include(self):
        return debianroot.FOLDER / self.kind.name / 'usr' / 'include'

    def build(self):
        debianroot.check_host('MATRIX_EXTRA=' + self.kind.name, [self.kind],
                              'run "make matrix" as root')
        debianroot.ensure(self.kind)
        # DISTFILES is not to be seen in the root, the cache is.
        pin = pins.get('python')
        tarball = fetch.fetch_pin(pin, os.environ)
        cached = paths.BUILD / 'cache' / pin.file
        if not cached.exists():
            cached.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tarball, cached)
        env = {name: value for name, value in self.environ.items()
               if not name.startswith('MAKE') and name != 'CACHE'}
        self.variant.log_dir.mkdir(parents=True, exist_ok=True)
        console.run(
            self.command('/usr/bin/python3', '-m', 'scripts', 'build'),
            cwd=paths.ROOT, env=env,
            title='building in the root ' + self.kind.name,
            log=self.variant.root / 'inroot.log')
        debianroot.wrapper(self.python, self.command(self.variant.python))

    def packages(self):
        # They are written in Python, those of the native build do.
        self.native.build()
        return self.native.packages()


def machine(section, version, environ=os.environ):
    """What *section* and *version* are built and run with."""
    kind = InRoot if section.name in debianroot.ROOTS else Native
    return kind(section, version, environ)


def test_env(section, host, folder):
    """The environ (dict) for the tests of *section*."""
    env = intree.clean_env(host.variant)
    env.update(plan.openssl_conf(section, folder, host.variant.openssl))
    if section.name == 'faketime':
        env.update(plan.clock_variables())
    if section.name in _LIMITS:
        env.update(_EMULATED)
    return env


def module_names(section, added):
    """The modules of Lib/test to run."""
    names = intree.MODULES
    if section.name == 'faketime':
        names = plan.CLOCK_MODULES
    return list(names) + [name for name in added if name not in names]


def run_suites(section, host, env, log_dir):
    """Run the modules of Lib/test and Lib_tests.  Yields Rows."""
    timeout = _LIMITS.get(section.name, intree.TIMEOUT)
    added = intree.added_modules(runtests.selected_patches(host.variant))
    for name in module_names(section, added):
        found = intree.run_module(host.python, name, env, log_dir, timeout)
        yield Row(name, found.tests, found.texts, found.problem,
                  found.seconds)
    if section.name == 'faketime':
        return
    env = dict(env, PYTHONUSERBASE=host.packages())
    env.pop('PYTHONNOUSERSITE', None)
    found = pytestrun.run_pytest(
        host.python, runtests.LIB_TESTS, env, log_dir, 'Lib_tests',
        timeout=4 * timeout)
    yield Row('Lib_tests', found.tests, found.texts, found.problem,
              found.seconds)


def _ask(host, env):
    """(ssl.OPENSSL_VERSION, whether _hashlib is there) of the built one."""
    output = subprocess.run(
        [str(host.python), '-c', 'import ssl, _hashlib\n'
         'print(ssl.OPENSSL_VERSION)'],
        env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return output.returncode, output.stdout.strip()


def _compiler(host):
    argv = compilerwarnings.compile_command(host.log, '_ssl')[:1]
    lines = subprocess.run(
        host.prefix + argv + ['--version'], text=True,
        stdout=subprocess.PIPE).stdout.splitlines()
    return lines[0] if lines else argv[0]


def look_at_compiler(host, result, allowed):
    """Fill in what the compiler has to tell.  allowed: None if every
    function may be deprecated."""
    result.warnings = compilerwarnings.in_log(host.log)
    result.problems += ['warning: ' + text for text in result.warnings]
    if allowed is None:
        return
    result.deprecations = compilerwarnings.deprecations(host.log, host.prefix)
    result.problems += [
        '{} is deprecated and not on the list'.format(name)
        for name in allowed.missing_deprecations(result.deprecations)]


def look_at_names(host, result, env, folder):
    verdict = reasonnames.check(host.python, host.include, env, folder,
                                host.prefix, host.flags)
    result.names = {name: value if name == 'known' else len(value)
                    for name, value in verdict._asdict().items()}
    result.problems += [
        'the {} reason {} {} is {}'.format(text, library, number, name)
        for library, number, _, text, name in
        verdict.wrong + verdict.missing]


def run(section, version, folder, environ=os.environ):
    """Build and test.  folder: Path for logs.  Returns the Result."""
    result = Result(section.name, version)
    allowed = Allowed()
    host = machine(section, version, environ)
    host.build()
    env = test_env(section, host, folder)
    status, result.openssl = _ask(host, env)
    if status:
        result.problems.append(result.openssl.splitlines()[-1])
        return result
    library, number = result.openssl.split()[:2]
    if number != version and version not in (plan.HOST, plan.PREFIX) or \
            library != plan.LIBRARIES.get(section.name, 'OpenSSL'):
        result.problems.append('it uses {}'.format(result.openssl))
        return result
    result.compiler = _compiler(host)
    # What a library that OPENSSL= names deprecates, skips and calls its
    # errors is not known here.
    known = section.name not in plan.LIBRARIES
    if section.full:
        look_at_compiler(host, result, allowed if known else None)
    if section.full and known:
        look_at_names(host, result, env, folder / 'names')
    rows = list(run_suites(section, host, env, folder))
    allowed.leave_out(section.name, rows)
    limits = Limits(result.openssl)
    for row in rows:
        limits.apply(row)
    for row in rows:
        result.suites.append({
            'name': row.name, 'tests': len(row.tests),
            'failed': row.failed + row.errors, 'skipped': row.skipped})
        result.problems += [
            '{} {}: {}'.format(test, row.tests[test],
                               row.texts.get(test, ''))
            for test in row.ids('failed', 'crashed', 'error')]
        problem = allowed.problem(section.name, row.problem)
        if problem:
            result.problems.append('{}: {}'.format(row.name, problem))
        result.skips.update((test, row.texts.get(test, ''))
                            for test in row.ids('skipped'))
    if known:
        result.problems += allowed.problems(
            section.name, report.short(result), rows)
    return result
