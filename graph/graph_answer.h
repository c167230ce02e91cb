/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the JSON that the service answers with. Nothing is sent from here. Private to graph/. */
#ifndef GRAPH_GRAPH_ANSWER_H
#define GRAPH_GRAPH_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/* The error of a refusal as "CODE: message", one line of at most 400 bytes; NULL if the answer has no code. The caller
 * frees it. */
char *graph_answer_words(const struct strbuf *json);
/* Does the refusal say that the link of a delta query is no longer valid, so that all mails must be listed again? */
bool graph_answer_is_resync(const struct strbuf *json);
/* Does it say that a mail or a folder does not exist? False if it is the user or the mailbox that does not. */
bool graph_answer_is_missing(const struct strbuf *json);

/* One mail of a page. `came_s`: when it came, Unix time; MAIL_CAME_UNKNOWN (mailbox/mail_names.h) if the service does
 * not say. `gone`: it is no longer in the folder. `id` is valid during the call. A negative code ends the page. */
typedef int graph_mail_fn(void *user, const char *id, int64_t came_s, bool gone, struct err *e);
/* A page of a delta query. The texts are freed by graph_page_clear. */
struct graph_page {
  char *next, *delta; /* links to the next page, or on the last page to later changes; else NULL */
  size_t count;       /* mails on the page */
};
/* Gives each mail of the page to `fn`, and fills `ret`. ERR_FORMAT: not such a page, a mail without an id, or neither
 * or both of the links; otherwise the code that `fn` returned. On failure `ret` is empty. */
int graph_page_read(const struct strbuf *json, graph_mail_fn *fn, void *user, struct graph_page *ret, struct err *e);
void graph_page_clear(struct graph_page *p);

/* Finds the folder with this displayName among those the answer lists: 1 with its id, which the caller frees; 0 if
 * there is none; ERR_FORMAT if the answer is not a list. */
int graph_folder_find(const struct strbuf *json, const char *name, char **ret_id, struct err *e);
/* The id of the object that the answer is: 0 with the id, which the caller frees, or ERR_FORMAT. */
int graph_object_id(const struct strbuf *json, char **ret_id, struct err *e);

#endif
