"""Read what the sanitizers and valgrind wrote into their log files.

Each process has a file of its own, PREFIX.PID, so that a report in a child
process, whose output a test has captured, counts too.
"""

import os
import re
import xml.etree.ElementTree as ElementTree
from collections import namedtuple

#: kind: what was found; where: the innermost frames that have a name, from
#: the inside out; file: Path of the log.
Report = namedtuple('Report', 'kind where file')

_FRAMES = 6

_HEAD = re.compile(
    r'(?:==\d+==\s*)?(?:ERROR|WARNING|FATAL):? ?'
    r'(?P<tool>\w+Sanitizer):? (?P<what>.*)')
_UNDEFINED = re.compile(r'(?P<where>\S+?:\d+:\d+): runtime error: '
                        r'(?P<what>.*)')
_FRAME = re.compile(r'\s+#\d+ (?:0x[0-9a-f]+ in )?(?P<name>\S+) '
                    r'(?P<file>\S+)?')


def _short(path):
    """A source file without the folders of this machine."""
    match = re.search(r'/src/((?:Modules|Objects|Python|Parser|Include)/.*)',
                      path)
    return match[1] if match else os.path.basename(path)


def _kind(text):
    """*text* without addresses, numbers of processes and file names."""
    text = re.sub(r'\(pid=\d+\)|\bon (?:unknown )?address.*|'
                  r'\bat pc 0x.*|0x[0-9a-f]+', '', text)
    return re.sub(r'\s+', ' ', text).strip()


def read_text(path):
    """The Reports in the log of a sanitizer at *path*."""
    found = []
    text = path.read_text(errors='replace')
    for line in text.splitlines():
        head = _HEAD.match(line)
        undefined = _UNDEFINED.match(line)
        if head:
            found.append(Report('{}: {}'.format(
                head['tool'], _kind(head['what'])), [], path))
        elif undefined:
            found.append(Report('UndefinedBehaviorSanitizer: ' + _kind(
                undefined['what']), [_short(undefined['where'])], path))
        elif found and len(found[-1].where) < _FRAMES:
            frame = _FRAME.match(line)
            if frame:
                found[-1].where.append('{} {}'.format(
                    frame['name'], _short(frame['file'] or '')).strip())
    if not found and text.strip():
        # Nothing that was written is ignored.
        found.append(Report('not understood: ' + text.strip().splitlines()[
            0][:70], [], path))
    return found


def read_directory(folder, prefix):
    """The Reports of all processes that wrote into *folder* (Path)."""
    found = []
    for path in sorted(folder.glob(prefix + '.*')):
        found += read_text(path)
    return found


def unique(found):
    """[(Report, how often)] of *found*, the most frequent first."""
    counts = {}
    for report in found:
        key = report.kind, tuple(report.where[:3])
        first, number = counts.get(key, (report, 0))
        counts[key] = first, number + 1
    return sorted(counts.values(), key=lambda item: -item[1])


def read_valgrind(path, objects):
    """The errors in valgrind's XML at *path* that have a frame in one of
    *objects*, base names of shared libraries (set of str).

    A process that was killed leaves XML without an end: its errors count
    all the same.
    """
    text = path.read_text(errors='replace')
    found = []
    for block in re.findall(r'<error>.*?</error>', text, re.DOTALL):
        error = ElementTree.fromstring(block)
        frames = [(frame.findtext('fn') or '?',
                   os.path.basename(frame.findtext('obj') or ''))
                  for frame in error.iter('frame')]
        inside = [frame for frame in frames if frame[1] in objects]
        if inside:
            found.append(Report(
                'valgrind: ' + (error.findtext('kind') or '?'),
                ['{} {}'.format(*frame) for frame in frames[:2] + inside][
                    :_FRAMES], path))
    if '<valgrindoutput>' not in text:
        found.append(Report('valgrind: wrote no report', [], path))
    return found
