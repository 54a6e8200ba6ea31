/* Errors on purpose, one for each kind that make sanitize has to notice.
 *
 * The module is compiled with the flags of the interpreter that is to be
 * checked, and called in a process below another one.  A run in which these
 * are not reported proves nothing.
 */

#include <Python.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static volatile int sink;
static int counter;

static PyObject *
use_after_free(PyObject *self, PyObject *args)
{
    char * volatile block = malloc(32);

    if (block == NULL)
        return PyErr_NoMemory();
    memset(block, 1, 32);
    free(block);
    sink = block[3];
    Py_RETURN_NONE;
}

static PyObject *
undefined_shift(PyObject *self, PyObject *args)
{
    volatile int width = 40;

    sink = 1 << width;
    Py_RETURN_NONE;
}

static void *
count(void *unused)
{
    int i;

    for (i = 0; i < 1000; i++)
        counter++;
    return NULL;
}

static PyObject *
race(PyObject *self, PyObject *args)
{
    pthread_t threads[2];
    int i;

    for (i = 0; i < 2; i++) {
        if (pthread_create(&threads[i], NULL, count, NULL) != 0)
            return PyErr_SetFromErrno(PyExc_OSError);
    }
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"use_after_free", use_after_free, METH_NOARGS, NULL},
    {"undefined_shift", undefined_shift, METH_NOARGS, NULL},
    {"race", race, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}
};

PyMODINIT_FUNC
initsanitizer_canary(void)
{
    Py_InitModule("sanitizer_canary", methods);
}
