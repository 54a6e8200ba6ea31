"""The steps of a series: the key of each, and what is kept of it."""

import hashlib
import json

from scripts.base import files, paths
from scripts.build import sslprefix
from scripts.dev.bisection.rules import STOCK, Step
from scripts.dev.patchfile import Patch
from scripts.dev.run import intree
from scripts.source import tree


def chain(source, variant, ssl, contents):
    """The key of every step, a list one longer than *contents*.

    source: what identifies the pinned source; contents: the bytes of each
    patch in order.
    """
    # The tool is part of what a result depends on.
    digest = hashlib.sha256(json.dumps(
        [source, variant.config, ssl.text, ssl.prefix,
         list(variant.configure_args), variant.shared,
         intree.RECORDER.read_text()]).encode())
    keys = [digest.hexdigest()]
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
        keys.append(digest.hexdigest())
    return keys


class Steps:
    """The patches *names* (str list) for *variant*, and their outcomes."""

    def __init__(self, variant, names):
        self.variant = variant
        self.names = names
        self.ssl = sslprefix.inspect(variant.openssl)
        self.folder = variant.root / 'bisect'
        self.source = tree.find_source(variant.cpython)
        self.patches = [Patch.read(str(paths.PATCHES_DIR / name), name)
                        for name in names]
        self.keys = chain(tree.source_id(self.source), variant, self.ssl,
                          [patch.text.encode() for patch in self.patches])

    def name(self, number):
        return self.names[number - 1] if number else STOCK

    def _path(self, number):
        return self.folder / 'results' / (self.keys[number] + '.json')

    def known(self, number):
        """The kept Step *number*, None if there is none."""
        text = files.read(self._path(number))
        return Step(**json.loads(text)) if text else None

    def unknown(self):
        """The numbers of the steps that nothing is kept of."""
        return [number for number in range(len(self.keys))
                if self.known(number) is None]

    def keep(self, number, step):
        """Keep *step*; forget() is for those that were not in order."""
        files.write_json(self._path(number), step._asdict())

    def forget(self, complaints):
        """Let the next run repeat the steps with *complaints*."""
        for number, found in enumerate(complaints.values()):
            if found and self._path(number).exists():
                self._path(number).unlink()
