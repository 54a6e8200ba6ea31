/* Where the bundled OpenSSL looks for certificates: where this system has
   them.  Takes the place of OpenSSL's x509_def.o, which knows one folder that
   is chosen when it is compiled.  SSL_CERT_FILE and SSL_CERT_DIR still go
   first; OpenSSL reads them itself. */

#include <stddef.h>
#include <unistd.h>
#include <openssl/x509.h>

#pragma GCC visibility push(hidden)

static const char *const files[] = {
    "/etc/ssl/certs/ca-certificates.crt",   /* Debian, Ubuntu, Arch, Gentoo */
    "/etc/pki/tls/certs/ca-bundle.crt",     /* Fedora, RHEL, CentOS */
    "/etc/ssl/ca-bundle.pem",               /* openSUSE */
    "/etc/ssl/cert.pem",                    /* Alpine */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",    /* Fedora 43 */
    NULL
};

static const char *const dirs[] = {
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    NULL
};

/* The first of the paths that can be read, or the first one. */
static const char *
first(const char *const *paths)
{
    const char *const *path;

    for (path = paths; *path != NULL; path++)
        if (access(*path, R_OK) == 0)
            return *path;
    return paths[0];
}

const char *
X509_get_default_cert_file(void)
{
    return first(files);
}

const char *
X509_get_default_cert_dir(void)
{
    return first(dirs);
}

const char *
X509_get_default_cert_file_env(void)
{
    return "SSL_CERT_FILE";
}

const char *
X509_get_default_cert_dir_env(void)
{
    return "SSL_CERT_DIR";
}

/* The folder of openssl.cnf: see AREA in staticssl.py. */
const char *
X509_get_default_cert_area(void)
{
    return OVERLAY_AREA;
}

const char *
X509_get_default_private_dir(void)
{
    return OVERLAY_AREA "/private";
}

#pragma GCC visibility pop
