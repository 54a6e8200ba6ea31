/* One call at a time over memory BIOs: what Modules/_ssl.c does.
 *
 * Spin looks at every order in which THREADS threads can take STEPS steps on
 * two connections.  What a transition stands for is named where it is;
 * functions.json has the C functions, and "make model" tells when one of them
 * is not what was modelled any more.
 *
 * Who has the GIL runs without a break (atomic), as nothing that is modelled
 * can be seen without it.  Outside of it a thread waits for the GIL, for its
 * turn or for a lock of the program, or is inside OpenSSL, whose queues are
 * its own.  Python code is a loop of calls, also in a callback and in a
 * finalizer that the garbage collector runs: the latter may come wherever an
 * exception is made, and those places lead to the loop.
 *
 * A fork is followed into the child, as the parent goes on as if there had
 * been none: the other threads are gone, and the child may start new ones.
 *
 * -DCROSSED: outgoing of each connection is incoming of the other one.
 * -DSHARED: both have the same incoming, which Python code fills.
 * -DM_...: a mistake, made on purpose, that has to be found.
 */

#define THREADS 3
#define CONNECTIONS 2
#define BIOS 3
#define ROOM 4                  /* more than there can be */
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

#define IDLE 0
#define BUSY 1
#define IN_CALLBACK 2

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

/* PySSLMemoryIO and PySSLSocket */
byte state[CONNECTIONS];
byte busy_fork_count[CONNECTIONS];
byte taken[CONNECTIONS];        /* memory->borrowed */
bool in_eof[CONNECTIONS];
bool failed[CONNECTIONS];
byte calls[CONNECTIONS];
chan in[CONNECTIONS] = [ROOM] of { byte };
chan out[CONNECTIONS] = [ROOM] of { byte };
chan line[CONNECTIONS] = [THREADS * (FORKS + 1)] of { byte };

/* PySSLWaiter.  A thread of a forked child is another waiter than the one
 * that is gone. */
bool asleep[THREADS * (FORKS + 1)];
bool granted[THREADS * (FORKS + 1)];

/* PySSLMemoryBIO */
chan queue[BIOS] = [ROOM] of { byte };
byte reader[BIOS];              /* whose call has its bytes, or NOBODY */
bool eof_written[BIOS];

/* What the properties need to know, and the C does not. */
bool inside[CONNECTIONS];       /* somebody is in OpenSSL */
bool orphan[CONNECTIONS];       /* its thread was lost at a fork */
bool recount[CONNECTIONS];      /* its callback forked: not counted again */
byte written[BIOS];             /* bytes so far; a byte is its number */
byte seen[BIOS];                /* read by OpenSSL, in order */
bool hole[BIOS];                /* bytes were lost with a thread */
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

/* wake_waiter() */
inline wake_waiter(c, grant)
{
    line[c]?w;
    granted[w] = grant;
    asleep[w] = false;
    w = 0
}

/* release_connection() */
inline release_connection(c)
{
    if
    :: nempty(line[c]) ->
        wake_waiter(c, true)
#ifdef M_RELEASE_IDLE
        ; state[c] = IDLE
#endif
    :: empty(line[c]) ->
        state[c] = IDLE;
        busy_fork_count[c] = 0          /* of no meaning any more */
    fi
}

/* borrowed_bytes() */
#ifdef M_KEEP_BORROWED
#define borrowed_bytes(b) (reader[b] != NOBODY -> taken[reader[b]] : 0)
#else
#define borrowed_bytes(b) (reader[b] != NOBODY && \
    busy_fork_count[reader[b]] == fork_count -> taken[reader[b]] : 0)
#endif

/* begin_call(), once the connection is ours */
inline begin_call(c)
{
    assert(!inside[c] && !orphan[c]);
    inside[c] = true;
    taken[c] = 0;
    if
#ifdef M_TAKE_ALWAYS
    :: true ->
#else
    :: borrowed_bytes(INCOMING(c)) == 0 ->
#endif
        in_eof[c] = eof_written[INCOMING(c)];
        taken[c] = len(queue[INCOMING(c)]);
        reader[INCOMING(c)] = c;
        move(in[c], queue[INCOMING(c)])
    :: else
#ifdef M_EARLY_EOF
        -> in_eof[c] = eof_written[INCOMING(c)]
#endif
    fi;
    /* No end of the stream while a call may give bytes back. */
    assert(!in_eof[c] ||
           !(INCOMING(1 - c) == INCOMING(c) && inside[1 - c] &&
             !orphan[1 - c] && !recount[1 - c] && taken[1 - c] > 0))
}

/* end_call() */
inline end_call(c)
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
    in_eof[c] = false;
    recount[c] = false;
#ifdef M_BACK
    move(queue[INCOMING(c)], in[c]);
#else
    move(in[c], queue[INCOMING(c)]);
    move(queue[INCOMING(c)], in[c]);
#endif
    move(queue[OUTGOING(c)], out[c]);
    inside[c] = false;
    release_connection(c)
}

/* What OpenSSL does between two callbacks: it reads some of what there is,
 * writes something or nothing, and it may fail for good.
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
    :: break
    od;
    if
    :: written[OUTGOING(c)] < BYTES ->
        out[c]!written[OUTGOING(c)];
        written[OUTGOING(c)]++
    :: skip
    fi;
    if
    :: failures > 0 -> failures--; failed[c] = true
    :: skip
    fi
}

/* pending of a memory BIO is right: all that calls in progress have taken is
 * in it.  A call whose callback forked is counted again when that ends.
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
    assert(borrowed_bytes(b) == x ||
           INCOMING(0) == b && recount[0] || INCOMING(1) == b && recount[1]);
    x = 0;
    w = 0
}

/* fork(), in the child */
inline fork_child()
{
    forks--;
    fork_count++;
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
        if
        :: depth > 0 && stack[0] == w || depth > 1 && stack[1] == w ->
            recount[w] = true;
            apart[INCOMING(w)] = true
        :: else ->
            if
            :: state[w] != IDLE ->
                orphan[w] = true;
                if
                :: inside[w] ->
                    hole[INCOMING(w)] = true;
                    hole[OUTGOING(w)] = true
                :: else
                fi
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

/* Threads, and connections, are alike: it is enough if they begin in order. */
#define MAY_BEGIN (steps > 0 && (t == 0 || used[t - 1]))

#define TAKE_GIL gil == NOBODY && !lost[t] -> gil = t

proctype thread(byte t)
{
    byte stack[2];              /* the calls whose callbacks run */
    byte depth, locked_at, c, me, x, w;
    bool looking, handed;

    locked_at = NOBODY;


python:
    /* Between any two steps of Python code there may be another thread's. */
    atomic {
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
        check_pending(0);
        check_pending(1);
        if
        :: steps > 0 ->
            steps--;
            if
            :: c = 0; first = false; goto call
            :: !first -> c = 1; goto call
            :: c = 0; looking = true; goto look
            :: !first -> c = 1; looking = true; goto look
            :: program_lock != t -> goto lock
            :: forks > 0 -> fork_child(); goto python
#ifdef SHARED
            :: written[0] < BYTES && !eof_written[0] ->
                queue[0]!written[0]; written[0]++; goto python
            :: !eof_written[0] -> eof_written[0] = true; goto python
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

call:
    /* acquire_connection() */
    atomic {
        if
        :: state[c] == IDLE ->
            state[c] = BUSY;
            busy_fork_count[c] = fork_count;
            goto begin
        :: state[c] == BUSY -> goto wait
        :: state[c] == IN_CALLBACK ->
            c = 0; goto python          /* refused */
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
            looking = false; c = 0; goto python
        fi
    }

wait:
    /* wait_in_line() */
    atomic {
#ifndef M_NO_FORK_CHECK
        if
        :: busy_fork_count[c] != fork_count ->
            assert(orphan[c]);
            looking = false; c = 0; goto python         /* refused */
        :: else
        fi;
#endif
        me = t + THREADS * fork_count;
        granted[me] = false;
        asleep[me] = true;
        line[c]!me;
        gil = NOBODY
    }
    atomic {
        if
        :: !asleep[me] && TAKE_GIL
        :: lost[t] -> goto stop
        fi;
        handed = granted[me];
        granted[me] = false;
        me = 0;
        if
        :: handed && looking ->
#ifndef M_LOOK_KEEPS
            release_connection(c);
#endif
            handed = false;
            goto looked
        :: handed && !looking -> handed = false; goto begin
        :: !handed && looking -> goto look
        :: !handed && !looking -> c = 0; goto python    /* refused */
        fi
    }

begin:
    /* begin_healthy_call() */
    atomic {
        begin_call(c);
        if
        :: failed[c] ->
#ifdef M_RAISE_INSIDE
            /* The exception is made here: a finalizer may run. */
            if
            :: depth < 2 ->
                stack[depth] = c; depth++; goto python
            :: skip
            fi;
#endif
            end_call(c);
            c = 0; goto python          /* refused */
        :: else
        fi;
        calls[c]++;
        openssl(c);
        if
        :: callbacks_left[c] > 0 ->
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
        calls[c]--;
        /* keep_buffers() frees those of another connection */
#ifndef M_FREE_BUSY
        if
        :: calls[1 - c] == 0 -> assert(!inside[1 - c])
        :: else
        fi;
#else
        assert(!inside[1 - c]);
#endif
        end_call(c);
        c = 0; goto python
    }

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
        :: nempty(line[c]) -> wake_waiter(c, false)
        :: empty(line[c]) -> break
        od;
#endif
        stack[depth] = c;
        depth++;
        c = 0;
        goto python
    }

leave:
    /* leave_callback() */
    atomic {
        depth--;
        c = stack[depth];
        stack[depth] = 0;
#ifdef M_RAISE_INSIDE
        if
        :: state[c] == BUSY -> end_call(c); c = 0; goto python
        :: else
        fi;
#endif
        state[c] = BUSY;
#ifndef M_OLD_FORK_COUNT
        if
        :: busy_fork_count[c] != fork_count ->
            busy_fork_count[c] = fork_count;
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
        depth = 0; stack[0] = 0; stack[1] = 0;
        c = 0; looking = false;
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
            assert(orphan[i] || state[i] == IDLE && empty(line[i]) &&
                                calls[i] == 0 && empty(in[i]));
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
        :: i < CONNECTIONS -> callbacks_left[i] = CALLBACKS; i++
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
        run watch()
    }
}
