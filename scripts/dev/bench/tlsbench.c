/* The C contender of "make bench": what OpenSSL itself can do over BIO_s_mem.
 *
 *     tlsbench CERTS
 *
 * CERTS is the folder with ca.pem, server.pem and ecdsa.pem.  Requests are
 * lines of words on standard input, each is answered by one line of JSON on
 * standard output; worker/main.py speaks the same protocol:
 *
 *     hello                               versions
 *     open bulk VERSION SIZE              a verified connection
 *     open handshake VERSION KEY HOST     KEY rsa or ecdsa; HOST yes or no
 *     open bio SIZE                       BIO_write + BIO_read
 *     open backlog BYTES SIZE             the same behind a backlog
 *     open writes BYTES SIZE              BIO_write alone behind a backlog
 *     open memcpy SIZE                    two copies
 *     open threads WORK...                WORK bulk or handshake, as above;
 *                                         a second process instead of a thread
 *     open memory PAIRS BURST             RSS of idle pairs, after a burst
 *     run N                               N operations, timed
 *     close                               end the case
 *
 * Times are nanoseconds: "cpu" of this thread, "wall" of the clock.
 */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#define READ_SIZE 16384         /* of each SSL_read, as in the Python worker */
#define FILL_SIZE 16384         /* of the writes that make a backlog */
#define BLOCK 256               /* writes that are timed together */
#define ROUNDS 20               /* a handshake that needs more is stuck */

typedef struct {
    SSL *ssl;
    BIO *in, *out;              /* owned by ssl */
} End;

typedef struct {
    End client, server;
} Pair;

typedef struct {
    const char *name;
    void (*run)(long count);
    void (*close)(void);
} Case;

static const char *certs;
static Case the_case;
static SSL_CTX *client_ctx, *server_ctx;
static Pair pair;
static int check_host;
static const char *host_name;
static unsigned char *message, *carrier, *target;
static size_t message_size, carrier_size;
static BIO *bio;
static double writes_cpu;

static void
fail(const char *format, ...)
{
    char text[400];
    unsigned long code = ERR_peek_error();
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("{\"error\": \"tlsbench: %s%s%s\"}\n", text, code ? ": " : "",
           code ? ERR_reason_error_string(code) : "");
    fflush(stdout);
    exit(1);
}

static double
clock_ns(clockid_t id)
{
    struct timespec now;

    if (clock_gettime(id, &now))
        fail("clock_gettime: %s", strerror(errno));
    return now.tv_sec * 1e9 + now.tv_nsec;
}

static void *
allocate(size_t size)
{
    void *p = malloc(size ? size : 1);

    if (p == NULL)
        fail("out of memory");
    memset(p, 'x', size);
    return p;
}

/* ---- connections ----------------------------------------------------- */

static SSL_CTX *
new_context(const char *version, int server, const char *key)
{
    char path[4096];
    int number = strcmp(version, "TLSv1.2") ? TLS1_3_VERSION : TLS1_2_VERSION;
    SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() :
                               TLS_client_method());

    if (ctx == NULL ||
        !SSL_CTX_set_min_proto_version(ctx, number) ||
        !SSL_CTX_set_max_proto_version(ctx, number) ||
        !SSL_CTX_set_cipher_list(ctx, "ECDHE+AES256+AESGCM"))
        fail("cannot make a context");
    if (server) {
        snprintf(path, sizeof(path), "%s/%s.pem", certs,
                 strcmp(key, "ecdsa") ? "server" : "ecdsa");
        if (SSL_CTX_use_certificate_chain_file(ctx, path) != 1 ||
            SSL_CTX_use_PrivateKey_file(ctx, path, SSL_FILETYPE_PEM) != 1)
            fail("cannot load %s", path);
    }
    else {
        snprintf(path, sizeof(path), "%s/ca.pem", certs);
        if (SSL_CTX_load_verify_locations(ctx, path, NULL) != 1)
            fail("cannot load %s", path);
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    }
    return ctx;
}

static void
set_contexts(const char *version, const char *key, const char *host)
{
    if (strcmp(version, "TLSv1.2") && strcmp(version, "TLSv1.3"))
        fail("unknown version %s", version);
    client_ctx = new_context(version, 0, key);
    server_ctx = new_context(version, 1, key);
    check_host = !strcmp(host, "yes");
    host_name = strcmp(key, "ecdsa") ? "server.test" : "ecdsa.test";
}

static void
free_contexts(void)
{
    SSL_CTX_free(client_ctx);
    SSL_CTX_free(server_ctx);
    client_ctx = server_ctx = NULL;
}

static void
open_end(End *end, SSL_CTX *ctx)
{
    end->ssl = SSL_new(ctx);
    end->in = BIO_new(BIO_s_mem());
    end->out = BIO_new(BIO_s_mem());
    if (end->ssl == NULL || end->in == NULL || end->out == NULL)
        fail("cannot make a connection");
    BIO_set_mem_eof_return(end->in, -1);
    BIO_set_mem_eof_return(end->out, -1);
    SSL_set_bio(end->ssl, end->in, end->out);
    /* What Python's ssl sets. */
    SSL_set_mode(end->ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                 SSL_MODE_AUTO_RETRY);
}

/* All that waits in *from*, at once, as outgoing.read() does. */
static void
carry(BIO *from, BIO *to)
{
    int n;

    if (BIO_ctrl_pending(from) == 0)
        return;
    n = BIO_read(from, carrier, (int)carrier_size);
    if (n <= 0 || BIO_write(to, carrier, n) != n || BIO_ctrl_pending(from))
        fail("bytes were lost on the way");
}

static void
open_pair(Pair *p)
{
    int round, client = 0, server = 0;

    open_end(&p->client, client_ctx);
    open_end(&p->server, server_ctx);
    if (!SSL_set_tlsext_host_name(p->client.ssl, host_name) ||
        (check_host && !SSL_set1_host(p->client.ssl, host_name)))
        fail("cannot set the host name");
    SSL_set_connect_state(p->client.ssl);
    SSL_set_accept_state(p->server.ssl);
    for (round = 0; round < ROUNDS && !(client && server); round++) {
        if (!client)
            client = SSL_do_handshake(p->client.ssl) == 1;
        carry(p->client.out, p->server.in);
        if (!server)
            server = SSL_do_handshake(p->server.ssl) == 1;
        carry(p->server.out, p->client.in);
    }
    if (!client || !server)
        fail("the handshake failed");
}

static void
close_pair(Pair *p)
{
    SSL_free(p->client.ssl);
    SSL_free(p->server.ssl);
}

static void
check_pair(Pair *p)
{
    const char *name = SSL_get_cipher_name(p->client.ssl);

    if (strstr(name, "AES256-GCM-SHA384") == NULL &&
        strcmp(name, "TLS_AES_256_GCM_SHA384"))
        fail("the cipher is %s", name);
    if (SSL_get_verify_result(p->client.ssl) != X509_V_OK)
        fail("the certificate was not verified");
}

/* One message; the plaintext's end is left in *target*. */
static void
transfer(End *from, End *to)
{
    size_t left = message_size;
    int n;

    if (SSL_write(from->ssl, message, (int)message_size) != (int)message_size)
        fail("SSL_write");
    carry(from->out, to->in);
    while (left) {
        n = SSL_read(to->ssl, target, READ_SIZE);
        if (n <= 0 || (size_t)n > left)
            fail("SSL_read");
        left -= n;
    }
}

static void
allocate_buffers(size_t size)
{
    message_size = size;
    /* A record of 16384 bytes grows by 22 to 29; a flight is under 16 KiB. */
    carrier_size = size + size / 256 + 32768;
    message = allocate(size);
    carrier = allocate(carrier_size);
    target = allocate(size > READ_SIZE ? size : READ_SIZE);
}

static void
free_buffers(void)
{
    free(message);
    free(carrier);
    free(target);
    message = carrier = target = NULL;
}

/* ---- the cases ------------------------------------------------------- */

static void
run_bulk(long count)
{
    while (count-- > 0)
        transfer(&pair.client, &pair.server);
}

static void
close_bulk(void)
{
    close_pair(&pair);
    free_contexts();
    free_buffers();
}

static void
open_bulk(const char *version, size_t size)
{
    allocate_buffers(size);
    set_contexts(version, "rsa", "yes");
    open_pair(&pair);
    check_pair(&pair);
    /* The session tickets of TLS 1.3 are read before anything is timed. */
    if (SSL_read(pair.client.ssl, target, 1) > 0)
        fail("unexpected data");
    ERR_clear_error();
    transfer(&pair.client, &pair.server);
    if (memcmp(target, message, size < READ_SIZE ? size : READ_SIZE))
        fail("the bytes are not those sent");
}

static void
run_handshake(long count)
{
    Pair one;

    while (count-- > 0) {
        open_pair(&one);
        close_pair(&one);
    }
}

static void
close_handshake(void)
{
    free_contexts();
    free_buffers();
}

static void
open_handshake(const char *version, const char *key, const char *host)
{
    Pair one;

    allocate_buffers(1);
    set_contexts(version, key, host);
    open_pair(&one);
    check_pair(&one);
    if (SSL_session_reused(one.client.ssl))
        fail("the handshake was not a full one");
    close_pair(&one);
}

static void
run_bio(long count)
{
    int size = (int)message_size;

    while (count-- > 0)
        if (BIO_write(bio, message, size) != size ||
            BIO_read(bio, target, size) != size)
            fail("BIO_write or BIO_read");
}

/* Only the writes are timed; a read behind every block of them, which is not,
 * keeps the backlog as it is. */
static void
run_writes(long count)
{
    int i, size = (int)message_size;

    writes_cpu = 0;
    for (; count > 0; count -= BLOCK) {
        double start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

        for (i = 0; i < BLOCK; i++)
            if (BIO_write(bio, message, size) != size)
                fail("BIO_write");
        writes_cpu += clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
        if (BIO_read(bio, carrier, BLOCK * size) != BLOCK * size)
            fail("BIO_read");
    }
}

static void
close_bio(void)
{
    BIO_free(bio);
    bio = NULL;
    free_buffers();
}

static void
open_bio(size_t backlog, size_t size)
{
    size_t part;

    allocate_buffers(size > FILL_SIZE / BLOCK ? size * BLOCK : FILL_SIZE);
    message_size = size;
    bio = BIO_new(BIO_s_mem());
    if (bio == NULL)
        fail("BIO_new");
    for (; backlog; backlog -= part) {
        part = backlog < FILL_SIZE ? backlog : FILL_SIZE;
        if (BIO_write(bio, message, (int)part) != (int)part)
            fail("cannot write the backlog");
    }
}

static void
run_memcpy(long count)
{
    /* Called through volatile pointers: no compiler leaves one out. */
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;

    while (count-- > 0) {
        copy(carrier, message, message_size);
        copy(target, carrier, message_size);
    }
}

/* ---- two processes --------------------------------------------------- */

static Case work;
static pid_t partner;
static int to_partner, from_partner;
static double one_wall, two_wall;
static long one_done, two_done;     /* operations, by whoever did them */

static void
partner_main(int in, int out)
{
    long count;

    while (read(in, &count, sizeof(count)) == (ssize_t)sizeof(count)) {
        work.run(count);
        if (write(out, &count, sizeof(count)) != (ssize_t)sizeof(count))
            break;
    }
    _exit(0);
}

static void
run_threads(long count)
{
    double start = clock_ns(CLOCK_MONOTONIC);
    long done;

    work.run(count);
    one_done = count;
    one_wall = clock_ns(CLOCK_MONOTONIC) - start;
    start = clock_ns(CLOCK_MONOTONIC);
    if (write(to_partner, &count, sizeof(count)) != (ssize_t)sizeof(count))
        fail("the second process is gone");
    work.run(count);
    if (read(from_partner, &done, sizeof(done)) != (ssize_t)sizeof(done))
        fail("the second process is gone");
    two_done = count + done;
    two_wall = clock_ns(CLOCK_MONOTONIC) - start;
}

static void
close_threads(void)
{
    close(to_partner);
    close(from_partner);
    waitpid(partner, NULL, 0);
    partner = 0;
    work.close();
}

static void
open_threads(void)
{
    int down[2], up[2];

    if (pipe(down) || pipe(up))
        fail("pipe: %s", strerror(errno));
    fflush(stdout);
    partner = fork();
    if (partner < 0)
        fail("fork: %s", strerror(errno));
    if (partner == 0) {
        close(down[1]);
        close(up[0]);
        partner_main(down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    to_partner = down[1];
    from_partner = up[0];
}

/* ---- memory ---------------------------------------------------------- */

static long pairs_wanted;
static Pair *pairs;

static double
resident(void)
{
    long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
        fail("cannot read /proc/self/statm");
    fclose(file);
    return (double)pages * sysconf(_SC_PAGESIZE);
}

static void
run_memory(long count)
{
    double base, idle, burst, trimmed;
    long i;

    (void)count;
    pairs = calloc(pairs_wanted, sizeof(Pair));
    if (pairs == NULL)
        fail("out of memory");
    open_pair(&pair);           /* what is there once only */
    transfer(&pair.client, &pair.server);
    transfer(&pair.server, &pair.client);
    malloc_trim(0);
    base = resident();
    for (i = 0; i < pairs_wanted; i++) {
        open_pair(&pairs[i]);
        if (SSL_read(pairs[i].client.ssl, target, 1) > 0)
            fail("unexpected data");
        ERR_clear_error();
    }
    idle = resident() - base;
    for (i = 0; i < pairs_wanted; i++) {
        transfer(&pairs[i].client, &pairs[i].server);
        transfer(&pairs[i].server, &pairs[i].client);
    }
    burst = resident() - base;
    malloc_trim(0);
    trimmed = resident() - base;
    printf("{\"pairs\": %ld, \"idle\": %.0f, \"after_burst\": %.0f, "
           "\"trimmed\": %.0f}\n", pairs_wanted, idle / pairs_wanted,
           burst / pairs_wanted, trimmed / pairs_wanted);
}

static void
close_memory(void)
{
    long i;

    for (i = 0; i < pairs_wanted; i++)
        close_pair(&pairs[i]);
    free(pairs);
    close_bulk();
}

/* ---- requests -------------------------------------------------------- */

static size_t
number(const char *word)
{
    char *end;
    unsigned long value = strtoul(word, &end, 10);

    if (*word == '\0' || *end != '\0' || value > 0x20000000)
        fail("not a size: %s", word);
    return value;
}

static void
open_case(char **word, int count)
{
    static const Case bulk = {"bulk", run_bulk, close_bulk};
    static const Case handshake = {"handshake", run_handshake,
                                   close_handshake};
    static const Case bios = {"bio", run_bio, close_bio};
    static const Case writes = {"writes", run_writes, close_bio};
    static const Case copies = {"memcpy", run_memcpy, free_buffers};
    static const Case threads = {"threads", run_threads, close_threads};
    static const Case memory = {"memory", run_memory, close_memory};

    if (the_case.name != NULL)
        fail("a case is open");
    if (count == 3 && !strcmp(word[0], "bulk")) {
        open_bulk(word[1], number(word[2]));
        the_case = bulk;
    }
    else if (count == 4 && !strcmp(word[0], "handshake")) {
        open_handshake(word[1], word[2], word[3]);
        the_case = handshake;
    }
    else if (count == 2 && !strcmp(word[0], "bio")) {
        open_bio(0, number(word[1]));
        the_case = bios;
    }
    else if (count == 3 && !strcmp(word[0], "backlog")) {
        open_bio(number(word[1]), number(word[2]));
        the_case = bios;
    }
    else if (count == 3 && !strcmp(word[0], "writes")) {
        open_bio(number(word[1]), number(word[2]));
        the_case = writes;
    }
    else if (count == 2 && !strcmp(word[0], "memcpy")) {
        allocate_buffers(number(word[1]));
        the_case = copies;
    }
    else if (count > 1 && !strcmp(word[0], "threads") &&
             (!strcmp(word[1], "bulk") || !strcmp(word[1], "handshake"))) {
        open_case(word + 1, count - 1);
        work = the_case;
        open_threads();
        the_case = threads;
    }
    else if (count == 3 && !strcmp(word[0], "memory")) {
        pairs_wanted = (long)number(word[1]);
        allocate_buffers(number(word[2]));
        set_contexts("TLSv1.3", "rsa", "yes");
        the_case = memory;
    }
    else
        fail("cannot open %s", count ? word[0] : "nothing");
}

static void
run_case(long count)
{
    double cpu, wall;

    if (the_case.name == NULL || count < 1)
        fail("nothing to run");
    if (the_case.run == run_memory) {
        the_case.run(count);
        return;
    }
    if (the_case.run == run_writes) {
        count = (count + BLOCK - 1) / BLOCK * BLOCK;
        the_case.run(count);
        printf("{\"cpu\": %.0f, \"count\": %ld}\n", writes_cpu, count);
        return;
    }
    if (the_case.run == run_threads) {
        the_case.run(count);
        printf("{\"one\": %.0f, \"two\": %.0f, \"operations\": [%ld, %ld]}\n",
               one_wall, two_wall, one_done, two_done);
        return;
    }
    the_case.run(count / 20 + 1);       /* warm the caches */
    wall = clock_ns(CLOCK_MONOTONIC);
    cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    the_case.run(count);
    cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    wall = clock_ns(CLOCK_MONOTONIC) - wall;
    printf("{\"cpu\": %.0f, \"wall\": %.0f}\n", cpu, wall);
}

int
main(int argc, char **argv)
{
    char line[400], *word[8];
    int count;

    if (argc != 2)
        fail("usage: tlsbench CERTS");
    certs = argv[1];
    signal(SIGPIPE, SIG_IGN);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        count = 0;
        for (word[0] = strtok(line, " \n"); word[count] != NULL && count < 7;)
            word[++count] = strtok(NULL, " \n");
        if (count == 1 && !strcmp(word[0], "hello"))
            printf("{\"python\": null, \"openssl\": \"%s\"}\n",
                   OpenSSL_version(OPENSSL_VERSION));
        else if (count > 1 && !strcmp(word[0], "open")) {
            open_case(word + 1, count - 1);
            printf("{}\n");
        }
        else if (count == 2 && !strcmp(word[0], "run"))
            run_case((long)number(word[1]));
        else if (count == 1 && !strcmp(word[0], "close")) {
            if (the_case.name != NULL)
                the_case.close();
            memset(&the_case, 0, sizeof(the_case));
            printf("{}\n");
        }
        else
            fail("what is %s?", count ? word[0] : "an empty line");
        fflush(stdout);
    }
    return 0;
}
