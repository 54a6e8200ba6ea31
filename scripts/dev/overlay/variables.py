"""The variables of make that an overlay depends on."""

import os

from scripts.base import console
from scripts.build.variant import Variant


def groups(environ=os.environ):
    """(groups, cpython) that PATCHES and CPYTHON ask for, as Variant
    has them; ends the program if CONFIG and others ask for a build."""
    variant = Variant.from_env(environ)
    if variant.config != 'default' or variant.shared or \
            variant.configure_args:
        console.fail(
            'CONFIG, SHARED and CONFIGURE_ARGS are for an interpreter that '
            'is built here',
            'an overlay takes these from the interpreter that it is for: '
            'leave them out')
    return variant.groups, variant.cpython
