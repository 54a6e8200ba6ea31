"""pytest plugin: time.monotonic, which Python 2.7 does not have."""

import time

import monotonic

time.monotonic = monotonic.monotonic
