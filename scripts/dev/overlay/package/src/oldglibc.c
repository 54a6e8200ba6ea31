/* What OpenSSL uses of the C library and old ones do not have.  A wheel is
   linked with these, so that it runs with glibc 2.5; see oldlibc.py. */

#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#pragma GCC visibility push(hidden)

/* The version of struct stat that the kernel and this compiler agree on. */
#ifdef __aarch64__
#define STAT_VERSION 0
#elif defined(__x86_64__)
#define STAT_VERSION 1
#else
#define STAT_VERSION 3
#endif

__attribute__((visibility("default")))
extern int __xstat(int version, const char *path, struct stat *result);
__attribute__((visibility("default")))
extern int __fxstat(int version, int fd, struct stat *result);

#undef stat
#undef fstat

int
stat(const char *path, struct stat *result)
{
    return __xstat(STAT_VERSION, path, result);
}

int
fstat(int fd, struct stat *result)
{
    return __fxstat(STAT_VERSION, fd, result);
}

char *
secure_getenv(const char *name)
{
    if (getuid() != geteuid() || getgid() != getegid())
        return NULL;
    return getenv(name);
}

int
clock_gettime(clockid_t clock, struct timespec *result)
{
    return (int)syscall(SYS_clock_gettime, clock, result);
}

/* errno ENOSYS: OpenSSL reads /dev/urandom then. */
int
getentropy(void *buffer, size_t size)
{
#ifdef SYS_getrandom
    long got;

    if (size > 256) {
        errno = EIO;
        return -1;
    }
    do
        got = syscall(SYS_getrandom, buffer, size, 0);
    while (got < 0 && errno == EINTR);
    if (got == (long)size)
        return 0;
    if (got >= 0)
        errno = EIO;
    return -1;
#else
    errno = ENOSYS;
    return -1;
#endif
}

/* Only %a is read in another way by the older function. */
int
__isoc99_sscanf(const char *text, const char *format, ...)
{
    va_list arguments;
    int result;
    extern int old_vsscanf(const char *, const char *, va_list)
        __asm__("vsscanf") __attribute__((visibility("default")));

    va_start(arguments, format);
    result = old_vsscanf(text, format, arguments);
    va_end(arguments);
    return result;
}

#pragma GCC visibility pop
