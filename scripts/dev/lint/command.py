"""Check the patch series: `make lint`.

Each rule has an id; docs/testing.md says what it means and how to fix what
it finds.  The exit status is 1 if any rule found something.
"""

import argparse

from rich.markup import escape
from rich.table import Table

from scripts.base import console
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.lint import workshop
from scripts.dev.lint.rules import ALL_RULES
from scripts.dev.lint.rules.model import NotChecked
from scripts.dev.lint.rules.pyconfig import find_pyconfig
from scripts.series import walk


class Result:
    """What became of one rule: its findings, or why it was not checked."""

    def __init__(self, rule, findings=(), not_checked=None):
        self.rule = rule
        self.findings = list(findings)
        self.not_checked = not_checked

    @property
    def cell(self):
        """The last cell of the rule's row in the table."""
        if self.findings:
            return '[{}]{}[/]'.format(
                'yellow' if self.rule.reports else 'bold red',
                '{} found'.format(len(self.findings)))
        if self.not_checked is not None:
            return '[yellow]not checked: {}[/]'.format(
                escape(self.not_checked))
        return '[green]ok[/]'


def run_rules(context, rules, progress=None):
    """Check *rules*.  Returns a list of Result."""
    results = []
    for rule in rules:
        if progress:
            progress(rule)
        findings = []
        try:
            for finding in rule.check(context) or ():
                findings.append(finding)
            results.append(Result(rule, findings))
        except NotChecked as reason:
            results.append(Result(rule, findings, str(reason)))
        except walk.WalkError as error:
            results.append(Result(rule, findings, str(error)))
    return results


def report(results, count, out):
    """Print findings and the table.  Returns the exit status."""
    for result in results:
        for where, message in result.findings:
            out.print('{}: {} [{}]'.format(where, message, result.rule.id),
                      markup=False, highlight=False, soft_wrap=True)
    table = Table(title='{} patches'.format(count), title_justify='left')
    table.add_column('rule', no_wrap=True)
    table.add_column('what it checks')
    table.add_column('result')
    for result in results:
        table.add_row(result.rule.id, escape(result.rule.title), result.cell)
    out.print(table)
    found = sum(len(result.findings) for result in results
                if not result.rule.reports)
    known = sum(len(result.findings) for result in results
                if result.rule.reports)
    skipped = sum(result.not_checked is not None for result in results)
    out.print('lint: {} found, {} rules checked, {} not checked{}'.format(
        found, len(results) - skipped, skipped,
        ', {} to know'.format(known) if known else ''), highlight=False)
    return 1 if found else 0


def _parse(argv):
    parser = argparse.ArgumentParser(
        prog='make lint', description='Check the patch series.')
    parser.add_argument(
        '--rule', action='append', metavar='ID', default=[],
        choices=[rule.id for rule in ALL_RULES],
        help='check this rule only (may be given several times)')
    parser.add_argument(
        '--list', action='store_true', help='list the rules and stop')
    return parser.parse_args(argv)


def main(argv):
    asked = _parse(argv)
    out = terminal.output(100)
    if asked.list:
        for rule in ALL_RULES:
            print('{:20} {}'.format(rule.id, rule.title))
        return 0
    variant = Variant.from_env()
    rules = [rule for rule in ALL_RULES
             if not asked.rule or rule.id in asked.rule]
    with workshop.opened('lint', readable=False,
                         openssl=variant.openssl or None) as context:
        context.options['pyconfig'] = lambda: find_pyconfig(
            variant, context.pristine, context.scratch)
        console.step('Checking {} patches'.format(len(context.names)))
        with console.Progress('checking') as progress:
            results = run_rules(context, rules,
                                lambda rule: progress.update(rule.title))
    return report(results, len(context.names), out)
