"""What is put into the folder in which a client's tests are run: files of
this project, a checkout that somebody has, patches and edits."""

import io
import os
import re
import shutil
import subprocess

from scripts import options
from scripts.base import console, paths, unpacking
from scripts.series import foreignrepo, gitrepo


def copy_project(client, work):
    """Copy what *client* wants of this project into *work* (Path)."""
    for pattern in client.project:
        found = sorted(paths.ROOT.glob(pattern))
        if not found:
            console.fail('{}: no {} in this project'.format(
                client.name, pattern), 'see to "project" in its definition')
        for path in found:
            target = work / path.relative_to(paths.ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if path.is_dir() else shutil.copy)(
                str(path), str(target))


def edit(folder, edits, name):
    """Replace text in files of *folder* (Path).  edits: [[pattern of the
    files, regular expression, what takes its place], ...], as of re.sub()
    with re.MULTILINE.  One that finds nothing ends the program."""
    for pattern, expression, replacement in edits:
        total = 0
        for path in sorted(folder.glob(pattern)):
            text, count = re.subn(expression, replacement, path.read_text(),
                                  flags=re.MULTILINE)
            if count:
                path.write_text(text)
                total += count
        if not total:
            console.fail('{}: {!r} is not found in {}'.format(
                name, expression, pattern),
                'see to "edits" in its definition')


def patch(client, work):
    """Apply the client's patches: {folder below *work*: file in
    docs/examples}."""
    for folder, file in client.patches.items():
        done = subprocess.run(
            ['patch', '--force', '-p1', '-F0', '-d', str(work / folder),
             '-i', str(paths.ROOT / 'docs' / 'examples' / file)],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            console.fail('{}: {} does not apply:\n{}'.format(
                client.name, file, done.stdout.strip()),
                'see to "patches" in its definition')


def option(checkout):
    """The option that names the Checkout *checkout*."""
    return options.ALL[checkout.variable]


def is_there(suite, environ=os.environ):
    """True unless *suite* needs a checkout that was not named."""
    return not suite.checkout or bool(option(suite.checkout).read(environ))


def unpack_checkout(checkout, target):
    """Write the files of the Checkout *checkout* into the new folder
    *target* (Path), and edit them."""
    chosen = option(checkout)
    source = chosen.read()
    try:
        with foreignrepo.borrowed(source) as repository:
            done = gitrepo.git(repository, 'archive', checkout.commit,
                               text=False, stderr=subprocess.PIPE)
    except foreignrepo.RepositoryError as error:
        console.fail('git cannot read {}={}:\n{}'.format(
            chosen.name, source, error),
            'name a clone of {}'.format(checkout.repository))
    if done.returncode:
        console.fail('{}={} has no commit {}:\n{}'.format(
            chosen.name, source, checkout.commit,
            done.stderr.decode(errors='replace').strip()),
            'name a clone of {}'.format(checkout.repository))
    target.mkdir()
    unpacking.unpack(io.BytesIO(done.stdout), target, pinned=True)
    edit(target, checkout.edits, checkout.variable)
