/* SPDX-License-Identifier: Apache-2.0 */
/* The commands but FETCH and SEARCH: from CAPABILITY to LOGOUT. */
#include "imap/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "imap/dialogue.h"
#include "mailbox/transport.h"
#include "mailbox/wait.h"

bool session_can(const struct session *s, enum capability what) { return s->capabilities & what; }

enum session_ending session_ending(const struct session *s) {
  if (s->alive) return SESSION_GOES_ON;
  if (*s->farewell) return SESSION_BYE;
  return transport_has_ended(s->transport) ? SESSION_CUT : SESSION_GOES_ON;
}

/* --- begin and end ------------------------------------------------------------------------------------------------ */

static void free_session(struct session *s) {
  imap_reader_free(s->reader);
  transport_close(s->transport);
  strbuf_clear(&s->text);
  strbuf_clear(&s->permanent);
  strbuf_clear(&s->folder);
  strbuf_clear(&s->own_prefix);
  strbuf_clear(&s->prefixes);
  free(s->found);
  free(s);
}

int session_open(const struct mail_account *a, const struct mail_watch *watch, struct session **ret, struct err *e) {
  struct transport *transport;
  int code = transport_open(a, watch, &transport, e);
  if (code < 0) return code;
  struct session *s = mem_zalloc(sizeof *s);
  *s = (struct session){.account = a, .watch = watch, .transport = transport, .alive = true};
  s->reader = imap_reader_new(transport_stream(transport));
  /* What the server said before the login need not hold after it (RFC 9051 6.2.2). */
  code = dialogue_run(s, "CAPABILITY", e);
  if (code < 0) {
    free_session(s);
    return code;
  }
  *ret = s;
  return 0;
}

/* The answer to LOGOUT is not awaited: nothing depends on it, and a server may be slow. */
void session_close(struct session *s) {
  if (!s) return;
  char tag[IMAP_TAG_BYTES];
  bool busy = s->batches[0] || s->batches[1];
  if (s->alive && !busy) dialogue_send(s, tag, "LOGOUT", NULL);
  free_session(s);
}

int session_noop(struct session *s, struct err *e) { return dialogue_run(s, "NOOP", e); }

/* --- folders ------------------------------------------------------------------------------------------------------ */

/* The prefix of one's own folders and the sign between levels. LIST "" "" asks for nothing but that (RFC 9051 6.3.9.2).
 */
static int learn_names(struct session *s, struct err *e) {
  if (s->delimiter_known) return 0;
  int code = session_can(s, CAPABILITY_NAMESPACE) ? dialogue_run(s, "NAMESPACE", e) : 0;
  if (!s->alive) return code;
  if (!s->delimiter_known) code = dialogue_run(s, "LIST \"\" \"\"", e);
  s->delimiter_known = true;
  return s->alive ? 0 : code;
}

/* Adds the folders there are to a message about one that is not there, or cannot be made. */
static int tell_folders(struct session *s, int code, const char *what, const char *folder, struct err *e) {
  _cleanup_strbuf_ struct strbuf names = STRBUF_INIT;
  struct err said = *e, unused;
  s->names = &names;
  s->name_count = 0;
  if (s->alive) dialogue_run(s, "LIST \"\" \"*\"", &unused);
  s->names = NULL;
  const char *more = s->name_count > IMAP_LISTED ? ", ..." : "";
  if (!names.length) return err_set(e, code, "%s \"%s\": %s", what, folder, said.text);
  return err_set(e, code, "%s \"%s\" (there are: %s%s): %s", what, folder, names.data, more, said.text);
}

/* Some servers refuse without a code that says why: then the list decides (RFC 9051 6.3.9: no wildcard in the name). */
static bool is_listed(struct session *s, const char *quoted) {
  _cleanup_strbuf_ struct strbuf names = STRBUF_INIT, command = STRBUF_INIT;
  struct err unused;
  strbuf_printf(&command, "LIST \"\" %s", quoted);
  s->names = &names;
  int code = dialogue_run(s, command.data, &unused);
  s->names = NULL;
  return code < 0 || names.length;
}

/* Did `code`, of a command on a folder, say that it does not exist? BAD too is some servers' word for it. */
static bool is_missing(struct session *s, int code, const char *quoted) {
  bool refused = s->alive && (code == ERR_USAGE || code == ERR_FORMAT);
  return code == ERR_NOT_FOUND || (refused && !is_listed(s, quoted));
}

static int select_named(struct session *s, const char *folder, bool read_only, bool *ret_missing, struct err *e) {
  _cleanup_strbuf_ struct strbuf command = STRBUF_INIT, name = STRBUF_INIT;
  *ret_missing = false;
  int code = dialogue_add_folder(s, &name, folder, e);
  if (code < 0) return code;
  s->selected = s->any_keyword = s->read_only = false;
  s->uidvalidity = s->uidnext = s->exists = 0;
  strbuf_reset(&s->permanent);
  strbuf_printf(&command, "%s %s", read_only ? "EXAMINE" : "SELECT", name.data);
  code = dialogue_run(s, command.data, e);
  strbuf_reset(&s->folder);
  strbuf_add_text(&s->folder, name.data);
  *ret_missing = code < 0 && is_missing(s, code, name.data);
  return code;
}

int session_select(struct session *s, const char *folder, bool read_only, struct err *e) {
  bool missing;
  int code = learn_names(s, e);
  if (code < 0) return code;
  code = select_named(s, folder, read_only, &missing, e);
  _cleanup_free_ char *complete = missing ? namespace_complete(s, folder) : NULL;
  if (complete) code = select_named(s, complete, read_only, &missing, e);
  if (missing) return tell_folders(s, ERR_NOT_FOUND, "there is no folder", folder, e);
  if (code < 0) return code;
  if (!s->uidvalidity) return err_set(e, ERR_FORMAT, "the server keeps no UIDs for this folder (no UIDVALIDITY)");
  s->selected = true;
  s->announced = s->exists;
  s->news = false;
  return 0;
}

/* --- acting ------------------------------------------------------------------------------------------------------- */

uint32_t session_add_set(struct strbuf *out, const uint32_t *uids, uint32_t count) {
  size_t begin = out->length;
  uint32_t i = 0;
  while (i < count && out->length - begin < IMAP_SET_BYTES - 24) {
    uint32_t last = i;
    while (last + 1 < count && uids[last + 1] == uids[last] + 1) last++;
    strbuf_printf(out, "%s%u", i ? "," : "", uids[i]);
    if (last > i) strbuf_printf(out, ":%u", uids[last]);
    i = last + 1;
  }
  return i;
}

static int run_on(struct session *s, const char *verb, const uint32_t *uids, uint32_t count, const char *behind,
                  struct err *e) {
  _cleanup_strbuf_ struct strbuf command = STRBUF_INIT;
  strbuf_printf(&command, "UID %s ", verb);
  session_add_set(&command, uids, count);
  strbuf_printf(&command, "%s%s", *behind ? " " : "", behind);
  return dialogue_run(s, command.data, e);
}

/* One that is there already is what was wanted: ALREADYEXISTS (RFC 5530), or not even a code. The next try tells. */
static int create(struct session *s, const char *folder, struct err *e) {
  _cleanup_strbuf_ struct strbuf command = STRBUF_INIT;
  strbuf_add_text(&command, "CREATE ");
  int code = dialogue_add_folder(s, &command, folder, e);
  if (!code) code = dialogue_run(s, command.data, e);
  return s->alive && code == ERR_USAGE && ascii_find(e->text, "[ALREADYEXISTS]") ? 0 : code;
}

/* The OK of a server is not believed that says nothing else: what it removes it says one by one (EXPUNGE, RFC
 * 6851 4.4). Where that is less than was asked for, perhaps because some were gone, the mails that are still listed
 * were not removed. A server that does not want to list them proves nothing. */
static int prove_removed(struct session *s, const char *verb, const uint32_t *uids, uint32_t count, uint32_t before,
                         struct err *e) {
  if (s->expunged - before >= count) return 0;
  struct err unused;
  int code = session_list_among(s, uids, count, &unused);
  if (code < 0 && !s->alive) return err_set(e, code, "%s", unused.text);
  if (code < 0 || !s->found_count) return 0;
  return err_set(e, ERR_USAGE, "the server answers UID %s with OK, but uid %u is still there", verb, s->found[0]);
}

/* MOVE or EXPUNGE, after which the mails are no longer in the folder. */
static int remove_by(struct session *s, const char *verb, const uint32_t *uids, uint32_t count, const char *behind,
                     struct err *e) {
  uint32_t before = s->expunged;
  int code = run_on(s, verb, uids, count, behind, e);
  return code < 0 ? code : prove_removed(s, verb, uids, count, before, e);
}

static int transfer_to(struct session *s, const char *verb, const uint32_t *uids, uint32_t count, const char *folder,
                       bool *ret_missing, struct err *e) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
  *ret_missing = false;
  int code = dialogue_add_folder(s, &name, folder, e);
  if (code < 0) return code;
  if (!strcmp(name.data, strbuf_text(&s->folder))) return err_set(e, ERR_USAGE, "that is the folder that it is in");
  bool move = !strcmp(verb, "MOVE");
  code = move ? remove_by(s, verb, uids, count, name.data, e) : run_on(s, verb, uids, count, name.data, e);
  *ret_missing = code < 0 && is_missing(s, code, name.data);
  return code;
}

/* MOVE or COPY; where the target does not exist (TRYCREATE, RFC 9051 7.1) it is made. */
static int transfer(struct session *s, const char *verb, const uint32_t *uids, uint32_t count, const char *folder,
                    struct err *e) {
  bool missing;
  int code = transfer_to(s, verb, uids, count, folder, &missing, e);
  _cleanup_free_ char *complete = missing ? namespace_complete(s, folder) : NULL;
  const char *target = complete ? complete : folder;
  if (complete) code = transfer_to(s, verb, uids, count, target, &missing, e);
  if (!missing) return code;
  code = create(s, target, e);
  bool refused = s->alive && (code == ERR_USAGE || code == ERR_FORMAT);
  if (refused) return tell_folders(s, ERR_USAGE, "cannot make the folder", folder, e);
  return code < 0 ? code : transfer_to(s, verb, uids, count, target, &missing, e);
}

/* Some servers list MOVE for all their storages, and some of these do not have it. */
static int move(struct session *s, const uint32_t *uids, uint32_t count, const char *folder, struct err *e) {
  static const char *const WORDS[] = {"[CANNOT]", "not supported", "not implemented"};
  int code = transfer(s, "MOVE", uids, count, folder, e);
  if (!s->alive || (code != ERR_FORMAT && code != ERR_USAGE)) return code;
  bool unknown = code == ERR_FORMAT;
  for (unsigned i = 0; i < ARRAY_SIZE(WORDS); i++) unknown = unknown || ascii_find(e->text, WORDS[i]);
  return unknown ? 1 : code;
}

/* A flag is kept only where PERMANENTFLAGS has it (RFC 9051 7.1), and in no folder that is opened for reading alone;
 * elsewhere the server would forget it with the session, though it may answer OK. Its "\*" is said for keywords; a
 * server that says nothing else means all flags by it. */
static bool keeps_flag(const struct session *s, const char *flag) {
  char listed[80];
  snprintf(listed, sizeof listed, " %s ", flag);
  if (s->read_only) return false;
  bool all = s->any_keyword && !strcmp(s->permanent.data, " \\* ");
  return !s->permanent.length || ascii_find(s->permanent.data, listed) || (s->any_keyword && *flag != '\\') || all;
}

static int store_flag(struct session *s, const uint32_t *uids, uint32_t count, const char *flag, struct err *e) {
  char behind[96];
  const char *advice = *flag == '\\' || s->read_only ? "" : "; perhaps flag:seen";
  if (!keeps_flag(s, flag)) return err_set(e, ERR_USAGE, "the server keeps no flag %s in this folder%s", flag, advice);
  snprintf(behind, sizeof behind, "+FLAGS.SILENT (%s)", flag);
  return run_on(s, "STORE", uids, count, behind, e);
}

/* Never EXPUNGE alone, which would take others' mails with it. */
static int delete (struct session *s, const uint32_t *uids, uint32_t count, struct err *e) {
  int code = store_flag(s, uids, count, "\\Deleted", e);
  if (code < 0 || !session_can(s, CAPABILITY_UIDPLUS)) return code;
  return remove_by(s, "EXPUNGE", uids, count, "", e);
}

int session_act(struct session *s, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
                struct err *e) {
  switch (act) {
    case MAIL_ACT_MOVE:
      return move(s, uids, count, text, e);
    case MAIL_ACT_COPY:
      return transfer(s, "COPY", uids, count, text, e);
    case MAIL_ACT_FLAG:
      return store_flag(s, uids, count, text, e);
    case MAIL_ACT_DELETE:
      break;
  }
  return delete (s, uids, count, e);
}

/* --- waiting ------------------------------------------------------------------------------------------------------ */

/* Up to the "+": news that come before it count too. */
int session_idle_begin(struct session *s, struct err *e) {
  char tag[IMAP_TAG_BYTES];
  int answer = 0, code = dialogue_send(s, tag, "IDLE", e);
  while (!code) code = dialogue_step(s, tag, "IDLE", &answer, e);
  if (code < 0) return code;
  return code == 1 ? err_set(e, answer < 0 ? answer : ERR_FORMAT, "the server does not want to IDLE") : 0;
}

int session_idle_look(struct session *s, struct err *e) {
  unsigned char *place;
  size_t room = imap_reader_room(s->reader, &place);
  ssize_t n = room ? transport_look(s->transport, place, room, e) : 0;
  if (n < 0) {
    s->alive = false;
    return (int)n;
  }
  imap_reader_add(s->reader, (size_t)n);
  transport_begin_command(s->transport); /* for the rest of a line of which only the begin has come */
  while (imap_reader_holds_line(s->reader)) {
    int unused, code = dialogue_step(s, NULL, "IDLE", &unused, e);
    if (code < 0) return code;
  }
  return s->news;
}

int session_idle_end(struct session *s, struct err *e) {
  char tag[IMAP_TAG_BYTES];
  snprintf(tag, sizeof tag, "D%u", s->last_tag);
  transport_begin_command(s->transport);
  s->spoken = clock_now_s();
  int code = transport_send(s->transport, "DONE\r\n", 6, e);
  if (code < 0) {
    s->alive = false;
    return code;
  }
  return dialogue_await(s, tag, "IDLE", e);
}
