// time.c: natives of package time: the clocks, timers that send or call, and the machine's zone.
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "runtime/step.h"
#include "runtime/timer.h"
#include "stdlib/strconv/ftoa.h"
#include "stdlib/tables.h"
#include "vm/object.h"
#include "vm/vm.h"

static const i64 UNIX_START = 62135596800;
static const i64 BILLION = 1000000000;

// ---- Clocks -----------------------------------------------------------------------------------

// func now() (unix int64, nsec int32, mono int64)
static NativeStatus time_wall(P *p, Slot *args)
{
    (void)p;
    i64 wall = timer_wall_now();
    args[0] = (Slot)(wall / BILLION);
    args[1] = (Slot)(wall % BILLION);
    args[2] = (Slot)(timer_now() + 1);
    return NATIVE_OK;
}

// func clock() int64
static NativeStatus time_clock(P *p, Slot *args)
{
    (void)p;
    args[0] = (Slot)timer_now();
    return NATIVE_OK;
}

// func Sleep(d Duration)
static NativeStatus time_sleep(P *p, Slot *args)
{
    if ((i64)args[0] <= 0)
        return NATIVE_OK;
    timer_sleep(p, (i64)args[0]);
    return NATIVE_PARKED;
}

// ---- Timers -----------------------------------------------------------------------------------

// arg is the channel; arg2 is time.Local, which no collector has to know: it is a global.
static void fire_send(P *p, Timer *t, i64 now)
{
    i64 wall = timer_wall_now();
    Slot time[4] = {(Slot)(wall / BILLION + UNIX_START), (Slot)(now + 1), t->arg2,
                    (Slot)(wall % BILLION)};
    chan_try_send(p, t->arg, time); // a full buffer: the tick is dropped
}

// arg is the closure.
static void fire_call(P *p, Timer *t, i64 now)
{
    (void)now;
    vm_go_closure(p, ptr_slot(t->arg));
}

// func startTimer(c chan Time, f func(), when, period int64, local *Location) *runtimeTimer
static NativeStatus time_start(P *p, Slot *args)
{
    Timer *t = gc_alloc(p, GC_SCAN, sizeof *t);
    t->fire = args[0] ? fire_send : fire_call;
    t->arg = slot_ptr(args[0] ? args[0] : args[1]);
    t->arg2 = args[4];
    timer_start(p, t, (i64)args[2], (i64)args[3]);
    args[0] = ptr_slot(t);
    return NATIVE_OK;
}

static NativeStatus time_stop(P *p, Slot *args)
{
    args[0] = timer_stop(p, slot_ptr(args[0]));
    return NATIVE_OK;
}

static NativeStatus time_reset(P *p, Slot *args)
{
    args[0] = timer_reset(p, slot_ptr(args[0]), (i64)args[1], (i64)args[2]);
    return NATIVE_OK;
}

// ---- Zones ------------------------------------------------------------------------------------

// func localZone(unix int64) (name string, offset int, dst bool)
static NativeStatus time_local_zone(P *p, Slot *args)
{
    time_t unix_time = (time_t)args[0];
    struct tm tm;
    const char *name = "UTC";
    i64 offset = 0;
    bool summer = false;
    if (localtime_r(&unix_time, &tm)) {
        name = tm.tm_zone;
        offset = tm.tm_gmtoff;
        summer = tm.tm_isdst > 0;
    }
    if (!vm_string_new(p, name, strlen(name), args))
        return NATIVE_NOMEM;
    args[2] = (Slot)offset;
    args[3] = summer;
    return NATIVE_OK;
}

// func readZone(name string) []byte: the zone's file; empty if there is none
static NativeStatus time_read_zone(P *p, Slot *args)
{
    Str name = vm_str(args);
    char path[256];
    int n = snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", (int)name.len, name.data);
    args[0] = args[1] = args[2] = 0;
    int fd = n < (int)sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return NATIVE_OK;
    char data[16 << 10];
    ssize_t len = read(fd, data, sizeof data);
    close(fd);
    if (len <= 0)
        return NATIVE_OK;
    if (!vm_bytes_new(p, (size_t)len, 0, args))
        return NATIVE_NOMEM;
    memcpy(slot_ptr(args[0]), data, (size_t)len);
    return NATIVE_OK;
}

// ---- Text -------------------------------------------------------------------------------------

// A number of units with its fraction, without zeros at the end: "1.5".
static void put_fraction(Buf *out, u64 value, u64 unit, int digits)
{
    char text[24];
    buf_printf(out, "%llu", (unsigned long long)(value / unit));
    u64 rest = value % unit;
    if (rest == 0)
        return;
    int n = snprintf(text, sizeof text, "%0*llu", digits, (unsigned long long)rest);
    while (text[n - 1] == '0')
        n--;
    buf_putc(out, '.');
    buf_append(out, text, (size_t)n);
}

// func (d Duration) String() string
static NativeStatus time_duration_string(P *p, Slot *args)
{
    i64 d = (i64)args[0];
    u64 u = d < 0 ? -(u64)d : (u64)d;
    Buf out = {0};
    if (d < 0)
        buf_putc(&out, '-');
    if (u == 0) {
        buf_puts(&out, "0s");
    } else if (u < 1000) {
        buf_printf(&out, "%lluns", (unsigned long long)u);
    } else if (u < 1000000) {
        put_fraction(&out, u, 1000, 3);
        buf_puts(&out, "µs");
    } else if (u < (u64)BILLION) {
        put_fraction(&out, u, 1000000, 6);
        buf_puts(&out, "ms");
    } else {
        u64 minutes = u / (60 * (u64)BILLION), hours = minutes / 60;
        if (hours > 0)
            buf_printf(&out, "%lluh", (unsigned long long)hours);
        if (minutes > 0)
            buf_printf(&out, "%llum", (unsigned long long)(minutes % 60));
        put_fraction(&out, u % (60 * (u64)BILLION), (u64)BILLION, 9);
        buf_putc(&out, 's');
    }
    bool good = vm_string_new(p, out.data, out.len, args);
    buf_free(&out);
    return good ? NATIVE_OK : NATIVE_NOMEM;
}

static const Native natives[] = {
    {"now", time_wall, 0},
    {"clock", time_clock, 0},
    {"Sleep", time_sleep, NATIVE_OP(VISIBLE_SLEEP)},
    {"startTimer", time_start, NATIVE_OP(VISIBLE_TIMER)},
    {"stopTimer", time_stop, NATIVE_OP(VISIBLE_TIMER)},
    {"resetTimer", time_reset, NATIVE_OP(VISIBLE_TIMER)},
    {"localZone", time_local_zone, 0},
    {"readZone", time_read_zone, 0},
    {"Duration.String", time_duration_string, 0},
};
const NativeTable time_natives = {"time", natives, countof(natives)};
