"""Every link of the site leads somewhere, without the network."""

from scripts.dev.review import places, website
from scripts.dev.review.checks import conftest, linkcheck

_parsed = {}


def test_links(page):
    assert linkcheck.problems(places.SITE, page, _parsed) == []


def test_no_path_of_the_machine():
    assert website.leaks() == []


def test_every_page_is_reachable():
    seen, left = set(), ['index.html']
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in _parsed:
            _parsed[name] = linkcheck.read(places.SITE / name)
        folder = (places.SITE / name).parent
        for target in _parsed[name].links:
            path = (folder / target.split('#')[0]).resolve()
            if path.suffix == '.html' and path.is_file():
                left.append(path.relative_to(places.SITE).as_posix())
    assert set(conftest.pages()) - seen == set()
