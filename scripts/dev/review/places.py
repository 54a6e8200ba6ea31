"""Where make review reads and writes."""

from scripts.base import paths

DOCS = paths.ROOT / 'docs'
#: The site, and what it is made from.
SITE = paths.BUILD / 'review'
WORK = paths.BUILD / 'review-work'
SOURCE = WORK / 'source'
TREES = WORK / 'trees'
SCREENSHOTS = WORK / 'screenshots'
LOGS = WORK / 'logs'
TOOLS = paths.BUILD / 'review-tools'
