/* SPDX-License-Identifier: MIT */
/* The nearest member name: see suggest.h. */

#include "suggest.h"

#include "model.h"

enum { LONGEST = 64, CASE_COST = 1, EDIT_COST = 3 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

/* Letters that differ in case only are nearer than others. ASCII alone. */
static unsigned replace_cost(char a, char b)
{
    if (a == b) {
        return 0;
    }
    if ((a ^ b) == 0x20 && (a | 0x20) >= 'a' && (a | 0x20) <= 'z') {
        return CASE_COST;
    }
    return EDIT_COST;
}

/* Weighted Levenshtein distance; both at most LONGEST bytes. */
static unsigned distance(const char *a, size_t a_len, const char *b,
                         size_t b_len)
{
    unsigned row[LONGEST + 1];

    for (size_t j = 0; j <= b_len; j++) {
        row[j] = (unsigned)j * EDIT_COST;
    }
    for (size_t i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i * EDIT_COST;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned above = row[j];

            row[j] = min3(above + EDIT_COST, row[j - 1] + EDIT_COST,
                          diagonal + replace_cost(a[i - 1], b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

const char *appint_suggest_member(const struct appint_shape *shape,
                                  const char *name, size_t len)
{
    /* A third of the letters may be wrong, or all of them in another case. */
    unsigned best = (unsigned)len + 1;
    const char *found = NULL;

    if (len > LONGEST) {
        return NULL;
    }
    for (size_t i = 0; i < shape->count; i++) {
        const struct appint_member *member = &shape->members[i];
        unsigned d;

        if (member->name_len > LONGEST) {
            continue;
        }
        d = distance(name, len, member->name, member->name_len);
        if (d < best) {
            best = d;
            found = member->name;
        }
    }
    return found;
}
