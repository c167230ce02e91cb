/* SPDX-License-Identifier: Apache-2.0 */
/* Pages for people: prose between the tables, in lines of the terminal's width. */
#ifndef CMD_PAGE_H
#define CMD_PAGE_H

#include "cmd/output.h"

/* Lines broken at blanks; those behind the first begin with `indent` blanks. Strangers' texts may stand in it. */
void page_print_wrapped(const struct output *out, const char *text, unsigned indent);
/* The same in bold, where there are colours. */
void page_print_headline(const struct output *out, const char *text);

#endif
