"""Rules about the header of a patch."""

import datetime
import email.utils
import re

from scripts.dev.lint.rules.model import Rule, per_patch
from scripts.dev.patchfile import MAIL_FIELDS, TRAILER_FIELDS, ZERO_FROM_LINE

SUBJECT_LIMIT = 76
_SUBJECT_RE = re.compile(r'[A-Za-z0-9_][\w.,/ -]*: \S.*')
_DROP_RE = re.compile(r'\bdrop(?:s|ped|ping)?\b', re.IGNORECASE)
_WHY_MINIMUM = 12  # words; fewer cannot say what and why
_WIDTH = 79         # of a line, but for a URL
_UNAFFECTED_RE = re.compile(
    r'\b(?:do(?:es)?|did) not use\b|\bwithout using\b|'
    r'\b(?:not|never) us(?:e|es|ed|ing)\b|\bexisting (?:code|users?|'
    r'programs?|callers?|builds?)\b|\bno(?:body|thing) (?:else )?changes\b|'
    r'\bnothing changes\b|\bunchanged\b|\bbehaves? as before\b|'
    r'\bno change for\b|\bchanges? nothing\b|\bunaffected\b',
    re.IGNORECASE)


def _flat(text):
    return ' '.join(text.split())


def check_from_line(patch):
    if patch.from_line != ZERO_FROM_LINE:
        yield ('the first line must be exactly "{}": without it git am makes '
               'one commit of several patches'.format(ZERO_FROM_LINE))


def _needs(name, advice):
    """Make a check of a patch out of one of the value of the field *name*;
    *advice* says what to add where there is none."""
    def decorated(check):
        def check_patch(patch):
            value = patch.field(name)
            if value:
                yield from check(value)
            else:
                yield 'no {}: line: add {}'.format(name, advice)
        return check_patch
    return decorated


@_needs('From', '"From: Name <mail address>"')
def check_author(value):
    if re.fullmatch(r'[^<>]*\S <[^<>@\s]+@[^<>@\s]+>', value) is None:
        yield ('From: {}: write it as "Name <mail address>", as git log '
               'shows it'.format(value))


@_needs('Date', 'the output of "date -R"')
def check_date(value):
    try:
        parsed = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        parsed = None
    # The round trip also refuses a wrong day of the week.
    if parsed is None or email.utils.format_datetime(parsed) != value:
        yield ('Date: {}: not the form of RFC 2822: put the output of '
               '"date -R" there'.format(value))


@_needs('Subject', '"Subject: topic: what the patch does"')
def check_subject(value):
    if '[' in value.split(':')[0]:
        yield 'Subject: {}: take the [PATCH] out'.format(value)
    elif _SUBJECT_RE.fullmatch(value) is None:
        yield ('Subject: {}: write it as "topic: what the patch does", '
               '"ssl: add the MemoryBIO type" say'.format(value))
    if len(value) > SUBJECT_LIMIT:
        yield ('Subject: {} characters: shorten it to {}'.format(
            len(value), SUBJECT_LIMIT))


def check_fields(patch):
    """Each field is there once, in the fixed order and nothing else is."""
    for have, wanted, place in (
            (patch.fields, MAIL_FIELDS, 'at the top'),
            (patch.trailer, TRAILER_FIELDS, 'between the description and '
                                            'the "---" line')):
        names = [name for name, _ in have if not name.startswith('Bug-')]
        missing = [name for name in wanted if name not in names]
        if missing:
            yield 'no {}: add {} {}'.format(
                ', '.join(missing), 'it' if len(missing) == 1 else 'them',
                place)
        elif names != list(wanted):
            yield ('fields {} {}: they must be {}, each once and in this '
                   'order'.format(', '.join(names), place,
                                  ', '.join(wanted)))


def check_body(patch):
    body = _flat(patch.body)
    if not body:
        yield 'no description: say under the Subject what is done, and why'
        return
    if len(body.split()) < _WHY_MINIMUM:
        yield ('description of {} words: say what is done, and why'
               .format(len(body.split())))
    if not _DROP_RE.search(body):
        yield ('the description does not say when the patch can be dropped: '
               'add a sentence with "dropped" in it')
    if not _UNAFFECTED_RE.search(body):
        yield ('the description does not say what changes for those who do '
               'not use it: add a sentence ("Nothing changes for those who '
               'do not use …")')
    for line in patch.body.splitlines():
        if len(line) > _WIDTH and ' ' in line.strip():
            yield 'longer than {} columns: break "{} …"'.format(
                _WIDTH, line[:30])


def check_trailer(patch):
    value = patch.field('Origin')
    if value is not None and re.fullmatch(
            r'(?:vendor|upstream|backport|other)(?:, .+)?', value) is None:
        yield ('Origin: {}: one of vendor, upstream, backport, other, with '
               'a comma before anything else (DEP-3)'.format(value))
    for name, value in patch.trailer:
        if (name == 'Bug' or name.startswith('Bug-')) and re.fullmatch(
                r'https?://\S+', value) is None:
            yield '{}: {}: put the URL of the report there'.format(
                name, value)
    value = patch.field('Forwarded')
    if value is not None and re.fullmatch(
            r'no|not-needed|yes|https?://\S+', value) is None:
        yield ('Forwarded: {}: one of no, not-needed, yes or a URL '
               '(DEP-3)'.format(value))
    value = patch.field('Last-Update')
    if value is not None:
        try:
            good = re.fullmatch(r'\d{4}-\d\d-\d\d', value) is not None
            datetime.date(*map(int, value.split('-')))
        except (TypeError, ValueError):
            good = False
        if not good:
            yield 'Last-Update: {}: write the day as YYYY-MM-DD'.format(value)


def check_closed(patch):
    if not patch.closed:
        yield ('no "---" line between the header and the diff: add one, git '
               'am cuts the description there')


RULES = [
    Rule('header-from-line', 'first line is the zero From line',
         per_patch(check_from_line)),
    Rule('header-author', 'From: names an author', per_patch(check_author)),
    Rule('header-date', 'Date: is RFC 2822', per_patch(check_date)),
    Rule('header-subject', 'Subject: is "topic: text", at most {} characters'
         .format(SUBJECT_LIMIT), per_patch(check_subject)),
    Rule('header-fields', 'every field once and in order',
         per_patch(check_fields)),
    Rule('header-body', 'what, why, when it can be dropped, who is affected',
         per_patch(check_body)),
    Rule('header-trailer', 'Origin, Bug, Forwarded, Last-Update have DEP-3 '
         'values', per_patch(check_trailer)),
    Rule('header-closed', 'the header ends with "---"',
         per_patch(check_closed)),
]
