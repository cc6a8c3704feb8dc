/* SPDX-License-Identifier: MIT */
/* Runs the pattern tables that src/model/regex.lua makes: see pattern.h. */

#include "model/pattern.h"

bool appint_pattern_match(const struct appint_pattern *pattern,
                          const char *text, size_t len)
{
    unsigned state = pattern->start;
    size_t count = 0;

    for (size_t i = 0; i < len && state > APPINT_PATTERN_ACCEPT; i++) {
        unsigned symbol = (unsigned char)text[i];
        unsigned row = state;
        unsigned edge;

        if ((symbol & 0xC0U) == 0x80U) {
            continue; /* the lead byte has stood for the whole code point */
        }
        if (symbol > APPINT_PATTERN_OTHER) {
            symbol = APPINT_PATTERN_OTHER;
        }
        if (pattern->limits != NULL && pattern->limits[state] != 0 &&
            pattern->limits[state] == count) {
            row = pattern->full[state];
        }
        edge =
            pattern->rows[row * pattern->classes + pattern->class_of[symbol]];
        count = (edge & APPINT_PATTERN_RESET) != 0 ? 1 : count + 1;
        state = edge & ~(unsigned)APPINT_PATTERN_RESET;
    }
    return state == APPINT_PATTERN_ACCEPT || state >= pattern->accepting;
}
