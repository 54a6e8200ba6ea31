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
 * A signal handler is such Python code, too.  It may come wherever a thread
 * waits for its socket in the first handshake, and waits for no lock.
 *
 * A read and a write are alike but over a socket, and so are do_handshake()
 * and unwrap().  Whether a short call keeps the GIL (in_short and the like)
 * and whether stand_back() lets it go is left open: either may be.
 *
 * A fork is followed into the child, as the parent goes on as if there had
 * been none: the other threads are gone, and the child may start new ones.
 *
 * -DCROSSED: outgoing of each connection is incoming of the other one.
 * -DSHARED: both have the same incoming, which Python code fills and ends.
 * -DSOCKET: the first one is over a socket, where threads do not take turns.
 * -DENDED: Python code has filled and ended it before.
 * -DHANDSHAKES: there was none yet.
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

#ifdef SOCKET
#define IS_SOCKET(c) ((c) == 0)
#else
#define IS_SOCKET(c) false
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
#ifndef HANDLERS
#define HANDLERS 1              /* of signals */
#endif
byte handlers = HANDLERS;

/* PySSLMemoryIO and PySSLSocket */
byte state[CONNECTIONS];
byte busy_fork_count[CONNECTIONS];
byte taken[CONNECTIONS];        /* memory->borrowed */
bool in_eof[CONNECTIONS];
bool failed[CONNECTIONS];
bool done[CONNECTIONS];         /* handshake_done */
bool answers[CONNECTIONS];
byte calls[CONNECTIONS];
byte writes[CONNECTIONS];
byte callbacks[CONNECTIONS];
byte handshaker[CONNECTIONS];   /* NOBODY: handshaking is 0 */
byte last_forks[CONNECTIONS];   /* forks */
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
byte inside[CONNECTIONS];       /* threads in OpenSSL */
byte readers[CONNECTIONS];      /* over a socket: but for those that write */
bool broken[CONNECTIONS];       /* OpenSSL has failed */
byte taker[CONNECTIONS];        /* over a socket: who has read what the first
                                 * handshake waits for */
bool due[CONNECTIONS];          /* its call has to see the end */
bool orphan[CONNECTIONS];       /* its thread was lost at a fork */
bool recount[CONNECTIONS];      /* its callback, or a signal handler, forked:
                                 * not counted again */
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
    inside[c]++;
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

/* end_call() */
inline end_call(c)
{
    d_step {
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
        in_eof[c] = false;          /* of no meaning any more */
#endif
        due[c] = false;
        recount[c] = false;
#ifdef M_BACK
        move(queue[INCOMING(c)], in[c]);
#else
        move(in[c], queue[INCOMING(c)]);
        move(queue[INCOMING(c)], in[c]);
#endif
        move(queue[OUTGOING(c)], out[c]);
        inside[c]--;
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
#ifdef SOCKET
    if
    :: IS_SOCKET(c) && shaking && taker[c] == NOBODY -> taker[c] = t
    :: skip
    fi;
#endif
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

/* Whether the thread's Python code comes from a call of the connection */
#define CAME(i, c) (depth > i && stack[i] == c)
#define CALLED_BACK(i, c) (CAME(i, c) && kind[i] < 8)

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
        :: IS_SOCKET(w) ->
            recount[w] = CAME(0, w) || CAME(1, w) || CAME(2, w);
            orphan[w] = handshaker[w] != NOBODY && handshaker[w] != t ||
                        calls[w] + writes[w] > CALLED_BACK(0, w) +
                            CALLED_BACK(1, w) + CALLED_BACK(2, w)
        :: !IS_SOCKET(w) && (CAME(0, w) || CAME(1, w) || CAME(2, w)) ->
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

/* in_use() */
#define IN_USE(c) (calls[c] > callbacks[c])

/* Who waits in check_usable() */
#ifdef M_ENTER_BETWEEN
#define KEPT_OUT(c) (!done[c] && callbacks[c] == 0 && calls[c] > 0)
#else
#define KEPT_OUT(c) (!done[c] && callbacks[c] == 0 && (calls[c] > 0 || \
    handshaker[c] != NOBODY && \
    (handshaker[c] != t || last_forks[c] != fork_count)))
#endif

/* Threads, and connections, are alike: it is enough if they begin in order. */
#define MAY_BEGIN (steps > 0 && (t == 0 || used[t - 1]))

/* The end of do_handshake() */
#define LET_OTHERS_IN handshaker[c] = (begun -> NOBODY : handshaker[c])

#define TAKE_GIL gil == NOBODY && !lost[t] -> gil = t

proctype thread(byte t)
{
    byte stack[3];              /* the calls whose callbacks, or handlers of */
    byte kind[3];               /* signals, run, and how they were made */
    byte depth, locked_at, c, me, x, w;
    bool looking, handed;
    bool data;                  /* it reads or writes */
    bool writing;               /* over a socket */
    bool shaking;               /* it is in do_handshake() */
    bool begun;                 /* ... and in the first handshake (first) */
    bool beside;                /* it counts in writes, not in calls */
    bool handling;              /* it is in a signal handler */

    locked_at = NOBODY;


python:
    /* Between any two steps of Python code there may be another thread's. */
    atomic {
        c = 0; looking = false; data = false; writing = false; shaking = false;
        begun = false;
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
            :: program_lock != t && !handling -> goto lock
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
    /* do_handshake(), or a read or a write with handshake_first() */
    atomic {
        if
#ifdef HANDSHAKES
        :: shaking = true
#endif
        :: data = true;
#ifndef M_NO_HANDSHAKE
            shaking = !done[c];
#endif
            if
            :: IS_SOCKET(c) -> writing = true
            :: skip
            fi
        fi
    }

call:
    /* acquire_connection() */
    atomic {
        if
        :: IS_SOCKET(c) -> goto usable
        :: else
        fi;
        if
        :: state[c] == IDLE ->
            state[c] = BUSY;
            busy_fork_count[c] = fork_count;
            goto begin
        :: state[c] == BUSY -> goto wait
        :: state[c] == IN_CALLBACK -> goto python       /* refused */
        fi
    }

look:
    /* wait_for_openssl() */
    atomic {
        if
        :: IS_SOCKET(c) ->
            if
            :: IN_USE(c)        /* answer() */
            :: else ->
                assert(readers[c] == callbacks[c]);
                /* Some answers, and a new context, take more than that. */
                assert(writes[c] > 0 || inside[c] == callbacks[c])
            fi;
            goto python
        :: else
        fi;
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
        :: busy_fork_count[c] != fork_count ->
            assert(orphan[c]);
            goto python         /* refused */
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
        :: !handed && !looking -> goto python   /* refused */
        fi
    }

usable:
    /* check_usable(): the loop in it is a thread that waits. */
    atomic {
#ifndef M_NO_POLL
        if
        :: KEPT_OUT(c) ->
#ifndef M_WAIT_IN_CHILD
            if
            :: last_forks[c] != fork_count ->
                assert(orphan[c] || recount[c]);
                goto gone           /* refused */
            :: else
            fi;
#endif
            gil = NOBODY;
            if
            :: !KEPT_OUT(c) && TAKE_GIL
            :: lost[t] -> goto stop
            fi
        :: else
        fi;
#endif
        if
        :: failed[c] || callbacks[c] > 0 -> goto gone           /* refused */
        :: else
        fi;
        d_step {
#ifndef M_OLD_FORKS
            last_forks[c] = fork_count;
#endif
            recount[c] = false
        }
        /* In the first handshake a connection is its thread's alone. */
        assert(done[c] || !inside[c]);
        goto enter
    }

begin:
    /* begin_healthy_call() */
    atomic {
        begin_call(c);
        if
#ifndef M_FAILED_GOES_ON
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
            assert(!KEPT_OUT(c));       /* or it would wait */
            goto python         /* refused */
#endif
        :: else
        fi;
enter:
        if
#ifndef M_NO_BREAK
        :: shaking && done[c] && IN_USE(c) -> goto shaken
#endif
#ifdef M_LEAVE_BUSY
        :: shaking && done[c] -> goto shaken
#endif
        :: else
        fi;
        /* A failure is for good.  No data goes before the handshake, and none
         * is read when do_handshake() comes. */
        assert(!broken[c] && (shaking -> readers[c] == 0 : done[c]));
        if
        :: IS_SOCKET(c) ->
            beside = writing && !shaking && answers[c];
            inside[c]++;
            readers[c] = readers[c] + (beside -> 0 : 1)
        :: else
        fi;
        if
        :: beside -> writes[c]++
        :: else -> calls[c]++
        fi;
        d_step {
            if
            :: shaking && !done[c] && handshaker[c] == NOBODY ->
                begun = true;
                handshaker[c] = t
            :: else
            fi
        }
        openssl(c);
        if
        :: callbacks_left[c] > 0 && !failed[c] && !beside ->
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
        if
        :: beside -> writes[c]--
        :: else -> calls[c]--
        fi;
        /* keep_buffers() frees those of another connection. */
        if
#ifdef M_FREE_BUSY
        :: true -> assert(!inside[1 - c])
#endif
#ifdef M_FREE_WRITING
        :: calls[1 - c] == 0 -> assert(!inside[1 - c])
#endif
        :: calls[1 - c] == 0 && writes[1 - c] == 0 -> assert(!inside[1 - c])
        :: else
        fi;
        if
        :: IS_SOCKET(c) ->
            inside[c]--;
            readers[c] = readers[c] - (beside -> 0 : 1);
            beside = false
        :: else -> end_call(c)
        fi;
        if
        :: IS_SOCKET(c) ->
            done[c] = done[c] || shaking && taker[c] != NOBODY && !failed[c]
        :: !IS_SOCKET(c) && shaking ->
            done[c] = true              /* maybe without a name */
        :: !IS_SOCKET(c)
        fi;
        d_step {
            /* remember_answers() */
            answers[c] = answers[c] || IS_SOCKET(c) && done[c] && !IN_USE(c);
            if
            :: IS_SOCKET(c) && shaking && !done[c] && !failed[c]
            :: else -> LET_OTHERS_IN; begun = false
            fi
        };
        if
        :: begun -> gil = NOBODY; goto between
        :: !begun && (!shaking || !done[c] || failed[c]) -> goto python
        :: else
        fi;
shaken:
        LET_OTHERS_IN;
        if
        :: data -> shaking = false; begun = false; goto call
        :: else -> goto python
        fi;
gone:
        LET_OTHERS_IN;
        goto python
    }

between:
    /* wait_for_socket(): a thread goes on, or leaves, when there is something
     * to read, which comes as soon as it likes.  It does not come again when
     * another thread has read it. */
    atomic {
        if
        :: (taker[c] == NOBODY || taker[c] == t) && TAKE_GIL ->
            if
            :: goto usable
            :: goto gone
            fi
        :: handlers > 0 && TAKE_GIL ->
            handlers--;
            handling = true;
            stack[depth] = c;
            kind[depth] = 13 + (data -> 2 : 0);
            depth++;
            goto python
        :: lost[t] -> goto stop
        fi
    }

callback:
    /* _servername_callback(), enter_callback() */
    atomic {
        if
        :: TAKE_GIL
        :: lost[t] -> goto stop
        fi;
        callbacks[c]++;
        if
        :: IS_SOCKET(c)
        :: else ->
#ifndef M_CALLBACK_BUSY
            state[c] = IN_CALLBACK;
#endif
#ifndef M_KEEP_WAITERS
            do
            :: nempty(line[c]) -> wake_waiter(c, false)
            :: empty(line[c]) -> break
            od;
#endif
            skip
        fi;
        stack[depth] = c;
        kind[depth] = (shaking -> 1 : 0) + (data -> 2 : 0) + (begun -> 4 : 0);
        depth++;
        goto python
    }

leave:
    /* leave_callback() */
    atomic {
        depth--;
        c = stack[depth];
        stack[depth] = 0;
        shaking = kind[depth] & 1;
        data = (kind[depth] & 2) > 0;
        begun = (kind[depth] & 4) > 0;
        if
        :: kind[depth] & 8 ->
            kind[depth] = 0;
            handling = false;
            gil = NOBODY;
            goto between
        :: else -> kind[depth] = 0
        fi;
#ifdef M_RAISE_INSIDE
        if
        :: state[c] == BUSY -> end_call(c); goto python
        :: else
        fi;
#endif
        callbacks[c]--;
        if
        :: IS_SOCKET(c)
        :: else ->
            state[c] = BUSY;
#ifndef M_OLD_FORK_COUNT
            if
            :: busy_fork_count[c] != fork_count ->
                busy_fork_count[c] = fork_count;
                recount[c] = reader[INCOMING(c)] != c
            :: else
            fi;
#endif
            skip
        fi;
        openssl(c);
        gil = NOBODY;
        goto back
    }

stop:
    /* A new thread of the forked child takes the place of a lost one. */
    atomic {
        lost[t] = false;
        depth = 0;
        stack[0] = 0; stack[1] = 0; stack[2] = 0;
        kind[0] = 0; kind[1] = 0; kind[2] = 0;
        beside = false;
        handling = false;
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
                                calls[i] + writes[i] + callbacks[i] == 0 &&
                                empty(in[i]));
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
            handshaker[i] = NOBODY;
            taker[i] = NOBODY;
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
#ifdef SOCKET
        first = false;
#endif
#ifndef HANDSHAKES
        done[0] = true; done[1] = true;
#endif
        run watch()
    }
}
