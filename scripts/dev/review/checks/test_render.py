"""Every page renders in a browser: on a desk and on a phone in the dark."""

import io
import re

import pytest
from PIL import Image

from scripts.dev.review import places
from scripts.dev.review.checks import linkcheck

#: name, width and height in pixels, colour scheme, whether the corner of
#: the page is dark.
VIEWS = (('desk', 1280, 900, 'light', False),
         ('phone', 390, 844, 'dark', True))


#: The first heading without the sign that links to it.
HEADING = ("(document.querySelector('h1') || {innerText: ''})"
           ".innerText.replace(/[#\\u00b6]\\s*$/, '').trim()")
#: Pages whose title is not their heading.
MADE_BY_SPHINX = ('genindex.html', 'search.html')


def words(text):
    """The words of *text* without punctuation."""
    return re.findall(r'\w+', text)


@pytest.mark.parametrize('view', VIEWS, ids=[view[0] for view in VIEWS])
def test_renders(page, view, chromium):
    name, width, height, scheme, dark = view
    chromium.show((places.SITE / page).as_uri(), width, height, scheme)
    title = chromium.evaluate('document.title')
    assert title == linkcheck.read(places.SITE / page).title
    assert 'Memory BIOs for Python 2.7' in title
    first = chromium.evaluate(HEADING)
    if page == 'index.html':
        assert first.startswith(title)
    elif page not in MADE_BY_SPHINX:
        # Typography differs: dashes, quotes.
        assert first and words(title)[:len(words(first))] == words(first)
    data = chromium.screenshot()
    shots = places.SCREENSHOTS / '{}-{}.png'.format(
        page[:-len('.html')].replace('/', '_'), name)
    shots.write_bytes(data)
    assert chromium.complaints() == []
    image = Image.open(io.BytesIO(data)).convert('L')
    assert image.size == (width, height)
    histogram = image.histogram()
    assert sum(1 for pixels in histogram if pixels) > 20
    most = histogram.index(max(histogram))
    assert max(histogram) < .995 * width * height
    assert most < 80 if dark else most > 175
    wide = chromium.evaluate('document.documentElement.scrollWidth')
    assert wide <= width
    assert chromium.evaluate(
        "document.body.innerText.trim().length") > 40
