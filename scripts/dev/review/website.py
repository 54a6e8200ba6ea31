"""Write the source of the site and let Sphinx build it."""

import re
import shutil
import sys
from pathlib import Path

from scripts.base import console, files, paths
from scripts.build.variant import Variant
from scripts.dev.evidence import record
from scripts.dev.patchfile import Patch
from scripts.dev.review import (
    conformance,
    diagram,
    names,
    pages,
    patchdata,
    patchpage,
    places,
    sourceview,
    ssldoc,
    startpage,
)
from scripts.series import groups
from scripts.source import tree

CONFIG = Path(__file__).resolve().parent / 'sphinxconf'

#: Which pages are for whom, in the order of the menu; the others are for
#: contributors.
AUDIENCES = {
    'For reviewers': (
        'docs/security', 'docs/review/architecture', 'docs/review/pep546',
        'docs/differences', 'docs/review/conformance', 'docs/openssl-matrix',
        'docs/clients-results', 'docs/review/benchmarks', 'docs/design',
        'docs/proof', 'docs/coverage-exceptions'),
    'For packagers': (
        'docs/patches', 'docs/packaging/README', 'docs/overlay',
        'docs/custom-builds', 'CHANGELOG', 'SECURITY', 'docs/LICENSES'),
    'For users': ('README', 'docs/building', 'docs/examples', 'python/ssl',
                  'docs/clients', 'docs/openssl', 'docs/performance',
                  'docs/bench/programs'),
}
#: Whose figures a page has: {docname: proof}.
ABOUT = {'docs/openssl-matrix': 'matrix', 'docs/clients-results': 'clients',
         'docs/performance': 'bench', 'docs/bench/programs': 'bench'}
START = '''
## What changes for programs that do not use the new names

Each header has to say it, and `make lint` asks for it. A patch that is not
here says that nothing changes.

{everybody}
## Which published vulnerabilities

{cves}
## How much there is to read

{sizes}
'''


def read_patches():
    names_ = groups.read_series(str(paths.SERIES_FILE))
    return [Patch.read(str(paths.PATCHES_DIR / name), name)
            for name in names_]


def prepare_trees(patches):
    """The unpatched and the patched source (Paths), made new if out of
    date."""
    source = tree.find_source(Variant.from_env().cpython)
    pinned, patched = places.TREES / 'pinned', places.TREES / 'patched'
    for dest, selected in ((pinned, []),
                           (patched, [patch.name for patch in patches])):
        stamp = dest.with_name(dest.name + '.made')
        identity = tree.tree_id(tree.source_id(source), selected)
        if files.read(stamp) != identity:
            shutil.rmtree(dest, ignore_errors=True)
            tree.prepare_tree(dest, selected, source)
            files.write(stamp, identity)
    return pinned, patched


def handwritten(links, found):
    """Write the pages that the repository has.  found: as pages.find()."""
    for origin, docname in found.items():
        text = (paths.ROOT / origin).read_text(encoding='utf-8')
        pages.write(docname, links.rewrite(text, origin, docname))


def append(docname, text):
    """Put *text* behind the page *docname*."""
    path = places.SOURCE / (docname + '.md')
    path.write_text(path.read_text(encoding='utf-8') + '\n' + text,
                    encoding='utf-8')


def source_pages(patches, patched):
    """Write the pages of the files that *patches* change, but for tests and
    documents; returns {path: sourceview.Source}."""
    found = {}
    for path in sorted({path for patch in patches for path in patch.paths}):
        file = patched / path
        if path.startswith(('Lib/test/', 'Doc/', 'Misc/')) or \
                not file.exists():
            continue
        found[path] = sourceview.source(path, file.read_text(
            encoding='utf-8', errors='replace'))
        pages.write('source/' + found[path].docname,
                    sourceview.page(found[path]))
    pages.write('source/index', '# The source, with all patches\n\n' + (
        'What the series changes, but for tests and documents.\n\n') +
        '\n'.join('- [{0.path}]({0.docname}.md)'.format(item)
                  for item in found.values()) +
        '\n\n```{toctree}\n:hidden:\n\n' +
        '\n'.join(item.docname for item in found.values()) + '\n```\n')
    return found


def patch_pages(patches, patched):
    sources = source_pages(patches, patched)
    order = [None] + [patch.name for patch in patches] + [None]
    for number, patch in enumerate(patches):
        text = patchpage.page(
            patch, (order[number], order[number + 2]),
            patchdata.brought(patch), sources)
        pages.write('patches/' + patchpage.docname(patch.name), text)
    pages.write('patches/index', patchpage.overview(patches))


def finding(found, part):
    """What the record *found* says of *part* of make bench, in words."""
    titles = {key: item['title']
              for key, item in found.tools['contenders'].items()}
    ratios = {}
    for row in found.rows.get(part, {'results': ()})['results']:
        for key, spread in row['ratios'].items():
            ratios.setdefault((row['ratios_to'], key), []).append(
                spread['median'])
    words = {}
    for (base, key), values in ratios.items():
        if key in titles:
            words.setdefault(base, []).append('{} {} to {}'.format(
                titles[key], *('{:,.{}f}'.format(value, 2 * (value < 100))
                               for value in (min(values), max(values)))))
    return ' '.join('Speed, {} being 1: {}.'.format(
        titles.get(base, base), ', '.join(parts))
        for base, parts in words.items())


def benchmarks(links):
    """The page with the plots of docs/bench, if there are any."""
    plots = sorted((places.DOCS / 'bench').glob('*.svg'))
    out = ['# Benchmarks\n', 'What `make bench` measured last for '
           'publication; [performance](../performance.md) explains it.\n',
           pages.evidence('bench', '')]
    found = record.best('bench')
    for path in plots:
        name = path.relative_to(paths.ROOT).as_posix()
        links.copied.add(name)
        words = finding(found, path.stem) if found else ''
        out.append('## {0}\n\n![Plot of {0}. {1}](../bench/{2})\n\n{1}\n'
                   .format(path.stem, words, path.name))
    pages.write('docs/review/benchmarks', '\n'.join(out))


def architecture(pinned, patched):
    """What compares the two sources: Markdown for its page."""
    def texts(name):
        return [(folder / name).read_text(encoding='utf-8', errors='replace')
                for folder in (pinned, patched)]

    before, after = map(diagram.c_parts, texts(patchdata.C_FILE))
    classes, new_classes = map(diagram.python_parts,
                               texts(patchdata.PYTHON_FILE))
    return '\n'.join((
        '## `Modules/_ssl.c` before\n', diagram.figure(before),
        '## `Modules/_ssl.c` after\n', 'What is in colour is new, what is in '
        'italics is changed. A function belongs to the type whose table or '
        'slots lead to it with the fewest calls. Gone: {}.\n'.format(
            diagram.gone(before, after)),
        diagram.figure(after, before), '## The classes of `Lib/ssl.py`\n',
        diagram.figure(new_classes, classes)))


def about(docname, proof):
    """Put what *proof* is about below the heading of the page *docname*."""
    path = places.SOURCE / (docname + '.md')
    if path.exists():
        head, _, rest = path.read_text(encoding='utf-8').partition('\n')
        path.write_text(head + '\n\n' + pages.evidence(proof, '') + rest,
                        encoding='utf-8')


def menu(found):
    """The toctrees of the start page: Markdown."""
    known = set(found.values()) | {'python/ssl', 'docs/review/conformance',
                                   'docs/review/benchmarks'}
    parts = {'Patches': ['patches/index', 'source/index']}
    for caption, wanted in AUDIENCES.items():
        parts[caption] = [name for name in wanted if name in known]
    parts['For contributors'] = sorted(known.difference(*parts.values()))
    out = []
    for caption, names_ in parts.items():
        out.append('```{{toctree}}\n:hidden:\n:caption: {}\n'.format(caption))
        out += ['/' + name for name in names_]
        out.append('```\n')
    return '\n'.join(out)


def write_source():
    """Write everything that Sphinx reads."""
    patches = read_patches()
    pinned, patched = prepare_trees(patches)
    shutil.rmtree(places.SOURCE, ignore_errors=True)
    found = pages.find()
    start = found.pop('docs/review/index.md')
    links = pages.Links(dict(found, **{
        'docs/review/index.md': 'index', 'patches': 'patches/index'},
        **{'patches/' + patch.name: 'patches/' +
           patchpage.docname(patch.name) for patch in patches}))
    handwritten(links, found)
    text = (paths.ROOT / (start + '.md')).read_text(encoding='utf-8')
    pages.write('index', links.rewrite(text, start + '.md', 'index'))
    append('index', START.format(
        everybody=startpage.for_everybody(patches),
        cves=startpage.vulnerabilities(patches),
        sizes=startpage.sizes(patches)) + menu(found))
    append('docs/review/architecture', architecture(pinned, patched))
    for docname, proof in ABOUT.items():
        about(docname, proof)
    append('docs/review/pep546', names.INTRODUCTION + '\n' +
           pages.evidence('conformance', lambda record: names.page(
               record.rows)))
    pages.write('docs/review/conformance', conformance.page(
        conformance.differences().DIFFERENCES, record.best('conformance')))
    benchmarks(links)
    (places.SOURCE / 'python').mkdir()
    (places.SOURCE / (ssldoc.DOCNAME + '.rst')).write_text(
        ssldoc.page(pinned, patched), encoding='utf-8')
    patch_pages(patches, patched)
    links.copy()


def run_sphinx():
    """Build the site from what is in SOURCE, all of it."""
    log = places.LOGS / 'sphinx.log'
    log.unlink(missing_ok=True)
    shutil.rmtree(places.SITE, ignore_errors=True)
    console.run(
        [sys.executable, '-m', 'sphinx', '-b', 'html', '-E', '-W',
         '--keep-going', '-c', CONFIG, '-d', places.WORK / 'doctrees',
         places.SOURCE, places.SITE], log=log, cwd=paths.ROOT, title='sphinx',
        hint='a link in a page that leads nowhere is named above; fix it '
             'in docs/')
    for patch in paths.PATCHES_DIR.glob('*.patch'):
        shutil.copy(patch, places.SITE / 'patches')
    # What only Sphinx needs.
    for name in ('.buildinfo', 'objects.inv'):
        if (places.SITE / name).exists():
            (places.SITE / name).unlink()
    shutil.rmtree(places.SITE / '_sources', ignore_errors=True)


def count():
    return len(list(places.SITE.rglob('*.html')))


def leaks(site=None):
    """Names of the pages that have a path of this machine in them."""
    site = site or places.SITE
    wanted = re.compile(re.escape(str(paths.ROOT)) + r'\b')
    return [path.relative_to(site).as_posix()
            for path in sorted(site.rglob('*.html'))
            if wanted.search(path.read_text(encoding='utf-8'))]
