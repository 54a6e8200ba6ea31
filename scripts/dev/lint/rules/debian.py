"""Rule: the groups apply to Debian's fully patched source."""

import gzip
import hashlib
import os
import re
import shutil
import subprocess

from scripts.dev.lint.rules.apply import selection_findings
from scripts.dev.lint.rules.model import NotChecked, Rule
from scripts.series import quilt, walk
from scripts.series.groups import GROUPS, select_other
from scripts.source import aptsource

VERSION = '2.7.18-8+deb11u1'
DIFF_NAME = 'python2.7_{}.diff.gz'.format(VERSION)
DIFF_SHA256 = ('920b54018bc1b807077778be900157cf'
               '0a786621f4f7d7f69ec2096ff5d63f8e')
SUITE = 'bullseye'
#: What a taker of that source may choose.
SELECTIONS = (('compat',), ('security',), ('pep546',),
              tuple(group.name for group in GROUPS))
#: Its own series has another fix of this flaw.
FIXED = 'cve-2023-40217'
_PATIENCE = 120     # seconds for one run of apt-get
#: What debian/rules defines for the preprocessor on an amd64 machine.
CPP_DEFINES = ('Debian', 'WITH_FPECTL', 'arch_os_linux', 'arch_amd64')
#: Debian's own series is written for quilt's default.
DEFAULT_FUZZ = 2


def _sha256(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def _from_apt(folder):
    """Let apt fetch the diff into *folder*, from the host's archives.

    Returns its path, None if it cannot be had.  The lists of packages and
    all else of the host's apt stay as they are.
    """
    sources = aptsource.derive(aptsource.host_sources(), [SUITE])
    if shutil.which('apt-get') is None or not sources:
        return None
    state = os.path.join(folder, 'apt')
    for name in ('lists/partial', 'archives/partial', 'none'):
        os.makedirs(os.path.join(state, name))
    listing = os.path.join(state, 'private.sources')
    with open(listing, 'w', encoding='utf-8') as file:
        file.write(sources)
    command = ['apt-get', '-qq']
    for option in ('Dir::Etc::sourcelist=' + listing,
                   'Dir::Etc::sourceparts=' + os.path.join(state, 'none'),
                   'Dir::State=' + state, 'Dir::Cache=' + state,
                   'Dir::State::status=/dev/null',
                   # The list of an old suite is no longer renewed; the
                   # pinned checksum is what counts.
                   'Acquire::Check-Valid-Until=false',
                   'Acquire::Languages=none', 'Acquire::Retries=1'):
        command += ['-o', option]
    if os.geteuid() == 0:
        command += ['-o', 'APT::Sandbox::User=root']
    for arguments in (['update'], ['source', '--download-only',
                                   '--diff-only', 'python2.7=' + VERSION]):
        try:
            subprocess.run(command + arguments, cwd=state, timeout=_PATIENCE,
                           stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None
    path = os.path.join(state, DIFF_NAME)
    return path if os.path.exists(path) else None


def find_diff(folders, scratch, cache=None):
    """Path of Debian's diff in one of *folders*, or from apt.

    What apt fetched is kept in the folder *cache*.  NotChecked if it is
    nowhere, or if it is not the file it should be.
    """
    for folder in folders + [cache] * (cache is not None):
        path = os.path.join(folder, DIFF_NAME)
        if os.path.exists(path):
            fetched = False
            break
    else:
        path = _from_apt(scratch)
        fetched = True
    if path is None:
        raise NotChecked('needs {}, which apt does not have here: put it '
                         'into the DISTFILES folder'.format(DIFF_NAME))
    have = _sha256(path)
    if have != DIFF_SHA256:
        raise NotChecked('{}: sha256 is {}, not {}: replace the file'.format(
            path, have, DIFF_SHA256))
    if fetched and cache is not None:
        os.makedirs(cache, exist_ok=True)
        part = os.path.join(cache, DIFF_NAME + '.part')
        shutil.copyfile(path, part)
        os.replace(part, os.path.join(cache, DIFF_NAME))
    return path


def series_text(series_in):
    """Debian's series, made of the file *series_in* as debian/rules does."""
    result = subprocess.run(
        ['cpp', '-E'] + ['-D' + name for name in CPP_DEFINES] +
        ['-o', '-', series_in], capture_output=True,
        text=True)
    # Its exit status tells nothing: "# name" comments in the file are
    # errors to the preprocessor, and debian/rules does not look at it.
    text = ''.join(line + '\n' for line in result.stdout.splitlines()
                   if line and not line.startswith('#'))
    if not text:
        raise NotChecked('cpp: ' + result.stderr.strip())
    return text


def debian_tree(pristine, diff, dest):
    """Make *dest*, the fully patched Debian source, of *pristine*."""
    walk.copy_tree(pristine, dest)
    with gzip.open(diff) as file:
        result = subprocess.run(
            ['patch', '-p1', '-s', '-f'], cwd=dest, input=file.read(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode != 0:
        raise NotChecked('{} does not apply to the pinned source: {}'.format(
            DIFF_NAME, result.stdout.decode(errors='replace').strip()[:300]))
    patches = os.path.join(dest, 'debian', 'patches')
    series = os.path.join(patches, 'series')
    with open(series, 'w', encoding='utf-8') as file:
        file.write(series_text(os.path.join(patches, 'series.in')))
    result = quilt.quilt(
        dest, 'push', '-a', '--fuzz={}'.format(DEFAULT_FUZZ), '-q',
        patches_dir=patches, series_file=series, check=False)
    if result.returncode != 0:
        last = re.sub(r'\s+', ' ', result.stdout.strip()[-200:])
        raise NotChecked("Debian's own series fails: " + last)
    shutil.rmtree(os.path.join(dest, '.pc'))
    return dest


def patched_tree(context):
    """debian_tree() in the scratch of *context*, made when it is first
    asked for.  It must not be changed."""
    dest = os.path.join(context.scratch, 'debian-source')
    if not os.path.isdir(dest):
        diff = find_diff(context.options.get('distfiles', []),
                         context.scratch, context.options.get('cache'))
        partial = debian_tree(context.pristine, diff, dest + '.partial')
        os.replace(partial, dest)
    return dest


def check_debian(context):
    context.need_readable()
    tree = patched_tree(context)
    for groups in SELECTIONS:
        label = '-'.join(groups)
        names = select_other(context.select(*groups), FIXED)
        yield from selection_findings(
                context, 'debian-' + label, names, tree,
                on="PATCHES={} on Debian's {}: ".format(','.join(groups),
                                                        VERSION))


RULES = [Rule('apply-debian', "groups, without what Debian has: zero "
              "fuzz on Debian's " + VERSION, check_debian)]
