"""What can be changed in a line, by the operators of universalmutator.

Its own rules try everything, even what no compiler takes; c.rules and
python.rules are a selection that a night is enough for.
"""

import collections
import contextlib
import hashlib
import io
import os
import re
import sys
from importlib import import_module
from pathlib import Path

from scripts.base import console, paths
from scripts.dev.run import pip

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / 'requirements.txt'
#: Where universalmutator is installed.
PACKAGE = paths.BUILD / 'mutants' / 'universalmutator'

RULES = {'.c': HERE / 'c.rules', '.py': HERE / 'python.rules'}

#: One changed line.  path: of the file, in the tree (str); number: of the
#: line; before, after: the line (str, without its end); function: that it is
#: in, '' if none (str).
Mutant = collections.namedtuple('Mutant', 'path number before after function',
                                defaults=('',))


def name(mutant):
    """What identifies *mutant* as long as its line does not move (str)."""
    return '{}:{}:{}'.format(mutant.path, mutant.number, hashlib.sha256(
        '\n'.join(mutant[2:4]).encode()).hexdigest()[:8])


def function(lines, number, suffix):
    """The function (str) of line *number* of *lines* (list of str) of C or
    Python, '' if it is in none."""
    if suffix == '.c':
        for line in reversed(lines[:number]):
            found = re.match(r'(?:\w+[ *]+)*(\w+)\(', line)
            if found or line == '}':
                return found[1] if found else ''
        return ''
    names, depth = [], len(lines[number - 1]) - len(lines[number - 1].lstrip())
    for line in reversed(lines[:number]):
        found = re.match(r'( *)(?:def|class) (\w+)', line)
        if found and len(found[1]) < depth:
            names.insert(0, found[2])
            depth = len(found[1])
    return '.'.join(names)


def ensure():
    """Install universalmutator if it is not there."""
    if not (PACKAGE / 'universalmutator' / 'mutator.py').exists():
        pip.run(sys.executable, 'install', '--no-deps', '--target', PACKAGE,
                requirements=REQUIREMENTS,
                log=paths.BUILD / 'logs' / 'mutants.log')


def _mutator():
    ensure()
    if str(PACKAGE) not in sys.path:
        sys.path.insert(0, str(PACKAGE))
    return import_module('universalmutator.mutator')


def blank_comments(text):
    """C of *text* with its comments and literals of more than one character
    as spaces: what stands in them is not to be changed."""
    def spaces(match):
        return re.sub(r'[^\n]', ' ', match[0])
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', spaces, text,
                  flags=re.DOTALL)


def blank_strings(text):
    """Python of *text* with its docstrings and comments as spaces."""
    def spaces(match):
        return re.sub(r'[^\n]', ' ', match[0])
    return re.sub(r'[ru]*"""[\s\S]*?"""|(?m:(?<=\s)#.*$)', spaces, text)


def is_declaration(line):
    """True for a line of C that only names something, or is none of C."""
    return re.match(
        r'\s*#|\s*0, |'
        r'\s*(static |const |unsigned |struct |typedef |extern |enum )*'
        r'[A-Za-z_]\w*(_t)?[ *]+\**[A-Za-z_]\w*(\[.*\])?'
        r'(, \**[A-Za-z_]\w*)*;\s*(/\*.*)?$', line) is not None and \
        not re.match(r'\s*(return|goto|break|continue|else)\b', line)


def _code_only(text, suffix):
    return blank_comments(text) if suffix == '.c' else blank_strings(text)


def of(path, text, lines):
    """All mutants (list of Mutant) of the numbers *lines* (set of int) of
    the file *path* (str) with *text* (str)."""
    suffix = os.path.splitext(path)[1]
    code = [line.rstrip()
            for line in _code_only(text, suffix).splitlines()]
    original = text.splitlines()
    chosen = [number for number in sorted(lines)
              if code[number - 1].strip() and
              not (suffix == '.c' and is_declaration(original[number - 1]))]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        found = _mutator().mutants_regexp(
            [code[number - 1] + '\n' for number in chosen],
            ruleFiles=[str(RULES[suffix])], ignorePatterns=[])
    if 'FAILED TO COMPILE' in said.getvalue() or \
            'DOES NOT MATCH' in said.getvalue():
        console.fail('a rule is wrong:\n' + said.getvalue(),
                     'correct it in {}'.format(RULES[suffix]))
    mutants = {}
    for index, changed, *_ in found:
        number = chosen[index - 1]
        before = original[number - 1]
        after = restore(before, code[number - 1], changed.rstrip('\n'))
        if after is not None and after.split() != before.split():
            mutant = Mutant(path, number, before, after,
                            function(original, number, suffix))
            mutants[name(mutant)] = mutant
    return list(mutants.values())


def restore(before, code, changed):
    """The line *before* with what happened to its *code* (str, as long, with
    blanks for literals and comments): *changed* made of it.  None if the
    change is where blanks are."""
    start = len(os.path.commonprefix([code, changed]))
    tail = len(os.path.commonprefix([code[start:][::-1],
                                     changed[start:][::-1]]))
    end = len(code) - tail
    inside = changed[start:len(changed) - tail]
    if code[start:end] == before[start:end]:
        return before[:start] + inside + before[end:]
    # The rest of a condition: put back what the blanks stand for.
    old = code[start:end]
    if inside and old and old in inside:
        return before[:start] + inside.replace(old, before[start:end], 1) + \
            before[end:]
    return before[:start] + inside + before[end:]
