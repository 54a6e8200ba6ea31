"""Coverage-guided fuzzing with libFuzzer: make fuzz FUZZ=bytes."""

import collections
import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.base import console, files, once, paths
from scripts.build import interpreter, sslprefix

HERE = Path(__file__).resolve().parent
SOURCE = HERE / 'harness.c'
LIB_TESTS = paths.ROOT / 'Lib_tests'
SEEDS = LIB_TESTS / 'fuzz_seeds'

#: Sizes (bytes) and times (seconds) above which an input is a finding.
LONGEST = 2048
SLOWEST = 60
MEMORY = 2048       # MB

#: executions, edges: covered and all of _ssl, features: with those that
#: come of outcomes, corpus: inputs kept, per_second, findings: Paths.
Stats = collections.namedtuple(
    'Stats', 'executions covered edges features corpus per_second findings')


def _libraries(src):
    """What the interpreter in *src* (Path) is linked with."""
    makefile = (src / 'Makefile').read_text()
    words = []
    for name in ('LIBS', 'MODLIBS', 'SYSLIBS'):
        found = re.search(r'^{}=\s*(.*)$'.format(name), makefile,
                          re.MULTILINE)
        words += found[1].split() if found else []
    return [word for word in words if word.startswith('-l')]


def build_harness(variant):
    """Compile harness.c against *variant*'s interpreter; returns its
    Path.  The compiler is CC, which has to be clang."""
    src, program = variant.src, variant.root / 'harness'
    ssl = sslprefix.inspect(variant.openssl)
    argv = sslprefix.compiler() + [
        '-g', '-O1', '-Wall', '-Wno-deprecated-declarations',
        '-fsanitize=fuzzer,address', '-fno-omit-frame-pointer',
        '-I{}'.format(src), '-I{}'.format(src / 'Include')]
    if ssl.prefix:
        argv += ['-I{}/include'.format(ssl.prefix), '-L' + ssl.libdir,
                 '-Wl,-rpath,' + ssl.libdir]
    argv += [str(SOURCE), str(src / 'libpython2.7.a'), '-lcrypto',
             *_libraries(src), '-lm', '-Wl,--export-dynamic',
             '-o', str(program)]
    identity = '\n'.join([files.sha256_of(SOURCE), files.sha256_of(
        src / 'libpython2.7.a'), ' '.join(argv)])
    for _ in once.made(program, identity):
        log = variant.log_dir / 'harness.log'
        log.unlink(missing_ok=True)
        console.run(argv, log=log, title='compiling the harness',
                    hint='libFuzzer comes with clang: on Debian and Ubuntu '
                         'it is in libclang-rt-*-dev')
    return program


def environ(variant):
    """The environ (dict) of the harness."""
    env = interpreter.run_env(variant)
    env.update(FUZZ_PYTHON=str(variant.python), FUZZ_PATH=str(LIB_TESTS),
               FUZZ_TARGET=str(HERE), PYTHONDONTWRITEBYTECODE='1')
    return env


def parse(text, findings):
    """Stats out of libFuzzer's output *text* (str)."""
    def last(pattern, default=0):
        found = re.findall(pattern, text, re.MULTILINE)
        return int(found[-1]) if found else default

    return Stats(
        executions=last(r'^stat::number_of_executed_units:\s*(\d+)',
                        last(r'^#(\d+)\t')),
        covered=last(r'\bcov: (\d+)'),
        edges=last(r'\((\d+) inline 8-bit counters\)'),
        features=last(r'\bft: (\d+)'), corpus=last(r'\bcorp: (\d+)'),
        per_second=last(r'\bexec/s: (\d+)'), findings=findings)


def run(variant, program, seconds, extra=(), corpus=None):
    """Fuzz for *seconds*.  Returns (Stats, Path of the log).

    corpus: Path of the folder that grows; extra: more arguments.
    """
    corpus = corpus or variant.root / 'corpus'
    corpus.mkdir(exist_ok=True)
    found = variant.root / 'found'
    shutil.rmtree(found, ignore_errors=True)
    found.mkdir()
    log = variant.log_dir / 'libfuzzer.log'
    log.unlink(missing_ok=True)
    argv = [str(program), '-max_total_time={}'.format(seconds),
            '-max_len={}'.format(LONGEST), '-timeout={}'.format(SLOWEST),
            '-rss_limit_mb={}'.format(MEMORY), '-print_final_stats=1',
            '-reload=0', '-len_control=0',
            '-artifact_prefix={}/'.format(found), *extra, str(corpus),
            str(SEEDS)]
    status = _watch(argv, environ(variant), log, variant.root)
    stats = parse(log.read_text(errors='replace'),
                  sorted(path for path in found.iterdir()
                         if not path.name.startswith('slow-unit')))
    if status and not stats.findings:
        console.fail('the harness ended with status {}:\n{}'.format(
            status, console.tail(log)), 'the whole output is in {}'.format(
                log))
    return stats, log


def _watch(argv, env, log, cwd):
    """Run *argv* with its output in *log*; returns the exit status."""
    with open(log, 'wb') as output, console.Progress('libFuzzer') as line:
        process = subprocess.Popen(
            argv, cwd=str(cwd), env=env, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT)
        try:
            while True:
                try:
                    return process.wait(1)
                except subprocess.TimeoutExpired:
                    line.update(console.tail(log, 1)[:60])
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def replay(variant, program, paths):
    """Run each of *paths* once.  Returns (ok, output)."""
    done = subprocess.run(
        [str(program), '-timeout={}'.format(SLOWEST),
         *map(str, paths)], env=environ(variant), cwd=str(variant.root),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, errors='replace')
    return done.returncode == 0, done.stdout


def canary(variant, program):
    """True if an error made on purpose is reported as a use after free."""
    done = subprocess.run(
        [str(program), str(min(SEEDS.glob('handshake*')))],
        env=dict(environ(variant), FUZZ_CANARY='1'), cwd=str(variant.root),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, errors='replace')
    return done.returncode != 0 and 'heap-use-after-free' in done.stdout


def merge(variant, program, corpus):
    """Copy what *corpus* (Path) adds to the seeds into them, by
    libFuzzer's own choice.  Returns the number of seeds then."""
    done = subprocess.run(
        [str(program), '-merge=1', str(SEEDS), str(corpus)],
        env=environ(variant), cwd=str(variant.root),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, errors='replace')
    if done.returncode:
        console.fail('merging failed:\n' + done.stdout[-2000:])
    return len(os.listdir(SEEDS))
