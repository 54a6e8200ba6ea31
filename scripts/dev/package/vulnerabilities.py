"""What is known about the vulnerabilities of ssl and hashlib in 2.7.18:
packaging/cves.json, docs/security.md and the OpenVEX file of a release.

``python3 -m scripts vulnerabilities`` writes the page.
"""

import datetime
import json

from scripts.base import console, files, paths
from scripts.series import groups

DATA = paths.ROOT / 'packaging' / 'cves.json'
PAGE = paths.ROOT / 'docs' / 'security.md'

#: verdict: (status, justification) of OpenVEX.
VERDICTS = {
    'fixed': ('fixed', None),
    'fixed before': ('not_affected', 'vulnerable_code_not_present'),
    'not present': ('not_affected', 'component_not_present'),
    'not affected': ('not_affected', 'vulnerable_code_not_present'),
    'not reachable': ('not_affected',
                      'vulnerable_code_not_in_execute_path'),
}

_TOP = '''\
# Security

What a peer or a wrong certificate can exploit is fixed by group `security`,
which `pep546` and all that is on top of it need. It applies without the other
groups, but for `base`: `make PATCHES=security`, or `make PATCHES="compat
security"` with OpenSSL 3. Two nuisances are left to group `hardening`: a peer
that does not read keeps `sendall()` of a non-blocking SSLSocket busy (0330),
and a strange name in a ClientHello makes a server with a servername callback
print a traceback (0326).

## Published vulnerabilities

Those of Python's `ssl` and `hashlib`, and of how its own clients use them,
that were published from December 2014 to November 2026, and those of OpenSSL
that reach a program through them. A release has the same as `openvex.json`,
for scanners. This table is made from `packaging/cves.json` by `python3 -m
scripts vulnerabilities`.

| CVE | published | where | what | verdict |
|---|---|---|---|---|
'''

_BOTTOM = '''
*Fixed before* says which version of 2.7 has the fix, *fixed* which patches of
the series. Vulnerabilities of OpenSSL itself are fixed by an OpenSSL that is
up to date.

## What the series cannot reach

gevent has an `SSLSocket` of its own, to which the fixes in `Lib/ssl.py` do not
apply: before the handshake, data of a peer that is gone is read as if TLS had
protected it, and after a failed `connect()` data is sent in cleartext.
[gevent-22.10.2.patch](gevent-22.10.2.patch) does for the last version that
runs on 2.7 what `sslsocket-hostname` and `cve-2023-40217` do for `ssl`:

    gevent=$(python2.7 -c 'import gevent; print(gevent.__path__[0])')
    patch -p1 -d "$gevent/.." < docs/gevent-22.10.2.patch

## Reporting

[SECURITY.md](../SECURITY.md) says how to report a vulnerability, and which
versions get fixes.
'''


def load(path=DATA):
    """The entries of *path* (Path), a list of dicts, oldest first."""
    entries = json.loads(path.read_text(encoding='utf-8'))
    return sorted(entries, key=lambda entry: (entry['published'],
                                              entry['id']))


def fixing(entry, names):
    """The patches out of *names* that the *entry* is fixed by.  SeriesError
    if one that it tells of is missing."""
    found = []
    for topic in entry.get('patches', ()):
        mine = [name for name in names
                if groups.PatchName.parse(name).topic.startswith(topic)]
        if not mine:
            raise groups.SeriesError('{}: no patch {!r} in series'.format(
                entry['id'], topic))
        found.append(mine[0])
    return found


def fixed_by(names):
    """{name: list of CVE numbers}: which of *names* fix what."""
    found = {name: [] for name in names}
    for entry in load():
        if entry['verdict'] != 'fixed':
            continue
        try:
            patches = fixing(entry, names)
        except groups.SeriesError:
            continue
        for name in patches:
            found[name].append(entry['id'])
    return found


def _verdict(entry, names):
    text = entry['verdict']
    if 'in' in entry:
        text += ': ' + entry['in']
    patches = fixing(entry, names)
    if patches:
        text += ': ' + ', '.join(
            '[{0}](patches.md#{0})'.format(name[:4]) for name in patches)
    return text + '; ' + entry['why']


def page(names):
    """docs/security.md (str) for the patches *names*."""
    return _TOP + ''.join('| {} | {} | {} | {} | {} |\n'.format(
        entry['id'], entry['published'], entry['component'], entry['title'],
        _verdict(entry, names)) for entry in load()) + _BOTTOM


def openvex(version, seconds, names):
    """The OpenVEX document (str) of the release *version* (str), made at
    *seconds* (int, since 1970), for the patches *names*."""
    moment = datetime.datetime.fromtimestamp(
        seconds, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    statements = []
    for entry in load():
        status, justification = VERDICTS[entry['verdict']]
        try:
            patches = fixing(entry, names)
        except groups.SeriesError:
            status, justification, patches = 'affected', None, []
        statement = {
            'vulnerability': {'name': entry['id']},
            'products': [{'@id': 'pkg:generic/cpython-memorybio@2.7.18-' +
                          version}],
            'status': status,
            'status_notes': entry['why'],
        }
        if justification:
            statement['justification'] = justification
        if patches:
            statement['impact_statement'] = 'patches: ' + ', '.join(patches)
        if status == 'affected':
            statement['action_statement'] = 'use a complete series'
        statements.append(statement)
    return json.dumps({
        '@context': 'https://openvex.dev/ns/v0.2.0',
        '@id': 'urn:cpython-2.7.18-memorybio:{}:vex'.format(version),
        'author': 'the maintainers of this series',
        'timestamp': moment,
        'version': 1,
        'statements': statements,
    }, indent=2, sort_keys=True) + '\n'


def main():
    try:
        names = groups.read_series(paths.SERIES_FILE)
        files.write(PAGE, page(names))
    except groups.SeriesError as error:
        console.fail(str(error), 'correct packaging/cves.json')
    return 0
