"""The parts of _ssl.c and ssl.py, before and after, out of the code.

A function of C belongs to the type whose table or slots lead to it with the
fewest calls; one to which several are as near is shared.  What a part calls is
read from its functions, and what is new or changed comes from comparing the
two sources.  Colours are the page's, by CSS: they follow dark mode.
"""

import collections
import html
import re

from scripts.dev.review import cfunctions

_TABLE = re.compile(
    r'^static (?:struct )?(?:PyMethodDef|PyGetSetDef|PyMemberDef) '
    r'(?P<name>\w+)\[\] = \{(?P<text>.*?)^\};', re.MULTILINE | re.DOTALL)
_TYPE = re.compile(r'^static PyTypeObject (?P<name>\w+) = \{(?P<text>.*?)^\};',
                   re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'"_ssl\.(\w+)"')
_WORD = re.compile(r'\b[A-Za-z_]\w*')
_OPENSSL = re.compile(
    r'\b(SSL_CTX|SSL|BIO|X509|ERR|EVP|RAND|ASN1|OBJ|DH|EC|PEM)_\w+(?=\s*\()')
_CLASS = re.compile(r'^class (?P<name>\w+).*?(?=^\S|\Z)',
                    re.MULTILINE | re.DOTALL)
_METHOD = re.compile(r'^    def (?P<name>\w+)\(.*?(?=^ {0,4}\S|\Z)',
                     re.MULTILINE | re.DOTALL)

MODULE, SHARED, OTHERS = 'functions of the module', 'shared by several', \
    'callbacks of OpenSSL, and the module itself'

#: functions: {name: text}; calls: {title of a part: how often}; openssl: the
#: same for the names of OpenSSL, by their first word.
Part = collections.namedtuple('Part', 'functions calls openssl')


def _named(text, functions):
    """Those of *functions* that *text* names; a macro may have made a name
    of a function's by adding a word."""
    found = set()
    for word in _WORD.findall(text):
        if word not in functions:
            word = word.rpartition('_')[0]
        if word in functions:
            found.add(word)
    return found


def _owners(text, functions):
    """{title of a type: the functions that its table and slots name}."""
    tables = {match['name']: _named(match['text'], functions)
              for match in _TABLE.finditer(text)}
    owners = {}
    for match in _TYPE.finditer(text):
        title = _TITLE.search(match['text'])
        owners[title[1] if title else match['name']] = _named(
            match['text'], functions).union(*(
                tables.pop(word) for word in set(_WORD.findall(
                    match['text'])) & set(tables)))
    owners[MODULE] = set().union(*tables.values())
    return owners


def _distances(roots, uses):
    """{function: how many calls lead to it from *roots*}."""
    found, now, distance = {}, set(roots), 0
    while now:
        found.update(dict.fromkeys(now, distance))
        now = {name for user in now for name in uses[user]} - set(found)
        distance += 1
    return found


def _home(name, distances):
    """The title of the part that the function *name* belongs to."""
    near = {title: found[name] for title, found in distances.items()
            if name in found}
    nearest = [title for title in near
               if near[title] == min(near.values())]
    return OTHERS if not near else SHARED if nearest[1:] else nearest[0]


def c_parts(text):
    """{title: Part} of the C source *text*."""
    functions = cfunctions.functions(text)
    uses = {name: _named(body.partition('(')[2], functions) - {name}
            for name, body in functions.items()}
    distances = {title: _distances(roots, uses)
                 for title, roots in _owners(text, functions).items()}
    home = {name: _home(name, distances) for name in functions}
    parts = {}
    for title in [*distances, SHARED, OTHERS]:
        own = {name: functions[name] for name in functions
               if home[name] == title}
        if own:
            parts[title] = Part(
                own, collections.Counter(
                    home[other] for name in own for other in uses[name]
                    if home[other] != title),
                collections.Counter(word for body in own.values()
                                    for word in _OPENSSL.findall(body)))
    return parts


def python_parts(text):
    """{class: Part} of the Python source *text*: its methods, as
    Class.method."""
    return {match['name']: Part(
        {'{}.{}'.format(match['name'], method['name']): method[0].rstrip()
         for method in _METHOD.finditer(match[0])}, {}, {})
        for match in _CLASS.finditer(text)}


def _words(counted):
    return ', '.join('{} ({})'.format(html.escape(name), number)
                     for name, number in sorted(counted.items()))


def _card(title, part, before):
    """The *part* as HTML.  before: all functions of the other source, {name:
    text}, or None if this is that."""
    states = {name: '' if before is None else
              'new' if name not in before else
              'changed' if before[name] != text else ''
              for name, text in part.functions.items()}
    counts = collections.Counter(states.values())
    text = '{} functions'.format(len(states))
    if before is not None:
        text = '{} new, {} changed, {} as before'.format(
            counts['new'], counts['changed'], counts[''])
    out = ['<section class="part"><p><b>{}</b><br>{}</p>'.format(
        html.escape(title), text)]
    names = ' '.join('<code class="{}">{}</code>'.format(state, name)
                     for name, state in states.items() if state)
    if names:
        out.append('<p>{}</p>'.format(names))
    out += ['<p>{}: {}</p>'.format(what, _words(counted))
            for what, counted in (('calls', part.calls),
                                  ('of OpenSSL', part.openssl)) if counted]
    return ''.join(out) + '</section>'


def figure(parts, other=None):
    """Markdown of all *parts*, {title: Part}.  other: those of the source
    before, if this is the one after."""
    before = None if other is None else {
        name: text for part in other.values()
        for name, text in part.functions.items()}
    cards = [_card(title, part, before) for title, part in parts.items()]
    return '```{raw} html\n<div class="parts">\n' + '\n'.join(cards) + \
        '\n</div>\n```\n'


def gone(parts, after):
    """Markdown: the functions of *parts* that *after* lacks (both as of
    c_parts())."""
    left = {name for part in after.values() for name in part.functions}
    names = sorted(name for part in parts.values()
                   for name in part.functions if name not in left)
    return ', '.join('`{}`'.format(name) for name in names) or 'none'
