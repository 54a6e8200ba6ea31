"""The ssl module of the "PEP 546 for real" series, for a CPython 2.7 that is
there already.

"python -m ssl_overlay" tells what is in use; "--check" and "--json" are for
programs.  A line in 00-ssl-overlay.pth puts ssl and _ssl in front of the
standard library's; nothing here is imported for that.
"""
