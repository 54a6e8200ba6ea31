"""Rule: the published records are of the series and the tests as they are.

It reports and never fails the run: renewing takes hours and a quiet machine,
so a rule that failed would hold up every patch, or lead to figures taken in a
hurry.  Nobody is misled meanwhile: pages and site show what a record is about.
"""

from pathlib import Path

from scripts.dev.evidence import proofs, record
from scripts.dev.lint.rules.model import Finding, Rule


def check_fresh(context):
    context.need_readable()
    root = Path(context.root)
    for name in proofs.ALL:
        path = record.published_file(name, root)
        why = record.why_stale(record.read(path), record.current(
            name, context.names, root))
        if why:
            yield Finding(path.relative_to(root).as_posix(),
                          why + ': "make evidence" renews it')


RULES = [Rule('evidence-fresh', 'the evidence is of this series', check_fresh,
              reports=True)]
