"""Which proofs there are."""

from dataclasses import dataclass

from scripts import options


@dataclass(frozen=True)
class Proof:
    """One kind of evidence.

    name: of its record.  command: what renews it, words after "make".
    tests: files and folders with what it runs, with what measures and with
    what is allowed, besides what the patches bring.  parts: True if the
    parts of a record may come from several runs.  keep: True if they may
    even be about another state: each says which.  product: True if the
    tests that patches bring have no part in it.  rows: parts without which
    a record is not complete.
    """

    name: str
    command: tuple
    tests: tuple = ()
    parts: bool = False
    keep: bool = False
    product: bool = False
    rows: tuple = ()


_LIB_TESTS = ('Lib_tests',)
#: What may fail, and with which library.
_RUN = _LIB_TESTS + tuple('scripts/dev/run/{}.json'.format(name) for name in (
    'known_failures', 'library_limits', 'stock_failures'))

#: By name, those that take minutes first: what "make evidence" goes by where
#: no record has a duration.
ALL = {proof.name: proof for proof in (
    Proof('test', ('test',), _RUN + ('docs/examples',)),
    Proof('fuzz', ('fuzz',), _LIB_TESTS + ('scripts/dev/fuzz',),
          parts=True),
    Proof('coverage', ('coverage',), _LIB_TESTS),
    Proof('linetests', ('review', 'LINETESTS=yes'), _LIB_TESTS),
    Proof('conformance', ('review', 'PYTHON3S=python3'), _LIB_TESTS,
          parts=True, keep=True),
    Proof('clients', ('clients',), ('scripts/dev/clients/definitions',
                                    'scripts/dev/clients/py27'),
          parts=True),
    Proof('bench', ('bench',), ('scripts/dev/bench',), product=True,
          rows=tuple(options.BENCH.read({}))),
    Proof('refleak', ('refleak',), _LIB_TESTS + ('scripts/dev/refleak',),
          parts=True),
    Proof('sanitize', ('sanitize',), _LIB_TESTS + ('scripts/dev/sanitize',),
          parts=True),
    Proof('bisect', ('bisect',)),
    Proof('overlay', ('overlay-test',), _RUN + (
        'docs/examples', 'scripts/dev/overlay'), parts=True),
    Proof('soak', ('soak',), ('Lib_tests/tls.py', 'scripts/dev/soak')),
    Proof('variations', ('variations',), _LIB_TESTS + (
        'scripts/dev/variations',), parts=True),
    Proof('matrix', ('matrix',), _RUN + ('scripts/dev/matrix',), parts=True),
    Proof('mutants', ('mutants', 'MUTANTS=all'), _LIB_TESTS + (
        'scripts/dev/mutants',)),
)}
