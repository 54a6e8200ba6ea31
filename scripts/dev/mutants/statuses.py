"""Mutants of what a C function returns that no caller can tell apart.

All that the callers of a static function ask is whether its result is
negative, or whether it is 0: then another number with the same answer is the
same.
"""

import re

from scripts.dev.review import cfunctions

_RETURN = re.compile(r'return \(?(-?\d+)(?: \+ (\d+))?\)?;')
_SIGN = re.compile(r'\s*(?:<|>=) 0\b')
_BEFORE = re.compile(r'(?:!|\b(?:if|while) \(|&&\s*|\|\|\s*)\s*$')
_AFTER = re.compile(r'\s*(?:\)|&&|\|\|)')


def _value(line):
    """The number (int) that *line* (str) returns, or None."""
    found = _RETURN.fullmatch(line.strip())
    return found and int(found[1]) + int(found[2] or 0)


def _end(text, start):
    """Where the parenthesis that opens at *start* of *text* (str) is over."""
    depth = 0
    for at in range(start, len(text)):
        depth += {'(': 1, ')': -1}.get(text[at], 0)
        if not depth:
            return at + 1
    return len(text)


def asked(source, name):
    """What the callers of *name* in the C *source* (str) ask its result:
    'sign', 'truth', or None if any does something else with it, or nobody
    calls it by name."""
    found = set()
    heads = {match.start('name')
             for match in cfunctions.definitions(source)}
    for use in re.finditer(r'\b{}\b'.format(re.escape(name)), source):
        line = source.rfind('\n', 0, use.start()) + 1
        if use.start() in heads or not source[line].isspace():
            continue            # where it is defined, or declared
        if source[use.end():use.end() + 1] != '(':
            return None         # a pointer to it: anybody may call that
        end = _end(source, use.end())
        if _SIGN.match(source, end):
            found.add('sign')
        elif _BEFORE.search(source[:use.start()][-80:]) and \
                _AFTER.match(source, end):
            found.add('truth')
        else:
            return None
    return found.pop() if len(found) == 1 else None


def same(mutants, sources):
    """{name: reason} of those of *mutants* ({name: operators.Mutant}) that
    change nothing for any caller.  sources: {path: text}, of the C files."""
    found, known = {}, {}
    for name, mutant in mutants.items():
        before, after = _value(mutant.before), _value(mutant.after)
        if before is None or after is None or mutant.path not in sources:
            continue
        source, key = sources[mutant.path], (mutant.path, mutant.function)
        if key not in known:
            known[key] = asked(source, mutant.function) if re.search(
                r'^static\b[^;{{]*?\b{}\('.format(re.escape(mutant.function)),
                source, re.MULTILINE) else None
        if known[key] == 'sign' and (before < 0) == (after < 0):
            found[name] = 'who calls it asks whether it is negative'
        elif known[key] == 'truth' and bool(before) == bool(after):
            found[name] = 'who calls it asks whether it is 0'
    return found
