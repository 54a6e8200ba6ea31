"""The one entry point: ``python3 -m scripts COMMAND [ARGUMENT ...]``."""

import inspect
import sys
from importlib import import_module

from scripts.base import console

#: The module that does the work of each command; most are targets of make.
COMMANDS = {
    'bare': 'dev.bare',
    'bases': 'dev.package.bases',
    'bench': 'dev.bench.command',
    'bisect': 'dev.bisection.command',
    'build': 'build.interpreter',
    'clean': 'build.clean',
    'clients': 'dev.clients.command',
    'compare': 'dev.package.compare',
    'coverage': 'dev.coverage.command',
    'debian': 'dev.package.debian',
    'debian-root': 'dev.run.debianroot',
    'demo': 'build.rundemo',
    'dist': 'dev.package.dist',
    'evidence': 'dev.evidence.command',
    'fetch': 'source.fetch',
    'fuzz': 'dev.fuzz.command',
    'fuzz-seeds': 'dev.fuzz.seeds',
    'help': 'build.help',
    'install': 'build.install',
    'lint': 'dev.lint.command',
    'matrix': 'dev.matrix.command',
    'model': 'dev.model.command',
    'mutants': 'dev.mutants.command',
    'openssl': 'build.openssl',
    'overlay': 'dev.overlay.make_overlay',
    'overlay-bench': 'dev.overlay.make_figures',
    'overlay-test': 'dev.overlay.make_trials',
    'patch': 'build.patch',
    'print-python': 'build.print_python',
    'quilt': 'dev.quilting',
    'refleak': 'dev.refleak.command',
    'refresh': 'dev.refresh',
    'release-key': 'dev.package.signing',
    'review': 'dev.review.command',
    'rpm': 'dev.package.rpm',
    'sanitize': 'dev.sanitize.command',
    'series': 'series.groups',
    'soak': 'dev.soak.command',
    'tarball': 'dev.package.tarball',
    'test': 'dev.run.runtests',
    'tools': 'dev.tools',
    'variations': 'dev.variations.command',
    'vulnerabilities': 'dev.package.vulnerabilities',
    'variables': 'build.variables',
    'wheel': 'dev.overlay.make_wheel',
}


def main(argv):
    """Run the command *argv* (list of str); returns its exit status."""
    if not argv or argv[0] not in COMMANDS:
        console.fail('python3 -m scripts COMMAND: which one?',
                     'there are: ' + ' '.join(COMMANDS))
    try:
        command = import_module('scripts.' + COMMANDS[argv[0]]).main
    except ModuleNotFoundError as error:
        if (error.name or 'scripts').partition('.')[0] == 'scripts':
            raise
        console.fail('{}: this Python has no {}'.format(argv[0], error.name),
                     '"make tools" makes one that has: build/tools/bin/python '
                     '-m scripts {}'.format(' '.join(argv)))
    if inspect.signature(command).parameters:
        return command(argv[1:])
    if argv[1:]:
        console.fail('{}: there is nothing to add to it'.format(argv[0]),
                     'options are variables: "make help" lists them')
    return command()


if __name__ == '__main__':
    console.interruptible(lambda: main(sys.argv[1:]))
