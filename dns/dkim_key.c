/* SPDX-License-Identifier: Apache-2.0 */
/* Reads key records. */
#include "dns/dkim_key.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "crypto/public_key.h"
#include "dns/near_record.h"

#define ED25519_BYTES 32 /* RFC 8463 4 */
#define MOST_KEY_TAGS 32

struct reading {
  struct dkim_key *key;
  struct arena *arena;
  struct dns_faults *faults;
  unsigned tags;
  bool is_broken; /* RFC 6376 3.2: one wrong tag, and no part of the list counts */
  const char *names[MOST_KEY_TAGS], *values[MOST_KEY_TAGS];
};

#define FAULT(r, ...) dns_fault_add((r)->faults, (r)->arena, __VA_ARGS__)

static bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static char *trimmed(struct arena *arena, const char *text, size_t length) {
  while (length && is_white(*text)) text++, length--;
  while (length && is_white(text[length - 1])) length--;
  return arena_strndup(arena, text, length);
}

static const char *value_of(const struct reading *r, const char *name) {
  for (unsigned i = 0; i < r->tags; i++)
    if (!strcmp(r->names[i], name)) return r->values[i];
  return NULL;
}

/* RFC 6376 3.2: tag=value, with semicolons between. */
static void read_tags(struct reading *r, const char *text) {
  while (*text && r->tags < MOST_KEY_TAGS) {
    const size_t length = strcspn(text, ";");
    const char *piece = trimmed(r->arena, text, length), *equals = strchr(piece, '=');
    if (equals) {
      const char *name = trimmed(r->arena, piece, (size_t)(equals - piece));
      if (value_of(r, name)) {
        r->is_broken = true;
        FAULT(r, "key_duplicate_tag", "RFC 6376 3.2", "the tag %.*s stands there more than once: the key is invalid",
              MOST_QUOTED, name);
      }
      r->names[r->tags] = name;
      r->values[r->tags++] = trimmed(r->arena, equals + 1, strlen(equals + 1));
    } else if (*piece) {
      r->is_broken = true;
      FAULT(r, "key_syntax", "RFC 6376 3.2", "\"%.*s\" is no tag=value", MOST_QUOTED, piece);
    }
    text += length + (text[length] == ';');
  }
}

/* Is a word one of a list with colons between? */
static bool lists(const char *list, const char *word) {
  const size_t size = strlen(word);
  for (const char *at = list;; at++) {
    while (is_white(*at)) at++;
    const size_t length = strcspn(at, ": \t");
    if (length == size && ascii_same_bytes(at, word, size)) return true;
    at += strcspn(at, ":");
    if (!*at) return false;
  }
}

static void check_tags(struct reading *r) {
  const char *v = value_of(r, "v"), *h = value_of(r, "h"), *s = value_of(r, "s"), *t = value_of(r, "t");
  const bool is_bad = v && (strcmp(v, "DKIM1") != 0 || strcmp(r->names[0], "v") != 0);
  if (is_bad)
    FAULT(r, "key_version", "RFC 6376 3.6.1", "v=%.*s: it is to be v=DKIM1 and to stand first", MOST_QUOTED, v);
  const bool no_hash = h && !lists(h, "sha256");
  if (no_hash)
    FAULT(r, "key_hash", "RFC 8301 3.1", "h=%.*s allows no sha256: what is signed with it does not pass", MOST_QUOTED,
          h);
  const bool no_mail = s && !lists(s, "email") && !lists(s, "*");
  if (no_mail) FAULT(r, "key_service", "RFC 6376 3.6.1", "s=%.*s: the key is not for mail", MOST_QUOTED, s);
  r->key->testing = t && lists(t, "y");
  if (r->key->testing) FAULT(r, "key_testing", "RFC 6376 3.6.1", "t=y: the domain says that it only tries DKIM out");
  if (is_bad || no_hash || no_mail) r->key->usable = false;
}

static char *without_white(struct arena *arena, const char *text) {
  char *out = arena_strdup(arena, text), *to = out;
  for (const char *c = text; *c; c++)
    if (!is_white(*c)) *to++ = *c;
  *to = '\0';
  return out;
}

static void check_rsa(struct reading *r, const unsigned char *bytes, size_t size) {
  struct dkim_key *k = r->key;
  k->bits = rsa_key_bits(bytes, size);
  if (!k->bits)
    FAULT(r, "key_syntax", "RFC 6376 3.6.1", "p= is no RSA key, or is cut off");
  else if (k->bits < DKIM_LEAST_BITS)
    FAULT(r, "key_weak", "RFC 8301 3.2", "%u bits: receivers do not take keys below %u", k->bits, DKIM_LEAST_BITS);
  else if (k->bits < DKIM_GOOD_BITS)
    FAULT(r, "key_short", "RFC 8301 3.2", "%u bits: keys are to have %u", k->bits, DKIM_GOOD_BITS);
  else if (k->bits > DKIM_MOST_BITS)
    FAULT(r, "key_long", "RFC 8301 3.2", "%u bits: receivers need not take keys above %u", k->bits, DKIM_MOST_BITS);
  if (k->bits < DKIM_LEAST_BITS) k->usable = false;
}

static void check_key(struct reading *r) {
  struct dkim_key *k = r->key;
  unsigned char bytes[PUBLIC_KEY_MOST_BYTES];
  size_t size;
  if (!k->key) {
    FAULT(r, "key_syntax", "RFC 6376 3.6.1", "there is no p=: the record has no key");
  } else if (!*k->key) {
    FAULT(r, "key_revoked", "RFC 6376 3.6.1", "p= is empty: the key is revoked");
  } else if (!base64_read(k->key, bytes, &size)) {
    FAULT(r, "key_syntax", "RFC 6376 3.6.1", "p= is no base64");
  } else if (ascii_same(k->algorithm, "rsa")) {
    k->usable = true;
    check_rsa(r, bytes, size);
  } else if (ascii_same(k->algorithm, "ed25519")) {
    k->usable = size == ED25519_BYTES;
    if (!k->usable)
      FAULT(r, "key_syntax", "RFC 8463 4", "p= has %zu bytes, a key of Ed25519 has %d", size, ED25519_BYTES);
  } else {
    FAULT(r, "key_algorithm", "RFC 6376 3.6.1", "k=%.*s: receivers know rsa and ed25519", MOST_QUOTED, k->algorithm);
  }
}

void dkim_key_read(struct dkim_key *ret, const struct dns_answer *answer, struct arena *arena,
                   struct dns_faults *faults) {
  struct reading r = {.key = ret, .arena = arena, .faults = faults};
  *ret = (struct dkim_key){.algorithm = "rsa"};
  if (answer->status != DNS_OK || !answer->count) return;
  ret->text = answer->texts[0];
  if (answer->count > 1)
    FAULT(&r, "key_several", "RFC 6376 3.6.2.2", "%u records: which of them receivers take is not defined",
          answer->count);
  if (find_strange_byte(ret->text))
    FAULT(&r, "key_strange_bytes", "RFC 6376 3.2", "it holds bytes that are no printable ASCII");
  read_tags(&r, ret->text);
  const char *k = value_of(&r, "k"), *p = value_of(&r, "p");
  if (k) ret->algorithm = k;
  if (p) ret->key = without_white(arena, p);
  check_key(&r);
  check_tags(&r);
  ret->usable &= !r.is_broken;
}
