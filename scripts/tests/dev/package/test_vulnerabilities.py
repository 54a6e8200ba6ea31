"""The published vulnerabilities, each with a verdict."""

import json
import re

import pytest

from scripts.base import paths
from scripts.dev.package import vulnerabilities
from scripts.series import groups


@pytest.fixture
def names():
    return groups.read_series(paths.SERIES_FILE)


def test_page_is_up_to_date(names):
    assert vulnerabilities.PAGE.read_text() == vulnerabilities.page(names), \
        'python3 -m scripts vulnerabilities writes it'


def test_entries():
    entries = vulnerabilities.load()
    ids = [entry['id'] for entry in entries]
    assert len(set(ids)) == len(ids) > 10
    for entry in entries:
        assert re.fullmatch(r'CVE-\d{4}-\d{4,}', entry['id'])
        assert entry['verdict'] in vulnerabilities.VERDICTS
        assert ('in' in entry) == (entry['verdict'] == 'fixed before')
        assert entry['why']
        if entry['verdict'] == 'fixed':
            assert entry['patches']


def test_fixes_are_where_the_readme_says(names):
    """What a peer can exploit is fixed by security and what it needs."""
    without = groups.select(names, ['security'])
    for entry in vulnerabilities.load():
        if entry['verdict'] == 'fixed':
            assert set(vulnerabilities.fixing(entry, names)) <= set(without)


def test_each_that_the_readme_names_has_an_entry():
    named = set(re.findall(r'CVE-\d{4}-\d+',
                           (paths.ROOT / 'README.md').read_text()))
    assert named
    assert named <= {entry['id'] for entry in vulnerabilities.load()}


def test_a_patch_that_is_not_there():
    with pytest.raises(groups.SeriesError, match='CVE-2099-1'):
        vulnerabilities.fixing({'id': 'CVE-2099-1', 'patches': ['nothing']},
                               ['0101-compat-something.patch'])


def test_openvex(names):
    document = json.loads(vulnerabilities.openvex('1.0', 0, names))
    assert document['timestamp'] == '1970-01-01T00:00:00Z'
    statements = {statement['vulnerability']['name']: statement
                  for statement in document['statements']}
    assert len(statements) == len(vulnerabilities.load())
    fixed = statements['CVE-2023-40217']
    assert fixed['status'] == 'fixed' and 'justification' not in fixed
    assert 'cve-2023-40217' in fixed['impact_statement']
    for statement in statements.values():
        assert statement['status'] in ('fixed', 'not_affected')
        # A scanner wants the reason.
        assert (statement['status'] == 'fixed') != \
            ('justification' in statement)


def test_openvex_of_a_part():
    document = json.loads(vulnerabilities.openvex('1.0', 0, []))
    assert {'affected', 'not_affected'} == {
        statement['status'] for statement in document['statements']}


def test_openvex_is_the_same_each_time(names):
    assert vulnerabilities.openvex('1.0', 1, names) == \
        vulnerabilities.openvex('1.0', 1, names)
