"""Rule: GitHub can run the workflows."""

from scripts.dev.lint import actionlint
from scripts.dev.lint.rules.model import Finding, NotChecked, Rule


def check_workflows(context):
    try:
        argv = actionlint.command()
    except actionlint.Missing as reason:
        raise NotChecked(str(reason)) from None
    return [Finding(*found)
            for found in actionlint.check(argv, context.root)]


RULES = [Rule('workflow', 'actionlint has nothing to say', check_workflows)]
