"""Rule: docs/patches.md says what the patches say."""

import difflib
import os

from scripts.dev.lint.rules.model import Finding, NotChecked, Rule
from scripts.dev.package import export, index, page, release

PAGE = 'docs/patches.md'


def fresh_page(context):
    """The page (str) as make dist would write it."""
    try:
        # The page has nothing of the release in it.
        exported = export.export(context, release.Release(
            '0.0.0', release.EPOCH))
    except export.ExportError as error:
        raise NotChecked(str(error)) from None
    return page.text(index.groups(context), index.entries(
        context, exported.patch_ids, index.applies(context)))


def check_page(context):
    context.need_readable()
    context.need_applied()
    wanted = fresh_page(context)
    try:
        with open(os.path.join(context.root, PAGE),
                  encoding='utf-8') as file:
            have = file.read()
    except FileNotFoundError:
        have = ''
    if have != wanted:
        diff = list(difflib.unified_diff(
            have.splitlines(), wanted.splitlines(), PAGE, 'wanted', n=0,
            lineterm=''))
        shown = diff[:12] + (['…'] if len(diff) > 12 else [])
        yield Finding(PAGE, 'not what the patches say: "make dist" writes '
                      'it\n' + '\n'.join(shown))


RULES = [Rule('patches-page', PAGE + ' is up to date', check_page)]
