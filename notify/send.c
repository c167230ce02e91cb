/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a message takes, how often it is tried, and what is said of those who do not take it. */
#include "notify/send.h"

#include <curl/curl.h>
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secret_source.h"
#include "notify/forms.h"

#define SENDMAIL "/usr/sbin/sendmail -t -i"
#define PAUSE_MOST_S 60.0 /* between two tries, unless the other side asks for more */

void notify_library_init(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  g_mime_init();
}

/* GMime is never shut down: intake may have mails to read. */
void notify_library_clear(void) { curl_global_cleanup(); }

void way_reached_clear(struct way_reached *r) {
  text_list_clear(&r->have);
  text_list_clear(&r->held);
}

int way_secret(const char *command, const char *file, const char *what, const struct stop *stop, char *ret,
               struct err *e) {
  _cleanup_free_ char *name = mem_printf("the %s %s", what, command ? "command" : "file");
  int code = command ? secret_from_command(command, name, stop, ret, e)
             : file  ? secret_from_file(file, name, ret, e)
                     : 0;
  return code < 0 ? code : command || file;
}

/* --- whom a mail is to reach -------------------------------------------------------------------------------------- */

/* A message on its way. */
struct sending {
  const struct way *way;
  const struct notice_parcel *parcel;
  struct way_reached *reached;
  const struct way_listener *listener;
  struct addressee to[WAY_RECIPIENTS_MOST]; /* WAY_MAIL */
  unsigned count;
};

static void list_addressees(struct sending *s) {
  const struct text_list *all = &s->way->recipients;
  for (unsigned i = 0; i < all->count; i++)
    if (!text_list_has(&s->reached->have, all->items[i]) && !text_list_has(&s->reached->held, all->items[i]))
      s->to[s->count++].address = all->items[i];
}

/* Before the next try: whoever has it is not to get it twice, wherever this ends. */
static int keep_taken(struct sending *s, struct err *e) {
  const unsigned before = s->reached->have.count;
  for (unsigned i = 0; i < s->count; i++)
    if (s->to[i].has_it) text_list_add(&s->reached->have, s->to[i].address);
  if (s->reached->have.count == before || !s->listener->taken) return 0;
  return s->listener->taken(s->listener->user, &s->reached->have, e);
}

#define NAMED_MOST 3 /* refused recipients that are told with their reason */

/* What was said of single ones, in front of what was said of all. */
static int tell_refused(const struct sending *s, int code, struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  unsigned refused = 0, open = 0;
  for (unsigned i = 0; i < s->count; i++) {
    const struct addressee *a = &s->to[i];
    if (a->has_it) continue;
    open += !a->code;
    if (!a->code || ++refused > NAMED_MOST) continue;
    strbuf_printf(&text, "%s%s: %s", refused > 1 ? ", " : "the mail server refuses ", a->address, a->reason);
  }
  if (refused > NAMED_MOST) strbuf_printf(&text, ", and %u more", refused - NAMED_MOST);
  if (!refused) return code;
  if (!open) return err_set(e, code, "%s", text.data);
  return err_prefix(e, code, "%s; and then", text.data);
}

static void clear(struct sending *s) {
  for (unsigned i = 0; i < s->count; i++) {
    if (!s->to[i].has_it) text_list_add(&s->reached->held, s->to[i].address);
    free(s->to[i].reason);
  }
}

/* --- a try -------------------------------------------------------------------------------------------------------- */

/* It finds the recipients in the mail, and takes it for all of them or for none. */
static int send_by_sendmail(struct sending *s, struct err *e) {
  const struct way *w = s->way;
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT;
  struct text_list to = {0};
  for (unsigned i = 0; i < s->count; i++) text_list_add(&to, s->to[i].address);
  letter_write(w, &to, s->parcel, false, &mail);
  text_list_clear(&to);
  int code = command_send(w->sendmail ? w->sendmail : SENDMAIL, mail.data, mail.length, w->timeout_s, s->listener, e);
  for (unsigned i = 0; i < s->count; i++) s->to[i].has_it = !code;
  return code < 0 ? err_prefix(e, code, "sendmail") : 0;
}

static int try_once(struct sending *s, double *ret_wait_s, struct err *e) {
  const struct way *w = s->way;
  const struct notice_parcel *p = s->parcel;
  *ret_wait_s = 0;
  switch (w->kind) {
    case WAY_MAIL:
      return w->smtp_host ? smtp_send(w, p, s->to, s->count, s->listener->stop, e) : send_by_sendmail(s, e);
    case WAY_WEB:
      return web_send(w, p, s->listener->stop, ret_wait_s, e);
    default:
      return command_send(w->command, p->json, strlen(p->json), w->timeout_s, s->listener, e);
  }
}

static int try_often(struct sending *s, struct err *e) {
  const struct way *w = s->way;
  for (unsigned tries = 1;; tries++) {
    double told_s, pause_s = (double)(1U << (tries < 16 ? tries - 1 : 15));
    const int code = try_once(s, &told_s, e);
    struct err of_keeping;
    const int kept = keep_taken(s, &of_keeping);
    if (kept < 0) return err_set(e, kept, "%s", of_keeping.text);
    if (!code || code == ERR_INTERRUPTED) return code;
    if (code != ERR_IO || tries > w->retries || told_s > w->wait_most_s) {
      tell_refused(s, code, e);
      return tries > 1 ? err_set(e, code, "%s (tried %u times)", e->text, tries) : code;
    }
    if (pause_s > PAUSE_MOST_S) pause_s = PAUSE_MOST_S;
    if (stop_sleep(s->listener->stop, told_s > pause_s ? told_s : pause_s, e) < 0) return ERR_INTERRUPTED;
  }
}

int way_send(const struct way *w, const struct notice_parcel *p, struct way_reached *r,
             const struct way_listener *listener, struct err *e) {
  struct sending s = {.way = w, .parcel = p, .reached = r, .listener = listener};
  if (w->kind == WAY_MAIL) list_addressees(&s);
  if (w->kind == WAY_MAIL && !s.count) return 0;
  int code = try_often(&s, e);
  clear(&s);
  return code;
}
