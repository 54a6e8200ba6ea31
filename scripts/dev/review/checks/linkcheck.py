"""Links and anchors of a folder of HTML, without the network."""

import posixpath
import urllib.parse
from html.parser import HTMLParser

#: Attributes that make the browser load something.
_LOADS = {('img', 'src'), ('script', 'src'), ('link', 'href'),
          ('source', 'src'), ('iframe', 'src')}
#: <link rel=...> that only names something.
_NAMES = ('canonical', 'prev', 'next', 'index', 'search', 'genindex')


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.loads, self.anchors = [], [], set()
        self.title, self._in_title = '', False

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self._in_title |= tag == 'title' and not self.title
        self.anchors.update(filter(None, (
            values.get('id'), values.get('name') if tag == 'a' else None)))
        for name, value in attributes:
            if value is None:
                continue
            if (tag, name) in _LOADS and values.get('rel') not in _NAMES:
                self.loads.append(value)
            if name in ('href', 'src'):
                self.links.append(value)

    def handle_endtag(self, tag):
        if tag == 'title':
            self._in_title = False

    def handle_data(self, data):
        if self._in_title:
            self.title += data


def read(path):
    """The parsed page in the file *path*: has links, loads, anchors and
    title."""
    page = _Page()
    page.feed(path.read_text(encoding='utf-8'))
    return page


def problems(folder, name, parsed):
    """What is wrong with the links of the page *name* below *folder*
    (Path): a list of str.  parsed: {name: page}, filled as needed."""
    def page(path):
        if path not in parsed:
            parsed[path] = read(folder / path)
        return parsed[path]

    found = []
    for target in page(name).loads:
        if urllib.parse.urlsplit(target).netloc:
            found.append('loads {} from the network'.format(target))
    for target in page(name).links:
        parts = urllib.parse.urlsplit(target)
        if parts.scheme in ('http', 'https', 'mailto', 'data') or \
                parts.netloc:
            continue
        if parts.scheme or parts.path.startswith('/'):
            found.append('{}: leads out of the site'.format(target))
            continue
        path = name
        if parts.path:
            path = posixpath.normpath(posixpath.join(
                posixpath.dirname(name), urllib.parse.unquote(parts.path)))
        if path.startswith('..') or not (folder / path).is_file():
            found.append('{}: no such file'.format(target))
        elif parts.fragment and path.endswith('.html') and \
                urllib.parse.unquote(parts.fragment) not in \
                page(path).anchors:
            found.append('{}: no such place in {}'.format(target, path))
    return found
