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

/* What _ssl.c calls init_ssl is not seen outside; init_ssl is below. */
static void init_series_ssl(void);
#define init_ssl init_series_ssl

#include "_ssl.c"

#undef init_ssl

/* The socket.py of 2.7.9 cannot be imported without _ssl.RAND_egd, which
   _ssl.c has only if OpenSSL has it, as none since 1.1.0. */

static PyObject *
no_egd(PyObject *self, PyObject *path)
{
    PyErr_SetString(PySSLErrorObject, "this OpenSSL knows no EGD");
    return NULL;
}

static PyMethodDef no_egd_def = {
    "RAND_egd", no_egd, METH_O,
    "RAND_egd(path)\n\nAlways an SSLError: this OpenSSL knows no EGD."
};

PyMODINIT_FUNC
init_ssl(void)
{
    PyObject *module, *function;

    init_series_ssl();
    if (PyErr_Occurred() || strncmp(Py_GetVersion(), "2.7.9", 5) != 0)
        return;
    module = PyImport_AddModule("_ssl");
    if (module == NULL || PyObject_HasAttrString(module, "RAND_egd"))
        return;
    function = PyCFunction_New(&no_egd_def, NULL);
    if (function != NULL)
        PyModule_AddObject(module, "RAND_egd", function);
}
