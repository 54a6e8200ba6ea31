"""A file out of Debian's or Ubuntu's source packages, by apt.

apt is given a configuration, a list of sources and a state of its own in a
temporary folder, so that nothing of the host's apt changes and no special
rights are needed.  The archive's addresses are those that the host uses.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.base import console
from scripts.base.aliases import Environ
from scripts.source import pins

TIMEOUT = 20        # seconds, to connect and between two pieces
_APT_PATIENCE = 300     # seconds for one run of apt

#: Fields of a deb822 source, or options of a one-line one, that tell how an
#: archive is reached and trusted.
_KEPT_FIELDS = {'signed-by': 'Signed-By', 'trusted': 'Trusted',
                'allow-insecure': 'Allow-Insecure', 'allow-weak': 'Allow-Weak',
                'inrelease-path': None}

_ONE_LINE = re.compile(
    r'(?P<type>deb|deb-src)\s+(?:\[(?P<options>[^\]]*)\]\s+)?'
    r'(?P<uri>\S+)\s+(?P<suite>\S+)(?P<components>(?:\s+[^\s#]+)*)')


class AptError(Exception):
    """apt does not have the file; the message says why."""


def parse_one_line(text: str) -> list[dict[str, Any]]:
    """The sources in *text*, the content of a ``.list`` file.

    Returns a list of dicts with URIs, Suites, Components (lists of str) and
    options (dict of deb822 fields).
    """
    sources = []
    for line in text.splitlines():
        match = _ONE_LINE.match(line.strip())
        if match is None:
            continue
        options = {}
        for word in (match['options'] or '').split():
            name, _, value = word.partition('=')
            if _KEPT_FIELDS.get(name.lower()):
                options[_KEPT_FIELDS[name.lower()]] = value.replace(',', ' ')
        sources.append({'URIs': [match['uri']], 'Suites': [match['suite']],
                        'Components': match['components'].split(),
                        'options': options})
    return sources


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    """The stanzas of deb822 *text*: dicts of lower-case name to value."""
    stanza: dict[str, str] = {}
    name = None
    for line in text.splitlines() + ['']:
        if line.startswith('#'):
            continue
        if not line.strip():
            if stanza:
                yield stanza
            stanza, name = {}, None
        elif line[0] in ' \t' and name:
            stanza[name] += '\n' + line
        else:
            name, _, value = line.partition(':')
            name = name.strip().lower()
            stanza[name] = value.strip()


def parse_deb822(text: str) -> list[dict[str, Any]]:
    """The sources in *text*, the content of a ``.sources`` file."""
    sources = []
    for stanza in _stanzas(text):
        if stanza.get('enabled', 'yes').lower() in ('no', 'false', '0'):
            continue
        sources.append({
            'URIs': stanza.get('uris', '').split(),
            'Suites': stanza.get('suites', '').split(),
            'Components': stanza.get('components', '').split(),
            'options': {proper: stanza[name] for name, proper
                        in _KEPT_FIELDS.items() if proper and name in stanza},
        })
    return sources


def host_sources(etc: Path = Path('/etc/apt')) -> list[dict[str, Any]]:
    """All package sources of the host, from both formats."""
    files = [etc / 'sources.list'] + sorted((etc / 'sources.list.d').glob('*'))
    sources = []
    for path in files:
        parse = {'.list': parse_one_line,
                 '.sources': parse_deb822}.get(path.suffix)
        if parse is None:
            continue
        try:
            sources += parse(path.read_text(errors='replace'))
        except OSError:
            continue
    return sources


def _main_archives(sources: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of *sources* that are a distribution's main archive."""
    # Third-party archives do not have a component of this name; the
    # security archives do, but they name their suites in another way.
    return [source for source in sources
            if 'main' in source['Components'] and not all(
                suite.endswith('-security') for suite in source['Suites'])]


def codename(path: Path = Path('/etc/os-release')) -> str:
    """The host's release (str), as 'bookworm'; '' if it does not say."""
    try:
        text = path.read_text()
    except OSError:
        return ''
    match = re.search(r'^VERSION_CODENAME="?(\w+)', text, re.MULTILINE)
    return match[1] if match else ''


def mirror(sources: Sequence[dict[str, Any]],
           release: str) -> str:
    """The address (str) that the host's *release*, its codename, comes from
    according to *sources*, '' if there is none."""
    for source in _main_archives(sources):
        if release in source['Suites'] and source['URIs']:
            return source['URIs'][0]
    return ''


def derive(sources: Sequence[dict[str, Any]], suites: Sequence[str]) -> str:
    """A deb822 text of source-package entries for *suites*, from the host's
    *sources*; '' where none of them is a distribution's main archive."""
    entries, seen = [], set()
    for source in _main_archives(sources):
        components = [name for name in ('main', 'universe')
                      if name in source['Components']]
        for uri in source['URIs']:
            if uri in seen:
                continue
            seen.add(uri)
            for suite in suites:
                entry = ['Types: deb-src', 'URIs: ' + uri, 'Suites: ' + suite,
                         'Components: ' + ' '.join(components)]
                entry += ['{}: {}'.format(*item)
                          for item in source['options'].items()]
                entries.append('\n'.join(entry) + '\n')
    return '\n'.join(entries)


def _apt(argv: Sequence[str], env: Environ,
         cwd: Path) -> tuple[str, str]:
    """Run an apt program; returns what it printed, failed or not."""
    try:
        done = subprocess.run(argv, env=env, cwd=cwd, text=True,
                              stdin=subprocess.DEVNULL,
                              capture_output=True,
                              errors='replace',
                              timeout=_APT_PATIENCE)
    except subprocess.TimeoutExpired:
        raise AptError('{} did not end in {} seconds'.format(
            ' '.join(argv[:2]), _APT_PATIENCE)) from None
    return done.stdout, done.stderr


def _configuration(folder: Path) -> str:
    """apt's configuration for work in *folder*: the host's way to the
    network (proxies and the like), and nothing else of the host's."""
    dump, _ = _apt(['apt-config', 'dump', '--no-empty', '--format',
                    '%F "%v";%n'], os.environ, folder)
    lines = [line for line in dump.splitlines()
             if line.startswith('Acquire::') and line.count('"') == 2]
    for name in ('state/lists/partial', 'cache/archives/partial', 'parts'):
        (folder / name).mkdir(parents=True)
    settings = {
        'Dir::Etc::main': '/dev/null',
        'Dir::Etc::parts': folder / 'parts',
        'Dir::Etc::sourcelist': folder / 'private.sources',
        'Dir::Etc::sourceparts': folder / 'parts',
        'Dir::State': folder / 'state',
        'Dir::State::status': '/dev/null',
        'Dir::Cache': folder / 'cache',
        # As the archive of an old suite is no longer renewed; the pinned
        # checksum is what counts.
        'Acquire::Check-Valid-Until': 'false',
        'Acquire::http::Timeout': TIMEOUT,
        'Acquire::https::Timeout': TIMEOUT,
        'Acquire::Retries': 1,
        'Acquire::Languages': 'none',
    }
    if os.geteuid() == 0:
        # apt's own user cannot write to a private folder.
        settings['APT::Sandbox::User'] = 'root'
    lines += ['{} "{}";'.format(*item) for item in settings.items()]
    return '\n'.join(lines) + '\n'


def _version_with(pin: pins.Pin, showsrc: str) -> str | None:
    """The version of the source package that has the pinned file."""
    versions = []
    for stanza in _stanzas(showsrc):
        if pin.sha256 in stanza.get('checksums-sha256', ''):
            versions.append(stanza['version'])
    if pin.debian_version in versions:
        return pin.debian_version
    return versions[-1] if versions else None


def _distribution(uri: str) -> str:
    """What the address of an archive ends with: 'debian', 'ubuntu'."""
    return uri.rstrip('/').rsplit('/', 1)[-1]


def _of_one_archive(pin: pins.Pin,
                    sources: Sequence[dict[str, Any]]) -> str:
    """derive() for a *pin* that names its archive: of the host's *sources*
    those of the same distribution, else that archive."""
    same = [source for source in sources if any(
        _distribution(uri) == _distribution(pin.archive)
        for uri in source['URIs'])]
    text = derive(same, [pin.debian_suite])
    if text:
        return text
    # It need not be signed by a key that the host has: the pinned checksum
    # is what counts.
    return ('Types: deb-src\nURIs: {}\nSuites: {}\n'
            'Components: main universe\nTrusted: yes\n'.format(
                pin.archive, pin.debian_suite))


def fetch(pin: pins.Pin, target: Path, etc: Path = Path('/etc/apt'),
          part: str = 'tar') -> None:
    """Fetch the file of *pin* (pins.Pin) to the Path *target*.

    part: which of the source package it is, 'tar' or 'diff'.  AptError says
    why it could not be had.  The caller verifies.
    """
    if not pin.debian_source:
        raise AptError('no source package is known for it')
    if shutil.which('apt-get') is None:
        raise AptError('this machine has no apt')
    suites = list(filter(None, (pin.debian_suite, pin.ubuntu_suite)))
    sources = host_sources(etc)
    text = _of_one_archive(pin, sources) if pin.archive else \
        derive(sources, suites)
    if not text:
        raise AptError('no Debian or Ubuntu archive in {}'.format(etc))
    target.parent.mkdir(parents=True, exist_ok=True)
    # In the target's folder, for the final rename to be one.
    folder = Path(tempfile.mkdtemp(prefix='apt-', dir=target.parent))
    try:
        (folder / 'private.sources').write_text(text)
        (folder / 'apt.conf').write_text(_configuration(folder))
        env = dict(os.environ, APT_CONFIG=str(folder / 'apt.conf'),
                   LC_ALL='C')
        console.note('reading the list of source packages ({})'.format(
            ', '.join(suites)))
        _, errors = _apt(['apt-get', '-q', 'update'], env, folder)
        listing, _ = _apt(['apt-cache', 'showsrc', pin.debian_source], env,
                          folder)
        version = _version_with(pin, listing)
        if version is None:
            raise AptError(_reason(errors) or 'no version of {} has the '
                           'pinned file'.format(pin.debian_source))
        console.note('{} {}'.format(pin.debian_source, version))
        _, errors = _apt(['apt-get', '-q', 'source', '--download-only',
                          '--{}-only'.format(part), '{}={}'.format(
                              pin.debian_source, version)], env, folder)
        fetched = folder / pin.debian_file
        if not fetched.exists():
            raise AptError(_reason(errors) or 'apt fetched nothing')
        os.replace(fetched, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reason(errors: str) -> str:
    """The first error that apt printed, '' if there was none."""
    lines = re.findall(r'^(?:E|Err|W): ?(.+)', errors, re.MULTILINE)
    return lines[0] if lines else ''
