"""lint: the rules together, the table and the exit status."""

import io

import pytest
from rich.console import Console

from scripts.base import paths
from scripts.dev.lint import command
from scripts.dev.lint.rules import ALL_RULES
from scripts.dev.lint.rules.model import Finding, NotChecked, Rule


def outcome(check):
    out = io.StringIO()
    results = command.run_rules(None, [Rule('an-id', 'a [title]', check)])
    status = command.report(results, 3, Console(file=out, width=100))
    return status, out.getvalue()


def test_nothing_found():
    status, text = outcome(lambda context: [])
    assert status == 0
    assert 'a [title]' in text and ' ok ' in text
    assert text.endswith('lint: 0 found, 1 rules checked, 0 not checked\n')


def test_found():
    status, text = outcome(lambda context: [Finding('a.patch', 'fix [it]')])
    assert status == 1
    assert 'a.patch: fix [it] [an-id]\n' in text
    assert '1 found' in text


def test_not_checked_is_visible():
    def check(context):
        raise NotChecked('needs [a] thing')
    status, text = outcome(check)
    assert status == 0
    assert 'not checked: needs [a] thing' in text


def test_what_was_found_before_a_rule_stopped_counts():
    def check(context):
        yield Finding('a.patch', 'fix it')
        raise NotChecked('needs a thing')
    assert outcome(check)[0] == 1


def test_ids_are_unique_and_documented():
    ids = [rule.id for rule in ALL_RULES]
    assert len(set(ids)) == len(ids)
    text = (paths.DOCS / 'testing.md').read_text()
    missing = [rule_id for rule_id in ids if '`%s`' % rule_id not in text]
    assert missing == []


def test_unknown_rule_is_refused(capsys):
    with pytest.raises(SystemExit) as info:
        command.main(['--rule', 'no-such-rule'])
    assert info.value.code == 2
    assert 'no-such-rule' in capsys.readouterr().err
