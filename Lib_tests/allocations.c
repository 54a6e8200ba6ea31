/* Allocations that fail on demand: those of OpenSSL, and those that the
 * extension module _ssl of Python 2.7 asks Python or the C library for.
 *
 * Built by allocations.py.  For ELF systems; not for more than one thread.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Which one fails
 */

enum { OPENSSL, PYTHON, IMPORT };

static int armed;           /* counting, and failing where failing is due */
static int kind;            /* OPENSSL, PYTHON or IMPORT */
static long due;            /* the number of the one that fails, or -1 */
static int lasting;         /* all behind it fail too */
static long seen;
static long failed;
static const char *failed_file;     /* of OpenSSL's source, or the function */
static int failed_line;

static int
fails(int which, const char *file, int line)
{
    long number;

    if (!armed || which != kind)
        return 0;
    number = seen++;
    if (due < 0 || number < due || (number > due && !lasting))
        return 0;
    if (failed++ == 0) {
        failed_file = file;
        failed_line = line;
    }
    return 1;
}

/* Count from now on; with due >= 0 let allocation number due fail, the first
 * one being number 0, and with lasting all that follow.
 */
void
arm(int new_kind, long new_due, int new_lasting)
{
    kind = new_kind;
    due = new_due;
    lasting = new_lasting;
    seen = failed = 0;
    failed_file = NULL;
    failed_line = 0;
    armed = 1;
}

/* Returns how many were asked for; *did_fail is how many of these failed, and
 * *file and *line where the first of them was asked for.
 */
long
disarm(long *did_fail, const char **file, int *line)
{
    armed = 0;
    *did_fail = failed;
    *file = failed_file;
    *line = failed_line;
    return seen;
}

/*
 * OpenSSL's
 */

struct block {
    struct block *next, *previous;
    const char *file;
    size_t size;
    unsigned long number;
    int line;
    int counted;
};

#define HEADER ((sizeof(struct block) + 15) / 16 * 16)

static struct block all = {&all, &all, NULL, 0, 0, 0, 0};
static unsigned long numbered;
static long live;

/* What a thread's error queue holds on to says nothing about a leak. */
static int
is_counted(const char *file)
{
    return file == NULL || strstr(file, "crypto/err/") == NULL;
}

static void
insert(struct block *block)
{
    block->next = &all;
    block->previous = all.previous;
    all.previous->next = block;
    all.previous = block;
    live += block->counted;
}

static void
take_out(struct block *block)
{
    block->next->previous = block->previous;
    block->previous->next = block->next;
    live -= block->counted;
}

static void *
openssl_malloc(size_t size, const char *file, int line)
{
    struct block *block;

    if (size == 0 || fails(OPENSSL, file, line))
        return NULL;
    block = malloc(HEADER + size);
    if (block == NULL)
        return NULL;
    block->file = file;
    block->line = line;
    block->size = size;
    block->number = ++numbered;
    block->counted = is_counted(file);
    insert(block);
    return (char *)block + HEADER;
}

static void
openssl_free(void *memory, const char *file, int line)
{
    struct block *block;

    (void)file;
    (void)line;
    if (memory == NULL)
        return;
    block = (struct block *)((char *)memory - HEADER);
    take_out(block);
    free(block);
}

/* Always moves the block, so that a pointer kept to the old place shows up. */
static void *
openssl_realloc(void *memory, size_t size, const char *file, int line)
{
    void *moved;
    size_t old;

    if (memory == NULL)
        return openssl_malloc(size, file, line);
    if (size == 0) {
        openssl_free(memory, file, line);
        return NULL;
    }
    moved = openssl_malloc(size, file, line);
    if (moved == NULL)
        return NULL;
    old = ((struct block *)((char *)memory - HEADER))->size;
    memcpy(moved, memory, old < size ? old : size);
    openssl_free(memory, file, line);
    return moved;
}

/* Give OpenSSL the hooks, by the address of its CRYPTO_set_mem_functions().
 * Returns 0 if it is too late: something has been allocated.
 */
int
hook_openssl(int (*set_mem_functions)(void *(*)(size_t, const char *, int),
                                      void *(*)(void *, size_t, const char *,
                                                int),
                                      void (*)(void *, const char *, int)))
{
    return set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
}

long
live_blocks(void)
{
    return live;
}

unsigned long
newest_block(void)
{
    return numbered;
}

/* Write what is still there of all that was allocated behind block number,
 * one "file:line size" a line, as far as there is room.
 */
void
list_blocks(unsigned long number, char *text, size_t room)
{
    const struct block *block;
    size_t used = 0;
    int length;

    text[0] = '\0';
    for (block = all.next; block != &all; block = block->next) {
        if (block->number <= number || !block->counted)
            continue;
        length = snprintf(text + used, room - used, "%s:%d %lu\n",
                          block->file == NULL ? "?" : block->file,
                          block->line, (unsigned long)block->size);
        if (length < 0 || (size_t)length >= room - used) {
            text[used] = '\0';
            return;
        }
        used += length;
    }
}

/*
 * Python's and the C library's, as _ssl asks for them
 */

typedef long word;
typedef word (*function)(word, ...);

/* Called with what the caller gave, however much that is: no call in _ssl has
 * more than 24 words, and none is a floating point number.
 */
#define WORDS word a, word b, word c, word d, word e, word f, word g, \
              word h, word i, word j, word k, word l, word m, word n, \
              word o, word p, word q, word r, word s, word t, word u, \
              word v, word w, word x
#define PASSED a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, \
               u, v, w, x

#define FUNCTIONS \
    FUNCTION(_PyArg_ParseTupleAndKeywords_SizeT, 0, 1) \
    FUNCTION(_PyArg_ParseTuple_SizeT, 0, 1) \
    FUNCTION(_PyObject_GC_New, 0, 1) \
    FUNCTION(_PyObject_CallFunction_SizeT, 0, 1) \
    FUNCTION(_PyObject_CallMethod_SizeT, 0, 1) \
    FUNCTION(_PyObject_New, 0, 1) \
    FUNCTION(_Py_BuildValue_SizeT, 0, 1) \
    FUNCTION(PyArg_ParseTuple, 0, 1) \
    FUNCTION(PyDict_Copy, 0, 1) \
    FUNCTION(PyDict_New, 0, 1) \
    FUNCTION(PyInt_FromLong, 0, 1) \
    FUNCTION(PyInt_FromSize_t, 0, 1) \
    FUNCTION(PyList_Append, -1, 1) \
    FUNCTION(PyList_AsTuple, 0, 1) \
    FUNCTION(PyList_New, 0, 1) \
    FUNCTION(PyLong_FromLong, 0, 1) \
    FUNCTION(PyMem_Malloc, 0, 0) \
    FUNCTION(PyObject_CallFunction, 0, 1) \
    FUNCTION(PyObject_CallFunctionObjArgs, 0, 1) \
    FUNCTION(PyObject_CallMethod, 0, 1) \
    FUNCTION(PyObject_CallObject, 0, 1) \
    FUNCTION(PyObject_SetAttrString, -1, 1) \
    FUNCTION(PyString_FromString, 0, 1) \
    FUNCTION(PyString_FromStringAndSize, 0, 1) \
    FUNCTION(PyTuple_New, 0, 1) \
    FUNCTION(PyType_GenericAlloc, 0, 1) \
    FUNCTION(PyUnicodeUCS2_DecodeUTF8, 0, 1) \
    FUNCTION(PyUnicodeUCS2_FromEncodedObject, 0, 1) \
    FUNCTION(PyUnicodeUCS2_FromFormat, 0, 1) \
    FUNCTION(PyUnicodeUCS2_FromString, 0, 1) \
    FUNCTION(PyUnicodeUCS2_FromStringAndSize, 0, 1) \
    FUNCTION(PyUnicodeUCS4_DecodeUTF8, 0, 1) \
    FUNCTION(PyUnicodeUCS4_FromEncodedObject, 0, 1) \
    FUNCTION(PyUnicodeUCS4_FromFormat, 0, 1) \
    FUNCTION(PyUnicodeUCS4_FromString, 0, 1) \
    FUNCTION(PyUnicodeUCS4_FromStringAndSize, 0, 1) \
    FUNCTION(PyWeakref_NewRef, 0, 1) \
    FUNCTION(Py_BuildValue, 0, 1) \
    FUNCTION(calloc, 0, 0) \
    FUNCTION(malloc, 0, 0)

/* What the module asks for when it is imported.  Those of OpenSSL are found
 * if it is loaded with RTLD_GLOBAL.
 */
#define IMPORT_FUNCTIONS \
    FUNCTION(BIO_get_new_index, -1, 0) \
    FUNCTION(BIO_meth_new, 0, 0) \
    FUNCTION(CRYPTO_THREAD_lock_new, 0, 0) \
    FUNCTION(PyErr_NewException, 0, 1) \
    FUNCTION(PyErr_NewExceptionWithDoc, 0, 1) \
    FUNCTION(PyTuple_Pack, 0, 1) \
    FUNCTION(__register_atfork, ENOMEM, 0) \
    FUNCTION(pthread_atfork, ENOMEM, 0)

static function no_memory;          /* PyErr_NoMemory() */

/* A function of the same name in front of each of Python's: its result if
 * it fails, and whether it then raises MemoryError.
 */
#define HOOK(KIND, NAME, RESULT, RAISES) \
    static function real_##NAME; \
    static word \
    hook_##NAME(WORDS) \
    { \
        if (fails(KIND, #NAME, 0)) { \
            if (RAISES) \
                no_memory(0); \
            return RESULT; \
        } \
        return real_##NAME(PASSED); \
    }
#define FUNCTION(NAME, RESULT, RAISES) HOOK(PYTHON, NAME, RESULT, RAISES)
FUNCTIONS
#undef FUNCTION
#define FUNCTION(NAME, RESULT, RAISES) HOOK(IMPORT, NAME, RESULT, RAISES)
IMPORT_FUNCTIONS
#undef FUNCTION

static const struct hook {
    const char *name;
    function hook;
    function *real;
} hooks[] = {
#define FUNCTION(NAME, RESULT, RAISES) \
    {#NAME, (function)hook_##NAME, &real_##NAME},
    FUNCTIONS
    IMPORT_FUNCTIONS
#undef FUNCTION
    {NULL, NULL, NULL}
};

static function
found(const char *name)
{
    return (function)dlsym(RTLD_DEFAULT, name);
}

static int
replace(void *place, function hook)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *start = (char *)((size_t)place / page * page);

    if (mprotect(start, (size_t)((char *)place - start) + sizeof(hook),
                 PROT_READ | PROT_WRITE) != 0)
        return 0;
    memcpy(place, &hook, sizeof(hook));
    return 1;
}

#if UINTPTR_MAX > 0xffffffff
#define SYMBOL_OF(info) ELF64_R_SYM(info)
#else
#define SYMBOL_OF(info) ELF32_R_SYM(info)
#endif

/* Relocations, with an addend each (Elf*_Rela) or without (Elf*_Rel, which
 * begins alike).
 */
struct table {
    const char *start;
    size_t size;
    size_t step;
};

/* Look through the relocations of the module for calls of what has a hook. */
static int
replace_calls(const struct dl_phdr_info *module)
{
    const ElfW(Dyn) *entry = NULL;
    const ElfW(Sym) *symbols = NULL;
    struct table calls = {NULL, 0, sizeof(ElfW(Rela))};
    struct table with = {NULL, 0, sizeof(ElfW(Rela))};
    struct table without = {NULL, 0, sizeof(ElfW(Rel))};
    const struct table *tables[3];
    const ElfW(Rel) *relocation;
    const char *names = NULL, *name;
    const struct hook *hook;
    char *base = (char *)module->dlpi_addr;
    size_t offset;
    int i, replaced = 0;

    for (i = 0; i < module->dlpi_phnum; i++)
        if (module->dlpi_phdr[i].p_type == PT_DYNAMIC)
            entry = (const ElfW(Dyn) *)(base + module->dlpi_phdr[i].p_vaddr);
    if (entry == NULL)
        return 0;
    for (; entry->d_tag != DT_NULL; entry++) {
        /* The loader has made addresses of these, but for musl's. */
        size_t value = entry->d_un.d_val;
        char *address = value < (size_t)base ? base + value : (char *)value;

        switch (entry->d_tag) {
        case DT_STRTAB: names = address; break;
        case DT_SYMTAB: symbols = (const ElfW(Sym) *)address; break;
        case DT_JMPREL: calls.start = address; break;
        case DT_PLTRELSZ: calls.size = value; break;
        case DT_PLTREL:
            if (value == DT_REL)
                calls.step = sizeof(ElfW(Rel));
            break;
        case DT_RELA: with.start = address; break;
        case DT_RELASZ: with.size = value; break;
        case DT_REL: without.start = address; break;
        case DT_RELSZ: without.size = value; break;
        }
    }
    if (names == NULL || symbols == NULL)
        return 0;
    tables[0] = &calls;
    tables[1] = &with;
    tables[2] = &without;
    for (i = 0; i < 3; i++) {
        if (tables[i]->start == NULL)
            continue;
        for (offset = 0; offset < tables[i]->size;
             offset += tables[i]->step) {
            relocation = (const ElfW(Rel) *)(tables[i]->start + offset);
            name = names + symbols[SYMBOL_OF(relocation->r_info)].st_name;
            for (hook = hooks; hook->name != NULL; hook++)
                if (*hook->real != NULL && strcmp(name, hook->name) == 0)
                    replaced += replace(base + relocation->r_offset,
                                        hook->hook);
        }
    }
    return replaced;
}

static int
visit(struct dl_phdr_info *module, size_t size, void *address)
{
    int i;

    (void)size;
    for (i = 0; i < module->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &module->dlpi_phdr[i];
        size_t start = module->dlpi_addr + header->p_vaddr;

        if (header->p_type == PT_LOAD && (size_t)address >= start &&
            (size_t)address < start + header->p_memsz)
            return replace_calls(module);
    }
    return 0;
}

/* Put the hooks between Python and the extension module that has address in
 * it.  Returns how many calls were replaced.
 */
int
hook_python(void *address)
{
    const struct hook *hook;

    no_memory = found("PyErr_NoMemory");
    if (no_memory == NULL)
        return 0;
    for (hook = hooks; hook->name != NULL; hook++)
        *hook->real = found(hook->name);
    return dl_iterate_phdr(visit, address);
}

/* Types do not call by name: put a hook into the slot of the type, size bytes
 * long, that holds PyType_GenericAlloc.  Returns 0 if there is none.
 */
int
hook_type(void *type, size_t size)
{
    function *slot = type;

    for (; (char *)(slot + 1) <= (char *)type + size; slot++)
        if (*slot == real_PyType_GenericAlloc) {
            *slot = (function)hook_PyType_GenericAlloc;
            return 1;
        }
    return 0;
}
