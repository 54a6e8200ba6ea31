"""How Sphinx makes the site; the values that change come from -D."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

project = 'Memory BIOs for Python 2.7'
author = ''
copyright = ''
language = 'en'
root_doc = 'index'
extensions = ['myst_parser', 'sphinx.ext.doctest', 'python27']
source_suffix = {'.md': 'markdown', '.rst': 'restructuredtext'}

myst_enable_extensions = ['attrs_block', 'colon_fence']
myst_heading_anchors = 4

html_theme = 'furo'
html_title = project
html_short_title = 'PEP 546'
html_static_path = ['static']
html_css_files = ['review.css']
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_domain_indices = False
html_theme_options = {'navigation_with_keys': False}
pygments_style = 'friendly'
pygments_dark_style = 'monokai'
# Dashes only: names are quoted in code.
smartquotes_action = 'D'
highlight_language = 'none'
toc_object_entries_show_parents = 'hide'
