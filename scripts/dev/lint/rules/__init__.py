"""The rules of `make lint`, in the order in which they are checked."""

from scripts.dev.lint.rules import (
    apply,
    c89,
    debian,
    either,
    evidence,
    files,
    gitam,
    header,
    leaks,
    modelled,
    names,
    page,
    python,
    style,
    tested,
    workflow,
)

ALL_RULES = (names.RULES + apply.RULES[:1] + header.RULES + files.RULES +
             tested.RULES + either.RULES + style.RULES + leaks.RULES +
             apply.RULES[1:] +
             debian.RULES + gitam.RULES + page.RULES + c89.RULES +
             modelled.RULES + workflow.RULES + python.RULES + evidence.RULES)
