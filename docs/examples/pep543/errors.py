"""The errors."""


class TLSError(Exception):
    """Base class of all errors here."""


class WantReadError(TLSError):
    """Repeat the call after more has come from the network."""


class WantWriteError(TLSError):
    """Repeat the call after something has been sent to the network."""


class RaggedEOF(TLSError):
    """The network has ended and the peer had not closed TLS: what was read
    may be incomplete.  Harmless only if the protocol tells the length."""
