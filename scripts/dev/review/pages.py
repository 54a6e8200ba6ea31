"""Markdown of the repository as pages of the site.

The site's source mirrors the repository: docs/x.md becomes docs/x.html.
Links to what is no page are copied along (files) or become plain text.
"""

import posixpath
import re
import shutil

from scripts.base import paths
from scripts.dev.evidence import proofs, record
from scripts.dev.review import places

#: A link or image outside of code: [text](target "title").
_LINK = re.compile(r'(?P<bang>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]'
                   r'\((?P<target>[^()\s]+)(?P<title>\s+"[^"]*")?\)')
_CODE = re.compile(r'(^(?P<fence>```+|~~~+).*?^(?P=fence)[^\n]*$|`+[^`]*`+)',
                   re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r'^# +(?P<text>.+)$', re.MULTILINE)

#: Folders whose Markdown belongs to the site, and single files.
FOLDERS = ('docs',)
FILES = ('README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md',
         'Lib_tests/README.md')


def find(root=paths.ROOT):
    """The Markdown of the project: {path in the repository: docname}."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob('*.md')):
            name = path.relative_to(root).as_posix()
            found[name] = name[:-len('.md')]
    for name in FILES:
        if (root / name).exists():
            found[name] = name[:-len('.md')]
    return found


def title(text, default):
    """The first heading of *text*, without markup."""
    match = _HEADING.search(text)
    return match['text'].replace('`', '') if match else default


def evidence(proof, text):
    """The figures *text* (Markdown, or a function of the record that returns
    it) of *proof* (its name), with what they are about: Markdown.  They are
    grey if that is not the series, or the tests, of today."""
    found = record.best(proof)
    renew = 'make ' + ' '.join(proofs.ALL[proof].command)
    if found is None and text:
        return 'Not measured yet: `{}` does.\n'.format(renew)
    stale = record.why_stale(found, record.current(proof))
    about = 'Measured: {}.'.format(found.label) if found else \
        'Measured at an unknown time.'
    if stale:
        about += ' Stale ({}): `{}` renews it.'.format(stale, renew)
    return ':::{{container}} evidence{}\n{}\n\n{}\n:::\n'.format(
        ' stale' * bool(stale), about, text(found) if callable(text) else text)


class Links:
    """Rewrites the links of pages.

    pages: {path in the repository: docname}; copied: what has to be copied,
    places in the repository.
    """

    def __init__(self, pages, root=paths.ROOT):
        self.pages = pages
        self.root = root
        self.copied = set()

    def _target(self, origin, docname, target):
        """What *target*, in the file *origin* (path in the repository), has
        to be in the page *docname*; None if it leads nowhere."""
        if re.match(r'[a-z][a-z0-9+.-]*:|#', target, re.IGNORECASE):
            return target
        path, hash_, anchor = target.partition('#')
        path = posixpath.normpath(posixpath.join(
            posixpath.dirname(origin), path))
        here = posixpath.dirname(docname) or '.'
        # The same in Markdown is a page of the site.
        if path.endswith('.html') and path[:-5] + '.md' in self.pages:
            path = path[:-5] + '.md'
        if path in self.pages:
            return posixpath.relpath(self.pages[path] + '.md', here) + \
                hash_ + anchor
        if path.startswith('..') or not (self.root / path).is_file():
            return None
        self.copied.add(path)
        return posixpath.relpath(path, here)

    def rewrite(self, text, origin, docname):
        """*text*, the Markdown of *origin*, for the page *docname*."""
        def link(match):
            target = self._target(origin, docname, match['target'])
            if target is None:
                return match['text']
            return '{}[{}]({}{})'.format(match['bang'], match['text'],
                                         target, match['title'] or '')

        # Code that is the text of a link is inside of the brackets: put
        # aside, and back again.
        kept = []

        def put_aside(match):
            kept.append(match[0])
            return '\0{}\0'.format(len(kept) - 1)

        text = _CODE.sub(put_aside, text)
        text = _LINK.sub(link, text)
        return re.sub('\0([0-9]+)\0', lambda match: kept[int(match[1])],
                      text)

    def copy(self, source=None):
        """Copy what the pages link to below *source* (Path)."""
        source = source or places.SOURCE
        for name in sorted(self.copied):
            to = source / name
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(self.root / name), str(to))


def write(docname, text, source=None):
    """Write the page *docname* below *source* (Path)."""
    path = (source or places.SOURCE) / (docname + '.md')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')
