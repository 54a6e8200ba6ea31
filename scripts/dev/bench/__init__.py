"""make bench: speed and memory, side by side, as ratios.

docs/performance.md says what is measured and how.  worker/ runs on Python
2.7 and 3; everything else here is for the Python 3 of the tools.
"""
