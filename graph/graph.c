/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of Exchange: its mails by name, over requests that stand alone. */
#include "graph/graph.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "graph/graph_answer.h"
#include "graph/graph_client.h"
#include "mailbox/named_folder.h"

#define PAGES_MOST 10000 /* of one list: one that never ends is none */
#define IDLE_MOST 100    /* pages in a row that say nothing new: a link may lead in a circle */
#define PREFER_PAGES "odata.maxpagesize=500"

struct graph_folder {
  struct named_folder named;
  struct graph_client client;
  bool connected;           /* `client` is in use */
  char *id;                 /* of the folder; NULL: to be found */
  char *target, *target_id; /* where mails were moved to last */
};

static struct graph_folder *of(struct named_folder *f) { return (struct graph_folder *)f; }

static void set_client(struct graph_folder *g) {
  if (!g->connected) graph_client_init(&g->client, g->named.base.account, g->named.base.watch);
  g->connected = true;
}

static void disconnect(struct named_folder *f) {
  struct graph_folder *g = of(f);
  if (g->connected) graph_client_clear(&g->client);
  g->connected = false;
}

static void rest(struct named_folder *f, bool ends) {
  if (ends) disconnect(f);
}

static int request(struct graph_folder *g, const struct graph_request *r, struct http_answer *ret, struct err *e) {
  set_client(g);
  return graph_client_send(&g->client, r, ret, &g->named.told_s, e);
}

static bool is_last_try(const struct graph_folder *g) {
  return g->named.patience.failures >= g->named.base.account->retries;
}

/* --- folders ------------------------------------------------------------------------------------------------------ */

/* Names that stand for a folder in every language. */
static const char *well_known(const char *name) {
  static const char *const NAMES[] = {"inbox", "archive", "deleteditems", "drafts", "junkemail", "sentitems"};
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++)
    if (ascii_same(name, NAMES[i])) return NAMES[i];
  return NULL;
}

/* Where the folders below `parent` are; NULL: those at the top. */
static void add_children(const struct graph_folder *g, struct strbuf *url, const char *parent) {
  strbuf_printf(url, "%s/mailFolders", g->client.user);
  if (!parent) return;
  strbuf_add_char(url, '/');
  http_encode(url, parent);
  strbuf_add_text(url, "/childFolders");
}

/* 1 with the id of the folder of this name, 0 where there is none. OData doubles an apostrophe. */
static int find_child(struct graph_folder *g, const char *parent, const char *name, char **ret_id, struct err *e) {
  _cleanup_strbuf_ struct strbuf url = STRBUF_INIT, literal = STRBUF_INIT;
  struct http_answer answer;
  for (const char *c = name; *c; c++) strbuf_printf(&literal, *c == '\'' ? "''" : "%c", *c);
  set_client(g);
  add_children(g, &url, parent);
  strbuf_add_text(&url, "?%24top=10&%24select=id%2CdisplayName&%24filter=displayName%20eq%20%27");
  http_encode(&url, strbuf_text(&literal));
  strbuf_add_text(&url, "%27");
  int code = request(g, &(struct graph_request){.url = url.data}, &answer, e);
  if (!code) code = graph_folder_find(&answer.body, name, ret_id, e);
  http_answer_clear(&answer);
  return code;
}

static int make_child(struct graph_folder *g, const char *parent, const char *name, char **ret_id, struct err *e) {
  _cleanup_strbuf_ struct strbuf url = STRBUF_INIT, body = STRBUF_INIT;
  struct http_answer answer;
  json_t *object = json_pack("{s:s}", "displayName", name);
  char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
  json_decref(object);
  if (!text) return err_set(e, ERR_USAGE, "\"%s\" is no name of a folder", name);
  strbuf_add_text(&body, text);
  free(text);
  set_client(g);
  add_children(g, &url, parent);
  int code = request(g, &(struct graph_request){.url = url.data, .json = &body}, &answer, e);
  if (!code) code = graph_object_id(&answer.body, ret_id, e);
  http_answer_clear(&answer);
  return code;
}

/* Not every mailbox has each of them. */
static int get_known(struct graph_folder *g, const char *name, char **ret_id, struct err *e) {
  _cleanup_strbuf_ struct strbuf url = STRBUF_INIT;
  struct http_answer answer;
  set_client(g);
  strbuf_printf(&url, "%s/mailFolders/%s?%%24select=id", g->client.user, name);
  int code = request(g, &(struct graph_request){.url = url.data}, &answer, e);
  if (!code) code = graph_object_id(&answer.body, ret_id, e);
  http_answer_clear(&answer);
  return code;
}

/* One level of a path: known by its name, found, or made. */
static int enter(struct graph_folder *g, const char *parent, const char *name, bool make, char **ret_id,
                 struct err *e) {
  const char *known = parent ? NULL : well_known(name);
  if (known) return get_known(g, known, ret_id, e);
  int code = find_child(g, parent, name, ret_id, e);
  if (code) return code < 0 ? code : 0;
  return make ? make_child(g, parent, name, ret_id, e) : err_set(e, ERR_NOT_FOUND, "there is no folder \"%s\"", name);
}

/* "/" parts levels. */
static int find_folder(struct graph_folder *g, const char *path, bool make, char **ret_id, struct err *e) {
  _cleanup_free_ char *at = NULL;
  while (*path) {
    size_t length = strcspn(path, "/");
    _cleanup_free_ char *name = mem_strndup(path, length);
    char *id = NULL;
    int code = enter(g, at, name, make, &id, e);
    if (code < 0) return code;
    free(at);
    at = id;
    path += length + strspn(path + length, "/");
  }
  *ret_id = TAKE_PTR(at);
  return 0;
}

static int open_folder(struct graph_folder *g, struct err *e) {
  return g->id ? 0 : find_folder(g, g->named.base.name, false, &g->id, e);
}

/* --- the list of changes ------------------------------------------------------------------------------------------ */

/* graph_mail_fn */
static int note_mail(void *user, const char *id, int64_t came_s, bool gone, struct err *e) {
  struct mail_names *names = user;
  if (!gone) return mail_names_met(names, id, came_s, e);
  mail_names_lost(names, id);
  return 0;
}

/* One page: 0, or 1 where the service has forgotten the list. */
static int read_page(struct graph_folder *g, const char *url, struct graph_page *ret, long *ret_status, struct err *e) {
  struct http_answer answer;
  *ret = (struct graph_page){0};
  int code = request(g, &(struct graph_request){.url = url, .prefer = PREFER_PAGES}, &answer, e);
  if (!code) code = graph_page_read(&answer.body, note_mail, &g->named.names, ret, e);
  bool forgotten = answer.status == 410 || (answer.status >= 400 && graph_answer_is_resync(&answer.body));
  *ret_status = answer.status;
  http_answer_clear(&answer);
  return forgotten ? 1 : code;
}

/* What the next list begins with: "ID LINK". A link belongs to the folder it was given for, and a folder that was
 * renamed or deleted may leave its name to another. */
static void keep_link(struct graph_folder *g, const char *link) {
  free(g->named.names.link);
  g->named.names.link = mem_printf("%s %s", g->id, link);
}

/* From `url` to the end of the list. Each page is applied as it comes: a list that broke off is read again, and says
 * the same. `*ret_status` is that of the last answer; 0: there was none. */
static int read_pages(struct graph_folder *g, const char *url, long *ret_status, struct err *e) {
  _cleanup_free_ char *next = mem_strdup(url);
  unsigned idle = 0;
  *ret_status = 0;
  for (unsigned pages = 0; pages < PAGES_MOST && idle < IDLE_MOST; pages++) {
    if (!graph_client_may_follow(&g->client, next))
      return err_set(e, ERR_FORMAT, "the service gives a link that leads elsewhere: it is not followed");
    struct graph_page page;
    uint64_t before = g->named.names.changes;
    int code = read_page(g, next, &page, ret_status, e);
    bool ends = !code && page.delta;
    if (ends) keep_link(g, page.delta);
    idle = g->named.names.changes > before ? 0 : idle + 1;
    free(next);
    next = TAKE_PTR(page.next);
    graph_page_clear(&page);
    if (code || ends) return code;
  }
  return err_set(e, ERR_LIMIT, "the service gives a list of mails that does not end");
}

static int list_all(struct graph_folder *g, struct err *e) {
  _cleanup_strbuf_ struct strbuf url = STRBUF_INIT;
  long status;
  strbuf_printf(&url, "%s/mailFolders/", g->client.user);
  http_encode(&url, g->id);
  strbuf_add_text(&url, "/messages/delta?%24select=id%2CreceivedDateTime");
  mail_names_list_begin(&g->named.names);
  int code = read_pages(g, url.data, &status, e);
  if (code == 1) return err_set(e, ERR_IO, "the service forgot its list of mails while it was read");
  if (!code) mail_names_list_end(&g->named.names);
  return code;
}

/* The link in `kept` (see keep_link), where it is one of the folder that has the name now; else NULL. */
static const char *find_link(const struct graph_folder *g, const char *kept) {
  size_t length = strlen(g->id);
  if (!kept || strncmp(kept, g->id, length) != 0 || kept[length] != ' ') return NULL;
  const char *link = kept + length + 1;
  return graph_client_may_follow(&g->client, link) ? link : NULL;
}

/* Did a kept link fail for good, with no more than a new list to help? Not every service says that it has forgotten one
 * by 410. The folder was found a moment before, so that a refusal is of the link; what may pass is tried again first.
 * Throttling, a token that is refused and a connection that breaks say nothing of the link. */
static bool is_link_lost(const struct graph_folder *g, int code, long status) {
  if (code == 1) return true;
  if (!status || code == ERR_BUSY || code == ERR_DENIED) return false;
  if (code == ERR_IO || code == ERR_FORMAT) return is_last_try(g);
  return code == ERR_USAGE || code == ERR_NOT_FOUND || code == ERR_LIMIT;
}

/* The folder is looked up by its name each time: another one may have it meanwhile. */
static int list(struct named_folder *f, const char *kept, struct err *e) {
  struct graph_folder *g = of(f);
  long status;
  set_client(g);
  free(g->id);
  g->id = NULL;
  int code = open_folder(g, e);
  if (code < 0) return code;
  const char *link = find_link(g, kept);
  if (link) code = read_pages(g, link, &status, e);
  if (link && (!code || !is_link_lost(g, code, status))) return code;
  return list_all(g, e);
}

/* --- mails -------------------------------------------------------------------------------------------------------- */

static void add_mail(const struct graph_folder *g, struct strbuf *url, const char *name) {
  strbuf_printf(url, "%s/mailFolders/", g->client.user);
  http_encode(url, g->id);
  strbuf_add_text(url, "/messages/");
  http_encode(url, name);
}

#define NOT_GIVEN "the service lists the mail, but does not give its content"
#define FIELD_NAME_BYTES 78 /* a line has no more (RFC 5322 2.1.1) */

struct taking {
  struct remote_mail *mail;
  bool disk;
  char begin[FIELD_NAME_BYTES + 1]; /* of the mail, NUL-terminated */
};

static int take_bytes(void *user, const unsigned char *bytes, size_t size, struct err *e) {
  struct taking *t = user;
  size_t have = strlen(t->begin), room = FIELD_NAME_BYTES - have;
  memcpy(t->begin + have, bytes, size < room ? size : room);
  int code = remote_mail_append(t->mail, bytes, size, e);
  t->disk = code < 0;
  return code;
}

static void refuse(struct remote_mail *ret, const char *reason) {
  ret->state = REMOTE_MAIL_REFUSED;
  ret->reason = mem_strdup(reason);
}

/* A mail begins with the name of a field (RFC 5322 2.2). An empty answer, a page of HTML or an error as JSON is none,
 * though its status be 200. */
static bool is_mail(const char *begin) {
  size_t length = 0;
  while (ascii_is_letter(begin[length]) || (length && (ascii_is_digit(begin[length]) || strchr("-_.", begin[length]))))
    length++;
  return length && begin[length + strspn(begin + length, " \t")] == ':';
}

/* A mail whose content is not there may itself be: then it is not gone, but not given. */
static int look_for(struct graph_folder *g, const char *name, struct remote_mail *ret, struct err *e) {
  _cleanup_strbuf_ struct strbuf url = STRBUF_INIT;
  struct http_answer answer;
  add_mail(g, &url, name);
  strbuf_add_text(&url, "?%24select=id");
  int code = request(g, &(struct graph_request){.url = url.data}, &answer, e);
  http_answer_clear(&answer);
  if (!code) refuse(ret, NOT_GIVEN);
  return code == ERR_NOT_FOUND ? 0 : code; /* REMOTE_MAIL_MISSING */
}

/* What an answer makes of the mail; a code where nobody knows. */
static int judge(struct graph_folder *g, int code, const char *name, const struct http_answer *answer,
                 const char *begin, struct remote_mail *ret, struct err *e) {
  uint64_t most = g->named.base.account->mail_bytes;
  if (code == ERR_LIMIT) {
    remote_mail_clear(ret);
    ret->state = REMOTE_MAIL_TOO_LARGE;
    ret->size = answer->size > 0 && (uint64_t)answer->size > most ? (uint64_t)answer->size : most + 1;
    return 0;
  }
  if (code == ERR_NOT_FOUND) return look_for(g, name, ret, e);
  if (code == ERR_USAGE && answer->status >= 400) {
    refuse(ret, e->text);
    return 0;
  }
  if (code < 0) return code;
  if (!is_mail(begin)) {
    remote_mail_clear(ret);
    refuse(ret, *begin ? "the service answers with something that is no mail" : NOT_GIVEN);
    return 0;
  }
  remote_mail_end(ret);
  ret->state = REMOTE_MAIL_HERE;
  return 0;
}

static int fetch(struct named_folder *f, const char *name, struct remote_mail *ret, struct err *e) {
  struct graph_folder *g = of(f);
  _cleanup_strbuf_ struct strbuf url = STRBUF_INIT;
  struct taking taking = {.mail = ret};
  struct http_answer answer;
  set_client(g);
  int code = open_folder(g, e);
  if (code < 0) return code;
  add_mail(g, &url, name);
  strbuf_add_text(&url, "/%24value");
  const struct graph_request r = {
      .url = url.data, .take = take_bytes, .user = &taking, .most = f->base.account->mail_bytes};
  code = request(g, &r, &answer, e);
  f->asked = answer.asked && !taking.disk;
  code = judge(g, code, name, &answer, taking.begin, ret, e);
  http_answer_clear(&answer);
  return code;
}

/* --- acting ------------------------------------------------------------------------------------------------------- */

/* Where mails are moved to; made where it is not there. */
static int find_target(struct graph_folder *g, const char *path, struct err *e) {
  if (g->target && !strcmp(g->target, path)) return 0;
  free(g->target);
  free(g->target_id);
  g->target = g->target_id = NULL;
  int code = find_folder(g, path, true, &g->target_id, e);
  if (!code) g->target = mem_strdup(path);
  return code;
}

/* The body of the request that does `act` to any mail, as JSON; nothing for MAIL_ACT_DELETE. */
static int write_body(struct graph_folder *g, enum mail_act act, const char *text, struct strbuf *ret, struct err *e) {
  if (act == MAIL_ACT_FLAG)
    strbuf_add_text(ret, !strcmp(text, "\\Seen") ? "{\"isRead\":true}" : "{\"flag\":{\"flagStatus\":\"flagged\"}}");
  if (act != MAIL_ACT_MOVE) return 0;
  int code = find_target(g, text, e);
  if (!code) strbuf_printf(ret, "{\"destinationId\":\"%s\"}", g->target_id); /* an id needs no escape */
  return code;
}

/* "Not found" may be said of the mail, which then needs nothing more: it was deleted, or lies where it is to be. Or of
 * the folder it is to be moved to, which is made anew with the next try. */
static int judge_missing(struct graph_folder *g, const char *name, struct err *e) {
  struct remote_mail mail = REMOTE_MAIL_NONE;
  int code = look_for(g, name, &mail, e);
  bool there = mail.state == REMOTE_MAIL_REFUSED;
  remote_mail_clear(&mail);
  if (code < 0 || !there) return code;
  free(g->target);
  g->target = NULL;
  return err_set(e, is_last_try(g) ? ERR_USAGE : ERR_IO, "the folder is not there any more");
}

/* An error of the service's that is there at the last try too is a refusal. */
static int act_on(struct graph_folder *g, enum mail_act act, const char *name, const struct strbuf *body,
                  struct err *e) {
  static const char *const METHODS[] = {
      [MAIL_ACT_MOVE] = "POST", [MAIL_ACT_FLAG] = "PATCH", [MAIL_ACT_DELETE] = "DELETE"};
  _cleanup_strbuf_ struct strbuf url = STRBUF_INIT;
  struct http_answer answer;
  add_mail(g, &url, name);
  if (act == MAIL_ACT_MOVE) strbuf_add_text(&url, "/move");
  const struct graph_request r = {
      .method = METHODS[act], .url = url.data, .json = act == MAIL_ACT_DELETE ? NULL : body};
  int code = request(g, &r, &answer, e);
  bool refused = code == ERR_IO && answer.status >= 500 && is_last_try(g);
  http_answer_clear(&answer);
  if (code == ERR_NOT_FOUND) return act == MAIL_ACT_MOVE ? judge_missing(g, name, e) : 0;
  return refused ? ERR_USAGE : code;
}

static int act(struct named_folder *f, enum mail_act act, const char *const *names, uint32_t count, const char *text,
               struct err *e) {
  struct graph_folder *g = of(f);
  _cleanup_strbuf_ struct strbuf body = STRBUF_INIT;
  set_client(g);
  int code = open_folder(g, e);
  if (!code) code = write_body(g, act, text, &body, e);
  for (uint32_t i = 0; i < count && !code; i++) code = act_on(g, act, names[i], &body, e);
  return code;
}

/* --- the protocol ------------------------------------------------------------------------------------------------- */

static struct mail_folder *make(void) {
  static const struct named_source SOURCE = {
      .list = list, .fetch = fetch, .act = act, .rest = rest, .disconnect = disconnect, .is_shared = true};
  struct graph_folder *g = mem_zalloc(sizeof *g);
  named_folder_init(&g->named, &SOURCE);
  return &g->named.base;
}

static void free_folder(struct mail_folder *f) {
  struct graph_folder *g = (struct graph_folder *)f;
  named_folder_clear(&g->named);
  free(g->id);
  free(g->target);
  free(g->target_id);
  free(g);
}

const struct mail_protocol GRAPH_PROTOCOL = {.make = make, .free = free_folder, NAMED_FOLDER_FUNCTIONS};
