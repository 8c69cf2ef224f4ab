// capture.c: which locals outlive their frame.
//
// A local is boxed (its slot points to a heap cell in Go's layout) when its address is taken, or
// when a function literal uses it and it may change after the literal is made. A captured
// variable that never changes is copied into the closure instead.
//
// Aggregates (arrays, big structs) need no box: their slot points to memory that the variable
// owns already, and a closure copies that pointer.
#include "compiler/compile_impl.h"

bool var_is_boxed(const Func *f, const Object *var)
{
    if (var->is_global || type_is_aggregate(var->type))
        return false;
    if (var->addr_taken)
        return true;
    if (!var->captured)
        return false;
    // A return statement assigns results; before Go 1.22's rule each iteration assigns the
    // variable.
    return var->reassigned || var->is_result || (var->loop_var && f->c->options.loopvar_shared);
}
