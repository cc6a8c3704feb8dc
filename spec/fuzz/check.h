/* SPDX-License-Identifier: MIT */
#ifndef APPINT_FUZZ_CHECK_H
#define APPINT_FUZZ_CHECK_H

/*
 * What the targets in C share: libFuzzer's entry, and a check that ends the
 * process, which libFuzzer takes for a finding.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(holds)                                                           \
    do {                                                                       \
        if (!(holds)) {                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);        \
            abort();                                                           \
        }                                                                      \
    } while (0)

#endif
