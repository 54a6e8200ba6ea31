"""The pages for packagers leave out what trees.json says."""

import subprocess

import pytest

from scripts.base import paths
from scripts.dev.package import steps
from scripts.series.groups import PatchName, read_series
from scripts.source import trees
from scripts.tests import release


def names(page, take):
    """What the step "names" of docs/packaging/PAGE.md has in NAMES."""
    done = subprocess.run(
        ['sh', '-c', steps.script(page, ['names'], {'TAKE': take}) +
         'echo "$NAMES"'], stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.split()


@pytest.mark.parametrize('page, tree', [
    ('debian', 'debian11'), ('debian', 'ubuntu20.04'),
    ('debian', 'ubuntu22.04-without-its-openssl3'),
    ('ubuntu', 'ubuntu22.04'), ('rhel8', 'rhel8')])
def test_names(page, tree):
    series = read_series(paths.SERIES_FILE)
    apart = tuple(trees.get(tree).apart)
    assert names(page, paths.ROOT) == [
        name for name in series
        if not PatchName.parse(name).topic.startswith(apart)]


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
