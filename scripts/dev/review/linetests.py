"""Which files of tests run which lines of the patches.

_ssl.c of the patched source is compiled once more, for gcov; each file of
tests is run by itself, by coverage.py and with that module in front.
Lines are counted for the patch that they come from.
"""

import json
import os
import shlex
import shutil
import subprocess

from scripts.base import console, paths
from scripts.build import interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev.evidence import record
from scripts.dev.review import patchdata, places
from scripts.dev.run import intree, pip, site27, watched

FOLDER = places.WORK / 'linetests'
REQUIREMENTS = \
    paths.ROOT / 'scripts' / 'dev' / 'coverage' / 'requirements-2.7.txt'
#: The label of what all files of tests run.
TOGETHER = 'all together'
TIMEOUT = 1800      # seconds for one file of tests

_RC = '[run]\ncover_pylib = True\ninclude = */Lib/ssl.py\n' \
    'disable_warnings = no-data-collected,module-not-measured\n'


def compile_ssl(variant):
    """Compile _ssl.c of *variant* for gcov.  Returns the folder."""
    folder = FOLDER / 'module'
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ssl = sslprefix.inspect(variant.openssl)
    flags = []
    for argument in ssl.configure_args:
        name, _, value = argument.partition('=')
        if name in ('CPPFLAGS', 'CFLAGS', 'LDFLAGS'):
            flags += shlex.split(value)
    source = variant.src / patchdata.C_FILE
    base = sslprefix.compiler(os.environ) + ['-O0', '--coverage', '-fPIC']
    console.run(
        base + ['-c', source, '-I', variant.src / 'Include', '-I',
                variant.src, '-o', folder / '_ssl.o'] + flags,
        log=places.LOGS / 'linetests.log', title='compiling _ssl.c for gcov')
    console.run(
        base + ['-shared', folder / '_ssl.o', '-o', folder / '_ssl.so'] +
        flags + ['-lssl', '-lcrypto'],
        log=places.LOGS / 'linetests.log', title='linking it')
    return folder


def environ(variant, module):
    """The environ of the tests: packages, coverage.py, our _ssl first."""
    base = site27.ensure(variant)['PYTHONUSERBASE']
    env = dict(intree.clean_env(variant), PYTHONUSERBASE=base)
    env.pop('PYTHONNOUSERSITE', None)
    target = FOLDER / 'coverage27'
    if not (target / 'coverage').exists():
        pip.run(variant.python, 'install', '--target', target,
                requirements=REQUIREMENTS,
                log=places.LOGS / 'linetests.log',
                env=dict(interpreter.run_env(variant), PYTHONUSERBASE=base,
                         PYTHONNOUSERSITE=''))
    env['PYTHONPATH'] = os.pathsep.join([str(module), str(target)])
    return env


def executed_c(data):
    """(lines that ran, all lines that can) out of gcov's JSON (dict)."""
    counts = {}
    for file in data['files']:
        if not file['file'].endswith(patchdata.C_FILE):
            continue
        for line in file['lines']:
            number = line['line_number']
            counts[number] = counts.get(number, 0) + line['count']
    return {number for number, count in counts.items() if count}, set(counts)


def read_gcov(module, folder):
    """What ran, as executed_c(), from the counters below *folder*."""
    found = list(folder.rglob('*.gcda'))
    if not found:
        return set(), set()
    for name in found:
        shutil.copy(str(module / '_ssl.gcno'),
                    str(name.with_name(name.stem + '.gcno')))
    done = subprocess.run(
        ['gcov', '--json-format', '--stdout', str(found[0])],
        capture_output=True, text=True)
    if done.returncode:
        console.fail('gcov: ' + done.stderr.strip(),
                     'it has to be of the same version as the compiler')
    return executed_c(json.loads(done.stdout))


def run_file(variant, label, env, module, run):
    """Run one file of tests by *run*(env, wrapper).  Returns {path: (lines
    that ran, all)} for both files."""
    folder = FOLDER / 'data' / label
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rc = folder / 'coveragerc'
    rc.write_text(_RC)
    env = dict(env, GCOV_PREFIX=str(folder), COVERAGE_FILE=str(
        folder / 'data'))
    run(env, ('-m', 'coverage', 'run', '--rcfile=' + str(rc)))
    return collect(variant, folder, env, module)


def collect(variant, folder, env, module):
    """What was counted in *folder*: {path: (lines that ran, all)}."""
    rc = folder / 'coveragerc'
    report = folder / 'python.json'
    done = subprocess.run(
        [str(variant.python), '-m', 'coverage', 'json', '--rcfile=' +
         str(rc), '-o', str(report)], env=env, cwd=str(variant.src),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ran, every = set(), set()
    if done.returncode == 0 and report.exists():
        for name, file in json.loads(report.read_text())['files'].items():
            if name.endswith(patchdata.PYTHON_FILE):
                ran = set(file['executed_lines'])
                every = ran | set(file['missing_lines'])
    return {patchdata.PYTHON_FILE: (ran, every),
            patchdata.C_FILE: read_gcov(module, folder)}


def by_patch(lines, ran):
    """{patch: {label: {path: [lines that ran, lines of the patch]}}}.

    lines: as patchdata.lines_by_patch(); ran: {label: as of run_file()}.
    Without entries of nothing; TOGETHER is a label for all.
    """
    found, union = {}, {}
    for files in ran.values():
        for path, sets in files.items():
            have = union.setdefault(path, (set(), set()))
            for one, other in zip(have, sets):
                one.update(other)
    ran = dict(ran, **{TOGETHER: union})
    for label, files in sorted(ran.items()):
        for path, (executed, every) in files.items():
            for patch, own in lines.items():
                mine = own.get(path, set()) & every
                hit = mine & executed
                if hit:
                    found.setdefault(patch, {}).setdefault(label, {})[
                        path] = [len(hit), len(mine)]
    return found


def measure(patches, pinned):
    """Run everything; writes the record.  Needs the built interpreter.

    patches: parsed, in order; pinned: folder of the unpatched source.
    """
    variant = Variant.from_env()
    taking = record.Taking('linetests', variant)
    interpreter.ensure(variant)
    console.step('Looking which tests run which lines')
    module = compile_ssl(variant)
    env = environ(variant, module)
    logs = places.LOGS / 'linetests'
    logs.mkdir(parents=True, exist_ok=True)
    ran = {}
    for name in ['test_ssl'] + intree.added_modules(patches):
        ran['Lib/test/{}.py'.format(name)] = run_file(
            variant, name, env, module, lambda env, wrapper:
            intree.run_module(variant.python, name, env, logs,
                              wrapper=wrapper))
    for path in sorted((paths.ROOT / 'Lib_tests').glob('test_*.py')):
        def run(env, wrapper):
            done = watched.run(
                [variant.python, *wrapper, '-m', 'pytest', '-q', path],
                cwd=paths.ROOT, env=dict(env, PYTHONDONTWRITEBYTECODE='1'),
                log=logs / (path.stem + '.log'), limit=TIMEOUT,
                title=path.name)
            if done.timed_out:
                console.fail('{}: no end after {} s'.format(
                    path.name, TIMEOUT), 'the logs are in {}'.format(logs))
        ran['Lib_tests/' + path.name] = run_file(
            variant, 'Lib_tests-' + path.stem, env, module, run)
    found = by_patch(patchdata.lines_by_patch(pinned, patches), ran)
    record.publish(taking.write({
        patch: {'ok': True, 'tests': tests}
        for patch, tests in sorted(found.items())}))
