/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as the server's side of a whole visit: a folder is found, read, marked, acted on and waited for.
 *
 * The functions of mailbox/transport.h are here: what the server says comes from the input, whatever it was asked. The
 * byte 1 stands for the tag of the last command and 2 for the one before, so that an answer can be an answer; the byte
 * 3 ends the connection, and the next one goes on behind it. */
#include "fuzz/fuzz.h"
#include "imap/imap.h"
#include "mailbox/transport.h"

#define MAILS_MOST 1000 /* a server that never comes to an end would be a finding */
#define CONNECTIONS_MOST 100

struct transport {
  struct byte_stream stream;
  bool ended;
};

/* What is left of the input, and what a tag has become of. */
static const uint8_t *script, *script_end;
static unsigned connections;
static char tags[2][32], piece[64];
static size_t piece_size, piece_at;

static ssize_t say(struct transport *t, void *buffer, size_t size, struct err *e) {
  size_t n = 0;
  while (n < size) {
    if (piece_at < piece_size) {
      ((char *)buffer)[n++] = piece[piece_at++];
      continue;
    }
    if (script == script_end || *script == 3) break;
    piece_at = 0;
    if (*script == 1 || *script == 2) {
      piece_size = (size_t)snprintf(piece, sizeof piece, "%s", tags[*script - 1]);
    } else {
      piece[0] = (char)*script;
      piece_size = 1;
    }
    script++;
    if (n % 32 == 31) break; /* it comes in pieces */
  }
  if (n) return (ssize_t)n;
  t->ended = true;
  return err_set(e, ERR_IO, "the server closed the connection");
}

static ssize_t receive(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  return say((struct transport *)s, buffer, size, e);
}

int transport_open(const struct mail_account *a, const struct mail_watch *watch, struct transport **ret,
                   struct err *e) {
  (void)a, (void)watch;
  if (script == script_end || ++connections > CONNECTIONS_MOST) return err_set(e, ERR_IO, "nobody is there");
  if (*script == 3) script++;
  *ret = mem_zalloc(sizeof **ret);
  (*ret)->stream.read = receive;
  return 0;
}
void transport_close(struct transport *t) { free(t); }
struct byte_stream *transport_stream(struct transport *t) {
  return &t->stream;
}
void transport_begin_command(struct transport *t) { (void)t; }
int transport_fd(const struct transport *t) { return (void)t, -1; }
bool transport_has_ended(const struct transport *t) { return t->ended; }
ssize_t transport_look(struct transport *t, void *buffer, size_t size, struct err *e) {
  return say(t, buffer, size, e);
}

/* One command a line, which no text of the server's may break up. */
int transport_send(struct transport *t, const char *bytes, size_t size, struct err *e) {
  (void)e;
  MUST(size >= 2 && bytes[size - 2] == '\r' && bytes[size - 1] == '\n');
  for (size_t i = 0; i + 2 < size; i++) MUST(bytes[i] != '\r' && bytes[i] != '\n' && bytes[i]);
  if (size > 6 && *bytes == 'D' && bytes[1] >= '0' && bytes[1] <= '9') {
    memcpy(tags[1], tags[0], sizeof tags[0]);
    snprintf(tags[0], sizeof tags[0], "%.*s", (int)strcspn(bytes, " \r"), bytes);
  }
  return t->ended ? ERR_IO : 0;
}

static void tell(void *user, const char *sentence) {
  (void)user;
  MUST(*sentence);
}

static void read_mails(struct mail_folder *f, uint32_t most) {
  struct err e;
  int code = 1;
  for (uint32_t i = 0; code == 1; i++) {
    struct remote_mail mail = REMOTE_MAIL_NONE;
    code = mail_folder_next(f, &mail, &e);
    if (code == 1) MUST(i < most);
    if (code == 1 && mail.state == REMOTE_MAIL_HERE) {
      struct remote_mail_stream in;
      char buffer[512];
      remote_mail_stream_init(&in, &mail);
      while (in.stream.read(&in.stream, buffer, sizeof buffer, &e) > 0) {
      }
    }
    remote_mail_clear(&mail);
    if (i % 3 == 0) mail_folder_rest(f);
  }
}

static void act(struct mail_folder *f, uint32_t uidvalidity) {
  static const uint32_t UIDS[] = {1, 2, 3, 7};
  static const char *const TEXTS[] = {"Done", "Done", "\\Seen", NULL};
  struct err e;
  bool moves, expunges;
  if (mail_folder_prepare(f, uidvalidity, &moves, &expunges, &e) < 0) return;
  for (int what = MAIL_ACT_MOVE; what <= MAIL_ACT_DELETE; what++)
    mail_folder_act(f, (enum mail_act)what, UIDS, ARRAY_SIZE(UIDS), TEXTS[what], &e);
}

static void wait_for_news(struct mail_folder *f) {
  struct err e;
  if (mail_folder_idle_begin(f, &e) != 1) return;
  mail_folder_idle_look(f, &e);
  mail_folder_idle_end(f, &e);
}

static void visit(struct mail_folder *f) {
  struct mail_listing listing;
  struct err e = {""};
  char *marks = NULL;
  bool let_in;
  uint32_t mails;
  mail_folder_try(f, &let_in, &mails, &e);
  if (mail_folder_find(f, 0, 1, NULL, &listing, &e) == 0) {
    MUST(listing.count <= MAILS_MOST && listing.uidvalidity);
    read_mails(f, listing.count);
    if (mail_folder_mark(f, listing.next_uid, &marks, &e) < 0) marks = NULL;
    mail_folder_find(f, listing.uidvalidity, listing.next_uid, marks, &listing, &e);
    act(f, listing.uidvalidity);
  }
  free(marks);
  wait_for_news(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const struct mail_watch watch = {.tell = tell};
  struct mail_account account;
  struct err e;
  script = data;
  script_end = data + size;
  connections = 0;
  piece_size = piece_at = 0;
  memset(tags, 0, sizeof tags);
  mail_account_init(&account);
  MUST(mail_account_set_url(&account, "imaps://joe@imap.example.com/Reports", &e) == 0);
  MUST(mail_account_finish(&account, &e) == 0);
  account.retries = 0; /* after each there would be a pause */
  account.mail_bytes = 1 << 20;
  account.most = MAILS_MOST;
  struct mail_folder *f = mail_folder_new(&IMAP_PROTOCOL, &account, "Reports", &watch);
  visit(f);
  mail_folder_free(f);
  mail_account_clear(&account);
  return 0;
}
