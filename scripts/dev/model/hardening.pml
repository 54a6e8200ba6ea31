/* One call at a time: what Modules/_ssl.c does.
 *
 * Spin looks at every order in which THREADS threads can take STEPS steps on
 * two connections.  What a transition stands for is named where it is;
 * functions.json has the C functions, and "make model" tells when one of them
 * is not what was modelled any more.
 *
 * Who has the GIL runs without a break (atomic), as nothing that is modelled
 * can be seen without it.  Outside of it a thread waits for the GIL, for its
 * turn, for the socket, for what another thread has underway or for a lock of
 * the program, or is inside OpenSSL, where the connection is its own.  Python
 * code is a loop of calls, also in a callback and in a finalizer that the
 * garbage collector runs: the latter may come wherever an exception is made,
 * and those places lead to the loop.
 *
 * A signal handler is such Python code, too.  It may come wherever a thread
 * waits for the socket or for what is underway, and waits for no lock.
 *
 * Sockets and memory BIOs have the line, callbacks, failures and forks in
 * common.  Over a socket calls are of four kinds, threads wait between them,
 * and no bytes are counted; over memory BIOs a read, a write and unwrap() are
 * alike, and it is the other way round.  A read that waits for data is one
 * that begins anew.  Whether a short call keeps the GIL (is_short_read() and
 * is_short_write()) and whether stand_back() lets it go is left open: either
 * may be.
 *
 * A fork is followed into the child, as the parent goes on as if there had
 * been none: the other threads are gone, and the child may start new ones.
 *
 * -DCROSSED: outgoing of each connection is incoming of the other one.
 * -DSHARED: both have the same incoming, which Python code fills and ends.
 * -DENDED: Python code has filled and ended it before.
 * -DSOCKETS: both are over sockets.
 * -DHANDSHAKES: there was none yet.
 * -DM_...: a mistake, made on purpose, that has to be found.
 */

#define THREADS 3
#define CONNECTIONS 2
#define BIOS 3
#define ROOM 4                  /* more than there can be */
#define DEPTH 4                 /* the same: callbacks, and handlers */
#define NOBODY 255

#ifndef STEPS
#define STEPS 4                 /* that Python code takes, of all threads */
#endif
#ifndef BYTES
#define BYTES 2                 /* that are written to each BIO */
#endif
#ifndef CALLBACKS
#define CALLBACKS 1             /* per connection */
#endif
#ifndef MAX_PASSED
#define MAX_PASSED 1
#endif
#ifndef FORKS
#define FORKS 1
#endif

#ifdef SHARED
#define INCOMING(c) 0
#define OUTGOING(c) (1 + (c))
#else
#define INCOMING(c) (c)
#define OUTGOING(c) (1 - (c))
#endif

#ifdef SOCKETS
#define OVER_SOCKETS true
#else
#define OVER_SOCKETS false
#endif

#define IDLE 0
#define BUSY 1
#define IN_CALLBACK 2

#define NOTHING 0
#define GIVEN_UP 1              /* a write */
#define WRITE 2
#define HANDSHAKE 3

byte gil = NOBODY;
byte program_lock = NOBODY;     /* some lock of the program */
byte fork_count;
byte forks = FORKS;
byte steps = STEPS;
#ifndef FAILURES
#define FAILURES 1
#endif
byte failures = FAILURES;
byte callbacks_left[CONNECTIONS];
#ifndef HANDLERS
#define HANDLERS 0              /* of signals */
#endif
byte handlers = HANDLERS;
byte main_thread = NOBODY;      /* the one that handles them */

/* PySSLSocket, and its PySSLMemoryIO.  Whenever the latter's fork_count has a
 * meaning it is the same as forks. */
byte state[CONNECTIONS];
byte forked[CONNECTIONS];       /* forks */
byte underway[CONNECTIONS];
byte underway_thread[CONNECTIONS];
byte underway_forks[CONNECTIONS];
byte waiting[CONNECTIONS];      /* waiting_writers */
byte waiting_forks[CONNECTIONS];
bool failed[CONNECTIONS];
bool done[CONNECTIONS];         /* handshake_done */
byte taken[CONNECTIONS];        /* memory->borrowed */
bool in_eof[CONNECTIONS];
chan in[CONNECTIONS] = [ROOM] of { byte };
chan out[CONNECTIONS] = [ROOM] of { byte };
chan line[CONNECTIONS] = [THREADS * (FORKS + 1)] of { byte };

/* PySSLWaiter.  A thread of a forked child is another waiter than the one
 * that is gone. */
bool asleep[THREADS * (FORKS + 1)];     /* its lock is held */
bool woken[THREADS * (FORKS + 1)];
bool refused[THREADS * (FORKS + 1)];
byte passed[THREADS * (FORKS + 1)];

/* PySSLMemoryBIO */
chan queue[BIOS] = [ROOM] of { byte };
byte reader[BIOS];              /* whose call has its bytes, or NOBODY */
bool eof_written[BIOS];

/* What the properties need to know, and the C does not. */
byte inside[CONNECTIONS];       /* threads in OpenSSL */
bool broken[CONNECTIONS];       /* OpenSSL has failed */
byte shaker[CONNECTIONS];       /* who is in the first handshake, or NOBODY */
byte writer[CONNECTIONS];       /* whose write is to be repeated */
bool torn[CONNECTIONS];         /* a fork came in the middle of either, and
                                 * who had begun has not gone on since */
bool heard[CONNECTIONS];        /* what else is waited for was read */
bool due[CONNECTIONS];          /* its call has to see the end */
bool orphan[CONNECTIONS];       /* its thread was lost at a fork */
bool recount[CONNECTIONS];      /* its callback forked: not counted again */
byte written[BIOS];             /* bytes so far; a byte is its number */
byte seen[BIOS];                /* read by OpenSSL, in order */
bool hole[BIOS];                /* bytes were lost with a thread */
bool closed[BIOS];              /* the stream has an end */
bool apart[BIOS];               /* a callback forked that has some of them */
bool lost[THREADS];             /* the thread is not in this process */
bool working[THREADS];          /* the thread is not at rest */
bool used[THREADS];             /* nor was it always */
bool first = true;              /* the first connection has no call yet */

inline move(to, from)
{
    do
    :: nempty(from) -> from?x; to!x
    :: empty(from) -> break
    od;
    x = 0
}

/* wake_waiter(), for who is first in line */
inline wake_waiter(c)
{
    line[c]?<w>;
    if
    :: !woken[w] -> woken[w] = true; asleep[w] = false
    :: else
    fi;
    w = 0
}

/* release_connection() */
inline release_connection(c)
{
    state[c] = IDLE;
    if
    :: nempty(line[c]) -> wake_waiter(c)
    :: empty(line[c]) -> forked[c] = 0  /* of no meaning any more */
    fi
}

/* may_pass(): those in line may wait in another process, where they do not
 * count any more.
 */
inline forget_line(c)
{
    if
#ifndef M_OLD_LINE
    :: nempty(line[c]) && forked[c] != fork_count ->
        do
        :: line[c]?w -> refused[w] = false; woken[w] = false; passed[w] = 0
        :: empty(line[c]) -> break
        od;
        w = 0
#endif
    :: else
    fi
}

/* borrowed_bytes() */
#ifdef M_KEEP_BORROWED
#define borrowed_bytes(b) (reader[b] != NOBODY -> taken[reader[b]] : 0)
#else
#define borrowed_bytes(b) (reader[b] != NOBODY && \
    forked[reader[b]] == fork_count -> taken[reader[b]] : 0)
#endif

inline take_input(c)
{
    taken[c] = 0;
#ifndef M_OLD_EOF
    in_eof[c] = false;
#endif
    /* No end of the stream while a call may give bytes back. */
    due[c] = closed[INCOMING(c)] &&
             !(INCOMING(1 - c) == INCOMING(c) && inside[1 - c] &&
               !orphan[1 - c] && !recount[1 - c] && taken[1 - c] > 0);
    if
#ifdef M_TAKE_ALWAYS
    :: true ->
#else
    :: borrowed_bytes(INCOMING(c)) == 0 ->
#endif
#ifndef M_NO_EOF
        in_eof[c] = eof_written[INCOMING(c)];
#endif
#ifdef M_KEEP_EOF
        eof_written[INCOMING(c)] = false;
#endif
        taken[c] = len(queue[INCOMING(c)]);
        reader[INCOMING(c)] = c;
        move(in[c], queue[INCOMING(c)])
    :: else
#ifdef M_EARLY_EOF
        -> in_eof[c] = eof_written[INCOMING(c)]
#endif
    fi
}

inline hand_output_over(c)
{
    if
#ifdef M_END_OF_ANOTHER
    :: true ->
#else
    :: reader[INCOMING(c)] == c ->
#endif
        reader[INCOMING(c)] = NOBODY
    :: else
    fi;
    taken[c] = 0;
#ifndef M_OLD_EOF
    in_eof[c] = false;              /* of no meaning any more */
#endif
    due[c] = false;
    recount[c] = false;
#ifdef M_BACK
    move(queue[INCOMING(c)], in[c]);
#else
    move(in[c], queue[INCOMING(c)]);
    move(queue[INCOMING(c)], in[c]);
#endif
    move(queue[OUTGOING(c)], out[c])
}

/* What a call leaves on the stack: how it was made, and who has called Python
 * code.  HANDLER: where it waits for the socket; DOZING: for what is underway.
 */
#define HANDLER 1
#define SHAKING 2
#define DATA 4
#define WRITING 8
#define PEER 16
#define BEGAN 32
#define MEANWHILE 64            /* a call has ended meanwhile */
#define DOZING 128

/* end_call(), and what check_socket_and_wait_for_timeout() sees of it when the
 * call is a signal handler's.
 */
inline end_call(c)
{
    d_step {
        hand_output_over(c);
        inside[c]--;
#ifndef M_HANDSHAKE_SLEEPS
        do
        :: w < depth ->
            if
            :: stack[w] == c && (kind[w] & (HANDLER + DOZING)) == HANDLER ->
                kind[w] = kind[w] | MEANWHILE
            :: else
            fi;
            w++
        :: else -> break
        od;
        w = 0;
#endif
        release_connection(c)
    }
}

/* What OpenSSL does between two callbacks: it reads some of what there is,
 * to the end if it is there, writes something or nothing, and it may fail for
 * good.
 */
inline openssl(c)
{
    do
    :: nempty(in[c]) ->
        in[c]?x;
        if
        :: apart[INCOMING(c)] -> seen[INCOMING(c)]++
        :: else ->
            assert(x == seen[INCOMING(c)] || hole[INCOMING(c)] &&
                                             x >= seen[INCOMING(c)]);
            seen[INCOMING(c)] = x + 1
        fi;
        x = 0
    :: empty(in[c]) ->
        /* The end, or nothing yet. */
        assert(in_eof[c] == due[c] &&
               (!in_eof[c] || hole[INCOMING(c)] || apart[INCOMING(c)] ||
                seen[INCOMING(c)] == written[INCOMING(c)]));
        break
    :: break
    od;
    if
    :: written[OUTGOING(c)] < BYTES ->
        out[c]!written[OUTGOING(c)];
        written[OUTGOING(c)]++
    :: skip
    fi;
    if
    :: failures > 0 -> failures--; failed[c] = true; broken[c] = true
    :: skip
    fi
}

#ifdef M_EOF_AT_ONCE
#define get_eof(b) (eof_written[b] && len(queue[b]) == 0)
#else
#define get_eof(b) (eof_written[b] && len(queue[b]) + borrowed_bytes(b) == 0)
#endif

/* pending and eof of a memory BIO are right: all that calls in progress have
 * taken counts.  A call whose callback forked is counted again when
 * that ends.
 */
inline check_pending(b)
{
    /* It only looks, and leaves to the calls what they have to do. */
    x = 0;
    w = 0;
    do
    :: w < CONNECTIONS ->
        if
        :: INCOMING(w) == b && inside[w] && !orphan[w] -> x = x + taken[w]
        :: else
        fi;
        w++
    :: else -> break
    od;
    assert(borrowed_bytes(b) == x &&
           get_eof(b) == (closed[b] && len(queue[b]) + x == 0) ||
           INCOMING(0) == b && recount[0] || INCOMING(1) == b && recount[1]);
    x = 0;
    w = 0
}

/* What a call leaves on the stack while Python code of its thread runs */
inline push(how)
{
    stack[depth] = c;
    kind[depth] = how + (shaking -> SHAKING : 0) + (data -> DATA : 0) +
        (writing -> WRITING : 0) + (peer -> PEER : 0) + (began -> BEGAN : 0);
    depth++;
    began = false
}

inline pop()
{
    depth--;
    c = stack[depth];
    stack[depth] = 0;
    shaking = (kind[depth] & SHAKING) > 0;
    data = (kind[depth] & DATA) > 0;
    writing = (kind[depth] & WRITING) > 0;
    peer = (kind[depth] & PEER) > 0;
    began = (kind[depth] & BEGAN) > 0;
    x = kind[depth] & (HANDLER + MEANWHILE + DOZING);
    kind[depth] = 0
}

/* Whether the thread's Python code is the callback of a call of c */
#define OF(i, c) (depth > i && stack[i] == c && \
    !(kind[i] & (HANDLER + DOZING)))
#define CALLED_BACK(c) (OF(0, c) || OF(1, c) || OF(2, c) || OF(3, c))

/* fork(), in the child */
inline fork_child()
{
    forks--;
    fork_count++;
    main_thread = (handlers > 0 -> t : NOBODY);
    w = 0;
    do
    :: w < THREADS ->
        if
        :: w != t && working[w] -> lost[w] = true
        :: else
        fi;
        w++
    :: else -> break
    od;
    w = 0;
    do
    :: w < CONNECTIONS ->
        torn[w] = torn[w] || shaker[w] != NOBODY ||
                  writer[w] != NOBODY;
        if
        :: state[w] == IDLE
        :: state[w] != IDLE && CALLED_BACK(w) ->
            recount[w] = true;
            apart[INCOMING(w)] = true
        :: else ->
            orphan[w] = true;
            if
            :: inside[w] ->
                hole[INCOMING(w)] = true;
                hole[OUTGOING(w)] = true
            :: else
            fi
        fi;
        w++
    :: else -> break
    od;
    w = 0;
    if
    :: program_lock != NOBODY && program_lock != t -> program_lock = NOBODY
    :: else
    fi
}

/* How a call begins: with GOING_ON if it has begun something (began), else
 * with WRITING or with READING
 */
#define WRITES (writing && !shaking)

/* must_wait() */
#ifdef M_HANDSHAKE_TOGETHER
#define HAS_TO_END(c) (WRITES && (underway[c] == WRITE || \
    underway[c] == GIVEN_UP))
#elif defined(M_WRITE_TOGETHER)
#define HAS_TO_END(c) (underway[c] == HANDSHAKE)
#elif defined(M_GIVEN_UP_TOGETHER)
#define HAS_TO_END(c) (underway[c] > (WRITES -> GIVEN_UP : WRITE))
#else
#define HAS_TO_END(c) (underway[c] > (WRITES -> NOTHING : WRITE))
#endif
#ifdef M_OLD_UNDERWAY
#define FROM_BEFORE(c) false
#else
#define FROM_BEFORE(c) (underway_forks[c] != fork_count)
#endif
#ifdef M_WRITERS_WAIT
#define IS_LATE(c) (WRITES && waiting[c] > 0)
#else
#define IS_LATE(c) (WRITES && waiting[c] > 0 && !waited)
#endif
#define MUST_WAIT(c) (!began && (HAS_TO_END(c) -> \
    underway_thread[c] != t || FROM_BEFORE(c) : IS_LATE(c)))

/* forget_writers(): those who waited are in another process. */
inline forget_writers(c)
{
    if
    :: waiting_forks[c] != fork_count ->
#ifndef M_OLD_WAITERS
        waiting[c] = 0;
#endif
        waiting_forks[c] = fork_count
    :: else
    fi
}

/* For what wait_a_moment() refuses to wait */
#ifdef M_WAIT_IN_CHILD
#define OF_PARENT(c) false
#else
#define OF_PARENT(c) (underway[c] != NOTHING && \
    underway_forks[c] != fork_count)
#endif
#ifdef M_WAIT_IN_VAIN
#define WAS_LEFT(c) false
#else
#define WAS_LEFT(c) (underway[c] == GIVEN_UP)
#endif

/* must_wait(), GOING_ON */
inline go_on(c)
{
    if
#ifdef M_GOES_ON_LEFT
    :: began && underway[c] != NOTHING && underway_thread[c] == t ->
#else
    :: began && underway[c] > GIVEN_UP && underway_thread[c] == t ->
#endif
#ifndef M_STALE_FORKS
        underway_forks[c] = fork_count;
#endif
        if
        :: shaker[c] == t || writer[c] == t -> torn[c] = false
        :: else
        fi
    :: else
    fi
}

/* set_underway() */
inline set_underway(c, what)
{
    if
    :: underway[c] <= GIVEN_UP ->
        began = true;
        underway[c] = what;
        underway_thread[c] = t;
        underway_forks[c] = fork_count;
        torn[c] = false                 /* It has begun in this process. */
    :: else
    fi
}

/* Whose write is to be repeated, when it was given up */
#define LEFT_BY(t) (THREADS + (t))

/* set_done() */
inline set_done(c, what, then)
{
    if
#ifdef M_DONE_OF_ANOTHER
    :: true ->
#else
    :: underway[c] == what ->
#endif
#ifndef M_NEVER_DONE
        underway[c] = then;
#endif
        if
        :: then == GIVEN_UP -> writer[c] = LEFT_BY(t)
        :: else ->
#ifndef M_NEVER_DONE
            underway_thread[c] = 0;     /* of no meaning any more */
            underway_forks[c] = 0;
#endif
            shaker[c] = NOBODY;
            torn[c] = false
        fi
    :: else
    fi
}

/* Where do_handshake() or a write ends */
inline leave_call(c, then)
{
    if
    :: began && shaking -> set_done(c, HANDSHAKE, NOTHING)
    :: began && !shaking -> set_done(c, WRITE, then)
    :: else
    fi;
    began = false
}

/* WAIT_FOR_PEER: whether a thread looks again */
#ifdef M_UNWRAP_SLEEPS
#define LOOKS_AGAIN (shaking -> !began : data)
#elif defined(M_WRITE_SLEEPS)
#define LOOKS_AGAIN (shaking -> !began : !data)
#else
#define LOOKS_AGAIN (!shaking || !began)
#endif

/* Whether somebody has read what the thread waits for */
#define HEARD(c) (shaking -> done[c] : heard[c])

/* Threads, and connections, are alike: it is enough if they begin in order. */
#define MAY_BEGIN (steps > 0 && (t == 0 || used[t - 1]))

#define HANDLING ((kind[0] | kind[1] | kind[2] | kind[3]) & \
    (HANDLER + DOZING))

/* Only in the main thread, which is anybody until the first one comes. */
#define HANDLER_COMES handlers > 0 && (main_thread == NOBODY || \
                                       main_thread == t)

#define TAKE_GIL gil == NOBODY && !lost[t] -> gil = t

proctype thread(byte t)
{
    byte stack[DEPTH];          /* the calls whose callbacks, or handlers of */
    byte kind[DEPTH];           /* signals, run, and how they were made */
    byte depth, locked_at, c, me, x, w;
    bool looking;
    bool data;                  /* it reads or writes */
    bool writing;               /* over a socket: it writes, or unwrap() */
    bool shaking;               /* it is in do_handshake() */
    bool peer;                  /* it waits for something to read */
    bool began;                 /* it has to set_done() */
    bool waited;                /* it has, in begin_call() */
    bool again;                 /* it has to wait for the socket */

    locked_at = NOBODY;

python:
    /* Between any two steps of Python code there may be another thread's. */
    atomic {
        assert(!began);
        c = 0; looking = false; waited = false;
        data = false; writing = false; shaking = false; peer = false;
        if
        :: gil == t -> gil = NOBODY
        :: else
        fi;
        working[t] = depth > 0 || locked_at != NOBODY
    }
    atomic {
        if
        :: gil == NOBODY && !lost[t] && (working[t] || MAY_BEGIN) -> gil = t
        :: lost[t] -> goto stop
        fi;
        working[t] = true;
        used[t] = true;
        d_step { check_pending(0); check_pending(1) };
        if
        :: steps > 0 ->
            steps--;
            if
            :: c = 0; first = false; goto ask
            :: !first -> c = 1; goto ask
            :: c = 0; looking = true; goto look
            :: !first -> c = 1; looking = true; goto look
            :: program_lock != t && !HANDLING -> goto lock
            :: forks > 0 -> fork_child(); goto python
#ifdef SHARED
            :: written[0] < BYTES && !eof_written[0] ->
                queue[0]!written[0]; written[0]++; goto python
            :: !eof_written[0] ->
                eof_written[0] = true; closed[0] = true; goto python
#endif
            fi
        :: depth > 0 || locked_at == 0
        fi;
        /* Nothing else to be done here. */
        if
        :: locked_at == depth ->
            locked_at = NOBODY; program_lock = NOBODY
        :: else
        fi;
        if
        :: depth > 0 -> goto leave
        :: else -> goto python
        fi
    }

lock:
    /* The program waits, for whatever another thread holds. */
    atomic { gil = NOBODY }
    atomic {
        if
        :: program_lock == NOBODY && !lost[t] ->
            program_lock = t;
            locked_at = depth;
            goto python
        :: lost[t] -> goto stop
        fi
    }

ask:
    /* do_handshake(), a read or a write with handshake_first(), unwrap() */
    atomic {
        if
#ifdef HANDSHAKES
        :: shaking = true
#endif
        :: data = true;
            if
            :: OVER_SOCKETS -> writing = true
            :: skip
            fi;
#ifndef M_NO_HANDSHAKE
            shaking = !done[c]
#endif
        :: OVER_SOCKETS -> writing = true
        fi
    }

call:
    /* acquire_connection() */
    atomic {
#ifdef M_LOOK_BEFORE
        if
        :: MUST_WAIT(c) -> goto moment
        :: else
        fi;
#endif
        if
        :: state[c] == IDLE ->
            /* may_pass() */
            forget_line(c);
            if
            :: nempty(line[c]) ->
                line[c]?<w>;
                if
                :: passed[w] < MAX_PASSED -> passed[w]++; w = 0
                :: else -> w = 0; goto wait
                fi
            :: empty(line[c])
            fi;
            state[c] = BUSY;
            forked[c] = fork_count;
            goto begin
        :: state[c] == BUSY -> goto wait
        :: state[c] == IN_CALLBACK -> goto gone         /* refused */
        fi
    }

look:
    /* wait_for_openssl() */
    atomic {
        if
        :: state[c] == BUSY -> goto wait
        :: else ->
looked:
            assert(!inside[c] || state[c] == IN_CALLBACK);
            goto python
        fi
    }

wait:
    /* wait_in_line() */
    atomic {
#ifndef M_NO_FORK_CHECK
        if
        :: forked[c] != fork_count ->
            assert(orphan[c]);
            goto gone           /* refused */
        :: else
        fi;
#endif
        me = t + THREADS * fork_count;
        line[c]!me
    }

sleep:
    atomic {
#ifndef M_WOKEN_ONCE
        woken[me] = false;
#endif
        asleep[me] = true;
        gil = NOBODY
    }
    atomic {
        if
        :: !asleep[me] && TAKE_GIL
        :: lost[t] -> goto stop
        fi;
        if
        :: refused[me] ->
            refused[me] = false;
            woken[me] = false;
            passed[me] = 0;
            me = 0;
            if
            :: looking -> goto look
            :: else -> goto gone        /* refused */
            fi
#ifndef M_TAKE_BUSY
        :: !refused[me] && state[c] != IDLE -> goto sleep
#endif
        :: else
        fi;
        line[c]?w;
        assert(w == me);
        w = 0;
        woken[me] = false;
        passed[me] = 0;
        me = 0;
        state[c] = BUSY;
        if
        :: looking ->
#ifndef M_LOOK_KEEPS
            release_connection(c);
#endif
            goto looked
        :: else -> goto begin
        fi
    }

moment:
    /* wait_a_moment(): the loop in begin_call() is a thread that waits. */
    atomic {
        if
        :: OF_PARENT(c) ->
            assert(torn[c]);
            goto gone           /* refused */
        :: !OF_PARENT(c) && WAS_LEFT(c) ->
            assert(writer[c] == LEFT_BY(underway_thread[c]));
            goto gone           /* refused */
        :: else
        fi
    }

doze:
    atomic {
        forget_writers(c);
        waiting[c] = waiting[c] + (WRITES -> 1 : 0);
        waited = true;
        gil = NOBODY
    }
    atomic {
        if
        :: (!MUST_WAIT(c) || state[c] == IN_CALLBACK || OF_PARENT(c) ||
            WAS_LEFT(c)) && TAKE_GIL ->
            waiting[c] = waiting[c] - (WRITES -> 1 : 0);
            goto call
        :: HANDLER_COMES && TAKE_GIL ->
            waiting[c] = waiting[c] - (WRITES -> 1 : 0);
            push(DOZING);
            goto handler
        :: lost[t] -> goto stop
        fi
    }

begin:
    /* begin_call(), with the connection */
    atomic {
        if
        :: OVER_SOCKETS -> forget_writers(c)
        :: else
        fi;
#ifndef M_LOOK_BEFORE
        if
        :: MUST_WAIT(c) ->
#ifndef M_WAIT_BUSY
            release_connection(c);
#endif
            goto moment
        :: else
        fi;
#endif
        if
#ifndef M_FAILED_GOES_ON
        :: failed[c] ->
#ifdef M_RAISE_INSIDE
            /* The exception is made here: a finalizer may run. */
            if
            :: depth < 2 -> push(0); goto python
            :: skip
            fi;
#endif
            release_connection(c);
            goto gone           /* refused */
#endif
#ifndef M_WRITE_IN_WRITE
        :: WRITES && !began && underway[c] == WRITE ->
#ifndef M_REFUSE_BUSY
            release_connection(c);
#endif
            assert(HANDLING);
            goto gone           /* refused */
#endif
        :: WRITES && !began && underway[c] == GIVEN_UP ->
            assert(!torn[c])
        :: else
        fi;
        go_on(c);
        waited = false;
        assert(!inside[c] && !orphan[c]);
        /* A failure is for good, and no data goes before the handshake. */
        assert(!broken[c] && (!data || shaking || done[c]));
        /* The first handshake is one thread's, and so is a write. */
        assert(shaker[c] == NOBODY || shaker[c] == t);
        assert(!WRITES || writer[c] == NOBODY ||
               writer[c] == (began -> t : LEFT_BY(t)));
        /* The parent goes on with either. */
        assert(!torn[c] || writer[c] != NOBODY && !WRITES);
        inside[c]++;
        d_step {
            take_input(c);
            if
            :: OVER_SOCKETS && shaking && !done[c] ->
                set_underway(c, HANDSHAKE);
                shaker[c] = t
            :: else
            fi
        };
        openssl(c);
        if
        :: callbacks_left[c] > 0 && !failed[c] ->
            callbacks_left[c]--; gil = NOBODY; goto callback
        :: skip -> gil = NOBODY
        :: skip -> goto end             /* a short call keeps the GIL */
        fi
    }

back:
    atomic {
        if
        :: TAKE_GIL
        :: lost[t] -> goto stop
        fi
    }

end:
    atomic {
        /* keep_buffers() frees those of another connection. */
        if
#ifdef M_FREE_BUSY
        :: true ->
#else
        :: state[1 - c] == IDLE ->
#endif
            assert(!inside[1 - c])
        :: else
        fi;
        if
        :: failed[c]
        :: !failed[c] && shaking && !done[c] ->
            if
            :: done[c] = true;          /* maybe without a name */
#ifndef M_HANDSHAKE_GOES_ON
                set_done(c, HANDSHAKE, NOTHING)
#endif
            :: OVER_SOCKETS -> again = true; peer = true
            fi
        :: !failed[c] && !shaking && done[c] && OVER_SOCKETS ->
            /* It may be another one that waits for what it reads. */
            if
            :: heard[c] = true
            :: skip
            fi;
            if
            :: data || heard[c]
            :: writing && !heard[c] -> again = true; peer = true
            :: writing && data -> again = true
            fi;
            if
            :: again && data -> writer[c] = t; set_underway(c, WRITE)
            :: writing && !(again && data) ->
                if
                :: data -> set_done(c, GIVEN_UP, NOTHING)
                :: else
                fi;
                if
                :: underway[c] != GIVEN_UP ->
                    writer[c] = NOBODY; /* nobody writes after unwrap() */
                    torn[c] = false
                :: else
                fi
            :: else
            fi
        :: else
        fi;
        end_call(c);
        if
        :: again -> again = false; gil = NOBODY; goto between
        :: !again && data && shaking && done[c] && !failed[c] ->
            leave_call(c, NOTHING); shaking = false; goto call
        :: else -> leave_call(c, NOTHING); goto python
        fi
    }

between:
    /* wait_for_socket(): a thread goes on, or leaves, when there is room or
     * something to read, which comes as soon as it likes.  It does not come
     * again when it was read.
     */
    atomic {
        if
        :: (!peer || !HEARD(c) || LOOKS_AGAIN) && TAKE_GIL ->
            peer = false;
            if
            :: goto call
            :: goto gone
            fi
        :: HANDLER_COMES && TAKE_GIL -> push(HANDLER); goto handler
        :: lost[t] -> goto stop
        fi
    }

handler:
    atomic {
        handlers--;
        main_thread = (handlers > 0 -> t : NOBODY);
        goto python
    }

gone:
    /* The end of a call that has raised */
    atomic { leave_call(c, GIVEN_UP); goto python }

callback:
    /* _servername_callback(), enter_callback() */
    atomic {
        if
        :: TAKE_GIL
        :: lost[t] -> goto stop
        fi;
#ifndef M_CALLBACK_BUSY
        state[c] = IN_CALLBACK;
#endif
#ifndef M_KEEP_WAITERS
        do
        :: nempty(line[c]) ->
            wake_waiter(c);
            line[c]?w;
            refused[w] = true;
            w = 0
        :: empty(line[c]) -> break
        od;
#endif
        push(0);
        goto python
    }

leave:
    /* leave_callback() */
    atomic {
        pop();
        if
        :: x & DOZING -> x = 0; goto doze
        :: x > 0 && !(x & DOZING) ->
            /* check_socket_and_wait_for_timeout() goes on. */
            if
            :: x = 0; peer = false; goto gone           /* it has raised */
            :: x & MEANWHILE -> x = 0; peer = false; goto call
            :: x == HANDLER -> x = 0; gil = NOBODY; goto between
            fi
        :: else
        fi;
#ifdef M_RAISE_INSIDE
        if
        :: state[c] == BUSY -> release_connection(c); goto gone
        :: else
        fi;
#endif
        state[c] = BUSY;
#ifndef M_OLD_FORK_COUNT
        if
        :: forked[c] != fork_count ->
            forked[c] = fork_count;
            recount[c] = reader[INCOMING(c)] != c
        :: else
        fi;
#endif
        openssl(c);
        gil = NOBODY;
        goto back
    }

stop:
    /* A new thread of the forked child takes the place of a lost one. */
    atomic {
        lost[t] = false;
        do
        :: depth > 0 -> depth--; stack[depth] = 0; kind[depth] = 0
        :: else -> break
        od;
        began = false; waited = false;
        locked_at = NOBODY;
        working[t] = false;
        goto python
    }
}

/* Where nobody can go on, nobody has anything left to do, and no byte is
 * missing.
 */
proctype watch()
{
    byte i;

    atomic {
        timeout;
        i = 0;
        do
        :: i < THREADS -> assert(!working[i]); i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < CONNECTIONS ->
            assert(orphan[i] || state[i] == IDLE && empty(in[i]) &&
                   (empty(line[i]) || forked[i] != fork_count));
            assert(torn[i] || underway[i] == NOTHING ||
                   underway[i] == GIVEN_UP && writer[i] != NOBODY);
            assert(waiting[i] == 0 || waiting_forks[i] != fork_count);
            i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < BIOS ->
            assert(hole[i] || seen[i] + len(queue[i]) == written[i]);
            i++
        :: else -> break
        od
    }
}

init {
    byte i;

    atomic {
        do
        :: i < CONNECTIONS ->
            callbacks_left[i] = CALLBACKS;
            shaker[i] = NOBODY;
            writer[i] = NOBODY;
            i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < BIOS -> reader[i] = NOBODY; i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < THREADS -> run thread(i); i++
        :: else -> break
        od;
#ifdef ENDED
        do
        :: written[0] < BYTES -> queue[0]!written[0]; written[0]++
        :: else -> break
        od;
        eof_written[0] = true; closed[0] = true;
#endif
#ifndef HANDSHAKES
        done[0] = true; done[1] = true;
#endif
        run watch()
    }
}
