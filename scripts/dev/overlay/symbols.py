"""What an extension module gives to other libraries, and wants from them."""

import re
import subprocess

from scripts.base import console

#: All that Python needs to see.
WANTED = {'init_ssl', 'init_hashlib'}

_LINE = re.compile(
    r'^\s*\d+: [0-9a-f]+\s+\S+ \w+\s+(?P<bind>GLOBAL|WEAK)\s+\S+\s+'
    r'(?P<where>\w+) (?P<name>[\w.]+)(?P<version>@\S+)?', re.MULTILINE)


def read(text):
    """(defined, undefined) sets of names in *text* (str, what readelf prints
    of dynamic symbols); undefined are those that are needed, and that no
    version of the C library is named for."""
    defined, undefined = set(), set()
    for match in _LINE.finditer(text):
        if match['where'] != 'UND':
            defined.add(match['name'])
        elif match['bind'] == 'GLOBAL' and not match['version']:
            undefined.add(match['name'])
    return defined, undefined


def check(path):
    """End the program unless the module *path* (Path) shows Python's names
    only, and needs nothing but Python and the C library."""
    done = subprocess.run(['readelf', '--dyn-syms', '-W', str(path)],
                          text=True, stdout=subprocess.PIPE, check=True)
    defined, undefined = read(done.stdout)
    if defined != WANTED:
        console.fail('{} shows {}'.format(
            path, ', '.join(sorted(defined ^ WANTED))),
            'symbols of OpenSSL could be taken for those of another one')
    foreign = sorted(name for name in undefined
                     if not name.startswith(('Py', '_Py')))
    if foreign:
        console.fail('{} needs {}'.format(path, ', '.join(foreign)),
                     'an old glibc does not have it: add it to '
                     'package/src/oldglibc.c')
