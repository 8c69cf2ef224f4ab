// net.c: natives of package net: names of hosts.
#include <netdb.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include "stdlib/tables.h"
#include "vm/object.h"

enum { RESOLVED, NO_SUCH_HOST, TEMPORARY, FAILED };

// func resolve(host string, out []byte) (n, outcome int): 17 bytes for each address, 4 or 16 and
// its bytes. It may take long, so it writes into memory that is there.
static NativeStatus net_resolve(P *p, Slot *args)
{
    (void)p;
    Str host = vm_str(args);
    u8 *out = slot_ptr(args[2]);
    size_t room = args[3], n = 0;
    char name[256];
    args[0] = 0;
    args[1] = NO_SUCH_HOST;
    if (host.len == 0 || host.len >= sizeof name || memchr(host.data, 0, host.len))
        return NATIVE_OK;
    memcpy(name, host.data, host.len);
    name[host.len] = 0;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    int error = getaddrinfo(name, NULL, &hints, &list);
    if (error != 0 && strcasecmp(name, "localhost") == 0) {
        // RFC 6761: always the loopback address, on a machine without a file of hosts as well.
        static const u8 loopback[] = {4, 127, 0, 0, 1};
        memcpy(out, loopback, sizeof loopback);
        args[0] = 17;
        args[1] = RESOLVED;
        return NATIVE_OK;
    }
    if (error != 0) {
        if (error == EAI_AGAIN)
            args[1] = TEMPORARY;
        else if (error != EAI_NONAME && error != EAI_NODATA)
            args[1] = FAILED;
        return NATIVE_OK;
    }
    for (struct addrinfo *a = list; a && n + 17 <= room; a = a->ai_next) {
        if (a->ai_family == AF_INET) {
            out[n] = 4;
            memcpy(out + n + 1, &((struct sockaddr_in *)(void *)a->ai_addr)->sin_addr, 4);
        } else if (a->ai_family == AF_INET6) {
            out[n] = 16;
            memcpy(out + n + 1, &((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_addr, 16);
        } else {
            continue;
        }
        n += 17;
    }
    freeaddrinfo(list);
    args[0] = n;
    args[1] = RESOLVED;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"resolve", net_resolve, NATIVE_BLOCKS},
};
const NativeTable net_natives = {"net", natives, countof(natives)};
