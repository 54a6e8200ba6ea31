"""Where make review reads and writes."""

from scripts.build import variant as layout

DOCS = layout.ROOT / 'docs'
#: Pages written by hand, and what was measured, for the site alone.
HANDWRITTEN = DOCS / 'review'
CONFORMANCE = HANDWRITTEN / 'conformance.json'
NAMES = HANDWRITTEN / 'names.json'

#: The site, and what it is made from.
SITE = layout.BUILD / 'review'
WORK = layout.BUILD / 'review-work'
SOURCE = WORK / 'source'
TREES = WORK / 'trees'
SCREENSHOTS = WORK / 'screenshots'
LOGS = WORK / 'logs'
TOOLS = layout.BUILD / 'review-tools'
