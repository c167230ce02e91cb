/* SPDX-License-Identifier: Apache-2.0 */
/* Strict numbers: the one way from a stranger's text to an integer. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* 9999-12-31T23:59:59Z: no later time can be written with a year of four digits. */
#define NUMBER_LAST_SECOND 253402300799

/* Digits alone, at most `max`. False on anything else: sign, blank, fraction, empty, overflow. */
bool number_parse(const char *text, int64_t max, int64_t *ret);
/* A number with an optional binary unit: "64K", "48M", "1G", also "1GiB"; "100" is 100. False on anything else. */
bool number_parse_size(const char *text, int64_t *ret);

#endif
