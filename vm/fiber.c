// fiber.c: making, growing and reusing fibers.
//
// Dead fibers wait in a short list per P (P.env, which the collector scans) for the next go
// statement.
#include "vm/fiber.h"

#include "runtime/atomic_ops.h"
#include "vm/vm_impl.h"

enum { DEAD_LIST = 0, DEAD_COUNT = 1, DEAD_MAX = 64, KEPT_STACK_SLOTS = 256 };

static void use_first_stack(Fiber *f)
{
    f->home = (GcStack *)f;
    f->stack = f->first;
    f->limit = f->first + FIBER_FIRST_SLOTS;
}

Fiber *fiber_new(P *p)
{
    G *g = p->env[DEAD_LIST];
    if (g) {
        p->env[DEAD_LIST] = g->next;
        p->env[DEAD_COUNT] = (char *)p->env[DEAD_COUNT] - 1;
        g->next = NULL;
        return fiber_of(g);
    }
    Fiber *f = fiber_of(gc_alloc_g(p, FIBER_BYTES));
    memset(&f->g.next, 0, offsetof(Fiber, first) - offsetof(G, next));
    use_first_stack(f);
    return f;
}

void fiber_free(P *p, Fiber *f)
{
    if ((uintptr_t)p->env[DEAD_COUNT] >= DEAD_MAX)
        return;
    if (f->limit - f->stack > KEPT_STACK_SLOTS)
        use_first_stack(f);
    memset(&f->g.next, 0, offsetof(Fiber, base) - offsetof(G, next));
    f->defers = NULL;
    f->extra = NULL;
    f->g.gc_live = offsetof(Fiber, first);
    if (f->stack != f->first)
        f->home->gc_live = sizeof(GcStack);
    f->g.next = p->env[DEAD_LIST];
    p->env[DEAD_LIST] = f;
    p->env[DEAD_COUNT] = (char *)p->env[DEAD_COUNT] + 1;
}

static u64 max_stack = FIBER_MAX_STACK_BYTES; // atomic

u64 fiber_max_stack(void)
{
    return atomic_get_u64(&max_stack);
}

u64 fiber_set_max_stack(u64 bytes)
{
    return atomic_swap_u64(&max_stack,
                           bytes < FIBER_MAX_STACK_BYTES ? bytes : FIBER_MAX_STACK_BYTES);
}

FiberGrow fiber_grow(P *p, Fiber *f, const Slot *at, u64 slots)
{
    u64 cap = (u64)(f->limit - f->stack), need = (u64)(at - f->stack) + slots, grown = cap;
    if (need > cap) {
        grown = cap < 64 ? 64 - sizeof(GcStack) / sizeof(Slot) : cap;
        while (grown < need)
            grown = grown * 2 + sizeof(GcStack) / sizeof(Slot);
        if (grown * sizeof(Slot) > fiber_max_stack())
            return FIBER_OVERFLOW;
    }
    GcStack *object = gc_alloc_stack(p, sizeof(GcStack) + grown * sizeof(Slot));
    if (!object)
        return FIBER_NOMEM;
    memcpy(object->slots, f->stack, cap * sizeof(Slot));
    f->base = object->slots + (f->base - f->stack);
    f->g.gc_live = offsetof(Fiber, first);
    f->home = object;
    object->gc_live = sizeof(GcStack) + (need < grown ? need : grown) * sizeof(Slot);
    f->stack = object->slots;
    f->limit = object->slots + grown;
    return FIBER_GROWN;
}

FiberExtra *fiber_extra(P *p, Fiber *f)
{
    if (!f->extra)
        f->extra = gc_alloc(p, GC_SCAN, sizeof *f->extra);
    return f->extra;
}
