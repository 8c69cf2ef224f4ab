/* stop.pml: the stop of all Ps, and blocking calls (runtime/stop.c, Note [Stop protocol], and
   runtime/blocking.c, Note [Blocking calls]).

   Two Ms with a P each run goroutines: safepoints, switches (which store over the poison) and
   calls in the kernel, around which the P may be taken. The main thread stops the world STOPS
   times, one stop after the other; while it stands no M may be inside a program. The goroutines go on
   until the last stop is over, so a stop that is never noticed, or an M that is never woken, ends in
   a state in which nothing can happen, which spin reports.

   With one of these the check must fail:

     NO_REPEAT   the poison is stored once, and not again while somebody runs
     NO_EPOCH    a futex sleep does not compare the epoch: it may begin after the wake
     NO_CAS      an M that comes back from the kernel takes its P without looking who has it
     EARLY       a P is counted as stopped when it has been asked
*/
#define NP 2
#ifndef STOPS
#define STOPS 2
#endif
#ifndef CALLS
#define CALLS 2 /* in the kernel, of each M */
#endif

mtype = { IDLE, RUNS, BLOCKING, STOPPED, TAKEN };

mtype status[NP];
bool poison[NP]; /* P.limit is 0 */
bool request[NP];
bool has_m[NP];
bool sched_lock;
bool stopping;
byte epoch;
byte inside; /* Ms that run a program */
bool world_stopped;
byte stops; /* how many are over */
bool stop_note;

#define LOCK   atomic { !sched_lock -> sched_lock = true }
#define UNLOCK sched_lock = false

/* futex_wait(&epoch, seen): returns when it has counted up. The kernel compares and begins to sleep in
   one step, so a wake in between is not lost. */
inline futex_wait(seen) {
#ifdef NO_EPOCH
    if
    :: epoch != seen -> /* woken: it slept when the wake came */
       skip
    :: atomic { epoch == seen -> skip };
       /* asleep from here on: only a wake that is still to come */
       slept = epoch;
       epoch != slept
    fi
#else
    epoch != seen
#endif
}

inline stop_here() {
    LOCK;
    if
    :: status[p] == RUNS && stopping ->
       status[p] = STOPPED;
       request[p] = false;
       UNLOCK;
       stop_note = true;
       LOCK;
       do
       :: status[p] == STOPPED ->
          seen = epoch;
          UNLOCK;
          futex_wait(seen);
          LOCK
       :: else -> break
       od
    :: else
    fi;
    UNLOCK
}

proctype M(byte me) {
    byte p = me, seen, slept, calls;
    bool done;

program:
    /* runs a goroutine on P p; here is a safepoint */
    assert(status[p] == RUNS);
    do
    :: stops == STOPS && !stopping -> goto out
    :: poison[p] ->
       /* the slow path */
       if
       :: stopping ->
          inside--;
          stop_here();
          atomic { inside++; assert(!world_stopped) }
       :: else
       fi;
       poison[p] = false /* the VM stores its fiber's limit again */
    :: stops < STOPS ->
       /* a switch: the new fiber's limit, then what sched_next sees of a request */
       if
       :: request[p] && stopping ->
          inside--;
          stop_here();
          atomic { inside++; assert(!world_stopped) }
       :: else
       fi;
       poison[p] = false;
       /* it computes until it is asked, or calls the kernel */
       if
       :: poison[p] || stops == STOPS -> skip
       :: stops < STOPS && calls < CALLS -> calls++; break
       fi
    od;

    /* a call in the kernel */
    inside--;
    status[p] = BLOCKING;
#ifdef NO_CAS
    status[p] = RUNS;
#else
    if
    :: atomic { status[p] == BLOCKING -> status[p] = RUNS }
    :: status[p] != BLOCKING ->
       /* somebody has taken it */
       LOCK;
       do
       :: stopping ->
          seen = epoch;
          UNLOCK;
          futex_wait(seen);
          LOCK
       :: else -> break
       od;
       p = 0;
       do
       :: p < NP && status[p] != IDLE -> p++
       :: else -> break
       od;
       if
       :: p == NP ->
          /* Parks; somebody with a P would run the G. Here the M waits for one itself. */
          UNLOCK;
again:
          LOCK;
          p = 0;
          do
          :: p < NP && status[p] != IDLE -> p++
          :: else -> break
          od;
          if
          :: p == NP || stopping ->
             UNLOCK;
             (status[0] == IDLE || status[1] == IDLE) && !stopping -> goto again
          :: else
          fi
       :: else
       fi;
       status[p] = RUNS;
       UNLOCK
    fi;
#endif
    atomic { inside++; assert(!world_stopped) };
    goto program;

out:
    inside--;
    status[p] = IDLE
}

inline round(counted) {
    LOCK;
    counted = 0;
    i = 0;
    do
    :: i < NP ->
       if
       :: atomic { status[i] == BLOCKING -> status[i] = TAKEN }
       :: status[i] == RUNS ->
#ifndef EARLY
          counted++;
#endif
#ifdef NO_REPEAT
          if
          :: !asked[i] -> request[i] = true; poison[i] = true; asked[i] = true
          :: else
          fi
#else
          request[i] = true;
          poison[i] = true
#endif
       :: else
       fi;
       i++
    :: else -> break
    od;
    UNLOCK
}

proctype main_thread() {
    byte i, running;
    bool asked[NP];

    do
    :: stops < STOPS ->
       stopping = true;
       asked[0] = false;
       asked[1] = false;
       do
       :: round(running);
          if
          :: running == 0 -> break
          :: else
#ifdef NO_REPEAT
             ; stop_note -> stop_note = false /* until somebody has stopped */
#endif
             /* else it sleeps 20 us at most */
          fi
       od;
       atomic { world_stopped = true; assert(inside == 0) };
       /* collects */
       atomic { assert(inside == 0); world_stopped = false };
       LOCK;
       i = 0;
       do
       :: i < NP ->
          request[i] = false;
          if
          :: status[i] == STOPPED -> status[i] = RUNS
          :: status[i] == TAKEN -> status[i] = IDLE
          :: else
          fi;
          i++
       :: else -> break
       od;
       stopping = false;
       epoch++;
       stops++;
       UNLOCK
    :: else -> break
    od
}

init {
    d_step {
        status[0] = RUNS;
        status[1] = RUNS;
        inside = 2
    }
    atomic {
        run M(0);
        run M(1);
        run main_thread()
    }
}
