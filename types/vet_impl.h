// vet_impl.h: what the files of vet share. Private to types/.
//
// Every check asks the same few questions: who uses this variable, inside which function and
// goroutine, is that in a loop, can this statement wait. A check that cannot know says nothing: a
// false alarm costs more than a mistake that is only found by running.
#ifndef CSP_TYPES_VET_IMPL_H
#define CSP_TYPES_VET_IMPL_H

#include "types/vet.h"

// A function whose body is checked: declaration, literal, or (node NULL) a script's statements.
typedef struct VetFunc {
    Node *node;
    NodeList *body;
    const Object *obj; // declarations
} VetFunc;

// What vet knows of a variable or function (Object.extra).
typedef struct VetObject {
    Vec(Node *) uses; // identifiers that denote it, in the order of the text; its declaration too
    u8 waits;         // functions: 0 not yet asked, 1 being asked, 2 no, 3 yes
    bool print_asked; // functions: print is known
    const struct PrintFunc
        *print; // functions that hand their arguments on to fmt.Printf and the like
} VetObject;

typedef struct Vet {
    Arena *arena;
    DiagList *diags;
    Package *pkg;
    VetOptions options;
    Vec(VetFunc) funcs;
    VetFunc *main; // NULL: there is none
    struct {
        const Node *node;
        Node *parent;
    } * parents; // hash table
    u32 parent_count, parent_size;
} Vet;

// ---- Reports ----

Diag *vet_warn(Vet *v, DiagKind kind, const Node *at, const char *fmt, ...) PRINTF_LIKE(4, 5);
int vet_line(const Node *n);
const char *vet_text(Vet *v, const Node *n); // its source text
const char *vet_type_text(Vet *v, const Type *t);

// ---- The tree ----

Node *vet_parent(const Vet *v, const Node *n); // NULL above declarations
// Visits n and what is below in the order of the text; visit says whether to go below.
void vet_walk(Node *n, bool (*visit)(Node *n, void *arg), void *arg);
// The same for all files of the package.
void vet_walk_package(Vet *v, bool (*visit)(Node *n, void *arg), void *arg);
// The function literal or declaration around n; NULL at top level.
Node *vet_function(const Vet *v, const Node *n);
bool vet_is_inside(const Vet *v, const Node *n, const Node *outer); // or the same
// The innermost loop around n whose body does not belong to another function; NULL: none.
Node *vet_loop(const Vet *v, const Node *n);
// Whether a loop around n (across function literals) does not also enclose `outside`.
bool vet_in_loop_since(const Vet *v, const Node *n, const Node *outside);
// The list that statement n stands in, and its place there; NULL: in none.
NodeList *vet_siblings(const Vet *v, const Node *n, int *index);
Node *vet_statement(const Vet *v, Node *n); // the statement that n is or is part of
// How often a counted loop runs: -1 if that is not known.
i64 vet_trip_count(Node *loop);
bool vet_leaves(Node *body); // break, return, goto, panic, exit: out of the loop with this body
bool vet_terminates(const Node *stmt); // nothing comes after it in its list

// ---- Names ----

VetObject *vet_object(Vet *v, Object *obj);
Object *vet_var(Node *n);  // the variable that an identifier (in parentheses) denotes
Object *vet_root(Node *n); // the x of x.f.g, *x, &x: NULL for other expressions
bool vet_is_declaration(const Node *ident);
// The same storage, as far as can be seen: x.f.g is the same as x.f.g.
bool vet_same_place(Vet *v, Node *a, Node *b);

// ---- Calls ----

const Object *vet_callee(const Node *call); // declared function or method; NULL
// Whether a call is of pkg.name, or of method `name` of pkg.type (type NULL: a function).
bool vet_calls(const Node *call, const char *pkg, const char *type, const char *name);
bool vet_is_builtin(const Node *call, BuiltinId id);
Node *vet_receiver(const Node *call);    // the x of x.m(…)
Node *vet_callee_body(const Node *call); // NODE_FUNC_DECL or NODE_FUNC_LIT in this package; NULL
// The parameter that takes argument number `index`; NULL when that is not clear.
Object *vet_param(const Node *call, int index);
// Whether n can wait for other goroutines or for the world.
bool vet_waits(Vet *v, Node *n);
bool vet_is_goroutine(const Vet *v, const Node *literal); // go func() { … }()

// The wait group whose Done the goroutine calls at its end, or after `at`; NULL: none.
Object *vet_done_after(Node *literal, const Node *at);

// ---- Channels (vet_chan.c) ----

typedef enum ChanOp { CHAN_SEND, CHAN_RECV, CHAN_RANGE, CHAN_CLOSE } ChanOp;

typedef struct ChanUse {
    ChanOp op;
    Node *at;        // the operation
    Node *anchor;    // where the function that declares the channel reaches it
    Node *select;    // the select whose case it is, or NULL
    bool concurrent; // in a goroutine other than the one that declares the channel
    bool deferred;
    bool two_values; // v, ok := <-ch
    bool returned;   // by a caller of the function that declares and returns the channel
    bool direct;     // in the declaring function itself, not in a literal or a callee
} ChanUse;

typedef struct Chan {
    Object *obj; // NULL: a field
    Node *name;  // where it is declared; NULL: a field
    const char *label;
    Pos declared;
    bool known;   // all users are known
    i64 capacity; // -1: not constant
    Vec(ChanUse) uses;
    int count[4]; // by operation
} Chan;

Chan vet_study_channel(Vet *v, Object *obj, Node *name); // a variable, and where it is declared
Chan vet_study_field(Vet *v, Type *holder, const TypeField *field); // known: always unbuffered

// ---- The checks ----

void vet_circles(Vet *v);

void vet_channels(Vet *v);
void vet_sync(Vet *v);
void vet_goroutines(Vet *v);
void vet_code(Vet *v);
void vet_printf(Vet *v);

#endif
