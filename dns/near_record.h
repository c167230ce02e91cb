/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that were meant to be a record and are none, which every receiver passes over: why not. Works on texts as the
 * resolver writes them, with bytes that are no printable ASCII as \DDD, or as they came. Private to dns/. */
#ifndef DNS_NEAR_RECORD_H
#define DNS_NEAR_RECORD_H

#include <stddef.h>

/* For a sentence: "a blank stands before v=spf1". NULL: the text is an SPF record, or was never meant to be one. */
const char *near_spf(const char *text);
/* The same of a DMARC record (RFC 9989 4.7), in whose place there should be one. */
const char *near_dmarc(const char *text);

/* The byte that is no printable ASCII and no blank, at the beginning: its length as written; 0: there is none. */
size_t strange_byte(const char *text);
/* Where the first of them stands. NULL: nowhere. */
const char *find_strange_byte(const char *text);

#endif
