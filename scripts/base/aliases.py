"""Names of types that many functions take."""

import os
from collections.abc import Mapping
from typing import Union

#: Variables, as os.environ has them.
Environ = Mapping[str, str]
AnyPath = Union[str, 'os.PathLike[str]']
