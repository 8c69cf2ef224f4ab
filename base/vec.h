// vec.h: growable arrays.
//
//     Vec(int) v = {0};
//     vec_push(&v, 42);          // malloc; free with vec_free
//     vec_push_in(arena, &v, 7); // memory from an arena; never mixed with vec_push
//     for (int i = 0; i < v.len; i++) use(v.data[i]);
#ifndef CSP_BASE_VEC_H
#define CSP_BASE_VEC_H

#include "base/arena.h"
#include "base/base.h"

#define Vec(T)                                                                                     \
    struct {                                                                                       \
        T *data;                                                                                   \
        int len, cap;                                                                              \
    }

#define vec_push(v, x)                                                                             \
    ((v)->len == (v)->cap ? (void)((v)->data = vec_grow((v)->data, &(v)->cap, sizeof *(v)->data))  \
                          : (void)0,                                                               \
     (v)->data[(v)->len++] = (x))

#define vec_push_in(arena, v, x)                                                                   \
    ((v)->len == (v)->cap                                                                          \
         ? (void)((v)->data = vec_grow_in((arena), (v)->data, &(v)->cap, sizeof *(v)->data))       \
         : (void)0,                                                                                \
     (v)->data[(v)->len++] = (x))

#define vec_last(v) ((v)->data[(v)->len - 1])
#define vec_pop(v)  ((v)->data[--(v)->len])
#define vec_free(v) (free((v)->data), (v)->data = NULL, (v)->len = (v)->cap = 0)

// The reallocated array with room for more; *cap is updated. For the macros above.
void *vec_grow(void *data, int *cap, size_t elem_bytes);
void *vec_grow_in(Arena *arena, void *data, int *cap, size_t elem_bytes);

#endif
