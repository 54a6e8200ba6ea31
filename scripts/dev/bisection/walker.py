"""A tree that goes from patch to patch, and is built and tested there."""

from scripts import options
from scripts.base import console, files
from scripts.build import interpreter
from scripts.dev.bisection.rules import Step
from scripts.dev.run import intree
from scripts.series import quilt
from scripts.source import tree


class Walker:
    """The tree in *folder* (Path), for *steps* (Steps).  jobs: compilers at
    once (int)."""

    def __init__(self, steps, folder, jobs):
        self.environ = {options.JOBS.name: str(jobs)}
        self.steps = steps
        self.src = folder / 'src'
        self.log_dir = folder / 'logs'
        self.at = folder / 'src.at'

    def _position(self):
        """The number of the step that the tree is at, None for no tree."""
        at = files.read(self.at)
        if at in self.steps.keys and self.src.is_dir():
            return self.steps.keys.index(at)
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
        tree.prepare_tree(self.src, [], self.steps.source)
        tree.series_file(self.src).write_text(
            ''.join(name + '\n' for name in self.steps.names))
        files.write(self.at, self.steps.keys[0])
        return 0

    def push(self, number):
        """Apply patch *number* (from 1) to the tree that is before it."""
        self._moving()
        name = self.steps.name(number)
        done = quilt.quilt(self.src, 'push', '--fuzz=0', name, check=False,
                           series_file=tree.series_file(self.src))
        if done.returncode:
            console.fail('{} does not apply:\n{}'.format(
                name, done.stdout.strip()), '"make lint" tells more')
        files.write(self.at, self.steps.keys[number])

    def _build(self):
        """Bring the build up to date.  Returns the reason if it fails."""
        at = files.read(self.at)
        self._moving()      # a killed compiler may leave half an object
        try:
            interpreter.configure_and_build(self.src, self.steps.variant,
                                            self.log_dir, self.environ)
        except SystemExit:
            return 'the compiler failed, see {}'.format(self.log_dir)
        finally:
            files.write(self.at, at)
        found = interpreter.look_at(self.src / 'python', self.steps.variant)
        if '_ssl' in found['missing']:
            return '_ssl: {}'.format(found['missing']['_ssl'])
        if found['openssl'] != self.steps.ssl.text:
            return 'it uses {}, not {}'.format(found['openssl'],
                                               self.steps.ssl.text)
        return ''

    def test(self, number):
        """Build and test the tree as it is.  Returns a Step."""
        name = self.steps.name(number)
        for log in self.log_dir.glob('*.log'):
            log.unlink()
        why = self._build()
        if why:
            return Step(name, False, why, {})
        modules = ['test_ssl'] + intree.added_modules(
            self.steps.patches[:number])
        env = intree.clean_env(self.steps.variant)
        results = {}
        for module in modules:
            result = intree.run_module(self.src / 'python', module, env,
                                       self.log_dir / str(number))
            results[module] = result.as_dict()
        return Step(name, True, '', results)

    def walk(self, numbers):
        """Test the steps *numbers* (in order), and keep what they come
        to."""
        at = self.start(numbers[0])
        for number in numbers:
            while at < number:
                at += 1
                self.push(at)
            console.step('Step {} of {}: {}'.format(
                number, len(self.steps.names), self.steps.name(number)))
            self.steps.keep(number, self.test(number))
