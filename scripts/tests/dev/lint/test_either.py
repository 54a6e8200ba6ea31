"""An assertion takes one value, or a comment says why not."""

import pytest

from scripts.dev.lint.rules import either

WEAK = [
    'self.assertIn(exc.reason, (None, "SPAM"))',
    'self.assertIn(exc.reason,\n              ("SPAM", None))',
    'assert error.reason in (None, name)',
    'assert info.value.reason not in (None, "SPAM")',
    'assert reason is None or "200" in reason',
    'self.assertTrue(x.library is None or x.library == "SSL")',
    'self.assertRaises(Exception, call)',
    'with pytest.raises(Exception):\n    call()',
    'assert error.verify_code in (19, 20)',
    'self.assertIn(exc.reason, ("SPAM", "EGGS"))',
    'self.assertIn(exc.errno, (errno.EPIPE, errno.ECONNRESET))',
    'self.assertIn(call(a, b),\n              (0, code(1, 2)))',
    'assert number == 1 or number == 2',
    'self.assertTrue(number == 1 or text in "spam")',
    'assert all(number in {1, 2} for number in found)',
    'with pytest.raises((TypeError, ValueError)):\n    call()',
    'self.assertRaises((TypeError, ssl.SSLError), call)',
    'assert isinstance(exc, (TypeError, ValueError))',
]


@pytest.mark.parametrize('code', WEAK)
def test_weak(code):
    """Also behind a literal that newer tokenizers do not take."""
    assert [number for number, _ in
            either.weak('x = 10L + 0xffL\n\n' + code + '\n')] == [3]


@pytest.mark.parametrize('code', WEAK)
def test_comment_says_why(code):
    first, *rest = code.split('\n')
    for text in ('# Not in its table\n' + code,
                 '\n'.join([first + '  # as it comes', *rest])):
        assert list(either.weak(text + '\n')) == []
    # That of another statement does not.
    assert len(list(either.weak('x = 1  # one\n' + code + '\n'))) == 1


@pytest.mark.parametrize('code', [
    'self.assertEqual(exc.reason, "SPAM")',
    'self.assertIsNone(exc.reason)',
    'self.assertIn("spam", text)',
    'assert reason is None',
    'assert not isinstance(exc, (TypeError, ValueError))',
    'assert number not in (1, 2)',
    'assert all(ask(host) for host in ("spam", "eggs"))',
    'assert (one or other) == 1',
    'with pytest.raises(ValueError, match="(spam, eggs)"):\n    call()',
    'for host in (None, "::1"):\n    assert ask(host)',
    'self.assertRaises(ValueError, call, None)',
    'text = "self.assertIn(x, (None, 1))"',
])
def test_nothing_to_say(code):
    assert list(either.weak(code + '\n')) == []
