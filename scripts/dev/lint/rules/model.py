"""What the rules have in common."""

import collections


class Finding(collections.namedtuple('Finding', 'where message')):
    """One thing to fix: *where* it is, *message* how to fix it (strs)."""

    __slots__ = ()


class NotChecked(Exception):
    """Raised by a rule that cannot be checked here; says what it needs."""


#: id: short name, the same in docs/testing.md; title: one line for the
#: table; check: called with a context, returns or yields findings; reports:
#: True if what it finds is to be known, and does not fail the run.
Rule = collections.namedtuple('Rule', 'id title check reports',
                              defaults=(False,))


def per_patch(check):
    """Make a rule's check out of *check*, which looks at one patch."""
    def check_all(context):
        for patch in context.patches:
            for message in check(patch):
                if isinstance(message, Finding):
                    yield message
                else:
                    yield Finding(patch.name, message)
    check_all.__doc__ = check.__doc__
    return check_all
