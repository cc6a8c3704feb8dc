/* SPDX-License-Identifier: MIT */
/* Hosts reached without the proxy: see no_proxy.h. */

#include "transport/no_proxy.h"

#include <arpa/inet.h>

enum { ADDRESS_BYTES = 16, LONGEST_ADDRESS = 63 };

/* A host as a URL or an entry has it. */
struct host {
    struct appint_slice name; /* without brackets, dots at its end */
    struct appint_slice port; /* empty: none */
    unsigned char address[ADDRESS_BYTES];
    int address_len; /* 0: the name is none */
};

static struct appint_slice part(struct appint_slice text, size_t from,
                                size_t to)
{
    return (struct appint_slice){text.data + from, to - from};
}

/* Where C stands in TEXT, or its length. */
static size_t find(struct appint_slice text, char c)
{
    const char *found = text.len > 0 ? memchr(text.data, c, text.len) : NULL;

    return found != NULL ? (size_t)(found - text.data) : text.len;
}

static void read_address(struct host *host)
{
    char text[LONGEST_ADDRESS + 1];

    if (host->name.len == 0 || host->name.len > LONGEST_ADDRESS) {
        return;
    }
    memcpy(text, host->name.data, host->name.len);
    text[host->name.len] = '\0';
    if (inet_pton(AF_INET, text, host->address) == 1) {
        host->address_len = 4;
    } else if (inet_pton(AF_INET6, text, host->address) == 1) {
        host->address_len = ADDRESS_BYTES;
    }
}

/* TEXT is "name", "name:port", "[address]", "[address]:port" or, in a list
 * only, an IPv6 address by itself. */
static struct host read_host(struct appint_slice text)
{
    struct host host = {.name = text};
    size_t colon = find(text, ':');
    bool bracketed = text.len > 0 && text.data[0] == '[';

    if (bracketed) {
        size_t end = find(text, ']');

        host.name = part(text, 1, end);
        text = part(text, end, text.len);
        colon = find(text, ':');
    } else if (colon < text.len && find(part(text, colon + 1, text.len), ':') ==
                                       text.len - colon - 1) {
        host.name = part(text, 0, colon);
    } else {
        colon = text.len;
    }
    if (colon < text.len) {
        host.port = part(text, colon + 1, text.len);
    }
    while (host.name.len > 0 && host.name.data[host.name.len - 1] == '.') {
        host.name.len--;
    }
    read_address(&host);
    return host;
}

/* Whether the first BITS of two addresses are the same. */
static bool same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
    int whole = bits / 8;
    int mask = 0xff00 >> bits % 8 & 0xff;

    return memcmp(a, b, (size_t)whole) == 0 &&
           (mask == 0 || (a[whole] & mask) == (b[whole] & mask));
}

/* The number of a block's bits; -1: none, or more than an address has. */
static int read_bits(struct appint_slice text, int most)
{
    int bits = text.len > 0 ? 0 : -1;

    for (size_t i = 0; i < text.len && bits >= 0; i++) {
        bool is_digit = text.data[i] >= '0' && text.data[i] <= '9';

        bits = is_digit ? bits * 10 + (text.data[i] - '0') : -1;
        bits = bits <= most ? bits : -1;
    }
    return bits;
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        c = (char)(c + ('a' - 'A'));
    }
    return c;
}

static bool is_same_name(struct appint_slice a, struct appint_slice b)
{
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.data[i]) != lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

/* Whether NAME is DOMAIN or lies below it. */
static bool is_within(struct appint_slice name, struct appint_slice domain)
{
    size_t rest = name.len - domain.len;

    return domain.len > 0 && domain.len <= name.len &&
           (rest == 0 || name.data[rest - 1] == '.') &&
           is_same_name(part(name, rest, name.len), domain);
}

static bool matches(struct appint_slice entry, const struct host *host)
{
    size_t slash = 0;
    struct host named;
    int bits = 0;

    if (entry.len == 1 && entry.data[0] == '*') {
        return true;
    }
    if (entry.len > 1 && entry.data[0] == '*' && entry.data[1] == '.') {
        entry = part(entry, 1, entry.len);
    }
    while (entry.len > 0 && entry.data[0] == '.') {
        entry = part(entry, 1, entry.len);
    }
    slash = find(entry, '/');
    named = read_host(part(entry, 0, slash));
    if (named.port.len > 0 && !appint_slice_equal(named.port, host->port)) {
        return false;
    }
    if (named.address_len == 0 || host->address_len == 0) {
        return slash == entry.len && named.address_len == host->address_len &&
               is_within(host->name, named.name);
    }
    bits = named.address_len * 8;
    if (slash < entry.len) {
        bits = read_bits(part(entry, slash + 1, entry.len), bits);
    }
    return named.address_len == host->address_len && bits >= 0 &&
           same_bits(named.address, host->address, bits);
}

bool appint_no_proxy_names(struct appint_slice list,
                           struct appint_slice authority,
                           struct appint_slice default_port)
{
    struct host host = read_host(authority);
    size_t i = 0;

    if (host.port.len == 0) {
        host.port = default_port;
    }
    while (i < list.len) {
        size_t begin = i;

        while (i < list.len && strchr(", \t", list.data[i]) == NULL) {
            i++;
        }
        if (i > begin && matches(part(list, begin, i), &host)) {
            return true;
        }
        i++;
    }
    return false;
}
