/* Count the blocks of memory that are in use, for LD_PRELOAD.
 *
 * Python 2.7 has no sys.getallocatedblocks(), and it would not see what
 * OpenSSL or _ssl.c take.  In an interpreter without pymalloc every block
 * of any of them comes from here.  Call blocks_in_use() with ctypes.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

/* glibc's own names for its allocator. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_long in_use;

long
blocks_in_use(void)
{
    return atomic_load(&in_use);
}

static void *
counted(void *block)
{
    if (block != NULL)
        atomic_fetch_add(&in_use, 1);
    return block;
}

void *
malloc(size_t size)
{
    return counted(__libc_malloc(size));
}

void *
calloc(size_t number, size_t size)
{
    return counted(__libc_calloc(number, size));
}

void *
realloc(void *block, size_t size)
{
    void *moved = __libc_realloc(block, size);

    if (block == NULL)
        return counted(moved);
    if (moved == NULL && size == 0)
        atomic_fetch_sub(&in_use, 1);
    return moved;
}

void *
memalign(size_t alignment, size_t size)
{
    return counted(__libc_memalign(alignment, size));
}

void *
aligned_alloc(size_t alignment, size_t size)
{
    return counted(__libc_memalign(alignment, size));
}

int
posix_memalign(void **block, size_t alignment, size_t size)
{
    *block = counted(__libc_memalign(alignment, size));
    return *block == NULL ? ENOMEM : 0;
}

void
free(void *block)
{
    if (block != NULL)
        atomic_fetch_sub(&in_use, 1);
    __libc_free(block);
}
