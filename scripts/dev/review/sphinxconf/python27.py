"""What the reStructuredText of Python 2.7's documentation needs.

References to what is not on this site (other modules, the glossary) become
plain text: the site works offline.
"""

from docutils import nodes

ISSUE = 'https://bugs.python.org/issue%s'


def _text_role(name, rawtext, text, lineno, inliner, options=None, content=()):
    return [nodes.literal(rawtext, text)], []


def _issue_role(name, rawtext, text, lineno, inliner, options=None,
                content=()):
    return [nodes.reference(rawtext, 'bpo-' + text,
                            refuri=ISSUE % text)], []


def _as_text(app, env, node, contnode):
    """A reference that leads to no page here: its text."""
    if node.get('refdoc', '').startswith('python/'):
        return contnode
    return None


def setup(app):
    app.add_role('source', _text_role)
    app.add_role('issue', _issue_role)
    # 2.7's pages say :c:type:`int`, which is no name for newer Sphinx.
    app.add_role_to_domain('c', 'type', _text_role, override=True)
    app.connect('missing-reference', _as_text)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
