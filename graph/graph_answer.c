/* SPDX-License-Identifier: Apache-2.0 */
/* jansson takes the JSON apart, and bounds its depth; which members there are, and what they may hold, is said here. */
#include "graph/graph_answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "mailbox/mail_names.h"

#define WORDS_BYTES 400
#define LINK_BYTES 8192 /* they have some 500 bytes */

static void cleanup_json(json_t **j) { json_decref(*j); }
#define _cleanup_json_ _cleanup_(cleanup_json)

/* An object, or NULL. */
static json_t *parse(const struct strbuf *json) {
  json_t *root = json_loadb(strbuf_text(json), json->length, JSON_REJECT_DUPLICATES, NULL);
  if (json_is_object(root)) return root;
  json_decref(root);
  return NULL;
}

static bool is_printable(const char *text) {
  for (; *text; text++)
    if (*text <= ' ' || *text > '~') return false;
  return true;
}

/* A text of printable ASCII that is not empty; else NULL. */
static const char *get_word(const json_t *object, const char *name, size_t most) {
  const char *text = json_string_value(json_object_get(object, name));
  return text && *text && strlen(text) < most && is_printable(text) ? text : NULL;
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

char *graph_answer_words(const struct strbuf *json) {
  _cleanup_json_ json_t *root = parse(json);
  const json_t *error = json_object_get(root, "error");
  const char *code = json_string_value(json_object_get(error, "code"));
  const char *message = json_string_value(json_object_get(error, "message"));
  if (!code) return NULL;
  char *words = mem_printf("%s: %s", code, message ? message : "");
  if (strlen(words) > WORDS_BYTES) words[WORDS_BYTES] = '\0';
  words[strcspn(words, "\r\n")] = '\0';
  return words;
}

static bool has_code_of(const struct strbuf *json, const char *const *codes, size_t count) {
  _cleanup_json_ json_t *root = parse(json);
  const char *code = json_string_value(json_object_get(json_object_get(root, "error"), "code"));
  for (size_t i = 0; code && i < count; i++)
    if (ascii_same(code, codes[i])) return true;
  return false;
}

bool graph_answer_is_resync(const struct strbuf *json) {
  static const char *const CODES[] = {"resyncRequired", "SyncStateNotFound", "SyncStateInvalid"};
  return has_code_of(json, CODES, ARRAY_SIZE(CODES));
}

bool graph_answer_is_missing(const struct strbuf *json) {
  static const char *const CODES[] = {"ErrorItemNotFound", "ErrorFolderNotFound", "itemNotFound"};
  return has_code_of(json, CODES, ARRAY_SIZE(CODES));
}

/* --- mails -------------------------------------------------------------------------------------------------------- */

/* "2026-10-01T00:00:00Z". What makes no sense is not said. */
static int64_t came(const json_t *mail) {
  const char *text = json_string_value(json_object_get(mail, "receivedDateTime"));
  int64_t came_s;
  return text && utc_parse(text, &came_s, NULL) == 0 ? came_s : MAIL_CAME_UNKNOWN;
}

static int read_mails(const json_t *root, graph_mail_fn *fn, void *user, struct err *e) {
  const json_t *mails = json_object_get(root, "value"), *mail;
  size_t i;
  if (!json_is_array(mails)) return err_set(e, ERR_FORMAT, "the service gives no list of mails");
  json_array_foreach(mails, i, mail) {
    const char *id = get_word(mail, "id", MAIL_NAME_BYTES);
    if (!id) return err_set(e, ERR_FORMAT, "the service lists a mail without an id");
    int code = fn(user, id, came(mail), json_object_get(mail, "@removed") != NULL, e);
    if (code < 0) return code;
  }
  return 0;
}

int graph_page_read(const struct strbuf *json, graph_mail_fn *fn, void *user, struct graph_page *ret, struct err *e) {
  _cleanup_json_ json_t *root = parse(json);
  *ret = (struct graph_page){0};
  const char *next = get_word(root, "@odata.nextLink", LINK_BYTES);
  const char *delta = get_word(root, "@odata.deltaLink", LINK_BYTES);
  if (!next == !delta) return err_set(e, ERR_FORMAT, "the service gives a list of mails that neither goes on nor ends");
  int code = read_mails(root, fn, user, e);
  if (code < 0) return code;
  ret->count = json_array_size(json_object_get(root, "value"));
  ret->next = mem_strdup(next);
  ret->delta = mem_strdup(delta);
  return 0;
}

void graph_page_clear(struct graph_page *p) {
  free(p->next);
  free(p->delta);
  *p = (struct graph_page){0};
}

/* --- folders ------------------------------------------------------------------------------------------------------ */

int graph_folder_find(const struct strbuf *json, const char *name, char **ret_id, struct err *e) {
  _cleanup_json_ json_t *root = parse(json);
  const json_t *folders = json_object_get(root, "value"), *folder;
  size_t i;
  if (!json_is_array(folders)) return err_set(e, ERR_FORMAT, "the service gives no list of folders");
  json_array_foreach(folders, i, folder) {
    const char *id = get_word(folder, "id", MAIL_NAME_BYTES);
    const char *shown = json_string_value(json_object_get(folder, "displayName"));
    if (!id || !shown || strcmp(shown, name) != 0) continue;
    *ret_id = mem_strdup(id);
    return 1;
  }
  return 0;
}

int graph_object_id(const struct strbuf *json, char **ret_id, struct err *e) {
  _cleanup_json_ json_t *root = parse(json);
  const char *id = get_word(root, "id", MAIL_NAME_BYTES);
  if (!id) return err_set(e, ERR_FORMAT, "the service gives an object without an id");
  *ret_id = mem_strdup(id);
  return 0;
}
