/* SPDX-License-Identifier: MIT */
/*
 * The tables that patterns are compiled into, beside PCRE2. The first byte
 * picks the shape; the text is what follows, with bytes that are no UTF-8 made
 * ASCII. PCRE2 gets the pattern as the model has it, widened as the generator
 * does: an ARN may be of any partition.
 */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "base/utf8.h"
#include "check.h"
#include "model/model.h"
#include "model/pattern.h"

#define LITERAL "arn:aws:"
#define WIDENED "arn:aws[a-z0-9-]*:"

enum { MAX_TEXT = 4096, MAX_PATTERN = 1024, STEPS = 1000000 };

/* '.' matches line ends too, '$' the end alone; \s, \w and \d are ASCII's. */
enum { OPTIONS = PCRE2_UTF | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY };

static void widen(const char *pattern, char *to)
{
    const char *found;

    CHECK(strlen(pattern) < MAX_PATTERN / 2);
    *to = '\0';
    while ((found = strstr(pattern, LITERAL)) != NULL) {
        strncat(to, pattern, (size_t)(found - pattern));
        strcat(to, WIDENED);
        pattern = found + strlen(LITERAL);
    }
    strcat(to, pattern);
}

/* Compiled at first use. */
static pcre2_code *code_of(size_t i)
{
    static pcre2_code **codes;
    char pattern[MAX_PATTERN];
    int error;
    PCRE2_SIZE at;

    if (codes == NULL) {
        codes = calloc(appint_shape_count, sizeof *codes);
        CHECK(codes != NULL);
    }
    if (codes[i] == NULL) {
        widen(appint_shapes[i]->pattern_text, pattern);
        codes[i] = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                 OPTIONS, &error, &at, NULL);
        CHECK(codes[i] != NULL);
        (void)pcre2_jit_compile(codes[i], PCRE2_JIT_COMPLETE);
    }
    return codes[i];
}

/* 1, 0, or -1 where it takes too many steps. */
static int matches(const pcre2_code *code, const char *text, size_t len)
{
    static pcre2_match_data *data;
    static pcre2_match_context *context;
    int result;

    if (data == NULL) {
        data = pcre2_match_data_create(1, NULL);
        context = pcre2_match_context_create(NULL);
        CHECK(data != NULL && context != NULL);
        pcre2_set_match_limit(context, STEPS);
    }
    result = pcre2_match(code, (PCRE2_SPTR)text, len, 0, 0, data, context);
    if (result == PCRE2_ERROR_MATCHLIMIT) {
        return -1;
    }
    CHECK(result >= 0 || result == PCRE2_ERROR_NOMATCH);
    return result >= 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[MAX_TEXT];
    const struct appint_shape *shape;
    size_t len, bad, i;
    int expected;

    if (size == 0 || size > MAX_TEXT) {
        return 0;
    }
    for (i = data[0] % appint_shape_count; appint_shapes[i]->pattern == NULL;) {
        i = (i + 1) % appint_shape_count;
    }
    shape = appint_shapes[i];
    len = size - 1;
    memcpy(text, data + 1, len);
    while (appint_utf8_count(text, len, &bad) < 0) {
        text[bad] &= 0x7F;
    }
    expected = matches(code_of(i), text, len);
    if (expected >= 0 &&
        appint_pattern_match(shape->pattern, text, len) != expected) {
        fprintf(stderr, "%s: %s\n", shape->name, shape->pattern_text);
        CHECK(!"PCRE2 says otherwise");
    }
    return 0;
}
