/* Let UndefinedBehaviorSanitizer write where UBSAN_LOG says, for LD_PRELOAD.
 *
 * gcc's libubsan ignores log_path where AddressSanitizer is in the process,
 * too: its reports go to the standard error, which tests capture.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

__attribute__((constructor))
static void
set_path(void)
{
    const char *path = getenv("UBSAN_LOG");
    void *library = dlopen("libubsan.so.1", RTLD_LAZY | RTLD_NOLOAD);
    void (*set)(const char *);

    if (path == NULL || library == NULL)
        return;
    *(void **)&set = dlsym(library, "__sanitizer_set_report_path");
    if (set != NULL)
        set(path);
}
