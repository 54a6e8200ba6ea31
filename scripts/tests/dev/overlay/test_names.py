"""overlay: what the patches use of Python's headers is in 2.7.9's, too."""

import re

from scripts.base import paths
from scripts.dev.overlay import sources
from scripts.dev.patchfile import Patch
from scripts.series import groups

#: What was added to Include/ since 2.7.9, up to 2.7.18.
NEWER = {
    '_PyErr_ReplaceException', '_PyCodecInfo_GetIncrementalDecoder',
    '_PyCodecInfo_GetIncrementalEncoder', '_PyCodec_DecodeText',
    '_PyCodec_EncodeText', '_PyCodec_LookupTextEncoding', 'Py_SETREF',
    'Py_XSETREF', '_PyCode_ConstantKey', '_PyDict_GetItemWithError',
    '_PyDict_DelItemIf', '_PyEval_SliceIndexNotNone',
    '_PySlice_AdjustIndices', '_PySlice_Unpack', '_Py_gitidentifier',
    '_Py_gitversion', '_PyAnyInt_Check', '_PyAnyInt_CheckExact',
    '_Py_freegrammar'}


def used(text):
    """Those of NEWER that are in *text* (str)."""
    return NEWER & set(re.findall(r'\b_?Py\w+', text))


def test_what_is_found():
    assert used('    Py_SETREF(a, b); Py_SETREF_(c); Py_DECREF(d);') == {
        'Py_SETREF'}


def test_what_2_7_9_has_not_is_defined():
    text = (sources.PACKAGE / 'src' / 'overlay.c').read_text()
    assert text.index('#ifndef Py_SETREF') < text.index('"_ssl.c"')
    defined = set(re.findall(r'#ifndef (\w+)\n#define \1\(', text))
    for name in groups.read_series(paths.SERIES_FILE):
        patch = Patch.read(str(paths.PATCHES_DIR / name), name)
        added = ''.join(line.text + '\n' for line in patch.added_lines()
                        if re.fullmatch(r'Modules/_(ssl|hashopenssl).*',
                                        line.path))
        # The macros are for _ssl.c alone.
        assert used(added) <= defined, name
        assert '_hashopenssl' not in ' '.join(patch.paths) or \
            not used(added), name
