"""The one entry point: ``python3 -m scripts COMMAND [ARGUMENT ...]``."""

import runpy
import sys

#: The module that does the work of each command; most are targets of make.
COMMANDS = {
    'bases': 'dev.package.bases',
    'bench': 'dev.bench.command',
    'bisect': 'dev.bisect_series',
    'build': 'build.interpreter',
    'clean': 'build.clean',
    'clients': 'dev.clients.command',
    'coverage': 'dev.coverage.command',
    'debian': 'dev.package.debian',
    'debian-root': 'dev.run.debianroot',
    'demo': 'build.rundemo',
    'dist': 'dev.package.dist',
    'fetch': 'source.fetch',
    'fuzz': 'dev.fuzz.command',
    'fuzz-seeds': 'dev.fuzz.seeds',
    'help': 'build.help',
    'install': 'build.install',
    'lint': 'dev.lint.command',
    'matrix': 'dev.matrix.command',
    'openssl': 'build.openssl',
    'patch': 'source.tree',
    'print-python': 'build.variant',
    'quilt': 'series.quilt',
    'refleak': 'dev.refleak.command',
    'refresh': 'dev.refresh',
    'review': 'dev.review.command',
    'rpm': 'dev.package.rpm',
    'sanitize': 'dev.sanitize.command',
    'series': 'series.groups',
    'tarball': 'dev.package.tarball',
    'test': 'dev.run.runtests',
    'tools': 'dev.tools',
}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit('python3 -m scripts COMMAND: one of ' + ' '.join(COMMANDS))
    module = 'scripts.' + COMMANDS[sys.argv.pop(1)]
    runpy.run_module(module, run_name='__main__')


if __name__ == '__main__':
    main()
