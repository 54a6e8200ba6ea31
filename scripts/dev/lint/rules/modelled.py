"""Rule: the C that `make model` stands for is that of the series."""

import os

from scripts.dev.lint.rules.model import Finding, Rule
from scripts.dev.model import modelled


def check_modelled(context):
    path = os.path.join(context.full_tree, modelled.SOURCE)
    with open(path, encoding='utf-8', errors='replace') as file:
        source = file.read()
    for text in modelled.stale(source):
        yield Finding(str(modelled.SOURCE), text)


RULES = [Rule('modelled', 'the model is of the C that the series has',
              check_modelled)]
