"""Build after each patch and run test_ssl at each step: `make bisect`.

One tree is made of the pinned source, the patches are pushed one by one,
and after each the build is brought up to date and tested.  The outcome of a
step is kept under a key made of everything it depends on, so an interrupted
run goes on where it was, and a change of patch N repeats N and what follows.
"""

import collections
import hashlib
import json

from rich.markup import escape
from rich.table import Table

from scripts.base import console, files, locking, paths
from scripts.build import interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.patchfile import Patch
from scripts.dev.run import intree
from scripts.series import groups, quilt
from scripts.source import tree

#: Name of step 0.
STOCK = '(stock)'

#: The outcome after one patch.  built: True if the interpreter was built
#: and _ssl imports; why: reason if not; modules: {module: as
#: intree.ModuleResult.as_dict() has it}, empty if not built.
Step = collections.namedtuple('Step', 'name built why modules')


def chain(source, variant, ssl, contents):
    """The key of every step, a list one longer than *contents*.

    source: what identifies the pinned source; contents: the bytes of each
    patch in order.
    """
    # The tool is part of what a result depends on.
    digest = hashlib.sha256(json.dumps(
        [source, variant.config, ssl.text, ssl.prefix,
         list(variant.configure_args), variant.shared,
         intree.RECORDER.read_text()]).encode())
    keys = [digest.hexdigest()]
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
        keys.append(digest.hexdigest())
    return keys


def bad_tests(module):
    """The ids of the tests of *module* (a dict) that did not pass."""
    return set(module['failed']) | set(module['errors'])


def _compare(before, after):
    """What got worse in test_ssl from one Step to the next (strs)."""
    old, new = before.modules['test_ssl'], after.modules['test_ssl']
    worse = sorted(bad_tests(new) - bad_tests(old))
    if worse:
        yield 'fails here and did not before: ' + ', '.join(worse)
    skipped = sorted(set(new['skipped']) - set(old['skipped']))
    if skipped:
        yield 'skipped here and was not before: ' + ', '.join(skipped)
    if new['tests'] < old['tests']:
        yield 'test_ssl has {} tests, {} before'.format(new['tests'],
                                                        old['tests'])


def judge(steps, last_compat=None):
    """The rules of docs/testing.md, for a list of Step, stock first.

    last_compat: name of the last patch of group compat, None if it is not
    selected.  Returns {step name: list of complaints}, in order.
    """
    complaints = collections.OrderedDict()
    before = None
    clean = False
    for step in steps:
        found = complaints.setdefault(step.name, [])
        clean = clean or step.name == last_compat
        if not step.built:
            # Where stock itself cannot be built, compat is what fixes it.
            if before is not None or clean or \
                    step.name != STOCK and last_compat is None:
                found.append('not built: ' + step.why)
            continue
        for name, module in step.modules.items():
            if module['problem']:
                found.append('{}: {}'.format(name, module['problem']))
            if bad_tests(module) and (name != 'test_ssl' or clean):
                found.append('{}: {} fail: {}'.format(
                    name, len(bad_tests(module)),
                    ', '.join(sorted(bad_tests(module)))))
        if before is not None:
            found.extend(_compare(before, step))
        before = step
    return complaints


def _cell(step, key):
    if not step.built:
        return '-'
    total = 0
    for module in step.modules.values():
        value = {'run': module['tests']}.get(key, module.get(key))
        total += value if isinstance(value, int) else len(value)
    return str(total)


def report(steps, complaints, title, out):
    """Print complaints and the table.  Returns the exit status."""
    for name, found in complaints.items():
        for text in found:
            out.print('{}: {}'.format(name, text), markup=False,
                      highlight=False, soft_wrap=True)
    table = Table(title=title, title_justify='left')
    table.add_column('patch', no_wrap=True)
    table.add_column('built')
    columns = ('run', 'failed', 'errors', 'skipped')
    for name in columns:
        table.add_column(name, justify='right')
    table.add_column('result')
    for step in steps:
        table.add_row(
            escape(step.name), 'yes' if step.built else 'no',
            *[_cell(step, name) for name in columns],
            '[bold red]FAILED[/]' if complaints[step.name]
            else '[green]ok[/]')
    out.print(table)
    bad = sum(bool(found) for found in complaints.values())
    print('bisect: {} of {} steps ok'.format(len(steps) - bad, len(steps)))
    return 1 if bad else 0


class Bisection:
    """The tree, the kept outcomes and how to get from patch to patch."""

    def __init__(self, variant, names):
        self.variant = variant
        self.names = names
        self.ssl = sslprefix.inspect(variant.openssl)
        self.folder = variant.root / 'bisect'
        self.src = self.folder / 'src'
        self.log_dir = self.folder / 'logs'
        self.source = tree.find_source(variant.cpython)
        self.patches = [Patch.read(str(paths.PATCHES_DIR / name), name)
                        for name in names]
        self.keys = chain(tree.source_id(self.source), variant, self.ssl,
                          [patch.text.encode() for patch in self.patches])
        self.results = self.folder / 'results'
        self.at = self.folder / 'src.at'

    def known(self, number):
        """The kept Step *number*, None if there is none."""
        path = self.results / (self.keys[number] + '.json')
        try:
            kept = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return Step(kept['name'], kept['built'], kept['why'],
                    kept['modules'])

    def keep(self, number, step):
        """Keep *step*; forget() is for those that were not in order."""
        self.results.mkdir(parents=True, exist_ok=True)
        files.write(self.results / (self.keys[number] + '.json'),
                         json.dumps(step._asdict(), indent=1))

    def forget(self, complaints):
        """Let the next run repeat the steps with *complaints*."""
        for key, found in zip(self.keys, complaints.values()):
            path = self.results / (key + '.json')
            if found and path.exists():
                path.unlink()

    def _position(self):
        """The number of the step that the tree is at, None for no tree."""
        at = files.read(self.at)
        if at in self.keys and self.src.is_dir():
            return self.keys.index(at)
        return None

    def _moving(self):
        """Note that the tree is between two steps."""
        if self.at.exists():
            self.at.unlink()

    def start(self, number):
        """Bring the tree to a step before or at *number*, made anew if
        need be.  Returns its number."""
        position = self._position()
        if position is not None and position <= number:
            return position
        self._moving()
        self.folder.mkdir(parents=True, exist_ok=True)
        tree.prepare_tree(self.src, [], self.source)
        tree.series_file(self.src).write_text(
            ''.join(name + '\n' for name in self.names))
        files.write(self.at, self.keys[0])
        return 0

    def push(self, number):
        """Apply patch *number* (from 1) to the tree that is before it."""
        self._moving()
        name = self.names[number - 1]
        done = quilt.quilt(self.src, 'push', '--fuzz=0', name, check=False,
                           series_file=tree.series_file(self.src))
        if done.returncode:
            console.fail('{} does not apply:\n{}'.format(
                name, done.stdout.strip()), '"make lint" tells more')
        files.write(self.at, self.keys[number])

    def _build(self):
        """Bring the build up to date.  Returns the reason if it fails."""
        at = files.read(self.at)
        self._moving()      # a killed compiler may leave half an object
        try:
            interpreter.configure_and_build(self.src, self.variant,
                                            self.log_dir)
        except SystemExit:
            return 'the compiler failed, see {}'.format(self.log_dir)
        finally:
            files.write(self.at, at)
        found = interpreter.look_at(self.src / 'python', self.variant)
        if '_ssl' in found['missing']:
            return '_ssl: {}'.format(found['missing']['_ssl'])
        if found['openssl'] != self.ssl.text:
            return 'it uses {}, not {}'.format(found['openssl'],
                                               self.ssl.text)
        return ''

    def test(self, number):
        """Build and test the tree as it is.  Returns a Step."""
        name = self.names[number - 1] if number else STOCK
        for log in self.log_dir.glob('*.log'):
            log.unlink()
        why = self._build()
        if why:
            return Step(name, False, why, {})
        modules = ['test_ssl'] + intree.added_modules(self.patches[:number])
        env = intree.clean_env(self.variant)
        results = {}
        for module in modules:
            result = intree.run_module(self.src / 'python', module, env,
                                       self.log_dir / str(number))
            results[module] = result.as_dict()
        return Step(name, True, '', results)

    def run(self):
        """All steps, from what is kept and by work.  Returns a list."""
        steps = [self.known(number) for number in range(len(self.keys))]
        if None not in steps:
            console.note('nothing changed since the last run')
            return steps
        first = steps.index(None)
        position = self.start(first)
        for number in range(position, len(self.keys)):
            if number > position:
                self.push(number)
            if steps[number] is None:
                console.step('Step {} of {}: {}'.format(
                    number, len(self.names),
                    self.names[number - 1] if number else STOCK))
                steps[number] = self.test(number)
                self.keep(number, steps[number])
        return steps


def _last_compat(variant, names):
    if 'compat' not in variant.groups:
        return None
    compat = [name for name in names if groups.group_of(name) == 'compat']
    return compat[-1] if compat else None


def main():
    variant = Variant.from_env()
    names = tree.select(variant.groups)
    with locking.lock(variant.root / 'bisect.lock'):
        work = Bisection(variant, names)
        steps = work.run()
        complaints = judge(steps, _last_compat(variant, names))
        work.forget(complaints)
    out = terminal.output()
    return report(steps, complaints,
                  '{}, {}'.format(variant.name, work.ssl.text), out)
