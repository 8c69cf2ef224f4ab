// code.c: looking up the tables of a compiled function.
#include "bytecode/code.h"

bool code_is_unsigned_at(const Code *c, u32 pc)
{
    for (u32 i = 0; i < c->unsigned_count; i++)
        if (c->unsigned_at[i] == pc)
            return true;
    return false;
}

const CodeName *code_name_at(const Code *c, u32 pc, u32 nth)
{
    for (u32 i = 0; i < c->name_count; i++) {
        u32 at = c->names[i].pc;
        if (pc >= at && pc - at <= opcode_info[c->ins[at].op].words) {
            u64 wanted = (u64)i + nth;
            return wanted < c->name_count && c->names[wanted].pc == at ? &c->names[wanted] : NULL;
        }
    }
    return NULL;
}

Pos code_pos_at(const Code *c, u32 pc)
{
    // the last entry whose pc is not greater
    u32 low = 0, high = c->line_count;
    while (low < high) {
        u32 mid = low + (high - low) / 2;
        if (c->lines[mid].pc <= pc)
            low = mid + 1;
        else
            high = mid;
    }
    return low ? c->lines[low - 1].pos : c->line_count ? c->lines[0].pos : POS_NONE;
}
