"""The pages for packagers leave out what trees.json says."""

import os
import re
import subprocess

import pytest

from scripts.base import paths
from scripts.dev.package import page, release_files, steps
from scripts.series.groups import PatchName, read_series
from scripts.source import trees
from scripts.tests import release


def test_links_point_into_the_release():
    shipped = dict(release_files.documents(paths.ROOT),
                   **{'docs/patches.md': page.PAGE.read_bytes()})
    dead = []
    for name, data in shipped.items():
        for link in re.findall(r'\]\(([^)#\s]+)', data.decode()
                               if name.endswith('.md') else ''):
            target = os.path.normpath(os.path.join(os.path.dirname(name),
                                                   link))
            if '://' not in link and target not in shipped:
                dead.append((name, link))
    assert dead == []


def names(page, take):
    """What the step "names" of docs/packaging/PAGE.md has in NAMES."""
    done = subprocess.run(
        ['sh', '-c', steps.script(page, ['names'], {'TAKE': take}) +
         'echo "$NAMES"'], stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.split()


@pytest.mark.parametrize('page, tree', [
    ('debian', 'debian11'), ('debian', 'ubuntu20.04'),
    ('debian', 'ubuntu22.04-without-its-openssl3'),
    ('ubuntu', 'ubuntu22.04'), ('rhel8', 'rhel8'), ('msys2', 'mingw'),
    ('opensuse', 'debian11')])
def test_names(page, tree):
    series = read_series(paths.SERIES_FILE)
    apart = tuple(trees.get(tree).apart)
    assert names(page, paths.ROOT) == [
        name for name in series
        if not PatchName.parse(name).topic.startswith(apart)]


def test_a_patch_that_fails_is_the_last(tmp_path):
    """Also in a shell that is not told to end at the first error."""
    new = '--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 @@\n+{0}\n'
    take = tmp_path / 'take'
    (take / 'patches').mkdir(parents=True)
    for name, text in (('a', new.format('one')), ('b', 'nonsense\n'),
                       ('c', new.format('two'))):
        (take / 'patches' / name).write_text(text)
    script = steps.script('source', ['patch'],
                          {'TAKE': take, 'NAMES': 'a b c'})
    assert script.startswith('set -eu\n')
    done = subprocess.run(['sh', '-c', script[len('set -eu\n'):]],
                          cwd=tmp_path, capture_output=True)
    assert done.returncode and (tmp_path / 'one').exists()
    assert not (tmp_path / 'two').exists()


def test_no_loop_goes_on_after_a_patch():
    for path in [*paths.ROOT.glob('docs/**/*.md'),
                 *paths.ROOT.glob('packaging/*/*')]:
        for body in re.findall(r'\bfor \w+ in .*?\bdone\b', path.read_text(),
                               re.DOTALL):
            assert not re.search(r'^\s*patch (?!.*\|\| (exit|return) 1)',
                                 body.replace('; do', '; do\n'),
                                 re.MULTILINE), path


def test_lists_for_a_spec(tmp_path):
    wanted = ['0001-base-a.patch', '0101-compat-b.patch']
    take = release.unpacked(tmp_path / 'take', wanted)
    (tmp_path / 'sources').mkdir()
    spec = tmp_path / 'python2.spec'
    spec.write_text('Patch5000: x\n%prep\n%patch404 -p1\n%patch5000 -p0\n')
    variables = {'TAKE': take, 'SOURCES': tmp_path / 'sources', 'SPEC': spec}
    subprocess.run(
        ['sh', '-c', steps.script('rhel8', ['names'], variables) +
         steps.script('rpm', ['sources'], variables) +
         steps.script('rhel8', ['spec'], variables)], check=True)
    assert spec.read_text() == (
        'Patch5000: x\nPatch54601: 0001-base-a.patch\n'
        'Patch54602: 0101-compat-b.patch\nPatch54603: ssl-series.patch\n'
        '%prep\n%patch404 -p1\n%patch -P 54601 -p1\n%patch -P 54602 -p1\n'
        '%patch -P 54603 -p1\n%patch5000 -p0\n')
    assert (tmp_path / 'sources' / wanted[1]).read_text() == wanted[1]


def test_opensuse(tmp_path):
    take = release.unpacked(tmp_path / 'take', ['0001-base-a.patch'])
    text = ('# COMMON-PATCH-BEGIN\nPatch1: x\n# COMMON-PATCH-END\n%prep\n'
            '# COMMON-PREP-BEGIN\n%patch1 -p1\n# COMMON-PREP-END\nrm x\n')
    for name in ('python.spec', 'python-base.spec'):
        (tmp_path / name).write_text(text)
    variables = {'TAKE': take, 'SOURCES': tmp_path}
    subprocess.run(
        ['sh', '-c', steps.script('opensuse', ['names'], variables) +
         steps.script('rpm', ['sources'], variables) +
         steps.script('opensuse', ['spec'], variables)], check=True,
        cwd=tmp_path)
    for name in ('python.spec', 'python-base.spec'):
        assert (tmp_path / name).read_text() == (
            '# COMMON-PATCH-BEGIN\nPatch1: x\n# COMMON-PATCH-END\n'
            'Patch54601: 0001-base-a.patch\nPatch54602: ssl-series.patch\n'
            '%prep\n# COMMON-PREP-BEGIN\n%patch1 -p1\n# COMMON-PREP-END\n'
            '%patch -P 54601 -p1\n%patch -P 54602 -p1\nrm x\n')


def test_msys2(tmp_path):
    take = release.unpacked(tmp_path / 'take', ['0001-base-a.patch'])
    (take / 'patches' / '0001-base-a.patch').write_text(
        '--- a/file\n+++ b/file\n@@ -1 +1 @@\n-theirs\n+ours\n')
    (tmp_path / 'Python-2.7.18').mkdir()
    (tmp_path / 'PKGBUILD').write_text(
        'pkgver=2.7.18\nsource=(a)\nsha256sums=(b)\n'
        'prepare() {\n  cd "${srcdir}/Python-${pkgver}"\n'
        '  echo theirs > file\n}\n')
    subprocess.run(['sh', '-c', steps.script(
        'msys2', ['names', 'pkgbuild'], {'TAKE': take})], check=True,
        cwd=tmp_path)
    done = subprocess.run(
        ['bash', '-ec', 'srcdir=$PWD; . ./PKGBUILD; prepare; cd "$srcdir"\n'
         'for i in 1 2; do echo "${sha256sums[i]}  ${source[i]}"; done |\n'
         'sha256sum -c --quiet'],
        cwd=tmp_path, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    source = tmp_path / 'Python-2.7.18'
    assert (source / 'file').read_text() == 'ours\n'
    assert '0001-base-a.patch' in (source / 'Lib/ssl_series.py').read_text()
