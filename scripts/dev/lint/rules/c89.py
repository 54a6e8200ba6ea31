"""Rule: added C is C89, as the compiler sees it."""

import os
import re
import shutil
import subprocess

from scripts.dev.lint.rules.blame import Blame
from scripts.dev.lint.rules.model import Finding, NotChecked, Rule

#: What 2.7's oldest supported compilers did not accept, and what newer ones
#: no longer accept.
FLAGS = ['-std=gnu89', '-Wall', '-Wdeclaration-after-statement',
         '-Wc90-c99-compat', '-Wvla', '-Wstrict-prototypes',
         '-Werror=implicit-function-declaration', '-Werror=implicit-int']

_DIAGNOSTIC_RE = re.compile(
    r'^(?P<path>[^:\n]+):(?P<line>\d+):\d+: '
    r'(?P<kind>warning|error|fatal error): (?P<text>.*)$', re.MULTILINE)


def diagnose(compiler, tree, path, includes):
    """Compile *path* of *tree* for its warnings only.

    Returns (diagnostics, output): (path, line, kind, text) tuples and all
    that the compiler said.  *includes*: more folders with headers.
    """
    command = [compiler, '-fsyntax-only', '-fno-diagnostics-show-caret',
               '-fdiagnostics-color=never'] + FLAGS
    for folder in ['.', 'Include', 'Modules'] + includes:
        command += ['-I' + folder]
    result = subprocess.run(
        command + [path], cwd=tree, env=dict(os.environ, LC_ALL='C'),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding='utf-8', errors='replace')
    found = []
    for match in _DIAGNOSTIC_RE.finditer(result.stdout):
        found.append((os.path.normpath(match['path']), int(match['line']),
                      match['kind'], match['text']))
    return found, result.stdout


def added_findings(diagnostics, blame):
    """Findings for those *diagnostics* that are about added lines."""
    for path, line, _, text in diagnostics:
        origins = blame.lines.get(path, ())
        if 0 < line <= len(origins) and origins[line - 1].patch:
            yield Finding(origins[line - 1].patch, '{}, line {} of the '
                          'patched file: {}'.format(path, line, text))


def check_c89(context):
    paths = sorted({path for patch in context.patches for path in patch.paths
                    if path.endswith(('.c', '.h'))})
    if not paths:
        return
    tree = context.full_tree
    compiler = shutil.which('gcc')
    if compiler is None:
        raise NotChecked('needs gcc: install it')
    includes = [os.path.dirname(context.options['pyconfig']())]
    openssl = context.options.get('openssl')
    if openssl:
        includes.append(os.path.join(openssl, 'include'))
    blame = Blame(context.pristine, context.patches)
    # Headers are seen through the C files that include them.
    sources = [path for path in paths if path.endswith('.c')]
    if any(path.startswith('Modules/_ssl') for path in paths) and \
            'Modules/_ssl.c' not in sources:
        sources.append('Modules/_ssl.c')
    seen = set()
    for source in sources:
        diagnostics, output = diagnose(compiler, tree, source, includes)
        for finding in added_findings(diagnostics, blame):
            if finding not in seen:
                seen.add(finding)
                yield finding
        for path, line, kind, text in diagnostics:
            if kind == 'fatal error':
                raise NotChecked('{}, line {}: {}'.format(path, line, text))


RULES = [Rule('c89', 'added C compiles as C89 without a warning', check_c89)]
