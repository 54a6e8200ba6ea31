"""The fixtures of several tests."""

import os

from scripts.tests.bootstrapmachine import machine  # noqa: F401
from scripts.tests.fakeproject import project  # noqa: F401
from scripts.tests.minicheckout import place  # noqa: F401

# In a hook of git these name its repository, not those of the tests.
for name in [name for name in os.environ if name.startswith('GIT_')]:
    del os.environ[name]
