"""The examples are imported from their folder, as a user's copy would be."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
pytest.register_assert_rewrite('peers', 'pep543ends')

import pep543ends  # noqa: E402


@pytest.fixture(params=pep543ends.PAIRS,
                ids=[' '.join(pair) for pair in pep543ends.PAIRS])
def ends(request):
    return pep543ends.Ends(*request.param)
