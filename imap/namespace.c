/* SPDX-License-Identifier: Apache-2.0 */
/* Where folders lie on servers that keep one's own below a prefix, "INBOX." or "Mail/" (RFC 2342). */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "imap/dialogue.h"
#include "imap/session.h"

/* The first of one's own is where folders are made (RFC 2342 6). */
static void note_own(struct session *s, const char *prefix, char delimiter) {
  if (s->own_known) return;
  s->own_known = true;
  dialogue_add_name(&s->own_prefix, prefix);
  if (!delimiter) return;
  s->delimiter = delimiter;
  s->delimiter_known = true;
}

static void note(struct session *s, bool own, const char *prefix, char delimiter) {
  if (strlen(prefix) > IMAP_NAME_BYTES || s->namespace_count >= IMAP_NAMESPACES) return;
  s->namespace_count++;
  if (own) note_own(s, prefix, delimiter);
  if (!*prefix) return;
  dialogue_add_name(&s->prefixes, prefix);
  strbuf_add_char(&s->prefixes, '\n');
}

/* ("INBOX." "."), behind its "(": prefix, delimiter, and what extensions add. */
static int take_one(struct session *s, bool own, struct err *e) {
  _cleanup_strbuf_ struct strbuf prefix = STRBUF_INIT;
  struct imap_token token;
  int code = imap_reader_token(s->reader, &token, e);
  if (!code) code = dialogue_read_astring(s, &token, &prefix, e);
  if (!code) code = imap_reader_token(s->reader, &token, e);
  if (code < 0) return code;
  note(s, own, strbuf_text(&prefix), dialogue_delimiter_of(&token));
  while (!(code = imap_reader_token(s->reader, &token, e)) && token.kind != IMAP_TOKEN_CLOSE &&
         token.kind != IMAP_TOKEN_END)
    if ((code = imap_reader_skip_value(s->reader, &token, e)) < 0) break;
  return code;
}

int dialogue_take_namespaces(struct session *s, struct err *e) {
  struct imap_token token;
  unsigned list = 0, depth = 0;
  int code;
  while (!(code = imap_reader_token(s->reader, &token, e)) && token.kind != IMAP_TOKEN_END) {
    if (token.kind == IMAP_TOKEN_OPEN && depth)
      code = take_one(s, list == 0, e);
    else if (token.kind == IMAP_TOKEN_OPEN)
      depth = 1;
    else if (token.kind == IMAP_TOKEN_CLOSE)
      depth = 0;
    if (!depth) list++; /* it has ended, or is NIL */
    if (code < 0) break;
  }
  return code;
}

/* INBOX is that in any case of its letters (RFC 9051 5.1), also where other folders lie below it. */
static bool begins(const char *folder, const char *prefix, size_t size) {
  size_t inbox = size > 5 && ascii_begins(prefix, "INBOX") && ascii_begins(folder, "INBOX") ? 5 : 0;
  return !strncmp(folder + inbox, prefix + inbox, size - inbox);
}

char *namespace_complete(const struct session *s, const char *folder) {
  if (!s->own_prefix.length || ascii_same(folder, "INBOX")) return NULL;
  _cleanup_free_ char *levels = dialogue_levels(s, folder);
  for (const char *prefix = strbuf_text(&s->prefixes); *prefix; prefix = strchr(prefix, '\n') + 1)
    if (begins(levels, prefix, strcspn(prefix, "\n"))) return NULL;
  struct strbuf name = STRBUF_INIT;
  strbuf_printf(&name, "%s%s", s->own_prefix.data, levels);
  return name.data;
}
