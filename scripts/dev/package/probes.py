"""How to see that a tree has what a group is for, in whatever form."""

import collections
import os
import re

from scripts.series.groups import select_other

#: path: a file of the tree; pattern: what is in it if the tree has it;
#: text: what that means.
Probe = collections.namedtuple('Probe', 'path pattern text')

#: By group.  A group without a probe is recognised by its own patches only.
PROBES = {
    'base': Probe('Modules/_ssl.c', r'SSL_R_UNEXPECTED_EOF_WHILE_READING',
                  "it maps OpenSSL 3's end of the stream"),
    'compat': Probe('setup.py', r'OPENSSL_VERSION_MAJOR',
                    'its setup.py knows OpenSSL 3'),
    'pep546': Probe('Modules/_ssl.c', r'\bMemoryBIO\b',
                    'it has a MemoryBIO'),
    'hardening': Probe('Lib/test/test_ssl_hardening.py', r'',
                       'it has test_ssl_hardening'),
}

#: Flaws that some trees have fixed in a way of their own, by what the topics
#: of our patches for them begin with.
FIXES = {
    'cve-2023-40217': Probe('Lib/ssl.py',
                            r'pre_handshake_data|CVE-2023-40217',
                            'it has a fix for CVE-2023-40217'),
}


def look(tree, group):
    """What says that the folder *tree* has what *group* (name) is for: a
    str, '' if nothing does."""
    probe = PROBES.get(group)
    return _found(tree, probe) if probe is not None else ''


def fixed(tree, names):
    """Those of the patch *names* whose flaw the folder *tree* has fixed in
    another way: {name: what says so}."""
    found = {}
    for topic, probe in FIXES.items():
        text = _found(tree, probe)
        if text:
            other = select_other(names, topic)
            found.update((name, text) for name in names if name not in other)
    return found


def _found(tree, probe):
    try:
        with open(os.path.join(tree, probe.path), encoding='utf-8',
                  errors='replace') as file:
            found = re.search(probe.pattern, file.read())
    except OSError:
        return ''
    return probe.text if found else ''
