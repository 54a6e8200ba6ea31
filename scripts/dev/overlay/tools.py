"""What the overlay needs of PyPI, in a virtual environment of its own."""

from pathlib import Path

from scripts.base import paths
from scripts.dev import tools as devtools

FOLDER = paths.BUILD / 'overlay-tools'
REQUIREMENTS = Path(__file__).resolve().with_name('requirements.txt')


def ensure():
    """Set it up once; returns its folder of programs (Path)."""
    return devtools.ensure(FOLDER, REQUIREMENTS).parent


def embedded_pip():
    """The wheel (Path) of the last pip for 2.7, which virtualenv brings:
    it runs without being installed."""
    path, = FOLDER.glob(
        'lib/python3*/site-packages/virtualenv/seed/wheels/embed/'
        'pip-20*.whl')
    return path
