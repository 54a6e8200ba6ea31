"""Which patch a line comes from, which line of the pin a patch touches."""

import collections
import os

from scripts.dev.lint.rules.model import NotChecked

#: patch: name of the patch that added the line, None for a line of the pin;
#: pinned: its number in the pinned file, None for an added line.
Origin = collections.namedtuple('Origin', 'patch pinned')

#: patch: name; path; removed: the line is gone, else it was added;
#: above, below: numbers of the nearest lines of the pinned file that are
#: still there (for a removed line of the pin: its own number, twice);
#: text: the line.
Touch = collections.namedtuple('Touch', 'patch path removed above below text')


class Blame:
    """Follows the lines of all files through *patches* (parsed, in order).

    ``lines``: {path: list of Origin} as the last patch leaves the file;
    ``touches``: every Touch.
    """

    def __init__(self, pristine, patches):
        self._pristine = pristine
        self.lines = {}
        self.touches = []
        for patch in patches:
            for file in patch.files:
                self._follow(patch.name, file)

    def _origins(self, path):
        if path not in self.lines:
            try:
                with open(os.path.join(self._pristine, path), 'rb') as file:
                    count = len(file.read().splitlines())
            except FileNotFoundError:
                count = 0
            self.lines[path] = [Origin(None, number)
                                for number in range(1, count + 1)]
        return self.lines[path]

    def _follow(self, name, file):
        origins = self._origins(file.path)
        for hunk in file:
            position = max(hunk.target_start - 1, 0)
            for line in hunk:
                if line.is_added:
                    above = next((origin.pinned for origin
                                  in reversed(origins[:position])
                                  if origin.pinned), 0)
                    below = next((origin.pinned for origin
                                  in origins[position:] if origin.pinned),
                                 float('inf'))
                    self.touches.append(Touch(name, file.path, False, above,
                                              below, line.value))
                    origins.insert(position, Origin(name, None))
                    position += 1
                elif line.is_removed:
                    if position >= len(origins):
                        raise NotChecked('{} does not fit {}: fix apply-pin '
                                         'first'.format(name, file.path))
                    pinned = origins.pop(position).pinned
                    if pinned:
                        self.touches.append(Touch(name, file.path, True,
                                                  pinned, pinned, line.value))
                elif line.is_context:
                    position += 1
