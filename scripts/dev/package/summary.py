"""Sentences out of a patch's description."""

import re

_DROP_RE = re.compile(r'\bdrop(?:s|ped|ping)?\b', re.IGNORECASE)


def _paragraphs(body):
    return [' '.join(text.split()) for text in re.split(r'\n\s*\n', body)
            if text.strip()]


def _sentences(text):
    return re.split(r'(?<=[.!?])\s+(?=["\'A-Z0-9_])', text)


def why(body):
    """The first paragraph of the description *body* (str): what the patch
    is for."""
    return next(iter(_paragraphs(body)), '')


def droppable(body):
    """The last sentence of *body* that says when the patch can go."""
    found = [sentence for text in _paragraphs(body)
             for sentence in _sentences(text) if _DROP_RE.search(sentence)]
    return found[-1] if found else ''
