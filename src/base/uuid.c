/* SPDX-License-Identifier: MIT */
/* Random UUIDs: see uuid.h. */

#include "base/uuid.h"

#include <unistd.h>

bool appint_uuid(char text[APPINT_UUID_LEN])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[16];
    int at = 0;

    if (getentropy(bytes, sizeof bytes) != 0) {
        return false;
    }
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text[at++] = '-';
        }
        text[at++] = hex[bytes[i] >> 4];
        text[at++] = hex[bytes[i] & 15];
    }
    return true;
}
