"""Write what packagers take: `make dist`.

The same checkout gives the same bytes, whoever runs it and wherever.
"""

import os
import shutil
from pathlib import Path

from scripts.base import console, paths
from scripts.dev.lint import workshop
from scripts.dev.lint.rules.model import NotChecked
from scripts.dev.package import (
    export,
    index,
    page,
    release_files,
    signing,
    take,
    trial,
)
from scripts.dev.package import release as releases

DIST = paths.BUILD / 'dist'


def write(files, folder):
    """Make *folder* (Path) with *files*, {name: bytes}, all at once."""
    partial = folder.with_name(folder.name + '.partial')
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, data in files.items():
        path = partial / name
        path.write_bytes(data)
        path.chmod(0o644)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)


def try_out(context, release, files):
    """Apply the *files* in every documented way, in the scratch of
    *context*."""
    console.step('Applying them as docs/packaging/ tells')
    folder, stem = Path(context.scratch), release_files.stem(release)
    write(files, folder / 'dist')
    taken = take.unpack(folder, folder / 'dist' / (stem + '.tar.gz'), stem)
    trial.run(context, taken, folder / 'dist', stem,
              paths.BUILD / 'logs' / 'dist')


def make(environ=os.environ, check=True):
    """(Release, {name: bytes}): the files of this checkout's release.

    With *check* they are tried out too.
    """
    release = releases.read()
    signing.key(environ)
    with workshop.opened('dist', environ) as context:
        console.step('Making the release files of {} ({} patches)'.format(
            release.version, len(context.names)))
        try:
            statuses = index.applies(context)
            files = release_files.make(context, release, statuses)
            files.update(signing.signature(
                files[signing.SIGNED], release_files.stem(release), environ))
            if check:
                try_out(context, release, files)
            return release, files
        except export.ExportError as error:
            return console.fail(str(error), '"make lint" says what to fix')
        except NotChecked as reason:
            return console.fail(
                "how the patches apply to Debian's source is not known: {}"
                .format(reason), 'DISTFILES=folder names the folder that '
                'has it')


def update_page(text):
    """Write docs/patches.md if it is out of date."""
    try:
        current = page.PAGE.read_bytes() == text
    except FileNotFoundError:
        current = False
    if not current:
        page.PAGE.write_bytes(text)
        console.note('docs/patches.md was out of date and is written anew: '
                     'commit it')


def main():
    shutil.rmtree(paths.BUILD / 'logs' / 'dist', ignore_errors=True)
    release, files = make()
    write(files, DIST)
    update_page(files['patches.md'])
    if signing.NAME not in files:
        console.note('they are not signed: RELEASE_KEY names no key')
    for name in sorted(files):
        console.note('{:>9,}  {}'.format(len(files[name]), name))
    console.step('{} is in {}'.format(release_files.stem(release),
                                      paths.shown(DIST)))
