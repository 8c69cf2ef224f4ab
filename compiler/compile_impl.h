// compile_impl.h: what the files of this folder share.
//
// How values stand in a frame is bytecode/rtype.h's: scalars in a slot, small structs flattened,
// big structs and arrays (aggregates) as a pointer to memory that the variable owns. In this
// folder a value is either *owned* (nobody else points to its memory) or *borrowed* (it points
// into a variable); expr() and expr_to() may borrow, own_to() never does.
#ifndef CSP_COMPILER_COMPILE_IMPL_H
#define CSP_COMPILER_COMPILE_IMPL_H

#include "compiler/compiler.h"
#include "compiler/emit.h"

// ---- The compiler ----

typedef enum WorkKind {
    WORK_DECL,         // a function declaration or method, native or not
    WORK_LITERAL,      // a function literal
    WORK_IFACE_METHOD, // takes an interface's word, calls the method on what it stands for
    WORK_BOUND,        // a method value: the receiver is what the closure captured
    WORK_METHOD_EXPR,  // T.m: the receiver is the first parameter
    WORK_BUILTIN,      // go or defer of a builtin
} WorkKind;

typedef struct Work {
    WorkKind kind;
    u32 func_id;
    const char *name;
    Package *pkg;
    FuncInfo *info; // DECL, LITERAL
    Object *fn;     // DECL
    Type *receiver; // wrappers
    Selection sel;  // wrappers
    Node *call;     // BUILTIN
} Work;

typedef struct TypeInfo { // by RType id
    Type *type;
    bool used; // stands in interfaces: its methods are compiled
    int method_count;
} TypeInfo;

// A map from interned text to a number or pointer.
typedef struct TableEntry {
    Name key;
    void *value;
} TableEntry;
typedef struct Table {
    TableEntry *entries;
    u32 count, cap;
} Table;
void **table_at(Table *t, Name key); // the place of its value, NULL at first

typedef struct PackageState {
    Package *pkg;
    int specs_done; // initialised so far
    int inits_done; // func init()s called so far
} PackageState;

typedef struct GlobalVar { // Object.extra of a package variable
    u64 offset;
    bool indirect; // above 4 KiB: the global is a pointer
} GlobalVar;

typedef struct ConstBox { // memory that an interface of a string constant points to
    u32 string;
    u64 offset; // of the global
} ConstBox;

struct Compiler {
    Arena *arena;
    Image *image;
    DiagList *diags;
    CompileOptions options;
    Vec(Work) work;
    Vec(TypeInfo) types; // by RType id
    Table type_keys;     // unnamed types by structure
    Table wrappers;      // wrapper key → function id
    Table functions;     // qualified name → Object, for redefinition
    RType *basic[TYPE_UNTYPED_NIL + 1];
    Vec(PackageState) packages;
    // Of this unit; made before anything else runs:
    Vec(Object *) new_big_globals;
    Vec(ConstBox) new_boxes;
    Table boxes; // string constant → ConstBox
    Node *last;  // REPL: expression statement whose value is kept
    u64 last_value;
    bool last_value_set;
    bool failed;
};

// rtypes.c
int type_slots(Type *t);
bool type_is_aggregate(Type *t);
u64 type_bytes(Type *t);
RType *rtype_of(struct Compiler *c, Type *t);
void rtype_use(struct Compiler *c, Type *t); // values of it go into interfaces
RType *rtype_array(struct Compiler *c, Type *elem, u64 len);
RType *rtype_func(struct Compiler *c, Type *sig, Type *receiver);
void rtypes_refresh(struct Compiler *c); // REPL: types may have got methods
u32 method_name_id(struct Compiler *c, Name name, Package *pkg);
u32 type_id(struct Compiler *c, Type *t);

// A one-slot piece of a flattened value in memory.
typedef enum PartKind {
    PART_I8,
    PART_U8,
    PART_I16,
    PART_U16,
    PART_I32,
    PART_U32,
    PART_64
} PartKind;
typedef struct Part {
    PartKind kind;
    u64 offset;
} Part;
int type_parts(Type *t, Part *out); // at most 4; not for aggregates

// compiler.c
u32 func_id_of(struct Compiler *c, Object *fn);
u32 literal_id(struct Compiler *c, Func *outer, FuncInfo *info);
// The id of a wrapper; `key` tells it from all others.
u32 wrapper_id(struct Compiler *c, const char *key, Work work);
u32 method_word_func(struct Compiler *c, Type *t, const MethodEntry *m); // RMethod.func_id
GlobalVar *global_of(struct Compiler *c, Object *var);
u64 const_box(struct Compiler *c, Str text); // the global that holds a string constant
const char *func_name(struct Compiler *c, Object *fn);
Type *receiver_type(struct Compiler *c, Object *method);

// capture.c
bool var_is_boxed(const Func *f, const Object *var);

// ---- Places: where a value stands (Loc; Place is a position in a source file) ----

typedef enum LocKind {
    LOC_SLOT,   // in the frame
    LOC_MEM,    // at a pointer + offset
    LOC_GLOBAL, // a global's byte offset
    LOC_ELEM,   // slice[index]
    LOC_AELEM,  // (*array)[index]
    LOC_SELEM,  // string[index]
    LOC_MAP,    // map[key]
    LOC_BLANK,  // _
} LocKind;

typedef struct Loc {
    LocKind kind;
    Type *type;
    int slot;   // SLOT: first slot; MEM: the pointer; ELEM: header; AELEM: pointer; MAP: the map
    int index;  // ELEM, AELEM: index slot; MAP: key slots
    u64 offset; // MEM, GLOBAL
    u64 len;    // AELEM
    Type *map;  // MAP: the map's type
    bool known; // MEM, AELEM: the pointer cannot be nil
    bool fresh; // of a value that nobody else refers to
    bool unsigned_index; // ELEM, SELEM, AELEM: of type uint, uint64 or uintptr
    Pos pos;             // where the text dereferences or indexes, when the last step may panic
} Loc;

// compile_loc.c
Pos place_of(const Node *n); // Node.mark, or else where it begins: its line in traces
Loc loc_of(Func *f, Node *e);
Loc loc_var(Func *f, Object *var);
Loc loc_slot(Type *t, int slot);
Loc loc_mem(Type *t, int pointer, u64 offset, bool known);
Loc loc_walk(Func *f, Loc p, const int *path, int count);
Loc loc_deref(Func *f, Loc p);                 // p holds a pointer
void loc_pin(Func *f, Loc *p);                 // its operands survive stores to variables
void loc_load(Func *f, const Loc *p, int dst); // may borrow
int loc_operand(Func *f, const Loc *p);        // a slot that holds it; may borrow
void loc_store(Func *f, const Loc *p, int src);
void loc_address(Func *f, const Loc *p, int dst);
void mem_load(Func *f, Type *t, int base, u64 offset, bool known, int dst);
void mem_store(Func *f, Type *t, int base, u64 offset, int src);

// compile_expr.c
int expr(Func *f, Node *e);                      // a slot that holds the value; may borrow
void expr_to(Func *f, Node *e, int dst);         // may borrow
int expr_as(Func *f, Node *e, Type *t);          // converted to t for assignment; may borrow
void own_to(Func *f, Node *e, Type *t, int dst); // converted to t, owned
void own_slots(Func *f, Type *from, int src, bool fresh, Type *to, int dst);
int expr_owned(Func *f, Node *e, Type *t); // in new temporaries, or the result in place
bool expr_is_fresh(Node *e);               // an aggregate value that nobody else points to
void expr_discard(Func *f, Node *e);
void commaok_to(Func *f, Node *e, int dst); // value, then ok behind its slots
Type *commaok_type(Node *e);
void const_load(Func *f, const struct Const *v, Type *t, int dst);
bool const_imm(Node *e, i64 *out); // an integer constant
bool expr_mentions(Node *e, Object *var);
bool expr_writes_last(Node *e); // expr_to reads all operands before it writes dst
Node *unparen(Node *e);
bool is_iface(Type *t);
bool is_nil(Node *e);
// A name for a value that stands in the frame, so that it can be used like any expression.
Node *slot_node(Func *f, Type *t, int slot, Pos pos);
void closure_to(Func *f, Node *lit, int dst);

// compile_cond.c
void cond(Func *f, Node *e, int label, bool want); // jumps when e == want
void compare_to(Func *f, Node *e, int dst);
void logic_to(Func *f, Node *e, int dst); // && and ||
void compare_jump(Func *f, TokenKind op, Node *x, Node *y, int label, bool want);

// compile_arith.c
typedef enum NumClass {
    NUM_NONE,
    NUM_I64,
    NUM_U64,
    NUM_I32,
    NUM_U32,
    NUM_I16,
    NUM_U16,
    NUM_I8,
    NUM_U8,
    NUM_F64,
    NUM_F32,
    NUM_C128,
    NUM_C64,
    NUM_STRING,
} NumClass;
NumClass num_class(Type *t);
bool num_is_int(NumClass k);
// dst = x op y, y given as a node (or, if that is NULL, as slots).
void arith(Func *f, TokenKind op, Type *t, int x, Node *y, int y_slot, int dst);
void shift(Func *f, TokenKind op, Type *t, int x, Node *y, int dst);
void binary_to(Func *f, Node *e, int dst);
void unary_to(Func *f, Node *e, int dst);
bool conversion_is_free(Node *x, Type *to);
void conversion_to(Func *f, Node *x, Type *to, int dst);
void add_one(Func *f, Type *t, int x, bool up, int dst); // ++ and --
TokenKind assign_op(TokenKind op);                       // += → +

// compile_order.c: calls before reads
bool expr_has_call(const Func *f, Node *e);     // one that has not been evaluated yet
int hoisted_slot(const Func *f, const Node *e); // where its value stands already, or -1
void hoist_calls(Func *f, Node *e);             // evaluates the calls in e, in order
// Before operands are evaluated: hoists their calls where one of them reads memory before.
void order_operands(Func *f, Node **operands, int count);
void order_list(Func *f, const NodeList *list);
void order_call(Func *f, Node *e);
bool call_needs_order(Func *f, Node *e);

// compile_const.c
bool const_bits(const Node *e, u64 *bits); // a numeric constant as it stands in a slot
int const_slot(const Func *f, u64 bits);   // where a loop keeps it; -1: nowhere
void consts_enter(Func *f, Node *loop);    // before each loop, after its init statement
void consts_leave(Func *f);

// compile_call.c
int call(Func *f, Node *e); // the window's first slot: results stand there
void go_or_defer(Func *f, Node *stmt);
// Calls what sel finds on a receiver at p, with arguments that stand at args (frame form).
void call_selected(Func *f, Loc p, const Selection *sel, int args, int arg_slots, int result_slots,
                   bool give_back);
void method_value_to(Func *f, Node *e, int dst);
void method_expr_to(Func *f, Node *e, int dst);
bool is_plain_call(const Func *f, Node *e); // neither conversion nor builtin; not yet evaluated
int sig_param_slots(Type *sig), sig_result_slots(Type *sig);
Selection select_of(Func *f, Node *selector);

// compile_builtin.c
void builtin_to(Func *f, Node *e, int dst); // dst: where a result goes
Node *builtin_spread(Func *f, Node *e);     // b(g()): calls g; the same call of its results
void builtin_body(Func *f, Node *e);        // a function that does builtin call e on its parameters
Type *builtin_param(Node *call, int i);     // type of that function's parameter

// compile_assign.c
void assign_stmt(Func *f, Node *s);
void incdec_stmt(Func *f, Node *s);
void var_decl(Func *f, Node *spec);
void var_bind(Func *f, Object *var, int slot); // it stands there already
// A new variable with the value that stands in src (of type from).
void var_define_slots(Func *f, Object *var, Type *from, int src, bool fresh);
void var_make(Func *f, Object *var);                 // a new zero variable
Object *defined_object(Node *ident);                 // NULL for _
bool var_in_slots(const Func *f, const Object *var); // neither boxed, aggregate nor global

// compile_stmt.c
void stmt(Func *f, Node *s);
void stmts(Func *f, const NodeList *list);
void func_prologue(Func *f);
void func_end(Func *f);
void loop_stmt(Func *f, Node *s);
void range_stmt(Func *f, Node *s);
void switch_stmt(Func *f, Node *s);
void type_switch_stmt(Func *f, Node *s);
void select_stmt(Func *f, Node *s);
int scope_enter(Func *f, int *top);
void scope_leave(Func *f, int live_mark, int top);

// rtype_name.c: what %T prints; malloc memory.
const char *rtype_name(const Type *t);

#endif
