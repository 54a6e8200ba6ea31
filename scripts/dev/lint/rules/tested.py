"""The rule that a patch of the product brings a test, or says why not."""

import re

from scripts.dev.lint.rules.model import Rule, per_patch

_TEST_DIR = 'Lib/test/'
_TEST_RE = re.compile(r'(?:Lib/test|Lib/.+/tests?)/(?:.+/)?test_[^/]+\.py')
_PRODUCT_RE = re.compile(r'(?:Include|Modules|Objects|Parser|Python)/.+\.[ch]|'
                         r'Lib/.+\.py')
#: A paragraph of the description that begins with "Tests:".
_WHY_NOT_RE = re.compile(r'(?:\A|\n\n)Tests: (.+?)(?=\n\n|\Z)', re.DOTALL)
_WHY_NOT_MINIMUM = 4  # words; fewer give no reason


def _is_product(path):
    return (_PRODUCT_RE.fullmatch(path) is not None and
            not path.startswith(_TEST_DIR) and
            _TEST_RE.fullmatch(path) is None)


def check_tested(patch):
    """A change of C or Python that programs run changes a test too."""
    product = [path for path in patch.paths if _is_product(path)]
    tests = [path for path in patch.paths if _TEST_RE.fullmatch(path)]
    why_not = _WHY_NOT_RE.search(patch.body)
    if why_not is None:
        if product and not tests:
            yield ('changes {} and no test: add the test that fails without '
                   'it to {}, or a paragraph "Tests: none, because …" to the '
                   'description'.format(', '.join(product), _TEST_DIR))
    elif tests or not product:
        yield ('"Tests: …" in the description is for a patch of C or Python '
               'that changes no test: take the paragraph out')
    elif len(why_not[1].split()) < _WHY_NOT_MINIMUM:
        yield '"Tests: {}" gives no reason: say why, or where they are'.format(
            ' '.join(why_not[1].split()))


RULES = [
    Rule('patch-tested', 'a change of C or Python changes a test, or says '
         'why not', per_patch(check_tested)),
]
