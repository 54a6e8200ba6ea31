"""docs/coverage-exceptions.md: added C that no test reaches, and why.

Each exception is a paragraph, the reason, followed by a block of source:

    Allocation of a few bytes; fails only when memory is out.

    ```c
    if (self == NULL)
        return NULL;
    ```

A block is looked for in the patched file by its text, never by a number.
It explains the lines it consists of, wherever it is found.
"""

import collections
import re

#: reason: the paragraph above the block; lines: the block's lines, without
#: white space at their ends; number: where the block begins in the page.
Exemption = collections.namedtuple('Exemption', 'reason lines number')

_BLOCK_RE = re.compile(r'^```c\n(?P<code>.*?)^```$',
                       re.MULTILINE | re.DOTALL)


class FormatError(Exception):
    """The page cannot be read; says where and why."""


def parse(text):
    """The exceptions in *text* (str), a list of Exemption."""
    found = []
    end = 0
    for match in _BLOCK_RE.finditer(text):
        number = text.count('\n', 0, match.start()) + 1
        paragraphs = [part.strip() for part
                      in re.split(r'\n\s*\n', text[end:match.start()])
                      if part.strip()]
        end = match.end()
        if not paragraphs or paragraphs[-1].startswith('#'):
            raise FormatError('line {}: a block without a reason: write a '
                              'paragraph above it'.format(number))
        lines = [line.strip() for line in match['code'].splitlines()
                 if line.strip()]
        if not lines:
            raise FormatError('line {}: an empty block'.format(number))
        found.append(Exemption(' '.join(paragraphs[-1].split()), lines,
                               number))
    return found


def explained(source, exemptions):
    """Match *exemptions* with *source*, the lines of a file (list of str).

    Returns ({line number: reason}, list of the exemptions that are nowhere
    in the source).
    """
    numbered = [(number, line.strip())
                for number, line in enumerate(source, 1) if line.strip()]
    texts = [line for _, line in numbered]
    reasons, stale = {}, []
    for exemption in exemptions:
        size = len(exemption.lines)
        places = [start for start in range(len(texts) - size + 1)
                  if texts[start:start + size] == exemption.lines]
        if not places:
            stale.append(exemption)
        for start in places:
            for number, _ in numbered[start:start + size]:
                reasons[number] = exemption.reason
    return reasons, stale
