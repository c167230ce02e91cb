/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a message takes, how often it is tried, and what is said of those who do not take it. */
#include "notify/send.h"

#include <curl/curl.h>
#include <gmime/gmime.h>
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

/* --- what the other side says ------------------------------------------------------------------------------------- */

void way_add_said(struct strbuf *out, const char *said, const char *const *secrets, unsigned count) {
  char line[WAY_SAID_MOST + 1];
  size_t length = 0;
  for (; said[length] && length < WAY_SAID_MOST && said[length] != '\r' && said[length] != '\n'; length++)
    line[length] = said[length] >= ' ' && said[length] <= '~' ? said[length] : '?';
  line[length] = '\0';
  for (unsigned i = 0; i < count; i++)
    if (secrets[i] && *secrets[i]) secret_mask(secrets[i], line);
  if (length) strbuf_printf(out, ": %s", line);
}

int way_secret(const char *command, const char *file, const char *what, const struct stop *stop, char *ret,
               struct err *e) {
  _cleanup_free_ char *name = mem_printf("the %s %s", what, command ? "command" : "file");
  int code = command ? secret_from_command(command, name, stop, ret, e)
             : file  ? secret_from_file(file, name, ret, e)
                     : 0;
  return code < 0 ? code : command || file;
}

/* --- a try -------------------------------------------------------------------------------------------------------- */

static int send_by_sendmail(const struct way *w, const struct notice_parcel *p, const struct stop *stop,
                            struct err *e) {
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT;
  letter_write(w, p, false, &mail);
  int code = command_send(w->sendmail ? w->sendmail : SENDMAIL, mail.data, mail.length, w->timeout_s, stop, e);
  return code < 0 ? err_prefix(e, code, "sendmail") : 0;
}

static int try_once(const struct way *w, const struct notice_parcel *p, const struct stop *stop, double *ret_wait_s,
                    struct err *e) {
  *ret_wait_s = 0;
  switch (w->kind) {
    case WAY_MAIL:
      return w->smtp_host ? smtp_send(w, p, stop, e) : send_by_sendmail(w, p, stop, e);
    case WAY_WEB:
      return web_send(w, p, stop, ret_wait_s, e);
    default:
      return command_send(w->command, p->json, strlen(p->json), w->timeout_s, stop, e);
  }
}

int way_send(const struct way *w, const struct notice_parcel *p, const struct stop *stop, struct err *e) {
  for (unsigned tries = 1;; tries++) {
    double told_s, pause_s = (double)(1U << (tries < 16 ? tries - 1 : 15));
    int code = try_once(w, p, stop, &told_s, e);
    if (code != ERR_IO) return code;
    if (tries > w->retries || told_s > w->wait_most_s)
      return tries > 1 ? err_set(e, code, "%s (tried %u times)", e->text, tries) : code;
    if (pause_s > PAUSE_MOST_S) pause_s = PAUSE_MOST_S;
    if (stop_sleep(stop, told_s > pause_s ? told_s : pause_s, e) < 0) return ERR_INTERRUPTED;
  }
}
