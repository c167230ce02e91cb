/* SPDX-License-Identifier: Apache-2.0 */
/* What the service says, out of its JSON. Private to graph/. */
#ifndef GRAPH_GRAPH_ANSWER_H
#define GRAPH_GRAPH_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/* "CODE: message" of a refusal, one line of at most 400 bytes; NULL where it says none. The caller frees. */
char *graph_answer_words(const struct strbuf *json);
/* Does the refusal say that a list of changes is forgotten? That a mail or a folder is not there, and not that the user
 * or the whole mailbox is not? */
bool graph_answer_is_resync(const struct strbuf *json);
bool graph_answer_is_missing(const struct strbuf *json);

/* A page of a list of changes. Texts live until `fn` returns, or graph_page_clear. */
typedef int graph_mail_fn(void *user, const char *id, int64_t came_s, bool gone, struct err *e);
struct graph_page {
  char *next, *delta; /* links; NULL: there is none */
  size_t count;       /* mails in it */
};
/* Each mail of the page by `fn`. ERR_FORMAT: no such page, a mail without an id, or neither or both of the links. */
int graph_page_read(const struct strbuf *json, graph_mail_fn *fn, void *user, struct graph_page *ret, struct err *e);
void graph_page_clear(struct graph_page *p);

/* The id of the folder of this name among those of the answer: 1, 0 where there is none, or ERR_FORMAT. */
int graph_folder_find(const struct strbuf *json, const char *name, char **ret_id, struct err *e);
/* The id of the one object that it is. */
int graph_object_id(const struct strbuf *json, char **ret_id, struct err *e);

#endif
