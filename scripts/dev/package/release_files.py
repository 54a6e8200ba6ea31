"""The files of a release, out of the checkout: {name: bytes}."""

import hashlib
import os

from scripts.base import console, paths
from scripts.dev.package import (
    archive,
    export,
    index,
    page,
    sbom,
    vulnerabilities,
)
from scripts.dev.package import release as releases
from scripts.series import gitrepo

#: What the tarball has besides the patches and the indexes.
_DOCUMENTS = ('LICENSE', 'LICENSES/PSF-2.0.txt', 'LICENSES/MIT.txt',
              'VERSION', 'CHANGELOG.md', 'SECURITY.md', 'docs/LICENSES.md',
              'docs/security.md', 'docs/gevent-22.10.2.patch')
_FOLDERS = ('docs/packaging', 'packaging')


#: What can be taken as one file, besides all: groups, to which those that
#: they need are added.
SELECTIONS = (('compat',), ('security',), ('compat', 'security'),
              ('compat', 'pep546'))


def stem(release, groups=()):
    """What the names of the files begin with (str); *groups*: one of
    SELECTIONS, or () for all."""
    return '-'.join(('cpython-2.7.18-memorybio-' + release.version,
                     *filter(None, ['+'.join(groups)])))


def _selected(context, release):
    """{name: bytes}: series, mbox and combined patch of each of
    SELECTIONS whose groups have patches."""
    there = {group['name'] for group in index.groups(context)}
    files = {}
    for groups in SELECTIONS:
        if not there.issuperset(groups):
            continue
        exported = export.export(context, release, groups)
        files['series-' + '+'.join(groups)] = _lines(context.select(*groups))
        files[stem(release, groups) + '.mbox'] = exported.mbox
        files[stem(release, groups) + '.patch'] = exported.combined
    return files


def _lines(names):
    return ''.join(name + '\n' for name in names).encode()


def series_files(context):
    """{name: bytes}: the whole series, and one for each group, in which
    those that the group needs are included."""
    files = {'series': _lines(context.names)}
    for group in index.groups(context):
        files['series-' + group['name']] = _lines(group['series'])
    return files


def _there(root):
    """The names (strs) of the files in _FOLDERS of the checkout *root*
    (Path): where git is, those that it knows, as nothing else is published.
    """
    found = {os.fspath(path.relative_to(root)) for folder in _FOLDERS
             for path in (root / folder).rglob('*')
             if path.is_file() and '__pycache__' not in path.parts}
    if not (root / '.git').exists():
        return found
    done = gitrepo.git(root, 'ls-files', '-z', *_FOLDERS, text=False)
    if done.returncode:
        console.fail('git ls-files: ' + os.fsdecode(done.stdout).strip(),
                     'make dist has to know which files are published')
    known = set(os.fsdecode(done.stdout).split('\0'))
    for name in sorted(found - known):
        console.warn('left out, as git does not know it: ' + name)
    return found & known


def documents(root):
    """Yield (name, bytes) of what the tarball has of the checkout *root*
    (Path) besides the patches."""
    for name in (*_DOCUMENTS, *sorted(_there(root))):
        yield name, (root / name).read_bytes()


def tarball_files(context, files, root):
    """What is in the tarball: {path: bytes}; *files*: {name: bytes}, what
    lies beside it too."""
    inside = {'patches/' + name:
              (root / 'patches' / name).read_bytes()
              for name in context.names}
    inside.update(documents(root))
    inside.update(files)
    inside['docs/patches.md'] = inside.pop('patches.md')
    return inside


def sums(files):
    """The content of SHA256SUMS (bytes) for *files*, {name: bytes}."""
    return ''.join('{}  {}\n'.format(
        hashlib.sha256(files[name]).hexdigest(), name)
        for name in sorted(files)).encode()


def make(context, release, statuses, root=paths.ROOT):
    """All files of the *release* (dist.release.Release), {name: bytes}.

    statuses: as index.applies() returns it.  ExportError if git does not
    take the series.
    """
    exported = export.export(context, release)
    entries = index.entries(context, exported.patch_ids, statuses)
    groups = index.groups(context)
    files = series_files(context)
    files['patches.json'] = index.json_text(release.version, groups,
                                            entries).encode()
    files['patches.md'] = page.text(groups, entries).encode()
    files['openvex.json'] = vulnerabilities.openvex(
        release.version, releases.timestamp(release),
        context.names).encode()
    files[sbom.NAME] = sbom.text(release.version,
                                 releases.timestamp(release),
                                 entries).encode()
    inside = tarball_files(context, files, root)
    name = stem(release)
    files[name + '.tar.gz'] = archive.compressed(archive.tar_bytes(
        name, inside, releases.timestamp(release)))
    files[name + '.mbox'] = exported.mbox
    files[name + '.patch'] = exported.combined
    files.update(_selected(context, release))
    files['SHA256SUMS'] = sums(files)
    return files
