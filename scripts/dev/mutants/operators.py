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

#: One changed line, or statement of several lines.  path: of the file, in the
#: tree (str); number: of the (first) line; before, after: the line or lines
#: (str, without the last end, as many of them); function: that it is in, '' if
#: none (str).
Mutant = collections.namedtuple('Mutant', 'path number before after function',
                                defaults=('',))


#: Between the lines of a statement, for rules that end at the end of a line.
_JOINT = '\v'
#: What a statement ends with (or it is a macro that is one), and where the
#: parentheses of its head alone do.
_ENDS = {'.c': (re.compile(r'[;{}:]$|^\s*[A-Z]\w*_[A-Z_]+$'),
                re.compile(r'\s*(?:\} )?(?:if|else|for|while|switch|do)\b')),
         '.py': (re.compile(r'[^\\]$|^$'), re.compile(r'(?!)'))}
_LITERALS = re.compile(r"""(['"])(?:\\.|(?!\1)[^\\\n])*\1""")


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
    """Python of *text* with its docstrings, its comments and what is between
    quotes as spaces."""
    def spaces(match):
        if match[1]:
            return match[1] + ' ' * (len(match[0]) - 2) + match[1]
        return re.sub(r'[^\n]', ' ', match[0])
    return re.sub(r'[ru]*"""[\s\S]*?"""|(?m:(?<!\S)#.*$)|' +
                  _LITERALS.pattern, spaces, text)


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


def several(code, suffix):
    """Yield the numbers (list) of the lines of each statement, or head of one
    (if, while, ...), of more than one line of *code* (list of str) in a
    function."""
    end, head = _ENDS[suffix]
    numbers, depth = [], 0
    for number, line in enumerate(code, 1):
        line = _LITERALS.sub('', line)
        if suffix == '.c' and (line.startswith('#') or line.endswith('\\')):
            numbers, depth = [], 0      # one for each way to compile it
            continue
        if not numbers and not line.strip():
            continue
        numbers.append(number)
        depth += sum(map(line.count, '([')) - sum(map(line.count, ')]'))
        if depth <= 0 and (end.search(line) or
                           head.match(code[numbers[0] - 1])):
            if len(numbers) > 1 and code[numbers[0] - 1][0].isspace():
                yield numbers
            numbers, depth = [], 0


def of(path, text, lines):
    """All mutants (list of Mutant) of the numbers *lines* (set of int) of
    the file *path* (str) with *text* (str)."""
    suffix = os.path.splitext(path)[1]
    original = text.splitlines()
    code = [line.rstrip().ljust(len(before)) for line, before in zip(
        _code_only(text, suffix).splitlines(), original)]
    stripped = [line.rstrip() for line in code]
    chosen = [numbers for numbers in several(stripped, suffix)
              if not lines.isdisjoint(numbers)]
    chosen += [[number] for number in sorted(lines.difference(*chosen))]
    chosen = [(numbers, _joined(code, numbers), _joined(original, numbers))
              for numbers in chosen]
    chosen = [(numbers, line.rstrip(), before)
              for numbers, line, before in chosen if line.strip() and
              not (suffix == '.c' and
                   is_declaration(before.replace(_JOINT, ' ')))]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        found = _mutator().mutants_regexp(
            [line + '\n' for _, line, _ in chosen],
            ruleFiles=[str(RULES[suffix])], ignorePatterns=[])
    if 'FAILED TO COMPILE' in said.getvalue() or \
            'DOES NOT MATCH' in said.getvalue():
        console.fail('a rule is wrong:\n' + said.getvalue(),
                     'correct it in {}'.format(RULES[suffix]))
    mutants = {}
    for index, changed, *_ in found:
        numbers, line, before = chosen[index - 1]
        number, old, new = _trimmed(
            numbers[0], before, restore(before, line, changed.rstrip('\n')))
        touched = range(number, number + len(old))
        if '\n'.join(new).split() != '\n'.join(old).split() and \
                not lines.isdisjoint(touched):
            mutant = Mutant(path, number, '\n'.join(old), '\n'.join(new),
                            function(original, number, suffix))
            mutants[name(mutant)] = mutant
    return list(mutants.values())


def _joined(lines, numbers):
    return _JOINT.join(lines[number - 1] for number in
                       range(numbers[0], numbers[-1] + 1))


def _trimmed(number, before, after):
    """(number of the first line, lines before, lines after: as many) of what
    is another one in *after*, made of the line *number* and those that follow
    it."""
    old, new = before.split(_JOINT), after.split(_JOINT)
    while min(len(old), len(new)) > 1 and old[-1] == new[-1]:
        del old[-1], new[-1]
    while min(len(old), len(new)) > 1 and old[0] == new[0]:
        del old[0], new[0]
        number += 1
    return number, old, new + [''] * (len(old) - len(new))


def restore(before, code, changed):
    """The line *before* with what happened to its *code* (str, as long, with
    blanks for literals and comments): *changed* made of it."""
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
