"""Which proofs there are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """One kind of evidence.

    name: of its record.  command: what renews it, words after "make".
    tests: files and folders with what it runs, besides what the patches
    bring.  parts: True if the parts of a record may come from several runs.
    keep: True if they may even be about another state: each says which.
    """

    name: str
    command: tuple
    tests: tuple = ()
    parts: bool = False
    keep: bool = False


_LIB_TESTS = ('Lib_tests',)

#: By name.
ALL = {proof.name: proof for proof in (
    Proof('test', ('test',), _LIB_TESTS + ('docs/examples',)),
    Proof('bisect', ('bisect',)),
    Proof('coverage', ('coverage',), _LIB_TESTS),
    Proof('matrix', ('matrix',), _LIB_TESTS, parts=True),
    Proof('clients', ('clients',), ('scripts/dev/clients/definitions',
                                    'scripts/dev/clients/py27')),
    Proof('sanitize', ('sanitize',), _LIB_TESTS, parts=True),
    Proof('refleak', ('refleak',), _LIB_TESTS, parts=True),
    Proof('fuzz', ('fuzz',), _LIB_TESTS, parts=True),
    Proof('bench', ('bench',), ('scripts/dev/bench/worker',)),
    Proof('conformance', ('review', 'PYTHON3S=python3'), _LIB_TESTS,
          parts=True, keep=True),
    Proof('linetests', ('review', 'LINETESTS=yes'), _LIB_TESTS),
)}
