/* Many TLS clients of the echo server of "make bench", in one process.
 *
 *     echoclients CERTS PORT
 *
 * In C, so that the clients leave the machine to the server.  Requests are
 * lines on standard input, each is answered by one line of JSON:
 *
 *     connect COUNT WINDOW          open connections, WINDOW of them at once
 *     echo SECONDS SIZE WINDOW      send SIZE bytes on one connection after
 *                                   the other, WINDOW messages on the way
 *     close                         close_notify on all, then close
 *
 * Each echo is compared with what was sent.  A lost connection, a wrong byte
 * or ten seconds without progress end the program with an error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#define BATCH 256               /* events taken at once */
#define PATIENCE 10000          /* ms without an event: something is lost */
#define MAX_SIZE 16384

typedef struct {
    int fd;
    SSL *ssl;
    int established;
    size_t received;            /* of the message on the way */
    double sent_at;             /* ns */
    unsigned char seed;         /* of the message's bytes */
} Client;

static SSL_CTX *ctx;
static struct sockaddr_in address;
static Client *clients;
static long client_count;
static int poller;
static unsigned char buffer[MAX_SIZE], sample[MAX_SIZE + 256];
static double *latencies;
static long latency_count, latency_room;

static void
fail(const char *format, ...)
{
    char text[300];
    unsigned long code = ERR_peek_error();
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("{\"error\": \"echoclients: %s%s%s\"}\n", text, code ? ": " : "",
           code ? ERR_reason_error_string(code) : "");
    fflush(stdout);
    exit(1);
}

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static int
wait_events(struct epoll_event *events)
{
    int n;

    do
        n = epoll_wait(poller, events, BATCH, PATIENCE);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        fail("epoll_wait: %s", strerror(errno));
    if (n == 0)
        fail("no answer for %d s", PATIENCE / 1000);
    return n;
}

/* True if the call has to be repeated when there is more to read. */
static int
again(SSL *ssl, int result)
{
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return 1;
    }
    return 0;
}

static void
start_client(Client *client)
{
    struct epoll_event event;
    int one = 1;

    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (client->fd < 0)
        fail("socket: %s", strerror(errno));
    /* On loopback this returns when the kernel has queued it. */
    if (connect(client->fd, (struct sockaddr *)&address, sizeof(address)))
        fail("connect: %s", strerror(errno));
    if (fcntl(client->fd, F_SETFL, O_NONBLOCK) ||
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
        fail("socket options: %s", strerror(errno));
    client->ssl = SSL_new(ctx);
    if (client->ssl == NULL || !SSL_set_fd(client->ssl, client->fd) ||
        !SSL_set_tlsext_host_name(client->ssl, "server.test") ||
        !SSL_set1_host(client->ssl, "server.test"))
        fail("cannot make a connection");
    SSL_set_connect_state(client->ssl);
    SSL_set_mode(client->ssl, SSL_MODE_RELEASE_BUFFERS);
    event.events = EPOLLIN;
    event.data.ptr = client;
    if (epoll_ctl(poller, EPOLL_CTL_ADD, client->fd, &event))
        fail("epoll_ctl: %s", strerror(errno));
}

/* One step of the handshake; true when it is complete. */
static int
shake_hands(Client *client)
{
    int result;

    ERR_clear_error();
    result = SSL_do_handshake(client->ssl);
    if (result == 1) {
        client->established = 1;
        return 1;
    }
    if (!again(client->ssl, result))
        fail("handshake");
    return 0;
}

static void
connect_all(long count, long window)
{
    struct epoll_event events[BATCH];
    double start = now();
    long begun = 0, done = 0;
    int i, n;

    if (count < 1 || window < 1 || clients != NULL)
        fail("connect: bad request");
    clients = calloc(count, sizeof(Client));
    if (clients == NULL)
        fail("out of memory");
    client_count = count;
    while (done < count) {
        while (begun < count && begun - done < window) {
            start_client(&clients[begun]);
            /* The server may have answered already. */
            if (shake_hands(&clients[begun++]))
                done++;
        }
        if (done == count)
            break;
        n = wait_events(events);
        for (i = 0; i < n; i++) {
            Client *client = events[i].data.ptr;

            if (client->established) {
                /* Session tickets. */
                int result = SSL_read(client->ssl, buffer, 1);

                if (result > 0 || !again(client->ssl, result))
                    fail("a connection broke");
            }
            else if (shake_hands(client))
                done++;
        }
    }
    printf("{\"connected\": %ld, \"seconds\": %.6f}\n", done,
           (now() - start) / 1e9);
}

static void
send_message(Client *client, int size)
{
    client->seed = (unsigned char)(client->seed + 1 + (client - clients));
    client->received = 0;
    client->sent_at = now();
    if (SSL_write(client->ssl, sample + client->seed, size) != size)
        fail("SSL_write");
}

static void
note_latency(double ns)
{
    if (latency_count == latency_room) {
        latency_room = latency_room ? latency_room * 2 : 65536;
        latencies = realloc(latencies, latency_room * sizeof(double));
        if (latencies == NULL)
            fail("out of memory");
    }
    latencies[latency_count++] = ns;
}

/* Read what there is; true when the whole echo has arrived. */
static int
receive_echo(Client *client, int size)
{
    int n;

    for (;;) {
        ERR_clear_error();
        n = SSL_read(client->ssl, buffer, sizeof(buffer));
        if (n <= 0) {
            if (!again(client->ssl, n))
                fail("a connection broke");
            return 0;
        }
        if (client->sent_at == 0 || client->received + n > (size_t)size ||
            memcmp(buffer, sample + client->seed + client->received, n))
            fail("an echo is not what was sent");
        client->received += n;
        if (client->received == (size_t)size) {
            note_latency(now() - client->sent_at);
            client->sent_at = 0;
            return 1;
        }
    }
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
percentile(double part)
{
    return latencies[(long)(part * (latency_count - 1))] / 1e6;
}

static void
echo_for(double seconds, long size, long window)
{
    struct epoll_event events[BATCH];
    double start = now(), end = start + seconds * 1e9;
    long next = 0, sent = 0, on_the_way = 0;
    int i, n;

    if (size < 1 || size > MAX_SIZE || window < 1 || client_count == 0)
        fail("echo: bad request");
    if (window > client_count)
        window = client_count;
    latency_count = 0;
    for (;;) {
        while (on_the_way < window && now() < end) {
            /* One whose last echo is still on the way is left out. */
            while (clients[next].sent_at != 0)
                next = (next + 1) % client_count;
            send_message(&clients[next], (int)size);
            next = (next + 1) % client_count;
            sent++;
            on_the_way++;
        }
        if (on_the_way == 0)
            break;
        n = wait_events(events);
        for (i = 0; i < n; i++)
            on_the_way -= receive_echo(events[i].data.ptr, (int)size);
    }
    seconds = (now() - start) / 1e9;
    qsort(latencies, latency_count, sizeof(double), compare);
    printf("{\"sent\": %ld, \"echoes\": %ld, \"bytes\": %.0f, "
           "\"seconds\": %.6f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, "
           "\"used\": %ld}\n", sent, latency_count,
           (double)latency_count * size, seconds, percentile(0.5),
           percentile(0.99), sent < client_count ? sent : client_count);
}

static void
close_all(void)
{
    long i;

    for (i = 0; i < client_count; i++) {
        ERR_clear_error();
        SSL_shutdown(clients[i].ssl);
        SSL_free(clients[i].ssl);
        close(clients[i].fd);
    }
    free(clients);
    clients = NULL;
    printf("{\"closed\": %ld}\n", client_count);
    client_count = 0;
}

static void
set_up(const char *certs, const char *port)
{
    struct rlimit limit;
    char path[4096];
    size_t i;

    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (i = 0; i < sizeof(sample); i++)
        sample[i] = (unsigned char)(i * 31 + i / 256);
    poller = epoll_create1(EPOLL_CLOEXEC);
    ctx = SSL_CTX_new(TLS_client_method());
    snprintf(path, sizeof(path), "%s/ca.pem", certs);
    if (poller < 0 || ctx == NULL ||
        !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) ||
        SSL_CTX_load_verify_locations(ctx, path, NULL) != 1)
        fail("cannot load %s", path);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
}

int
main(int argc, char **argv)
{
    char line[200];
    double seconds;
    long a, b;

    if (argc != 3)
        fail("usage: echoclients CERTS PORT");
    set_up(argv[1], argv[2]);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (sscanf(line, "connect %ld %ld", &a, &b) == 2)
            connect_all(a, b);
        else if (sscanf(line, "echo %lf %ld %ld", &seconds, &a, &b) == 3)
            echo_for(seconds, a, b);
        else if (!strcmp(line, "close\n"))
            close_all();
        else
            fail("unknown request");
        fflush(stdout);
    }
    return 0;
}
