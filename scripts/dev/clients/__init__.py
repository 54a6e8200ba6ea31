"""make clients: real software, with its own tests, on the patched 2.7.

docs/clients.md explains it.  definitions/ has one file for each client,
py27/ what runs on Python 2.7; everything else here is for the Python 3 of
the tools.
"""
