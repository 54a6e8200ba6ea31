"""The examples are imported from their folder, as a user's copy would be."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
pytest.register_assert_rewrite('peers')
