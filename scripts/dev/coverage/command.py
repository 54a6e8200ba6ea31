"""Coverage of what the series adds: `make coverage`.

Builds the `coverage` configuration in a folder of its own, runs test_ssl,
the test modules that the series adds and Lib_tests on it, and looks at the
lines of Lib/ssl.py and Modules/_ssl.c that the pinned source does not have.
"""

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

from rich.table import Table

from scripts.base import console, locking, paths
from scripts.build import interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.coverage import addedlines, coveragedata, coverexceptions
from scripts.dev.evidence import record
from scripts.dev.review import patchdata
from scripts.dev.run import intree, runtests, site27, testreport
from scripts.source import tree

PYTHON_FILE = 'Lib/ssl.py'
C_FILE = 'Modules/_ssl.c'
PYTHON_LIMIT = 100.0    # percent, statements and branches
C_LIMIT = 95.0          # percent, lines; the rest must be explained
EXCEPTIONS = paths.ROOT / 'docs' / 'coverage-exceptions.md'
REQUIREMENTS = Path(__file__).resolve().with_name(
    'requirements-2.7.txt')

_RC = '''\
[run]
branch = True
cover_pylib = True
include = {source}
data_file = {data}
parallel = True
disable_warnings = no-data-collected,module-not-measured

[html]
directory = {html}
'''


def requirements(folder):
    """One file with what Lib_tests and coverage need on 2.7 (its Path)."""
    base = site27.REQUIREMENTS.read_text()
    if 'coverage==' not in base:
        base += '\n' + REQUIREMENTS.read_text()
    path = folder / 'requirements-2.7.txt'
    path.write_text(base)
    return path


class Measurement:
    """The instrumented build and the files of one measurement."""

    def __init__(self, variant):
        self.variant = variant
        self.src = variant.src
        self.folder = variant.root / 'coverage'
        self.html = variant.root / 'coverage-html'
        self.rc = self.folder / 'coveragerc'
        self.log_dir = variant.log_dir / 'coverage'

    def clean(self):
        """Remove what an earlier measurement left."""
        for folder in (self.folder, self.html):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for counts in self.src.glob('build/temp.*/**/*.gcda'):
            counts.unlink()
        self.rc.write_text(_RC.format(
            source=self.src / PYTHON_FILE, data=self.folder / 'data',
            html=self.html / 'python'))

    def added(self):
        """{file: numbers of its added lines} for both files."""
        pinned = self.folder / 'pinned'
        tree.prepare_tree(pinned, [], tree.find_source(self.variant.cpython))
        return {name: addedlines.added_lines(pinned / name, self.src / name)
                for name in (PYTHON_FILE, C_FILE)}

    def by_patch(self, patches, reports):
        """{file: {patch: Figure as a dict}}.  patches: parsed, in order;
        reports: {file: Path}."""
        found = {}
        for patch, lines in patchdata.lines_by_patch(
                self.folder / 'pinned', patches).items():
            for name in reports:
                if lines.get(name):
                    found.setdefault(name, {})[patch] = read(
                        reports, name, lines[name])._asdict()
        return found

    def environ(self):
        """The environ in which 2.7 finds coverage.py and the rest."""
        path = requirements(self.folder)
        base = site27.ensure(self.variant, requirements=path)['PYTHONUSERBASE']
        env = dict(intree.clean_env(self.variant), PYTHONUSERBASE=base)
        env.pop('PYTHONNOUSERSITE', None)
        return env

    def run(self, added_modules):
        """Run all tests.  Returns the Rows."""
        env = self.environ()
        known = runtests.known_failures(
            self.variant, sslprefix.inspect(self.variant.openssl))
        wrapper = ('-m', 'coverage', 'run', '--rcfile=' + str(self.rc))
        rows = []
        for name in ['test_ssl'] + added_modules:
            result = intree.run_module(self.variant.python, name, env,
                                       self.log_dir, wrapper=wrapper)
            rows.append(runtests.judge(result, known, added_modules,
                                       self.log_dir / (name + '.log')))
        rows.append(runtests.pytest_row(
            'Lib_tests', self.variant.python, runtests.LIB_TESTS, env,
            self.log_dir, 'Lib_tests', wrapper=wrapper))
        return rows

    def _coverage(self, *args):
        env = site27.env(self.variant)
        done = subprocess.run(
            [str(self.variant.python), '-m', 'coverage', *args,
             '--rcfile=' + str(self.rc)], env=env, cwd=str(self.src),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            console.fail('coverage {}: {}'.format(args[0],
                                                  done.stdout.strip()))

    def python_report(self):
        """Combine the data; HTML and XML.  Returns the XML's Path."""
        xml = self.folder / 'python.xml'
        self._coverage('combine')
        self._coverage('html')
        self._coverage('xml', '-o', str(xml))
        return xml

    def c_report(self):
        """HTML and XML of gcovr.  Returns the XML's Path."""
        folder = self.html / 'c'
        folder.mkdir(parents=True, exist_ok=True)
        xml = self.folder / 'c.xml'
        log = self.log_dir / 'gcovr.log'
        log.unlink(missing_ok=True)
        objects = sorted(self.src.glob('build/temp.*'))
        console.run(
            [sys.executable, '-m', 'gcovr', '--root', self.src,
             '--filter', str(self.src / C_FILE).replace('.', r'\.') + '$',
             '--cobertura', xml, '--html-details', folder / 'index.html',
             *objects], cwd=self.src, log=log, title='gcovr',
            hint='gcovr runs gcov, which comes with gcc')
        return xml


def read(reports, name, lines):
    """The Figure of *lines* (numbers) of the file *name* in its one of
    *reports*."""
    return coveragedata.read(reports[name], name, lines, name == PYTHON_FILE)


def unexplained(figure, source, exemptions):
    """Match the uncovered lines of *figure* with the *exemptions*.

    Returns ({number: reason} of the explained ones, list of the numbers
    that nothing explains, list of the exemptions that match nothing).
    """
    reasons, stale = coverexceptions.explained(source, exemptions)
    known = {number: reasons[number] for number in figure.missing
             if number in reasons}
    return known, sorted(set(figure.missing) - set(known)), stale


def _print_missing(name, missing, source, reasons, out):
    for number in sorted(missing):
        why = 'explained' if number in reasons else missing[number]
        out.print('{}:{}: {:60} {}'.format(
            name, number, source[number - 1].strip(), why), markup=False,
            highlight=False, soft_wrap=True)


def verdict(python, c, left, stale):
    """What is wrong with the two Figures, a list of str."""
    found = []
    if coveragedata.percent(python) < PYTHON_LIMIT:
        found.append('{}: {:.1f} % of the added statements and branches, '
                     '{:.0f} % are required: write a test'.format(
                         PYTHON_FILE, coveragedata.percent(python),
                         PYTHON_LIMIT))
    if coveragedata.percent(c) < C_LIMIT:
        found.append('{}: {:.1f} % of the added lines, {:.0f} % are '
                     'required: write a test'.format(
                         C_FILE, coveragedata.percent(c), C_LIMIT))
    if left:
        found.append('{}: {} uncovered lines are not explained ({}): write a '
                     'test, or name them in docs/{} with the reason'.format(
                         C_FILE, len(left), ', '.join(map(str, left)),
                         EXCEPTIONS.name))
    for exemption in stale:
        found.append('docs/{}, line {}: this block is not in {}: remove or '
                     'fix it'.format(EXCEPTIONS.name, exemption.number,
                                      C_FILE))
    return found


def report(variant, rows, figures, sources, exemptions, html, out):
    """Print everything.  Returns the exit status.

    figures, sources: by PYTHON_FILE and C_FILE, Figures and lists of str.
    """
    known, left, stale = unexplained(figures[C_FILE], sources[C_FILE],
                                     exemptions)
    for name in (PYTHON_FILE, C_FILE):
        _print_missing(name, figures[name].missing, sources[name],
                       known if name == C_FILE else {}, out)
    status = testreport.report(rows, 'the tests that were measured', out)
    table = Table(title='coverage of added lines, ' + variant.name,
                  title_justify='left')
    for name in ('file', 'measured', 'covered', 'of', 'percent', 'required',
                 'explained'):
        table.add_column(name)
    for name, what, limit, reasons in (
            (PYTHON_FILE, 'statements, branches', PYTHON_LIMIT, {}),
            (C_FILE, 'lines', C_LIMIT, known)):
        figure = figures[name]
        table.add_row(name, what, str(figure.covered), str(figure.total),
                      '{:.1f}'.format(coveragedata.percent(figure)),
                      '{:.0f}'.format(limit),
                      '{} of {}'.format(len(reasons), len(figure.missing)))
    out.print(table)
    problems = verdict(figures[PYTHON_FILE], figures[C_FILE], left, stale)
    for text in problems:
        out.print(text, markup=False, highlight=False, soft_wrap=True)
    print('coverage: {} {:.1f} %, {} {:.1f} %; HTML in {}'.format(
        PYTHON_FILE, coveragedata.percent(figures[PYTHON_FILE]),
        C_FILE, coveragedata.percent(figures[C_FILE]), html))
    return 1 if problems else status


def as_rows(rows, figures, sources, exemptions, patches):
    """What the record of the proof has: both files, and the tests that were
    measured.  patches: as of Measurement.by_patch(); the others are those of
    report()."""
    known, left, stale = unexplained(figures[C_FILE], sources[C_FILE],
                                     exemptions)
    good = not verdict(figures[PYTHON_FILE], figures[C_FILE], left, stale)
    found = {name: dict(
        figure._asdict(), ok=good, patches=patches.get(name, {}),
        percent=round(coveragedata.percent(figure), 1))
        for name, figure in figures.items()}
    found[C_FILE]['explained'] = known
    found.update((row.name, row.as_dict()) for row in rows)
    return found


def load_exceptions(path=None):
    """The exemptions in *path* (Path); ends the program if unreadable."""
    path = path or EXCEPTIONS
    try:
        return coverexceptions.parse(path.read_text(encoding='utf-8'))
    except FileNotFoundError:
        return []
    except coverexceptions.FormatError as error:
        return console.fail('{}: {}'.format(path, error))


def main():
    exemptions = load_exceptions()
    asked = Variant.from_env()
    taking = record.Taking('coverage', asked)
    variant = dataclasses.replace(asked, config='coverage')
    interpreter.ensure(variant)
    with locking.lock(variant.root / 'tests.lock'):
        work = Measurement(variant)
        work.clean()
        added = work.added()
        console.step('Running the tests on the instrumented build')
        patches = runtests.selected_patches(variant)
        rows = work.run(intree.added_modules(patches))
        try:
            reports = {PYTHON_FILE: work.python_report(),
                       C_FILE: work.c_report()}
            figures = {name: read(reports, name, added[name])
                       for name in reports}
        except LookupError as error:
            console.fail('nothing was measured: {}'.format(error.args[0]),
                         '"make clean CONFIG=coverage", then again; the '
                         'logs are in {}'.format(work.log_dir))
        sources = {name: (work.src / name).read_text(
            encoding='utf-8', errors='replace').splitlines()
            for name in figures}
    taking.write(as_rows(rows, figures, sources, exemptions,
                         work.by_patch(patches, reports)))
    out = terminal.output()
    return report(variant, rows, figures, sources, exemptions, work.html,
                  out)
