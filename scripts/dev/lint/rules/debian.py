"""Rule: the groups apply to Debian's fully patched source."""

from scripts.dev.lint.rules.apply import selection_findings
from scripts.dev.lint.rules.model import NotChecked, Rule
from scripts.series.groups import GROUPS, select_other
from scripts.source import debiantree, trees

TREE = trees.get('debian11')
#: What a taker of that source may choose.
SELECTIONS = (('compat',), ('security',), ('pep546',),
              tuple(group.name for group in GROUPS))


def patched_tree(context):
    """Debian's fully patched source in the scratch of *context*, made when
    it is first asked for.  It must not be changed."""
    try:
        return debiantree.find(TREE, context)
    except debiantree.TreeError as error:
        raise NotChecked(str(error)) from None


def check_debian(context):
    context.need_readable()
    tree = patched_tree(context)
    for groups in SELECTIONS:
        label = '-'.join(groups)
        names = context.select(*groups)
        for topic in TREE.apart:
            names = select_other(names, topic)
        yield from selection_findings(
                context, 'debian-' + label, names, tree,
                on="PATCHES={} on Debian's {}: ".format(
                    ','.join(groups), TREE.version))


RULES = [Rule('apply-debian', "groups, without what Debian has: zero "
              "fuzz on Debian's " + TREE.version, check_debian)]
