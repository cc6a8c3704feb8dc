/* SPDX-License-Identifier: MIT */
#ifndef APPINT_DESCRIPTOR_H
#define APPINT_DESCRIPTOR_H

/*
 * FD with a number above the three standard ones, where a new descriptor comes
 * when the host has closed those: what is printed would go into it. The old
 * number is closed. -1 with errno where none is left, or FD is -1.
 */
int appint_descriptor_move_up(int fd);

#endif
