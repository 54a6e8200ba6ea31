"""The built site, and a browser to look at it."""

import pytest

from scripts.dev.review import places
from scripts.dev.review.checks import browser

#: Folders of what is no page of the site.
NO_PAGES = {'_static', '_downloads'}


def pages():
    return sorted(path.relative_to(places.SITE).as_posix()
                  for path in places.SITE.rglob('*.html')
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
    places.SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with browser.Browser(program) as running:
        yield running
