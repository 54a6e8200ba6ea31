"""Is the name that _ssl gives to an error the library's own?

Every symbol LIB_R_NAME of the OpenSSL headers is evaluated by the compiler;
reasons27.py asks the interpreter under test for the names.
"""

import collections
import json
import re
import subprocess
from pathlib import Path

from scripts.base import console

SCRIPT = Path(__file__).resolve().with_name('reasons27.py')

#: For these, each name has to be a symbol.
STRICT = ('SSL', 'X509', 'PEM')

_SYMBOL = re.compile(r'^[ \t]*#[ \t]*define[ \t]+(([A-Z0-9_]+?)_R_(\w+))'
                     r'[ \t]+\S', re.MULTILINE)

_PROGRAM = '''\
#include <stdio.h>
#include <openssl/err.h>
%(includes)s
int main(void)
{
%(lines)s
    return 0;
}
'''

_LINE = '''\
#if defined(ERR_LIB_%(library)s) && defined(%(symbol)s)
    printf("%(library)s %%d %%d %(name)s\\n", (int)ERR_LIB_%(library)s,
           (int)(%(symbol)s));
#endif'''

#: known: how many reasons were looked at; wrong, missing: [[library,
#: number, symbols, text, name], ...]; respelled: the same, for reasons of
#: other libraries whose name is neither their symbol nor another's.
Verdict = collections.namedtuple('Verdict',
                                 'known wrong missing respelled')


def symbols_in(include):
    """(library, name, symbol) for each reason in the headers of the folder
    *include* (Path)."""
    found = set()
    for header in sorted(include.glob('openssl/*.h')):
        for match in _SYMBOL.finditer(header.read_text(errors='replace')):
            symbol, library, name = match.groups()
            # The reasons that all libraries share are looked at with one.
            found.add(('SSL' if library == 'ERR' else library, name, symbol))
    return sorted(found)


def _error_headers(include):
    """The headers with reasons, but for those that are not for themselves."""
    return [header.name for header in sorted(include.glob('openssl/*err.h'))
            + sorted(include.glob('openssl/sslerr_legacy.h'))]


def evaluate(include, folder, prefix=(), flags=()):
    """{(library number, reason): [(library, name), ...]} as the compiler
    sees the headers of *include* (Path).  *folder* gets the program; prefix
    is put in front of commands, flags are for the compiler (str lists)."""
    source, program = folder / 'reasons.c', folder / 'reasons'
    source.write_text(_PROGRAM % {
        'includes': '\n'.join('#include <openssl/{}>'.format(name)
                              for name in _error_headers(include)),
        'lines': '\n'.join(
            _LINE % {'library': library, 'symbol': symbol, 'name': name}
            for library, name, symbol in symbols_in(include))})
    done = subprocess.run(
        [*prefix, 'cc', '-w', *flags, str(source), '-o', str(program)],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        console.fail('the reasons in {} cannot be compiled:\n{}'.format(
                         include, done.stdout[-2000:]),
                     'see {}'.format(source))
    codes = collections.defaultdict(list)
    output = subprocess.run([*prefix, str(program)], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    for line in output.splitlines():
        library, number, reason, name = line.split()
        if int(reason):         # some symbols stand for "no reason"
            codes[int(number), int(reason)].append((library, name))
    return codes


def _spelled(text):
    """The symbol that OpenSSL's *text* is made from, as a rule."""
    return re.sub(r'[^A-Z0-9]', '_', text.upper().replace("'", ''))


def judge(codes, answers):
    """The Verdict on *answers*, what reasons27.py found, for *codes*, what
    evaluate() found."""
    known, wrong, missing, respelled = 0, [], [], []
    strict = {number for (number, _), entries in codes.items()
              for library, _ in entries if library in STRICT}
    by_library = collections.defaultdict(set)
    for (number, _), entries in codes.items():
        by_library[number].update(name for _, name in entries)
    for number, reason, text, name in answers:
        entries = codes.get((number, reason), [])
        if not entries and number not in strict:
            continue
        known += 1
        symbols = [symbol for _, symbol in entries]
        library = entries[0][0] if entries else str(number)
        item = [library, reason, symbols, text, name]
        # Of several symbols the library's own is the one that its text has.
        own = [symbol for symbol in symbols if symbol == _spelled(text)]
        if name is None:
            missing.append(item)
        elif entries and name not in (own or symbols):
            if number in strict or name in by_library[number]:
                wrong.append(item)
            else:
                respelled.append(item)
    return Verdict(known, wrong, missing, respelled)


def check(python, include, env, folder, prefix=(), flags=()):
    """The Verdict on the interpreter *python* (Path).

    env: dict, the environ to run it in; folder: Path for what is written;
    the rest as for evaluate().
    """
    folder.mkdir(parents=True, exist_ok=True)
    codes = evaluate(include, folder, prefix, flags)
    symbols, result = folder / 'symbols.json', folder / 'reasons.json'
    symbols.write_text(json.dumps(sorted(codes)))
    done = subprocess.run(
        [str(python), str(SCRIPT), str(symbols), str(result)], env=env,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        console.fail('the names of errors cannot be listed:\n{}'.format(
                         done.stdout.strip()), 'see {}'.format(SCRIPT))
    return judge(codes, json.loads(result.read_text()))
