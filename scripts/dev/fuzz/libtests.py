"""The modules of Lib_tests that make fuzz shares with the tests."""

import sys

from scripts.base.paths import LIB_TESTS

sys.path.insert(0, str(LIB_TESTS))
try:
    import conversation  # noqa: F401
    import differences  # noqa: F401
    import fuzzbytes  # noqa: F401
finally:
    sys.path.remove(str(LIB_TESTS))
