"""make overlay, make wheel: _ssl and ssl.py of the series for an
interpreter that is there already."""
