/* SPDX-License-Identifier: Apache-2.0 */
/* What a label is made of, as people write it: on the command line, and in the file of an inventory. */
#ifndef CMD_LABEL_PARTS_H
#define CMD_LABEL_PARTS_H

#include "base/err.h"
#include "base/mem.h"
#include "local/labels.h"
#include "sender/sender.h"

/* Of a note, an owner, a purpose or a ticket: an inventory is no place for documents, and its lines have an end. */
#define LABEL_TEXT_BYTES 1000

/* What `text` means: an address, a network, a service of the catalogue, else a domain. Sets subject and source, which
 * then lives in `texts` or in the catalogue. 0 or ERR_USAGE. */
int label_read_source(const char *text, const struct sender_catalogue *catalogue, struct arena *texts,
                      struct label *ret, struct err *e);
/* "1200/week"; "" for nothing. 0 or ERR_USAGE. */
int label_read_volume(const char *text, struct label_volume *ret, struct err *e);
void label_show_volume(const struct label_volume *v, struct strbuf *out); /* appends; nothing where nothing was said */
/* A date; "" for none. 0 or ERR_USAGE. */
int label_read_review(const char *text, int64_t *ret_s, struct err *e);
/* ERR_USAGE for what is longer than LABEL_TEXT_BYTES. */
int label_check_text(const char *what, const char *text, struct err *e);

/* The order of an inventory, as qsort asks: by source in any case, then by domain; equal are two labels of which only
 * one can be stored. */
int label_compare(const void *a, const void *b);

#endif
