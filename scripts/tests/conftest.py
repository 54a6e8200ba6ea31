"""The fixtures of several tests."""

from scripts.tests.bootstrapmachine import machine  # noqa: F401
from scripts.tests.fakeproject import project  # noqa: F401
from scripts.tests.minicheckout import place  # noqa: F401
