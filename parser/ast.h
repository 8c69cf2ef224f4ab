// ast.h: the tree. Read this before the parser, the checker or the compiler.
//
// One Node type with a kind and a union; a list is a Vec of nodes in the arena. The parser fills
// everything but the annotations; the checker fills the annotations and changes nothing else,
// except that it resolves what only types can tell (a call that is a conversion, a paren'd type).
// Children may be NULL where a comment says so. NODE_BAD stands where parsing failed; it carries
// no further errors.
#ifndef CSP_PARSER_AST_H
#define CSP_PARSER_AST_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "base/vec.h"
#include "lexer/token.h"

typedef struct Node Node;
typedef Vec(Node *) NodeList;

typedef enum ChanDir { DIR_BOTH, DIR_SEND, DIR_RECEIVE } ChanDir;
const char *chan_dir_text(ChanDir dir); // what stands before the element type: "<-chan "

// Of types/ (opaque here).
struct Type;
struct Const;
struct Object;
struct Scope;

/* NODE(kind, union member) in groups: expressions, types, statements, declarations */
typedef enum NodeKind {
    NODE_BAD,
    // expressions
    NODE_IDENT,     // ident
    NODE_BASIC_LIT, // lit
    NODE_FUNC_LIT,  // func
    NODE_COMPOSITE, // composite
    NODE_KEY_VALUE, // kv: in composite literals
    NODE_PAREN,     // unary.x
    NODE_SELECTOR,  // selector
    NODE_INDEX,     // index; with several indices: type arguments
    NODE_SLICE,     // slice
    NODE_ASSERT,    // assert; x.(type) has type == NULL
    NODE_CALL,      // call
    NODE_STAR,      // unary.x: *x, pointer type or dereference
    NODE_UNARY,     // unary: + - ! ^ & <-
    NODE_BINARY,    // binary
    NODE_ELLIPSIS,  // unary.x: ...T in parameters, or [...]T with x == NULL
    // types
    NODE_ARRAY_TYPE,     // array: len NULL for slices, NODE_ELLIPSIS for [...]
    NODE_STRUCT_TYPE,    // fields
    NODE_FUNC_TYPE,      // functype
    NODE_INTERFACE_TYPE, // fields: methods (names + NODE_FUNC_TYPE) and embedded types (no names)
    NODE_MAP_TYPE,       // map
    NODE_CHAN_TYPE,      // chan
    // statements
    NODE_EMPTY,
    NODE_EXPR_STMT,   // unary.x
    NODE_SEND,        // binary: x <- y
    NODE_INC_DEC,     // unary: op TOKEN_INC or TOKEN_DEC
    NODE_ASSIGN,      // assign
    NODE_GO,          // unary.x: the call
    NODE_DEFER,       // unary.x: the call
    NODE_RETURN,      // list
    NODE_BRANCH,      // branch
    NODE_BLOCK,       // block
    NODE_IF,          // ifs
    NODE_CASE,        // clause of switch, type switch and select
    NODE_SWITCH,      // switchs
    NODE_TYPE_SWITCH, // switchs: tag is NODE_ASSERT with type NULL, name may be set
    NODE_SELECT,      // block: of NODE_CASE
    NODE_FOR,         // fors
    NODE_RANGE,       // range
    NODE_LABELED,     // labeled
    NODE_DECL_STMT,   // unary.x: a NODE_GEN_DECL
    // declarations
    NODE_GEN_DECL,    // gen: import, const, type or var with its specs
    NODE_IMPORT_SPEC, // import
    NODE_VALUE_SPEC,  // value: const and var
    NODE_TYPE_SPEC,   // typespec
    NODE_FUNC_DECL,   // func
    NODE_FIELD,       // field: of structs, interfaces, parameters, results, receivers
    NODE_KIND_COUNT
} NodeKind;

struct Node {
    NodeKind kind;
    TokenKind op; // operator, or the token that began it (const, var, …) where the kind says so
    Pos pos, end; // end: one past the last byte
    // The token inside an expression or statement that is its place in traces, as in Go: the
    // operator, the parenthesis of a call, the bracket of an index, the brace of a literal, the
    // dot of a selector. POS_NONE: the first token.
    Pos mark;

    // ---- annotations, by the checker ----
    struct Type *type;  // type of an expression (or the type that a type expression names); tuple
                        // for several results
    struct Const *cval; // constant value, exact, already converted to `type`; NULL if not constant
    struct Object *obj; // what an identifier, selector, label or function declaration denotes
    u8 mode;            // types/check.h: ExprMode
    u8 flag;            // types/check.h: NODEFLAG_…

    // clang-format off
    union {
        struct { Name name; } ident;
        struct { TokenKind kind; Str text; } lit; // text as written; TOKEN_INT, FLOAT, IMAG, CHAR, STRING
        struct { Node *type; NodeList elems; Pos rbrace; } composite; // type NULL inside another literal
        struct { Node *key, *value; } kv;
        struct { Node *x; } unary;
        struct { Node *x, *y; } binary;
        struct { Node *x, *sel; } selector; // sel: NODE_IDENT
        struct { Node *x; NodeList indices; } index;
        struct { Node *x, *lo, *hi, *max; bool three; } slice; // lo, hi, max may be NULL
        struct { Node *x, *type; } assert;
        struct { // ellipsis: POS_NONE or of "..."; given_to: the text that names who gets the result, in reports
            Node *fun; NodeList args; Pos ellipsis, rparen; Pos given_to, given_to_end;
        } call;
        struct { Node *len, *elem; } array;
        struct { NodeList list; } fields; // of NODE_FIELD
        struct { NodeList params, results, type_params; } functype;
        struct { Node *key, *value; } map;
        struct { Node *elem; u8 dir; Pos arrow; } chan; // dir: ChanDir
        // op: TOKEN_ASSIGN, TOKEN_DEFINE or an operator-assign token
        struct { NodeList lhs, rhs; } assign;
        struct { NodeList list; } list;
        struct { Node *label; struct Node *target; } branch; // op: break continue goto fallthrough; label may be NULL; target: checker
        struct { NodeList stmts; Pos rbrace; struct Scope *scope; } block;
        struct { Node *init, *cond, *then, *otherwise; struct Scope *scope; } ifs; // init, otherwise may be NULL
        // exprs: case values, types, or empty; comm: select's statement; is_default
        struct { NodeList exprs, body; Node *comm; bool is_default; struct Scope *scope; struct Object *implicit; } clause;
        struct { Node *init, *tag; Node *name; Node *body; struct Scope *scope; } switchs; // init, tag, name may be NULL; body: NODE_BLOCK of NODE_CASE
        struct { Node *init, *cond, *post, *body; struct Scope *scope; } fors; // first three may be NULL
        struct { Node *key, *value, *third, *x, *body; bool define; Pos tok_pos; struct Scope *scope; } range; // key, value may be NULL; third: wrong, mostly NULL; x: what is ranged over
        struct { Node *label, *stmt; bool used; } labeled;
        struct { NodeList specs; bool grouped; } gen; // op: import const type var
        struct { Node *name; Str path; Node *path_node; } import; // name: NULL, ident, "." or "_"; path unquoted
        // iota: index in the group; const: repeated says that type and values are those of an earlier spec
        struct { NodeList names; Node *vtype; NodeList values; int iota; bool repeated; } value; // vtype may be NULL
        struct { Node *name; NodeList type_params; Node *def; bool alias; } typespec;
        // declarations and literals; recv: NODE_FIELD or NULL; name NULL for literals; body NULL for natives
        struct { Node *name, *recv, *sig, *body; struct Scope *scope; struct FuncInfo *info; } func;
        struct { NodeList names; Node *ftype; Node *tag; bool embedded; } field; // tag: literal or NULL
    };
    // clang-format on
};

typedef struct Comment {
    Pos pos, end; // with its // or /* */
} Comment;

// One source file. A script has no package clause: `stmts` then holds everything in order,
// declarations as NODE_DECL_STMT or NODE_FUNC_DECL.
typedef struct File {
    SourceFile *source;
    bool is_script;
    int soft_errors;    // told by the parser, but the tree is whole: the checker may go on
    Node *package_name; // NODE_IDENT, NULL for scripts
    NodeList imports;   // NODE_IMPORT_SPEC, also in decls
    NodeList decls;     // NODE_GEN_DECL, NODE_FUNC_DECL
    NodeList stmts;     // scripts only
    Vec(Comment) comments;
    struct Scope *scope; // the file's imports; checker
} File;

Node *node_new(Arena *arena, NodeKind kind, Pos pos, Pos end);
const char *node_kind_name(NodeKind kind);
// Calls visit for each direct child, in source order; skips NULL.
void node_children(Node *n, void (*visit)(Node *child, void *arg), void *arg);
// The node's source text in one line, canonical spacing, for messages ("x + y", "f(a, b)").
void node_print(const Node *n, Buf *out);
Node *node_unparen(Node *n);

#endif
