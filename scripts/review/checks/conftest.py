"""The built site, and a browser to look at it."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]

import browser  # noqa: E402
from review import paths  # noqa: E402


#: Folders of what is no page of the site.
NO_PAGES = {'_static', '_downloads'}


def pages():
    return sorted(path.relative_to(paths.SITE).as_posix()
                  for path in paths.SITE.rglob('*.html')
                  if not NO_PAGES.intersection(path.parts))


def pytest_generate_tests(metafunc):
    if 'page' in metafunc.fixturenames:
        metafunc.parametrize('page', pages())


@pytest.fixture(scope='session')
def chromium():
    program = browser.find()
    if program is None:
        pytest.skip("chromium is not installed: the pages were not looked "
                    "at; Debian's package is called chromium")
    paths.SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with browser.Browser(program) as running:
        yield running
