"""Figures for people."""

KIB = 1024
MIB = 1024 * 1024


def size_text(size):
    """*size* bytes as 64 B, 16 KiB or 1 MiB."""
    for unit, name in ((MIB, 'MiB'), (KIB, 'KiB')):
        if size >= unit and size % unit == 0:
            return '{} {}'.format(size // unit, name)
    return '{} B'.format(size)


def figure_text(value, unit):
    """*value* with as many digits as mean something."""
    if unit == 'x':
        return '{:.2f}x'.format(value)
    if value >= 1000:
        return '{:,.0f}'.format(value)
    return '{:.{}f}'.format(value, 0 if value >= 100 else
                            1 if value >= 10 else 2)


def ratio_text(value):
    if value >= 100:
        return '{:.0f}'.format(value)
    return '{:.3f}'.format(value) if 0.9 < value < 1.1 else \
        '{:.2f}'.format(value)
