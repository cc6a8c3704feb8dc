/* SPDX-License-Identifier: MIT */
#ifndef APPINT_PATTERN_H
#define APPINT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Matches the patterns of the service model. src/model/regex.lua compiles each
 * of them into one of these constant tables; a text is decided in one step a
 * character, whatever the pattern and whatever the text.
 *
 * A row gives the next state for each class of characters. Rows 0 to
 * states - 1 are those of the states. A state with a limit is inside a counted
 * repetition, as [a-z]{0,1023}: a transition with APPINT_PATTERN_RESET begins
 * the count at one, any other adds one, and at the limit the state's full row
 * holds instead of its own.
 */

enum {
    APPINT_PATTERN_REJECT = 0, /* states that nothing leaves */
    APPINT_PATTERN_ACCEPT = 1,
    APPINT_PATTERN_RESET = 0x8000,
    APPINT_PATTERN_OTHER = 0x80 /* the symbol for all beyond ASCII */
};

struct appint_pattern {
    const uint8_t *class_of; /* 129: ASCII, APPINT_PATTERN_OTHER */
    const uint16_t *rows;    /* [row * classes + class] */
    const uint16_t *limits;  /* [state]: 0 for none; NULL if none has one */
    const uint16_t *full;    /* [state]: its full row, where it has a limit */
    uint16_t classes;
    uint16_t start;
    uint16_t accepting; /* from here on states accept at the end of the text */
};

/*
 * Whether TEXT, LEN bytes of valid UTF-8, contains a match of PATTERN (the
 * whole text, where the pattern has ^ and $).
 */
bool appint_pattern_match(const struct appint_pattern *pattern,
                          const char *text, size_t len);

#endif
