"""Every rule about headers complains about a bad one, and only then."""

import re

import pytest

from scripts.dev.lint.rules import header
from scripts.dev.patchfile import Patch
from scripts.tests.fakeproject import HEADER

DIFF = ('--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n')
RULES = {rule.id: rule for rule in header.RULES}


class FakeContext:
    def __init__(self, text):
        self.patches = [Patch('0201-pep546-x.patch', text)]


def complaints(rule_id, text):
    return [finding.message for finding
            in RULES[rule_id].check(FakeContext(text + DIFF))]


@pytest.mark.parametrize('rule_id', sorted(RULES))
def test_good_header(rule_id):
    assert complaints(rule_id, HEADER) == []


def test_good_header_with_diffstat():
    text = HEADER + ' x.py | 2 +-\n 1 file changed\n\n'
    for rule_id in RULES:
        assert complaints(rule_id, text) == []


def test_body_may_look_like_fields():
    text = HEADER.replace('It adds', 'Note: it adds')
    for rule_id in RULES:
        assert complaints(rule_id, text) == []


DROP = '  It can be dropped when\nupstream has it.'
NOBODY = 'Nothing changes for those who do not use it.'
BAD = [
    ('header-from-line', 'From 000000000', 'From 123456789', 'exactly'),
    ('header-from-line', HEADER.split('\n')[0] + '\n', '', 'exactly'),
    ('header-author', 'From: A. Maintainer <maintainer@example.org>\n', '',
     'no From:'),
    ('header-author', ' <maintainer@example.org>', '', 'Name <mail address>'),
    ('header-date', 'Date: Sun, 22 Nov 2026 10:00:00 +0000\n', '',
     'no Date:'),
    ('header-date', 'Sun, 22 Nov 2026 10:00:00 +0000', '2026-11-22',
     'RFC 2822'),
    ('header-date', 'Sun, 22 Nov', 'Mon, 22 Nov', 'RFC 2822'),
    ('header-subject', 'Subject: ssl: add one thing\n', '', 'no Subject:'),
    ('header-subject', 'ssl: add one', '[PATCH] ssl: add one', r'\[PATCH\]'),
    ('header-subject', 'ssl: add one', 'Add one', 'topic: what'),
    ('header-subject', 'add one thing', 'add ' + 'x' * 70, 'shorten it'),
    ('header-fields', 'Origin: vendor\n', '', 'no Origin: add it'),
    ('header-fields', 'Last-Update: 2026-11-22\n', '',
     'no Last-Update: add it'),
    ('header-fields', 'Origin: vendor\n', 'Origin: vendor\nOrigin: vendor\n',
     'each once'),
    ('header-fields', 'Forwarded: not-needed\nLast-Update: 2026-11-22\n',
     'Last-Update: 2026-11-22\nForwarded: not-needed\n', 'in this order'),
    ('header-fields', 'Date: Sun', 'X-Mailer: y\nDate: Sun', 'in this order'),
    ('header-body', HEADER[HEADER.index('It adds'):HEADER.index('Origin')],
     '', 'no description'),
    ('header-body', 'It adds one thing because another one cannot be had '
     'without it.\n' + NOBODY + DROP, 'Dropped, not used.', 'words'),
    ('header-body', DROP, '  ' + 'More of the same.', 'dropped'),
    ('header-body', NOBODY, 'Some more words.', 'those who do'),
    ('header-body', NOBODY, NOBODY + '\n' + 20 * 'wide ', 'columns'),
    ('header-trailer', 'Origin: vendor', 'Origin: me', 'Origin: me'),
    ('header-trailer', 'https://bugs.python.org/issue22559', '22559', 'URL'),
    ('header-trailer', 'Forwarded: not-needed', 'Forwarded: maybe', 'DEP-3'),
    ('header-trailer', '2026-11-22\n---', '22.11.2026\n---', 'YYYY-MM-DD'),
    ('header-trailer', '2026-11-22\n---', '2026-13-22\n---', 'YYYY-MM-DD'),
    ('header-closed', '---\n', '\n', 'no "---" line'),
]


@pytest.mark.parametrize('rule_id, old, new, expected', BAD)
def test_bad_header(rule_id, old, new, expected):
    assert old in HEADER
    found = complaints(rule_id, HEADER.replace(old, new, 1))
    assert any(re.search(expected, message) for message in found), found


def test_every_rule_has_a_bad_example():
    assert {row[0] for row in BAD} == set(RULES)
