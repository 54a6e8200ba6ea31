"""Where the records of TLS begin and end."""

import struct

_HEADER = 5                     # bytes: type, version, length


class Records(object):
    """Follows a stream, so that no more is taken than belongs to the record
    that has begun: what follows the last one is not TLS's."""

    def __init__(self):
        self._header, self._rest = b'', 0

    @property
    def size(self):
        """How many bytes may be taken next, one at least."""
        return self._rest or _HEADER - len(self._header)

    def take(self, data):
        """*data*, of that size or less, has been taken."""
        if self._rest:
            self._rest -= len(data)
        else:
            self._header += data
            if len(self._header) == _HEADER:
                self._rest, = struct.unpack('>H', self._header[3:])
                self._header = b''
