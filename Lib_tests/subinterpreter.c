/* Run Python code in an interpreter of its own, in this process, as mod_wsgi
 * does.  Built by test_turns.py, and called with the GIL.
 */

#include <stddef.h>

/* As <Python.h> has them; where that is depends on how Python was built. */
void *PyThreadState_Swap(void *);
void *Py_NewInterpreter(void);
void Py_EndInterpreter(void *);
int PyRun_SimpleStringFlags(const char *, void *);

int
run(const char *code)
{
    void *here = PyThreadState_Swap(NULL);
    void *there = Py_NewInterpreter();
    int result = -1;

    if (there != NULL) {
        result = PyRun_SimpleStringFlags(code, NULL);
        Py_EndInterpreter(there);
    }
    PyThreadState_Swap(here);
    return result;
}
