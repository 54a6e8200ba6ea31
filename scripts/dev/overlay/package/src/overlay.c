/* _ssl.c, for an interpreter that is there already.

   Its pyconfig.h tells which headers the machine had that it was built on.
   Of those that socketmodule.h includes, the ones for Bluetooth are in a
   package of their own, and nothing that _ssl uses depends on them. */

#define PY_SSIZE_T_CLEAN
#include "Python.h"

#undef HAVE_BLUETOOTH_BLUETOOTH_H
#undef HAVE_BLUETOOTH_H

/* In object.h since 2.7.12. */
#ifndef Py_SETREF
#define Py_SETREF(variable, value)                      \
    do {                                                \
        PyObject *before = (PyObject *)(variable);      \
        (variable) = (value);                           \
        Py_DECREF(before);                              \
    } while (0)
#endif

#include "_ssl.c"
