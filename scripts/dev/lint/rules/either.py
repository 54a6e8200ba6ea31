"""The rule that a test takes one value where one is right.

The tests in patches are for Python 2.7, whose grammar the parser of Python 3
does not take everywhere: the tokens are looked at, not a tree.
"""

import io
import re
import tokenize
from pathlib import Path

from scripts.dev.lint.rules.model import Finding, Rule

#: Several values between brackets.
_SEVERAL = r'[(\[{] (?:[^()\[\]{}]|[(\[{][^()\[\]{}]*[)\]}])+ , [^)\]} ]'
#: What has more than one right value only if somebody says why.
_KINDS = (
    (re.compile(r'(?:assertIn \( .+? , |assert .*\bin )'
                r'[(\[{](?: None ,| [^()]*, None)'), 'None or something'),
    (re.compile(r'assert .*\bis None or '), 'None or something'),
    (re.compile(r'assertTrue \( .*\bis None or '), 'None or something'),
    (re.compile(r'(?:assertRaises(?:Regexp)?|raises) '
                r'\( (?:Exception|BaseException|StandardError) [,)]'),
     'any exception'),
    (re.compile(r'(?:assertRaises(?:Regexp)?|raises) \( ' + _SEVERAL),
     'one exception or another'),
    (re.compile(r'assertTrue \( isinstance \( .* \) (?:and|or) |'
                r'\bassert(?:True \()? isinstance \( .* , ' + _SEVERAL),
     'one type or another'),
    (re.compile(r'(?:assertIn \( .+? , |\bassert(?:True \()? .*(?<!\bnot )'
                r'\bin )' + _SEVERAL), 'one value or another'),
    (re.compile(r'\bassert(?:True \()? .*(?:==|\bis|\bin) .* or .*'
                r'(?:==|\bis|\bin) '), 'one value or another'),
)
#: Not a question, but what is gone through.
_LOOP = re.compile(r'\bfor [\w ,()]+? in ')
#: What Python 2.7 takes for a number and newer tokenizers do not.
_LONG = re.compile(r'\b(0x[0-9a-fA-F]+|\d+)L\b')
_WORDS = {tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP}


def statements(text):
    """Yield (number of the first line, code, whether a comment is in it or
    right above) for each line of Python code, whatever its version."""
    words, start, commented = [], None, False
    source = io.StringIO(_LONG.sub(r'\1', text))
    for token in tokenize.generate_tokens(source.readline):
        if token.type == tokenize.COMMENT:
            commented = True
        elif token.type in _WORDS:
            start = start or token.start[0]
            words.append(token.string)
        elif token.type == tokenize.NEWLINE:
            yield start, ' '.join(words), commented
            words, start, commented = [], None, False


def weak(text):
    """Yield (number, what it takes) for each assertion without a comment that
    takes more than one value."""
    for number, code, commented in statements(text):
        if not commented and re.search(r'\bassert|\braises', code):
            code = _LOOP.sub('', code)
            for kind, what in _KINDS:
                if kind.search(code):
                    yield number, what
                    break


def _tests(context):
    """(name, text) of each file of tests, those in patches as they are in the
    end."""
    context.need_readable()
    touched = {path for patch in context.patches for path in patch.paths
               if re.fullmatch(r'Lib/test/(?:test_(?:ssl|hashlib)_\w+|'
                               r'ssl_\w+_helpers)\.py', path)}
    for path in sorted(touched):
        file = Path(context.full_tree, path)
        if file.exists():
            yield path, file.read_text(encoding='utf-8')
    for file in sorted(Path(context.root, 'Lib_tests').glob('*.py')):
        yield 'Lib_tests/' + file.name, file.read_text(encoding='utf-8')


def check_either(context):
    for name, text in _tests(context):
        for number, what in weak(text):
            yield Finding('{}:{}'.format(name, number),
                          'takes {}: assert the one value that is right with '
                          'this library, or say in a comment why there is '
                          'none'.format(what))


RULES = [Rule('tests-either', 'an assertion takes one value, or a comment '
              'says why not', check_either)]
