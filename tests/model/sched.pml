/* sched.pml: parking, making runnable, stealing, and going to sleep (runtime/sched.c, Notes [Park
   protocol] and [Idle]).

   Goroutine 0 wakes each of the others ROUNDS times and waits for them without giving its P away:
   so somebody else must run them, and a wake-up that is lost ends in a state in which nothing can
   happen, which spin reports. What sysmon does for queues that nobody looks at is left out, since
   no wake-up may depend on it; it only asks for a runnext that does not move.

   Each step is atomic and seen by all at once: the model has the order of the program, not that of
   a processor. What a fence prevents is put in by hand. With one of these the check must fail:

     NO_FENCE     who publishes work looks for sleepers first (store and load change places)
     NO_RECHECK   who goes to sleep does not look once more after it has said so
     NO_LAST_LOOK a spinner that found work does not look for more (with NP=3)
     PARK_LATE    a goroutine is marked parked after the lock is released
*/
#ifndef NP
#define NP 2
#endif
#define NM (NP + 1) /* threads */
#define NG 3        /* goroutines; 0 wakes the others */
#ifndef ROUNDS
#define ROUNDS 2
#endif
#define NONE 255

mtype = { RUNNABLE, RUNNING, PARKED, DEAD };

mtype state[NG];
bool waiting[NG]; /* queued on its object */
bool token[NG];   /* woken before it waited */
byte ran[NG];     /* how often it has gone on */
bool lock_of[NG]; /* the object's lock */

chan ring[NP] = [NG] of { byte };
byte runnext[NP];
bool asked[NP]; /* P_REQUEST_RUNNEXT */

bool sched_lock;
byte idle_p_count = NP - 1;
bool p_idle[NP];
byte spinning;
byte idle_m_count = NM - 1;
bool m_idle[NM];
byte next_p[NM];
bool next_spins[NM]; /* is handed over with the P */

bool over; /* goroutine 0 is done */

#define LOCK(l)   atomic { !l -> l = true }
#define UNLOCK(l) l = false

/* ---- wake_p_if_idle, wake_p, p_hand_to_m */
inline wake_p() {
    if
    :: atomic { spinning == 0 -> spinning = 1 };
       LOCK(sched_lock);
       take_idle_p(got);
       if
       :: got == NONE ->
          UNLOCK(sched_lock);
          spinning--
       :: else ->
          UNLOCK(sched_lock);
          /* a thread that is on its way to sleep: the real one starts another thread */
          atomic { !sched_lock && idle_m_count > 0 -> sched_lock = true };
          atomic {
              i = 0;
              do
              :: m_idle[i] -> break
              :: else -> i++
              od;
              m_idle[i] = false;
              idle_m_count--;
              next_spins[i] = true;
              next_p[i] = got;
              UNLOCK(sched_lock)
          }
       fi
    :: spinning != 0
    fi
}

inline wake_p_if_idle() {
    if
    :: idle_p_count != 0 ->
       if
       :: spinning == 0 -> wake_p()
       :: else
       fi
    :: else
    fi
}

/* sched_lock is held */
inline take_idle_p(into) {
    d_step {
        into = 0;
        do
        :: into < NP && !p_idle[into] -> into++
        :: else -> break
        od;
        if
        :: into == NP -> into = NONE
        :: else ->
           p_idle[into] = false;
           idle_p_count--
        fi
    }
}

inline publish(g) { /* put_surplus */
#ifdef NO_FENCE
    look = (idle_p_count != 0 && spinning == 0);
    ring[p]!g;
    if
    :: look -> wake_p()
    :: else
    fi
#else
    ring[p]!g;
    wake_p_if_idle()
#endif
}

inline ready(g) { /* sched_ready: it becomes runnext */
    assert(state[g] == PARKED);
    state[g] = RUNNABLE;
    shifted = runnext[p];
    runnext[p] = g;
    if
    :: shifted != NONE -> publish(shifted)
    :: else
    fi
}

inline work_anywhere(answer) {
    answer = false;
    i = 0;
    do
    :: i < NP ->
       if
       :: len(ring[i]) > 0 -> answer = true
       :: else
       fi;
       i++
    :: else -> break
    od
}

/* ---- The goroutines, on P p */
inline wake(c) {
    LOCK(lock_of[c]);
    if
    :: waiting[c] -> waiting[c] = false; UNLOCK(lock_of[c]); ready(c)
    :: else -> token[c] = true; UNLOCK(lock_of[c])
    fi
}

inline run_waker() {
    round = 1;
    do
    :: round <= ROUNDS ->
       wake(1);
       wake(2);
       /* Waits without giving way; a safepoint sees that runnext is asked for. */
       do
       :: ran[1] >= round && ran[2] >= round -> break
       :: atomic { asked[p] && runnext[p] != NONE ->
              asked[p] = false; shifted = runnext[p]; runnext[p] = NONE };
          publish(shifted)
       od;
       round++
    :: else -> break
    od;
    state[0] = DEAD;
    over = true
}

/* It goes on, and waits for the next time. */
inline run_other(g) {
    ran[g]++;
#if NP > 2
    /* With a third P, 1 waits for 2 as well, without giving way. */
    if
    :: g != 1 -> skip
    :: g == 1 && ran[2] >= ran[1] -> skip
    fi;
#endif
    do
    :: LOCK(lock_of[g]);
       if
       :: token[g] -> token[g] = false; UNLOCK(lock_of[g]); ran[g]++
       :: else ->
          waiting[g] = true;
#ifdef PARK_LATE
          UNLOCK(lock_of[g]);
          state[g] = PARKED;
#else
          state[g] = PARKED;
          UNLOCK(lock_of[g]);
#endif
          break
       fi
    od
}

/* ---- The loop of a thread */
proctype M(byte me) {
    byte p = NONE, g, i, got, shifted, round, n;
    bool spins, some, look;

    if
    :: me == 0 -> p = 0; g = 0; goto carry_on
    :: else -> goto asleep
    fi;

find:
    /* its own queue */
    g = NONE;
    if
    :: runnext[p] != NONE -> g = runnext[p]; runnext[p] = NONE
    :: runnext[p] == NONE && len(ring[p]) > 0 ->
       if
       :: ring[p]?g
       :: len(ring[p]) == 0 /* stolen meanwhile */
       fi
    :: runnext[p] == NONE && len(ring[p]) == 0
    fi;
    if
    :: g != NONE -> goto found
    :: else
    fi;
    /* others' */
    if
    :: atomic { !spins && spinning == 0 -> spinning = 1; spins = true }
    :: spins || spinning != 0
    fi;
    n = 0;
    do
    :: n < NP ->
       if
       :: n != p && len(ring[n]) > 0 ->
          if
          :: ring[n]?g -> goto found
          :: len(ring[n]) == 0
          fi
       :: else
       fi;
       n++
    :: else -> break
    od;
    /* release_p */
    LOCK(sched_lock);
    p_idle[p] = true;
    idle_p_count++;
    p = NONE;
    UNLOCK(sched_lock);
    if
    :: spins -> spins = false; spinning--
    :: else
    fi;
#ifndef NO_RECHECK
    work_anywhere(some);
    if
    :: some ->
       LOCK(sched_lock);
       take_idle_p(p);
       UNLOCK(sched_lock);
       if
       :: p != NONE -> goto find
       :: else
       fi
    :: else
    fi;
#endif

    /* m_park */
    LOCK(sched_lock);
    m_idle[me] = true;
    idle_m_count++;
    UNLOCK(sched_lock);
asleep:
end_asleep:
    atomic {
        next_p[me] != NONE -> p = next_p[me]; next_p[me] = NONE;
        spins = next_spins[me]; next_spins[me] = false
    };
    goto find;

found:
    /* m_found_work */
    if
    :: spins ->
       spins = false;
       spinning--;
#ifndef NO_LAST_LOOK
       work_anywhere(some);
       if
       :: some -> wake_p_if_idle()
       :: else
       fi
#endif
    :: else ->
       if
       :: len(ring[p]) > 0 -> wake_p_if_idle()
       :: else
       fi
    fi;
carry_on:
    assert(state[g] == RUNNABLE);
    state[g] = RUNNING;
    if
    :: g == 0 -> run_waker()
    :: else -> run_other(g)
    fi;
    goto find
}

/* Asks for a runnext that does not move while a P is idle. */
proctype sysmon() {
    byte i;
end_watch:
    do
    :: over -> break
    :: atomic { !over && idle_p_count > 0 && runnext[0] != NONE && !asked[0] -> asked[0] = true }
    :: atomic { !over && idle_p_count > 0 && runnext[1] != NONE && !asked[1] -> asked[1] = true }
    od
}

init {
    byte k;
    d_step {
        byte i = 0;
        do
        :: i < NP -> runnext[i] = NONE; p_idle[i] = (i != 0); i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < NM -> next_p[i] = NONE; m_idle[i] = (i != 0); i++
        :: else -> break
        od;
        state[0] = RUNNABLE;
        state[1] = PARKED; waiting[1] = true;
        state[2] = PARKED; waiting[2] = true
    }
    atomic {
        k = 0;
        do
        :: k < NM -> run M(k); k++
        :: else -> break
        od;
        run sysmon()
    }
}
