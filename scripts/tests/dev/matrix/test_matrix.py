"""make matrix: what is run, what counts as a failure, what is written."""

import json
import os
import subprocess
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from rich.console import Console

from scripts import options
from scripts.build.variant import Variant
from scripts.dev.evidence import record
from scripts.dev.matrix import (
    command,
    compilerwarnings,
    conditions,
    muslzlib,
    plan,
    reasonnames,
    report,
    running,
    skips,
)
from scripts.dev.matrix.running import Result
from scripts.dev.run import debianroot
from scripts.dev.run.testreport import Row
from scripts.tests import minicheckout


def names(environ):
    return [(section.name, version)
            for section, version in plan.plan(environ)]


def test_everything_by_default():
    runs = names({})
    assert len(runs) == 3 * len(options.OPENSSL_VERSIONS.known())
    assert runs[0] == ('plain', 'host')
    assert {section for section, _ in runs} == {'plain', 'tls12', 'level1'}


def test_some_versions():
    assert names({'OPENSSL_VERSIONS': '4.0.2'}) == [
        ('plain', '4.0.2'), ('tls12', '4.0.2'), ('level1', '4.0.2')]
    assert {version for _, version in names(
        {'OPENSSL_VERSIONS': 'host,1.1.1w'})} == {'host', '1.1.1w'}


def test_extra_sections():
    assert names({'OPENSSL_VERSIONS': 'none',
                  'MATRIX_EXTRA': 'faketime clang'}) == [('clang', 'host')]
    runs = names({'OPENSSL_VERSIONS': '1.1.1w', 'MATRIX_EXTRA': 'all'})
    assert ('faketime', '1.1.1w') in runs and ('i386', 'host') in runs


def test_sections_of_a_prefix(tmp_path, capsys):
    minicheckout.write(tmp_path, {'include/openssl/opensslv.h': ''})
    environ = {'OPENSSL_VERSIONS': 'none', 'MATRIX_EXTRA': 'libressl',
               'OPENSSL': str(tmp_path)}
    assert names(environ) == [('libressl', plan.PREFIX)]
    # "all" cannot mean three libraries in one prefix.
    runs = names(dict(environ, MATRIX_EXTRA='all'))
    assert not {section for section, _ in runs} & set(plan.LIBRARIES)
    assert ('fips', plan.PINNED) in runs
    del environ['OPENSSL']
    with pytest.raises(SystemExit):
        plan.plan(environ)
    assert 'MATRIX_EXTRA=libressl: which one?' in capsys.readouterr().err


def test_fips_configuration(tmp_path):
    variables = plan.openssl_conf(plan.BY_NAME['fips'], tmp_path, '/p')
    with open(variables['OPENSSL_CONF']) as file:
        text = file.read()
    assert '.include /p/ssl/fipsmodule.cnf' in text
    assert 'default_properties = fips=yes' in text


def test_musl_has_headers_of_its_own():
    """setup.py asks the compiler where they are."""
    done = subprocess.run([conditions.MUSL_CC, '-Wall', '-print-multiarch'],
                          stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.endswith('-linux-musl\n')


def test_musl_has_zlib_once(tmp_path):
    """What is there is not built again, with whatever compiler."""
    library = tmp_path / 'prefix' / 'lib' / 'libz.a'
    library.parent.mkdir(parents=True)
    library.write_text('')
    muslzlib.ensure(tmp_path / 'prefix', 'no-compiler', {})
    assert sorted(tmp_path.iterdir()) == [tmp_path / 'prefix']


def test_emulated_runs_take_longer_steps(tmp_path):
    host = SimpleNamespace(variant=Variant())
    steps = {name: running.test_env(plan.BY_NAME[name], host,
                                    tmp_path).get('ALLOCATION_STRIDE')
             for name in ('arm64', 's390x', 'i386')}
    assert steps['arm64'] == steps['s390x'] == '211'
    assert steps['i386'] == os.environ.get('ALLOCATION_STRIDE')


def test_emulated_tests_have_time(tmp_path):
    """Their timeout is for what hangs, not for what is slow."""
    env = running.test_env(plan.BY_NAME['s390x'],
                           SimpleNamespace(variant=Variant()), tmp_path)
    assert int(env['PYTEST_TIMEOUT']) >= 600


def test_musl_needs_its_compiler(monkeypatch, capsys):
    monkeypatch.setattr(conditions.shutil, 'which', lambda name: None)
    with pytest.raises(SystemExit):
        conditions.musl_compiler()
    assert 'apt-get install musl-tools' in capsys.readouterr().err


@pytest.mark.parametrize('version, expected', [
    ('OpenSSL 3.0.19 27 Jan 2026', '3.0.19'), ('AWS-LC 5.5.0', 'AWS-LC 5.5.0'),
    ('', 'host')])
def test_the_library_is_named(version, expected):
    assert report.short(Result('plain', 'host', openssl=version)) == expected


@pytest.mark.parametrize('variables, text', [
    ({'OPENSSL_VERSIONS': '9.9'}, 'OPENSSL_VERSIONS=9.9: there is no 9.9'),
    ({'MATRIX_EXTRA': 'vax'}, 'there is no vax')])
def test_bad_options(variables, text, capsys):
    with pytest.raises(SystemExit):
        plan.plan(variables)
    assert text in capsys.readouterr().err


def test_a_line_in_pins_adds_a_version(tmp_path):
    checkout = minicheckout.Checkout(tmp_path)
    path = checkout.root / 'scripts' / 'pins.json'
    lines = path.read_text().splitlines()
    line = next(line for line in lines if '"openssl-1.1.1w"' in line)
    lines.insert(lines.index(line), line.replace('1.1.1w', '1.1.1v'))
    path.write_text('\n'.join(lines))
    status, output = checkout.run('openssl')
    assert status == 1 and 'use one of: 1.1.1v, 1.1.1w' in output


def test_configuration(tmp_path):
    assert plan.openssl_conf(plan.BY_NAME['plain'],
                                   tmp_path) == {}
    variables = plan.openssl_conf(plan.BY_NAME['tls12'],
                                        tmp_path)
    with open(variables['OPENSSL_CONF']) as file:
        text = file.read()
    # test_ssl.py looks for it at the start of a line
    assert '\nMinProtocol = TLSv1.2\n' in text
    assert '@SECLEVEL=2' in text


def test_newest_compiler(tmp_path):
    for name, version in (('gcc', '12.2.0'), ('gcc-9', '9.4.0'),
                          ('gcc-14', '14.1.0'), ('gcc-ar-15', '15.0.0')):
        program = tmp_path / name
        program.write_text('#!/bin/sh\necho {}\n'.format(version))
        program.chmod(0o755)
    assert plan.newest_compiler('gcc', str(tmp_path)) == (
        'gcc-14', '14.1.0')
    with pytest.raises(SystemExit):
        plan.newest_compiler('clang', str(tmp_path))


LOG = '''\
$ make
gcc -pthread -Wall -c /s/Modules/_ssl.c -o build/_ssl.o
In file included from /s/Modules/_ssl.c:30:
/s/Modules/_ssl.c:10:5: warning: unused variable 'x' [-Wunused-variable]
/s/Modules/other_ssl.c:10:5: warning: not ours [-Wunused-variable]
/s/Modules/timemodule.c:1: warning: 'ftime' is deprecated
gcc -pthread -Wall -c /s/Modules/_hashopenssl.c -o build/_hashopenssl.o
'''


def test_warnings(tmp_path):
    log = tmp_path / 'make.log'
    log.write_text(LOG)
    assert compilerwarnings.in_log(log) == [
        "_ssl.c:10: unused variable 'x' [-Wunused-variable]"]
    log.write_text(LOG.replace('_hashopenssl.c', 'x.c'))
    with pytest.raises(SystemExit):     # no warning, but not compiled either
        compilerwarnings.in_log(log)


SOURCE = '''\
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
int old(void) __attribute__((deprecated));
int use(void) { return old(); }
'''


def test_deprecations_that_a_pragma_hides(tmp_path):
    modules = tmp_path / 'src' / 'Modules'
    source = minicheckout.write(modules, {'_ssl.c': SOURCE}) / '_ssl.c'
    log = tmp_path / 'make.log'
    log.write_text('cc -Wall -c {} -o x.o\n'.format(source))
    assert compilerwarnings.deprecations(log) == ['old']


@pytest.fixture
def allowed(tmp_path):
    path = tmp_path / 'allowed.json'
    path.write_text(json.dumps({
        'skips': {'*': {'test.test_a.T.test_x': 'needs Windows'},
                  '1.1.1': {'test.test_a.T.test_p': 'has no providers'},
                  'tls12': {'test.test_a.T.test_y': 'TLS 1.0'}},
        'modules': {'i386': {'test_hooks': 'for 64 bits'}},
        'failing': {'tls12': ['test.test_a.T.test_y']},
        'deprecations': {'DH_free': 'no other way'},
        'required': ['test.test_a.T.test_z']}))
    return skips.Allowed(path)


def rows(**outcomes):
    return [Row('test_a', {'test.test_a.T.' + name: outcome
                           for name, outcome in outcomes.items()})]


@pytest.mark.parametrize('section, outcomes, problems', [
    ('plain', {'test_x': 'skipped', 'test_z': 'passed'}, 0),
    ('plain', {'test_p': 'skipped', 'test_z': 'passed'}, 1),
    ('plain', {'test_y': 'skipped', 'test_z': 'passed'}, 1),
    ('tls12', {'test_y': 'skipped', 'test_z': 'passed'}, 0),
    ('plain', {'test_z': 'skipped'}, 2),
    ('plain', {'test_x': 'passed'}, 1)])
def test_skips(allowed, section, outcomes, problems):
    assert len(allowed.problems(section, '4.0.2',
                                rows(**outcomes))) == problems


def test_skips_of_a_version(allowed):
    skipped = rows(test_p='skipped', test_z='passed')
    assert allowed.problems('plain', '1.1.1w', skipped) == []
    assert len(allowed.problems('plain', '1.1.10', skipped)) == 1
    assert len(allowed.problems('plain', '3.1.1', skipped)) == 1


def test_a_module_that_may_be_skipped_as_a_whole(allowed):
    row = Row('Lib_tests', {'test_hooks::test_a[x]': 'skipped',
                            'test_hooks.TestB::test_b': 'skipped'})
    assert allowed.problems('i386', 'host', [row]) == []
    assert len(allowed.problems('plain', 'host', [row])) == 2
    problem = 'no test ran in: test_hooks, test_c'
    assert allowed.problem('i386', problem) == 'no test ran in: test_c'
    assert allowed.problem('i386', 'no test ran in: test_hooks') == ''
    assert allowed.problem('plain', problem) == problem
    assert allowed.problem('i386', 'no end after 3 s') == 'no end after 3 s'


def test_what_cannot_pass(allowed):
    failing = rows(test_y='failed', test_z='passed', test_q='failed')
    allowed.leave_out('plain', failing)
    assert failing[0].failed == 2
    allowed.leave_out('tls12', failing)
    assert failing[0].failed == 1
    assert allowed.problems('tls12', '4.0.2', failing) == []


def test_errors_cannot_pass_either(allowed):
    found = rows(test_y='error', test_z='passed')
    allowed.leave_out('tls12', found)
    assert found[0].tests['test.test_a.T.test_y'] == 'skipped'


def test_a_required_test_that_is_allowed_to_be_skipped(allowed):
    allowed.skips['fips'] = {'test.test_a.T.test_z': 'no MD5'}
    assert not allowed.problems('fips', '3.5.7', rows(test_z='skipped'))
    assert len(allowed.problems('plain', '3.5.7', rows(test_z='skipped'))) == 2


def test_deprecations_that_are_not_listed(allowed):
    assert allowed.missing_deprecations(['DH_free', 'old']) == ['old']


def test_the_list_that_is_used():
    used = skips.Allowed()
    assert '*' in used.skips
    for name in set(used.skips) - set(plan.BY_NAME) - {'*'}:
        # 3.0 is that of Debian bookworm.
        assert any(version.startswith(name) for version in
                   options.OPENSSL_VERSIONS.known() + ['3.0'])
    for reasons in list(used.skips.values()) + list(
            used.modules.values()) + [used.deprecations]:
        assert all(len(reason) > 10 for reason in reasons.values())
    for section, tests in used.failing.items():
        assert set(tests) <= set(used.skips[section])
    # One of them needs TLS 1.0, which the FIPS provider does not have.
    for test in used.required:
        assert all(test not in tests for name, tests in used.skips.items()
                   if name != 'fips')


SYMBOLS = '''\
#define ERR_LIB_SSL 20
#define ERR_LIB_X509 11
#define SSL_R_FIRST 100
# define SSL_R_NO_CIPHER_S_SET  101
#define SSL_R_TLS_ALERT 102
#define SSL_R_SSLV3_ALERT SSL_R_TLS_ALERT
#define SSL_R_NOTHING 0
#define X509_R_FIRST 100
#define NO_R_LIBRARY 1
'''


def test_symbols_of_the_headers(tmp_path):
    include = minicheckout.write(tmp_path / 'include', {
        'openssl/err.h': SYMBOLS, 'openssl/sslerr.h': ''})
    codes = reasonnames.evaluate(include, tmp_path,
                                 flags=['-I{}'.format(include)])
    assert codes == {
        (20, 100): [('SSL', 'FIRST')],
        (20, 101): [('SSL', 'NO_CIPHER_S_SET')],
        (20, 102): [('SSL', 'SSLV3_ALERT'), ('SSL', 'TLS_ALERT')],
        (11, 100): [('X509', 'FIRST')]}


CODES = {(20, 100): [('SSL', 'FIRST')],
         (20, 101): [('SSL', 'SSLV3_ALERT'), ('SSL', 'TLS_ALERT')],
         (47, 100): [('TS', 'ODD_SYMBOL')], (47, 101): [('TS', 'OTHER')]}


@pytest.mark.parametrize('answer, verdict', [
    ([20, 100, 'first', 'FIRST'], ''),
    ([20, 100, 'first', 'SECOND'], 'wrong'),
    ([20, 100, 'first', None], 'missing'),
    ([20, 101, 'tls alert', 'TLS_ALERT'], ''),
    ([20, 101, 'tls alert', 'SSLV3_ALERT'], 'wrong'),
    ([20, 999, 'no symbol', None], 'missing'),
    ([47, 100, 'something odd', 'SOMETHING_ODD'], 'respelled'),
    ([47, 100, 'something odd', 'OTHER'], 'wrong'),
    ([47, 999, 'private', None], 'unknown')])
def test_names_of_errors(answer, verdict):
    found = reasonnames.judge(CODES, [answer])
    assert found.known == (verdict != 'unknown')
    for name in ('wrong', 'missing', 'respelled'):
        assert len(getattr(found, name)) == (name == verdict)


def result(section='plain', version='4.0.2', failed=0, **fields):
    fields.setdefault('problems', ['test_b: failed'] * failed)
    return Result(section, version, openssl='OpenSSL {} 1 Jan 2026'.format(
        version.replace('host', '3.0.19')), compiler='cc (x) 1.0',
        warnings=[], deprecations=['DH_free'], names={
            'known': 9, 'wrong': 0, 'missing': 0, 'respelled': 0},
        suites=[{'name': 'test_<a>', 'tests': 10, 'failed': failed,
                 'skipped': 1}],
        skips={'test.test_a.T.test_x': 'Windows'}, **fields)


class Tags(HTMLParser):
    """The cells of a document, and whether its tags match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.cells = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag not in ('meta', '!doctype'):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ('td', 'th'):
            self.cells.append(data)


def test_documents(allowed, tmp_path):
    results = [result(version='4.0.2', failed=2), result(version='1.1.1w'),
               result(version='host')]
    text = report.markdown(results, allowed, 'series abc')
    assert '| | 1.1.1w | 3.0.19 | 4.0.2 |' in text
    assert 'Measured: series abc.' in text
    assert '| test_<a> | 9 / 0 / 1 | 9 / 0 / 1 | **9 / 2 / 1** |' in text
    assert '| result | ok | ok | **FAILED** |' in text
    assert '| 9 ok | 9 ok | **2 failed** |' in text
    assert '| test.test_a.T.test_x | everywhere | needs Windows |' in text
    assert '| DH_free | 1.1.1w, 3.0.19, 4.0.2 | no other way |' in text
    cells = Tags(report.document(results, allowed, '')).cells
    assert '9 / 2 / 1' in cells and 'test_<a>' in cells
    command.write_documents(results, allowed, 'series abc', tmp_path)
    assert (tmp_path / 'openssl-matrix.html').exists()


def test_overview():
    heads, rows = report.overview([
        result(version='4.0.2', failed=2), result(version='host'),
        result('tls12', 'host'),
        Result('i386', 'host', openssl='', problems=['no build'])])
    assert heads == ['', 'host', '3.0.19', '4.0.2']
    assert [cells for _, cells in rows] == [
        [('', False), ('9 ok', False), ('2 failed', True)],
        [('', False), ('9 ok', False), ('', False)],
        [('run failed', True), ('', False), ('', False)]]


def test_terminal():
    out = Console(width=110, record=True, file=open('/dev/null', 'w'))
    report.terminal([result(failed=1), result('tls12', 'host')], out)
    text = out.export_text()
    assert 'FAILED' in text and '4.0.2, plain: test_b: failed' in text


def test_a_build_that_fails_is_a_result(tmp_path, monkeypatch):
    def fails(section, version, folder):
        raise SystemExit(1)
    monkeypatch.setattr(command.running, 'run', fails)
    assert not command.run_one(plan.BY_NAME['plain'], '4.0.2', tmp_path).ok


def test_exit_status(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, 'FOLDER', tmp_path)
    monkeypatch.setattr(command, 'DOCS', tmp_path)
    monkeypatch.setattr(record, 'FOLDER', tmp_path / 'evidence')
    monkeypatch.setattr(record, 'published_file', lambda proof:
                        tmp_path / 'published')
    monkeypatch.setenv('OPENSSL_VERSIONS', '4.0.2')
    monkeypatch.delenv('MATRIX_EXTRA', raising=False)
    outcome = {'failed': 0}
    monkeypatch.setattr(
        command.running, 'run', lambda section, version, folder: result(
            section.name, version, **outcome))
    assert command.main() == 0
    outcome['failed'] = 1
    assert command.main() == 1
    assert '3 runs, 3 failed' in capsys.readouterr().out
    # What another call ran is shown with it.
    monkeypatch.setenv('OPENSSL_VERSIONS', 'host')
    assert command.main() == 1
    found = record.read(tmp_path / 'published')
    assert len(found.rows) == 6 and not found.ok and not found.complete
    assert [item.section for item in command.results_of(found.rows)
            if item.ok] == []


def test_a_root_needs_its_tools(monkeypatch, capsys):
    monkeypatch.setattr(debianroot.os, 'geteuid', lambda: 1000)
    with pytest.raises(SystemExit):
        debianroot.check_host('i386', [debianroot.ROOTS['i386']])
    assert 'only root' in capsys.readouterr().err
    monkeypatch.setattr(debianroot.os, 'geteuid', lambda: 0)
    monkeypatch.setattr(debianroot.shutil, 'which', lambda name: None)
    with pytest.raises(SystemExit):
        debianroot.check_host('i386', [debianroot.ROOTS['i386']])
    assert 'there is no debootstrap' in capsys.readouterr().err


def test_an_emulator_is_named(monkeypatch, capsys):
    monkeypatch.setattr(debianroot.os, 'geteuid', lambda: 0)
    monkeypatch.setattr(debianroot.shutil, 'which', lambda name: name)
    with pytest.raises(SystemExit):
        debianroot.check_host('arm64', [debianroot.Kind(
            'arm64', arch='arm64', qemu='qemu-none')])
    error = capsys.readouterr().err
    assert 'the kernel does not know qemu-none' in error
    assert 'qemu-user-static' in error


def test_archive_for_a_root(monkeypatch, capsys):
    assert debianroot.mirror({'DEBIAN_MIRROR': 'http://a/'}) == 'http://a/'
    monkeypatch.setattr(debianroot.aptsource, 'host_sources', lambda: [])
    with pytest.raises(SystemExit):
        debianroot.mirror({})
    assert 'DEBIAN_MIRROR=URL' in capsys.readouterr().err


def test_wrapper(tmp_path):
    program = debianroot.wrapper(
        tmp_path / 'wrapper', debianroot.command('root', tmp_path / 'python'))
    text = program.read_text()
    assert 'inroot.sh' in text and "'{}'".format(tmp_path / 'python') in text
    assert program.stat().st_mode & 0o111
