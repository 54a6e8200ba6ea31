"""quilting: quilt in the tree of the variant."""

import pytest

from scripts.base import paths
from scripts.build.variant import Variant
from scripts.dev import quilting
from scripts.tests import minicheckout
from scripts.tests.minicheckout import Checkout


@pytest.fixture
def checkout(place, monkeypatch):
    """A checkout with a patched tree, as the command sees it: its Paths."""
    tree, patches, series = place
    minicheckout.push(place)
    # What the tree was made with is a copy of the series.
    copy = tree.with_name('tree.series')
    copy.write_text(series.read_text())
    (tree / '.pc' / '.quilt_series').write_text(str(copy))
    monkeypatch.setattr(Variant, 'src', tree)
    monkeypatch.setattr(paths, 'PATCHES_DIR', patches)
    monkeypatch.setattr(paths, 'SERIES_FILE', series)
    for name in ('CONFIG', 'PATCHES', 'OPENSSL', 'CPYTHON'):
        monkeypatch.delenv(name, raising=False)
    return place


def test_program_changes_patches_and_series(checkout):
    tree, patches, series = checkout
    assert quilting.main(['new', '0204-pep546-fourth.patch']) == 0
    assert quilting.main(['add', 'Lib/ssl.py']) == 0
    with open(str(tree / 'Lib/ssl.py'), 'a') as file:
        file.write('three = 3\n')
    assert quilting.main(['refresh']) == 0
    assert series.read_text().endswith('0204-pep546-fourth.patch\n')
    text = (patches / '0204-pep546-fourth.patch').read_text()
    assert '+three = 3' in text and 'Index:' not in text
    assert quilting.main(['pop', 'no-such.patch']) != 0


def test_program_refuses_part_of_the_series(checkout, monkeypatch, capsys):
    monkeypatch.setenv('PATCHES', 'compat')
    with pytest.raises(SystemExit):
        quilting.main(['top'])
    assert 'leaves groups out' in capsys.readouterr().err
    monkeypatch.delenv('PATCHES')
    with pytest.raises(SystemExit):
        quilting.main([])
    assert 'what shall quilt do' in capsys.readouterr().err
    monkeypatch.setattr(Variant, 'src', checkout[0] / 'none')
    with pytest.raises(SystemExit):
        quilting.main(['top'])
    assert 'make patch' in capsys.readouterr().err


def test_what_git_takes_back_leaves_the_tree(tmp_path):
    checkout = Checkout(tmp_path)
    assert checkout.run('patch')[0] == 0
    patch = checkout.patches / '0202-pep546-third.patch'
    before = patch.read_text()
    edited = checkout.folder() / 'src' / 'Lib' / 'ssl.py'
    edited.write_text(edited.read_text() + 'wrong = 1\n')
    assert checkout.run('quilt', 'refresh')[0] == 0
    assert 'wrong' in patch.read_text()
    patch.write_text(before)
    assert checkout.run('patch')[0] == 0
    assert 'wrong' not in edited.read_text()
