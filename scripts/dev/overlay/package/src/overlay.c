/* _ssl.c, for an interpreter that is there already.

   Its pyconfig.h tells which headers the machine had that it was built on.
   Of those that socketmodule.h includes, the ones for Bluetooth are in a
   package of their own, and nothing that _ssl uses depends on them. */

#define PY_SSIZE_T_CLEAN
#include "Python.h"

#undef HAVE_BLUETOOTH_BLUETOOTH_H
#undef HAVE_BLUETOOTH_H

#include "_ssl.c"
