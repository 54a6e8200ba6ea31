/* libFuzzer with the patched interpreter inside.
 *
 * FUZZ_PYTHON is the interpreter in its build folder, FUZZ_PATH what is put
 * in front of sys.path.  Each input goes to target27.run(); an exception is
 * a finding.  The outcomes of calls count as coverage, by feature().  With
 * FUZZ_CANARY in the environ every input is one, to show that it is noticed.
 */

#include <Python.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEATURES 65536

__attribute__((section("__libfuzzer_extra_counters")))
static uint8_t features[FEATURES];

static PyObject *run_input;
static int canary;              /* make an error on purpose */
static uint64_t random_state;

/* The same numbers for the same input, or nothing could be repeated. */
static int
random_bytes(unsigned char *buffer, int count)
{
    uint64_t word;
    int i;

    for (i = 0; i < count; i++) {
        random_state += 0x9e3779b97f4a7c15u;
        word = (random_state ^ (random_state >> 30)) * 0xbf58476d1ce4e5b9u;
        buffer[i] = (unsigned char)((word ^ (word >> 27)) >> 24);
    }
    return 1;
}

static int
random_status(void)
{
    return 1;
}

static RAND_METHOD repeatable = {
    NULL, random_bytes, NULL, NULL, random_bytes, random_status
};

static PyObject *
feature(PyObject *self, PyObject *args)
{
    unsigned long number;

    if (!PyArg_ParseTuple(args, "k:feature", &number))
        return NULL;
    features[number % FEATURES] = 1;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"feature", feature, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL}
};

static const char *
need(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL) {
        fprintf(stderr, "%s is not set: use make fuzz\n", name);
        exit(2);
    }
    return value;
}

static void
check(int good)
{
    if (!good) {
        if (PyErr_Occurred())
            PyErr_Print();
        abort();
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    PyObject *path, *module;
    static char program[4096];

    snprintf(program, sizeof(program), "%s", need("FUZZ_PYTHON"));
    if (!RAND_set_rand_method(&repeatable)) {
        fprintf(stderr, "OpenSSL does not take other random numbers\n");
        exit(2);
    }
    canary = getenv("FUZZ_CANARY") != NULL;
    Py_SetProgramName(program);
    Py_InitializeEx(0);
    PySys_SetArgvEx(1, *argv, 0);
    check(Py_InitModule("_harness", methods) != NULL);
    path = PySys_GetObject("path");
    module = PyString_FromString(need("FUZZ_PATH"));
    check(path != NULL && module != NULL &&
          PyList_Insert(path, 0, module) == 0);
    Py_DECREF(module);
    module = PyString_FromString(need("FUZZ_TARGET"));
    check(module != NULL && PyList_Insert(path, 0, module) == 0);
    Py_DECREF(module);
    module = PyImport_ImportModule("target27");
    check(module != NULL);
    run_input = PyObject_GetAttrString(module, "run");
    check(run_input != NULL);
    Py_DECREF(module);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PyObject *result;

    if (canary) {
        char * volatile block = malloc(32);

        free(block);
        random_state = (uint64_t)block[3];
    }
    random_state = 1;
    result = PyObject_CallFunction(run_input, "s#", (const char *)data,
                                   (int)size);
    check(result != NULL);
    Py_DECREF(result);
    return 0;
}
