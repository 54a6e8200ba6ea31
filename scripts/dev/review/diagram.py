"""The architecture of _ssl.c, before and after, as SVG.

The boxes are laid out here; what the functions in them are marked as (new,
changed) comes out of the two sources, and one that is not there is left
out.  Colours are the page's, by CSS: they follow dark mode.
"""

import collections
import html

WIDTH = 940
_LINE = 17          # height of a line of text
_HEAD = 26          # of a box's title
_LAYERS = ((0, 'the program'), (1, 'Lib/ssl.py'), (2, 'Modules/_ssl.c'),
           (3, 'OpenSSL'), (4, 'outside'))

#: key; layer: 0 to 4; x, width: px; title; lines: functions or words; new:
#: True for what only the patched version has; function: one that has to be
#: in the source, and without: one that must not be, or None.
Box = collections.namedtuple(
    'Box', 'key layer x width title lines new function without',
    defaults=(None, None))

BOXES = (
    Box('program', 0, 110, 390, 'program with a socket', (), False),
    Box('program2', 0, 520, 410, 'program with its own transport', (), True),
    Box('SSLSocket', 1, 110, 190, 'SSLSocket', ('wrap_socket()',), False),
    Box('SSLContext', 1, 310, 190, 'SSLContext', ('wrap_socket()',), False),
    Box('wrap_bio', 1, 520, 180, 'SSLContext', ('wrap_bio()',), True),
    Box('SSLObject', 1, 710, 220, 'SSLObject',
        ('the socket-less API',), True),
    Box('calls', 2, 110, 190, '_SSLSocket: calls',
        ('PySSL_SSLdo_handshake', 'PySSL_SSLread', 'PySSL_SSLwrite',
         'PySSL_SSLshutdown', 'PySSL_peercert', 'PySSL_dealloc'), False),
    Box('make', 2, 310, 190, '_SSLContext',
        ('context_wrap_socket', 'context_wrap_bio', 'newPySSLSocket',
         'set_memory_bios', 'set_memory_io', '_servername_callback'),
        False),
    Box('wait', 2, 520, 180, 'waiting for the socket',
        ('sync_nonblocking', 'wait_for_socket',
         'check_socket_and_wait_for_timeout', 'note_handshake',
         'match_hostname'), False),
    Box('errors', 2, 710, 220, 'errors',
        ('clear_errors', 'save_outcome', 'is_eof', 'PySSL_SetError',
         'reason_name', 'fill_and_set_sslerror'), False),
    Box('MemoryBIO', 2, 710, 220, 'MemoryBIO',
        ('memory_bio_new', 'memory_bio_read', 'memory_bio_write',
         'memory_bio_write_eof', 'memory_bio_dealloc', 'queue_read',
         'queue_write', 'begin_call', 'end_call'), True),
    Box('SSL', 3, 110, 390, 'SSL', ('SSL_read, SSL_write, SSL_do_handshake',),
        False),
    # Group hardening has a BIO of its own in place of OpenSSL's.
    Box('bio', 3, 710, 220, 'BIO_s_mem, two',
        ('incoming and outgoing bytes',), True, without='set_memory_io'),
    Box('bio', 3, 710, 220, 'a BIO of _ssl.c, one',
        ('the bytes of one call',), True, function='set_memory_io'),
    Box('fd', 3, 520, 180, 'BIO_s_socket', ('SSL_set_fd()',), False),
    Box('kernel', 4, 520, 180, 'kernel', ('socket',), False),
    Box('transport', 4, 710, 220, "the program's transport",
        ('event loop, pipe, tunnel',), True),
)

ARROWS = (('program', 'SSLSocket'), ('program', 'SSLContext'),
          ('program2', 'wrap_bio'), ('program2', 'SSLObject'),
          ('SSLSocket', 'calls'), ('SSLContext', 'make'),
          ('calls', 'SSL'), ('make', 'SSL'), ('fd', 'kernel'),
          ('MemoryBIO', 'bio'), ('bio', 'transport'))
#: From side to side, in one layer.
SIDEWAYS = (('SSL', 'fd'),)
#: Around the boxes between, in the gap under the layer of the first: start,
#: end, px below that layer's top of the gap.
AROUND = (('wrap_bio', 'make', 6), ('SSLObject', 'calls', 14),
          ('SSL', 'bio', -6))


def _known(word, states, after):
    """Whether the line *word* of a box belongs to the picture."""
    if not word.replace('_', 'a').isalnum() or ' ' in word:
        return True
    state = states.get(word)
    return state is not None and state != ('gone' if after else 'new')


def _boxes(states, after):
    for box in BOXES:
        if box.new and not after:
            continue
        if box.function and not _known(box.function, states, after):
            continue
        if box.without and _known(box.without, states, after):
            continue
        lines = [word for word in box.lines
                 if box.layer != 2 or _known(word, states, after)]
        if box.layer == 2 and not lines:
            continue
        yield box._replace(lines=tuple(lines))


def _height(box):
    return _HEAD + _LINE * len(box.lines) + (6 if box.lines else 0)


def _place(boxes):
    """{key: (x, y, width, height)} and the rows [(top, bottom, name)].

    Boxes of one layer that would overlap are put below each other.
    """
    places, rows, y = {}, [], 8
    for number, name in _LAYERS:
        column = {}
        for box in boxes:
            if box.layer == number:
                top = column.get(box.x, y + 12)
                places[box.key] = (box.x, top, box.width, _height(box))
                column[box.x] = top + _height(box) + 14
        bottom = max(column.values(), default=y + 40)
        rows.append((y, bottom - 2, name))
        y = bottom + 22
    return places, rows


def _text(x, y, words, kind):
    return '<text class="{}" x="{}" y="{}">{}</text>'.format(
        kind, x, y, html.escape(words))


def _arrow(path, marker):
    return '<path d="{}" marker-end="url(#{})"/>'.format(path, marker)


def _around(start, end, gap, marker):
    """An arrow that leaves the box *start* (x, y, width, height) below,
    goes along at the height *gap* and enters *end* from there."""
    x1, y1, w1, h1 = start
    x2, y2, w2, h2 = end
    leave = x1 + w1 // 2 + 30
    enter, edge = (x2 + w2 - 30, y2 - 2) if y2 > gap else (x2 + 30,
                                                           y2 + h2 + 2)
    return _arrow('M{} {}V{}H{}V{}'.format(leave, y1 + h1, gap, enter, edge),
                  marker)


def svg(states, after):
    """The picture (str).  states: as cfunctions.compare() returns them;
    after: True for the patched version."""
    boxes = list(_boxes(states, after))
    places, rows = _place(boxes)
    name = 'after' if after else 'before'
    marker = 'tip-' + name
    height = rows[-1][1] + 10
    out = ['<svg class="arch" xmlns="http://www.w3.org/2000/svg" role="img" '
           'viewBox="0 0 {} {}" aria-label="Architecture of _ssl.c {}">'
           .format(WIDTH, height, name),
           '<defs><marker id="{}" viewBox="0 0 8 8" refX="7" refY="4" '
           'markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
           '<path d="M0 0L8 4L0 8z"/></marker></defs>'.format(marker)]
    for top, bottom, label in rows:
        out.append('<rect class="layer" x="0" y="{}" width="{}" height="{}" '
                   'rx="6"/>'.format(top, WIDTH, bottom - top))
        out.append(_text(8, top + 20, label, 'layername'))
    for start, end in ARROWS:
        if start in places and end in places:
            x1, y1, w1, h1 = places[start]
            x2, y2, w2, _ = places[end]
            x = (max(x1, x2) + min(x1 + w1, x2 + w2)) // 2
            out.append(_arrow('M{0} {1}V{2}'.format(x, y1 + h1, y2 - 2),
                              marker))
    for start, end in SIDEWAYS:
        if start in places and end in places:
            x1, y1, w1, _ = places[start]
            x2, y2, w2, _ = places[end]
            y = max(y1, y2) + 14
            out.append(_arrow('M{} {}H{}'.format(x1, y, x2 + w2 + 2)
                              if x1 > x2 else
                              'M{} {}H{}'.format(x1 + w1, y, x2 - 2),
                              marker))
    layers = {box.key: box.layer for box in boxes}
    for start, end, below in AROUND:
        if start in places and end in places:
            out.append(_around(places[start], places[end],
                               rows[layers[start]][1] + below, marker))
    for box in boxes:
        x, y, width, tall = places[box.key]
        out.append('<rect class="box{}" x="{}" y="{}" width="{}" height="{}" '
                   'rx="4"/>'.format(' new' if box.new else '', x, y, width,
                                     tall))
        out.append(_text(x + 10, y + 18, box.title,
                         'title new' if box.new else 'title'))
        for number, line in enumerate(box.lines):
            state = states.get(line) if after and box.layer == 2 else ''
            kind = 'code ' + (state if state in ('new', 'changed') else '')
            shown = line if len(line) < 30 or width > 200 else line[:21] + '…'
            out.append(_text(x + 10, y + _HEAD + 11 + _LINE * number, shown,
                             kind.strip()))
    return '\n'.join(out) + '\n</svg>'


def figure(states, after):
    return '```{raw} html\n<div class="wide">\n' + svg(states, after) + \
        '\n</div>\n```\n'


def listing(states):
    """Markdown: the functions that are new and those that are changed."""
    out = []
    for state, text in (('new', 'New'), ('changed', 'Changed'),
                        ('gone', 'Gone')):
        names = sorted(name for name, have in states.items()
                       if have == state)
        out.append('- {} ({}): {}'.format(text, len(names), ', '.join(
            '`{}`'.format(name) for name in names) or 'none'))
    return '\n'.join(out) + '\n'
