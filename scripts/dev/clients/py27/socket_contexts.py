"""pytest plugin: "with" closes a socket, as in Python 3."""

import socket

socket._socketobject.__enter__ = lambda self: self
socket._socketobject.__exit__ = lambda self, *details: self.close()
