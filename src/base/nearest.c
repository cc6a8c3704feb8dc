/* SPDX-License-Identifier: MIT */
/* How far two names are apart: see nearest.h. */

#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

enum {
    LONGEST = 64, /* bytes; longer names are not looked at */
    MOST_WORDS = 16,
    SHORTEST_WORD = 2,   /* id is identifier */
    SHORTEST_PREFIX = 3, /* letters that names have in common */
    CASE_COST = 1,
    EDIT_COST = 3,
    PREFIX_COST = 1,
    WORDS_COST = 2,
    WORD_COST = 6, /* of a word that the other name has not */
    UNLIKE = 1000  /* from here on nobody would mean the other name */
};

/* --- Letters ------------------------------------------------------------- */

static unsigned min2(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static char lower(char c)
{
    if (is_upper(c)) {
        c = (char)(c | 0x20);
    }
    return c;
}

static bool is_separator(char c)
{
    return c == '_' || c == '-' || c == ' ' || c == '.';
}

/* NAME in lower case and without separators; its length. */
static size_t fold(const char *name, size_t len, char *folded)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        if (!is_separator(name[i])) {
            folded[count++] = lower(name[i]);
        }
    }
    return count;
}

static size_t common_prefix(const char *a, size_t a_len, const char *b,
                            size_t b_len)
{
    size_t i = 0;

    while (i < a_len && i < b_len && a[i] == b[i]) {
        i++;
    }
    return i;
}

/* --- Edits --------------------------------------------------------------- */

/* Letters that differ in case only are nearer than others. */
static unsigned replace_cost(char a, char b)
{
    if (a == b) {
        return 0;
    }
    return lower(a) == lower(b) ? CASE_COST : EDIT_COST;
}

/* Whether the letters before I and J are each other's, swapped. */
static bool swapped(const char *a, size_t i, const char *b, size_t j)
{
    return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
}

/*
 * Weighted edit distance with swapped neighbours as one edit. Three rows of the
 * usual matrix are kept.
 */
static unsigned edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][LONGEST + 1];

    for (size_t i = 0; i <= a_len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];

        row[0] = (unsigned)i * EDIT_COST;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = row[j - 1] + EDIT_COST;
            if (i > 0) {
                row[j] = min2(row[j], above[j] + EDIT_COST);
                row[j] = min2(row[j],
                              above[j - 1] + replace_cost(a[i - 1], b[j - 1]));
            }
            if (swapped(a, i, b, j)) {
                row[j] = min2(row[j], rows[(i + 1) % 3][j - 2] + EDIT_COST);
            }
        }
    }
    return rows[a_len % 3][b_len];
}

/* A third of the letters may be wrong. */
static unsigned edit_distance(const char *a, size_t a_len, const char *b,
                              size_t b_len)
{
    unsigned distance = edits(a, a_len, b, b_len);

    return distance <= a_len ? distance : UNLIKE;
}

/* --- Words --------------------------------------------------------------- */

struct words {
    char letters[LONGEST];
    size_t start[MOST_WORDS + 1]; /* start[count] is the end */
    int count;
};

/* Whether a word begins at I: after a separator, or as in fileConfig, URLConfig
 */
static bool begins_word(const char *name, size_t len, size_t i)
{
    if (i == 0 || is_separator(name[i - 1])) {
        return true;
    }
    return is_upper(name[i]) &&
           (!is_upper(name[i - 1]) || (i + 1 < len && !is_upper(name[i + 1]) &&
                                       !is_separator(name[i + 1])));
}

static void split(const char *name, size_t len, struct words *words)
{
    size_t used = 0;

    words->count = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_separator(name[i])) {
            continue;
        }
        if (begins_word(name, len, i) && words->count < MOST_WORDS) {
            words->start[words->count++] = used;
        }
        words->letters[used++] = lower(name[i]);
    }
    words->start[words->count] = used;
}

/* The same word, or one that begins like it: config and configuration. */
static bool same_word(const struct words *a, int i, const struct words *b,
                      int j)
{
    size_t a_len = a->start[i + 1] - a->start[i];
    size_t b_len = b->start[j + 1] - b->start[j];
    size_t common = common_prefix(a->letters + a->start[i], a_len,
                                  b->letters + b->start[j], b_len);

    return (common == a_len && common == b_len) || (common > SHORTEST_PREFIX) ||
           (common >= SHORTEST_WORD && (common == a_len || common == b_len));
}

/* How many words of A have no counterpart in B. */
static unsigned strange_words(const struct words *a, const struct words *b)
{
    unsigned strange = 0;

    for (int i = 0; i < a->count; i++) {
        bool found = false;

        for (int j = 0; j < b->count && !found; j++) {
            found = same_word(a, i, b, j);
        }
        strange += !found;
    }
    return strange;
}

/* Most of the words have to be the same. */
static unsigned word_distance(const char *a, size_t a_len, const char *b,
                              size_t b_len)
{
    struct words in_a, in_b;
    unsigned strange;

    split(a, a_len, &in_a);
    split(b, b_len, &in_b);
    strange = strange_words(&in_a, &in_b) + strange_words(&in_b, &in_a);
    if (strange * 3 > (unsigned)(in_a.count + in_b.count)) {
        return UNLIKE;
    }
    return WORDS_COST + strange * WORD_COST;
}

/* --- All of it ------------------------------------------------------------ */

/* 0 for the nearest, UNLIKE or more where nobody would mean KNOWN. */
static unsigned distance_of(const char *written, size_t written_len,
                            const char *known, size_t known_len)
{
    char a[LONGEST], b[LONGEST];
    size_t a_len, b_len, common;
    unsigned distance;

    if (written_len > LONGEST || known_len > LONGEST) {
        return UNLIKE;
    }
    a_len = fold(written, written_len, a);
    b_len = fold(known, known_len, b);
    common = common_prefix(a, a_len, b, b_len);
    if (common == a_len && common == b_len) {
        return 0;
    }
    distance = min2(edit_distance(written, written_len, known, known_len),
                    word_distance(written, written_len, known, known_len));
    if (common > SHORTEST_PREFIX && (common == a_len || common == b_len)) {
        size_t rest = a_len + b_len - 2 * common;

        distance = min2(distance, PREFIX_COST + (unsigned)rest);
    }
    return distance;
}

void appint_nearest_init(struct appint_nearest *nearest, const char *written,
                         size_t len)
{
    nearest->written = written;
    nearest->written_len = len;
    nearest->distance = UNLIKE;
    nearest->name = NULL;
    nearest->len = 0;
}

void appint_nearest_offer(struct appint_nearest *nearest, const char *known,
                          size_t len)
{
    unsigned distance =
        distance_of(nearest->written, nearest->written_len, known, len);

    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->name = known;
        nearest->len = len;
    }
}
