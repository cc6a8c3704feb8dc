/* SPDX-License-Identifier: MIT */
/* The nearest member name: see suggest.h. */

#include "suggest.h"

#include <stdbool.h>

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

/* Whether the letters before I and J are each other's, swapped. */
static bool swapped(const char *a, size_t i, const char *b, size_t j)
{
    return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
}

/*
 * Weighted edit distance with swapped neighbours as one edit; both names have
 * at most LONGEST bytes. Three rows of the usual matrix are kept.
 */
static unsigned distance(const char *a, size_t a_len, const char *b,
                         size_t b_len)
{
    unsigned rows[3][LONGEST + 1];

    for (size_t i = 0; i <= a_len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];

        row[0] = (unsigned)i * EDIT_COST;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = row[j - 1] + EDIT_COST;
            if (i > 0) {
                row[j] = min3(row[j], above[j] + EDIT_COST,
                              above[j - 1] + replace_cost(a[i - 1], b[j - 1]));
            }
            if (swapped(a, i, b, j)) {
                unsigned swap = rows[(i + 1) % 3][j - 2] + EDIT_COST;

                row[j] = swap < row[j] ? swap : row[j];
            }
        }
    }
    return rows[a_len % 3][b_len];
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
