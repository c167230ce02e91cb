/* SPDX-License-Identifier: Apache-2.0 */
/* Takes DMARC records apart and puts them together again. */
#include "dns/dmarc_record.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/number.h"
#include "dns/near_record.h"
#include "dns/resolver.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static char *keep_trimmed(struct arena *arena, const char *text, size_t length) {
  while (length && is_blank(*text)) text++, length--;
  while (length && is_blank(text[length - 1])) length--;
  return arena_strndup(arena, text, length);
}

/* --- parsing ------------------------------------------------------------------------------------------------------ */

bool dmarc_record_is(const char *text) {
  while (is_blank(*text)) text++; /* let pass by every receiver, though no rule allows it */
  if (*text != 'v' && *text != 'V') return false;
  text += 1 + strspn(text + 1, " \t");
  if (*text != '=') return false;
  text += 1 + strspn(text + 1, " \t");
  if (strncmp(text, "DMARC1", 6) != 0) return false;
  text += 6 + strspn(text + 6, " \t");
  return !*text || *text == ';';
}

bool dmarc_record_resembles(const char *text) { return dmarc_record_is(text) || near_dmarc(text); }

static bool is_alphabetic(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!ascii_is_letter(text[i])) return false;
  return length > 0;
}

static struct dmarc_piece parse_piece(struct arena *arena, const char *text, size_t length) {
  struct dmarc_piece piece = {.text = text, .length = length};
  const char *equals = memchr(text, '=', length);
  if (!equals) return piece;
  char *name = keep_trimmed(arena, text, (size_t)(equals - text));
  if (!is_alphabetic(name, strlen(name))) return piece;
  domain_normalise(name); /* to lower case */
  piece.value = keep_trimmed(arena, equals + 1, length - (size_t)(equals + 1 - text));
  piece.name = name;
  return piece;
}

void dmarc_record_parse(struct dmarc_record *ret, struct arena *arena, const char *text) {
  *ret = (struct dmarc_record){.text = text};
  for (;;) {
    size_t length = strcspn(text, ";");
    ret->is_cut = ret->count == MOST_DMARC_PIECES;
    if (ret->is_cut) return;
    ret->pieces[ret->count++] = parse_piece(arena, text, length);
    if (!text[length]) return;
    text += length + 1;
  }
}

const char *dmarc_record_value(const struct dmarc_record *r, const char *name) {
  for (unsigned i = 0; i < r->count; i++)
    if (r->pieces[i].name && !strcmp(r->pieces[i].name, name)) return r->pieces[i].value;
  return NULL;
}

/* --- what it says ------------------------------------------------------------------------------------------------- */

enum policy dmarc_record_policy(const struct dmarc_record *r, const char *name) {
  return policy_of(dmarc_record_value(r, name));
}

bool dmarc_record_is_testing(const struct dmarc_record *r) {
  const char *value = dmarc_record_value(r, "t");
  return value && ascii_same(value, "y");
}

bool dmarc_record_is_sampled(const struct dmarc_record *r) {
  const char *value = dmarc_record_value(r, "pct");
  int64_t percent;
  return value && number_parse(value, 100, &percent) && percent < 100;
}

/* "!10m" behind an address: RFC 9989 4.8, obs-dmarc-report-size. */
static bool cut_size(char *text) {
  char *mark = strrchr(text, '!');
  if (!mark) return false;
  size_t digits = strspn(mark + 1, "0123456789");
  const char *unit = mark + 1 + digits;
  if (!digits || (*unit && (!strchr("kmgtKMGT", *unit) || unit[1]))) return false;
  *mark = '\0';
  return true;
}

/* RFC 3986 2: what may stand in a URI. Anything else is written %xx. */
static bool is_uri_text(const char *text) {
  for (; *text; text++) {
    if (!ascii_is_letter(*text) && !ascii_is_digit(*text) && !strchr("-._~:/?#[]@!$&'()*+,;=%", *text)) return false;
    if (*text == '%' && (!text[1] || !text[2])) return false;
  }
  return true;
}

static const char *why_no_mailto(const char *text) {
  const char *again = *text ? ascii_find(text + 1, "mailto:") : NULL;
  if (find_strange_byte(text)) return "it holds a byte that is no printable ASCII";
  if (!ascii_begins(text, "mailto:"))
    return strchr(text, '@') && !strchr(text, ':') ? "mailto: is missing in front"
                                                   : "reports are sent to mailto: addresses alone";
  if (again && again == text + strlen("mailto:")) return "mailto: stands there twice";
  if (strpbrk(text, " \t")) return again ? "addresses are separated by commas" : "a blank stands in it";
  return is_uri_text(text) ? NULL : "it holds a character that no URI has";
}

static struct dmarc_uri parse_uri(struct arena *arena, const char *text, size_t length) {
  struct dmarc_uri uri = {.text = keep_trimmed(arena, text, length)};
  char *address = arena_strdup(arena, uri.text);
  uri.is_sized = cut_size(address);
  uri.wrong = why_no_mailto(address);
  if (uri.wrong) return uri;
  address += strlen("mailto:");
  address[strcspn(address, "?")] = '\0'; /* RFC 6068: fields of the mail */
  char *at = strrchr(address, '@');
  uri.wrong = "it names no mailbox of a domain";
  if (!at || at == address || memchr(address, '@', (size_t)(at - address))) return uri;
  domain_normalise(at + 1);
  if (!dns_name_is_askable(at + 1)) return uri;
  uri.host = at + 1;
  uri.wrong = NULL;
  return uri;
}

unsigned dmarc_record_uris(const struct dmarc_record *r, const char *name, struct arena *arena,
                           struct dmarc_uri ret[MOST_DMARC_URIS]) {
  const char *list = dmarc_record_value(r, name);
  unsigned count = 0;
  while (list && *list && count < MOST_DMARC_URIS) {
    size_t length = strcspn(list, ",");
    ret[count++] = parse_uri(arena, list, length);
    list += length + (list[length] == ',');
  }
  return count;
}

/* --- what is wrong with it ---------------------------------------------------------------------------------------- */

struct checking {
  const struct dmarc_record *r;
  struct arena *arena;
  struct dns_faults *faults;
};

#define FAULT(c, ...) dns_fault_add((c)->faults, (c)->arena, __VA_ARGS__)

/* What was found since then is about this piece. */
static void place_faults(struct checking *c, unsigned since, const struct dmarc_piece *piece) {
  size_t blank = 0;
  while (blank < piece->length && is_blank(piece->text[blank])) blank++;
  const unsigned character = (unsigned)((size_t)(piece->text - c->r->text) + blank) + 1;
  for (unsigned i = since; i < c->faults->count; i++) c->faults->items[i].character = character;
}

/* The same of the first tag of a name; of none where it is missing. */
static void place_faults_at(struct checking *c, unsigned since, const char *name) {
  for (unsigned i = c->r->count; i-- > 0;)
    if (c->r->pieces[i].name && !strcmp(c->r->pieces[i].name, name)) place_faults(c, since, &c->r->pieces[i]);
}

static bool is_one_of(const char *value, const char *words) {
  _cleanup_free_ char *list = mem_strdup(words);
  char *rest;
  for (char *word = strtok_r(list, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
    if (ascii_same(word, value)) return true;
  return false;
}

/* RFC 9989 4.8, dmarc-fo: 0 or 1, d, s, each once. */
static bool is_failure_options(const char *value) {
  char seen[8] = "";
  for (const char *at = value;; at += 2) {
    char c = ascii_lower(*at);
    if (!c || !strchr("01ds", c) || strchr(seen, c)) return false;
    seen[strlen(seen)] = c;
    if (!at[1]) return !(strchr(seen, '0') && strchr(seen, '1'));
    if (at[1] != ':' || strlen(seen) > 4) return false;
  }
}

/* A value the rules know; for the tags whose fault only brings the default back. */
static void check_value(struct checking *c, const char *name, const char *value) {
  static const struct {
    const char *name, *words, *otherwise;
  } RULES[] = {{"adkim", "r s", "r"}, {"aspf", "r s", "r"}, {"t", "y n", "n"}, {"psd", "y n u", "u"}};
  for (unsigned i = 0; i < ARRAY_SIZE(RULES); i++)
    if (!strcmp(name, RULES[i].name) && !is_one_of(value, RULES[i].words))
      FAULT(c, "bad_value", "RFC 9989 4.8", "%s=%.*s is none of %s: receivers take %s", name, MOST_QUOTED, value,
            RULES[i].words, RULES[i].otherwise);
  if (!strcmp(name, "fo") && !is_failure_options(value))
    FAULT(c, "bad_value", "RFC 9989 4.8", "fo=%.*s is no list of 0 or 1, d and s: receivers take 0", MOST_QUOTED,
          value);
}

static bool is_first(const struct dmarc_record *r, unsigned at) {
  for (unsigned i = 0; i < at; i++)
    if (r->pieces[i].name && !strcmp(r->pieces[i].name, r->pieces[at].name)) return false;
  return true;
}

/* "none rua=mailto:...": two tags, and the first with all of it as its value. */
static const char *find_second_tag(const char *value) {
  static const char *const NAMES[] = {
      "p=", "sp=", "np=", "t=", "psd=", "adkim=", "aspf=", "rua=", "ruf=", "fo=", "pct="};
  for (const char *at = value; (at = strpbrk(at, " \t,"));) {
    at += strspn(at, " \t,");
    for (unsigned i = 0; i < ARRAY_SIZE(NAMES); i++)
      if (ascii_begins(at, NAMES[i])) return at;
  }
  return NULL;
}

static void check_separator(struct checking *c, const struct dmarc_piece *piece) {
  const char *second = piece->name ? find_second_tag(piece->value) : NULL;
  if (second)
    FAULT(c, "missing_semicolon", "RFC 9989 4.8",
          "a \";\" is missing before \"%.*s\": it belongs to the tag %.*s as it is", MOST_QUOTED, second, MOST_QUOTED,
          piece->name);
}

/* Receivers skip such bytes, or the tag, or the record. */
static void check_bytes(struct checking *c) {
  const char *strange = find_strange_byte(c->r->text), *behind = strange;
  if (!strange) return;
  while (strange_byte(behind)) behind += strange_byte(behind);
  FAULT(
      c, "strange_bytes", "RFC 9989 4.8",
      "it holds bytes that are no printable ASCII, the first before \"%.*s\": receivers may ignore the tag, or all of "
      "the record",
      MOST_QUOTED / 4, behind);
  c->faults->items[c->faults->count - 1].character = (unsigned)(strange - c->r->text) + 1;
}

static void check_beginning(struct checking *c) {
  const char *text = c->r->text, *why = near_dmarc(text);
  if (!dmarc_record_is(text))
    FAULT(c, "bad_version", "RFC 9989 4.7", "the record is none, because %s",
          why ? why : "it does not begin with v=DMARC1");
  else if (is_blank(*text))
    FAULT(c, "leading_blank", "RFC 9989 4.8",
          "white space stands before v=: receivers that keep to the rule take the record for none");
  else
    return;
  c->faults->items[c->faults->count - 1].character = 1;
}

static void check_piece(struct checking *c, unsigned at) {
  const struct dmarc_piece *piece = &c->r->pieces[at];
  size_t blank = 0;
  while (blank < piece->length && is_blank(piece->text[blank])) blank++;
  if (blank == piece->length) return; /* behind the last semicolon; between two it harms nobody */
  int shown = (int)(piece->length - blank < MOST_QUOTED ? piece->length - blank : MOST_QUOTED);
  if (!piece->name || !*piece->value)
    FAULT(c, "bad_tag", "RFC 9989 4.8", "\"%.*s\" is no tag=value: receivers ignore it, or all of the record", shown,
          piece->text + blank);
  else if (!is_first(c->r, at))
    FAULT(c, "duplicate_tag", "RFC 6376 3.2", "the tag %.*s stands there more than once: the record may be ignored",
          MOST_QUOTED, piece->name);
  else if (is_one_of(piece->name, "rf ri"))
    FAULT(c, "historic_tag", "RFC 9989 C.5.2", "the tag %s is historic: receivers ignore it", piece->name);
  else if (!is_one_of(piece->name, "v p sp np t psd adkim aspf rua ruf fo pct"))
    FAULT(c, "unknown_tag", "RFC 9989 4.7", "there is no tag %.*s: receivers ignore it", MOST_QUOTED, piece->name);
  else
    check_value(c, piece->name, piece->value);
}

static unsigned usable_uris(struct checking *c, const char *name) {
  struct dmarc_uri uris[MOST_DMARC_URIS];
  unsigned usable = 0, count = dmarc_record_uris(c->r, name, c->arena, uris);
  for (unsigned i = 0; i < count; i++) usable += uris[i].host != NULL;
  return usable;
}

/* RFC 9989 4.10.1: without a valid p, sp or np the record is one of p=none, or none at all. */
static void check_policies(struct checking *c) {
  static const char *const NAMES[] = {"p", "sp", "np"};
  const char *instead =
      usable_uris(c, "rua") ? "receivers take p=none" : "without a valid rua the record has no effect";
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES); i++) {
    const char *value = dmarc_record_value(c->r, NAMES[i]);
    const unsigned since = c->faults->count;
    if (value && policy_of(value) == POLICY_UNKNOWN)
      FAULT(c, "bad_policy", "RFC 9989 4.10.1", "%s=%.*s is none of none, quarantine, reject: %s", NAMES[i],
            MOST_QUOTED, value, instead);
    else if (!value && i == 0)
      FAULT(c, "missing_policy", "RFC 9989 4.10.1", "there is no p: %s", instead);
    place_faults_at(c, since, NAMES[i]);
  }
}

static void check_strength(struct checking *c) {
  enum policy p = dmarc_record_policy(c->r, "p"), sp = dmarc_record_policy(c->r, "sp");
  enum policy np = dmarc_record_policy(c->r, "np"), above = policy_or_inherited(sp, p);
  if (sp != POLICY_UNKNOWN && sp < p)
    FAULT(c, "weaker_subdomains", "RFC 9989 4.7", "sp=%s is weaker than p=%s: forgers may use any subdomain",
          policy_word(sp), policy_word(p));
  if (np != POLICY_UNKNOWN && np < above)
    FAULT(c, "weaker_subdomains", "RFC 9989 4.7",
          "np=%s is weaker than %s=%s: forgers may use any subdomain that does not exist", policy_word(np),
          above == sp ? "sp" : "p", policy_word(above));
  if (dmarc_record_is_testing(c->r))
    FAULT(c, "testing", "RFC 9989 4.7", "t=y: receivers act one level below the policy");
  if (dmarc_record_is_sampled(c->r))
    FAULT(c, "sampled", "RFC 9989 A.6",
          "pct=%s: the tag is gone, but some receivers still act on that share alone; the next record is without it",
          dmarc_record_value(c->r, "pct"));
  else if (dmarc_record_value(c->r, "pct"))
    FAULT(c, "historic_tag", "RFC 9989 A.6", "the tag pct is historic: the next record is without it");
}

static void check_addresses(struct checking *c, const char *name) {
  struct dmarc_uri uris[MOST_DMARC_URIS];
  unsigned count = dmarc_record_uris(c->r, name, c->arena, uris);
  const unsigned since = c->faults->count;
  for (unsigned i = 0; i < count; i++) {
    if (!uris[i].host)
      FAULT(c, "bad_rua", "RFC 9989 4.7", "%s: \"%.*s\" is no address that reports can be sent to: %s", name,
            MOST_QUOTED, uris[i].text, uris[i].wrong);
    if (uris[i].is_sized)
      FAULT(c, "rua_size", "RFC 9989 4.8", "%s: the size behind the \"!\" of \"%.*s\" is obsolete", name, MOST_QUOTED,
            uris[i].text);
  }
  place_faults_at(c, since, name);
}

void dmarc_record_check(const struct dmarc_record *r, struct arena *arena, struct dns_faults *faults) {
  struct checking c = {r, arena, faults};
  check_beginning(&c);
  check_bytes(&c);
  if (r->is_cut)
    FAULT(&c, "bad_tag", "RFC 9989 4.8", "the record has more than %d tags: the rest is not looked at",
          MOST_DMARC_PIECES);
  check_policies(&c); /* the gravest first */
  if (!dmarc_record_value(r, "rua"))
    FAULT(&c, "missing_rua", "RFC 9989 4.7", "there is no rua: nobody sends aggregate reports");
  check_addresses(&c, "rua");
  check_addresses(&c, "ruf");
  check_strength(&c);
  for (unsigned i = 0; i < r->count; i++) {
    const unsigned since = faults->count;
    check_piece(&c, i);
    check_separator(&c, &r->pieces[i]);
    place_faults(&c, since, &r->pieces[i]);
  }
}

/* --- the same record with another policy -------------------------------------------------------------------------- */

enum wish { WISH_KEEP, WISH_SET, WISH_REMOVE };

static enum wish wish_for(const struct dmarc_change *change, const char *name, const char **ret_value) {
  const struct {
    const char *name, *value;
    bool remove;
  } wishes[] = {{"p", change->p, false},
                {"sp", change->sp, false},
                {"np", change->np, false},
                {"t", change->testing ? "y" : NULL, !change->testing},
                {"pct", NULL, true}};
  for (unsigned i = 0; name && i < ARRAY_SIZE(wishes); i++) {
    if (strcmp(name, wishes[i].name) != 0) continue;
    *ret_value = wishes[i].value;
    return wishes[i].value ? WISH_SET : wishes[i].remove ? WISH_REMOVE : WISH_KEEP;
  }
  return WISH_KEEP;
}

/* With another value, and its blanks where they were. */
static void add_piece_with(struct strbuf *out, const struct dmarc_piece *piece, const char *value) {
  const char *end = piece->text + piece->length, *at = memchr(piece->text, '=', piece->length);
  at++;
  while (at < end && is_blank(*at)) at++;
  while (end > at && is_blank(end[-1])) end--;
  strbuf_add(out, piece->text, (size_t)(at - piece->text));
  strbuf_add_text(out, value);
  strbuf_add(out, end, (size_t)(piece->text + piece->length - end));
}

/* What the record lacks, behind its p, or behind v where it has none. */
static void add_missing(struct strbuf *out, const struct dmarc_record *r, const struct dmarc_change *change) {
  static const char *const ORDER[] = {"p", "sp", "np", "t"};
  const struct dmarc_piece *second = r->count > 1 ? &r->pieces[1] : NULL;
  const char *blank = second && second->length && !is_blank(*second->text) ? "" : " ", *value;
  for (unsigned i = 0; i < ARRAY_SIZE(ORDER); i++)
    if (!dmarc_record_value(r, ORDER[i]) && wish_for(change, ORDER[i], &value) == WISH_SET)
      strbuf_printf(out, ";%s%s=%s", blank, ORDER[i], value);
}

/* A record of printable ASCII has every piece of it as it came. */
static char *change_plain(const struct dmarc_record *r, const struct dmarc_change *change) {
  struct strbuf out = STRBUF_INIT;
  unsigned behind = 0; /* the piece that new tags follow */
  for (unsigned i = 0; i < r->count && !behind; i++)
    if (r->pieces[i].name && !strcmp(r->pieces[i].name, "p")) behind = i;
  for (unsigned i = 0; i < r->count; i++) {
    const struct dmarc_piece *piece = &r->pieces[i];
    const char *value = NULL;
    enum wish wish = wish_for(change, piece->name, &value);
    if (wish == WISH_SET && !is_first(r, i)) wish = WISH_REMOVE;
    if (wish == WISH_REMOVE) continue;
    if (i) strbuf_add_char(&out, ';');
    const size_t blank = i ? 0 : strspn(piece->text, " \t"); /* which no rule allows before v= */
    if (wish == WISH_SET)
      add_piece_with(&out, piece, value);
    else
      strbuf_add(&out, piece->text + blank, piece->length - blank);
    if (i == behind) add_missing(&out, r, change);
  }
  strbuf_add(&out, "", 0);
  return out.data;
}

/* Into `out`, without such bytes and blanks at its ends. False: some are left in its middle. */
static bool add_cleaned(struct strbuf *out, const char *text, size_t length) {
  const size_t begin = out->length;
  size_t strange, end = begin; /* behind the last character that is none of them */
  for (size_t i = 0; i < length; i += strange ? strange : 1) {
    strange = strange_byte(text + i);
    if ((strange || is_blank(text[i])) && out->length == begin) continue;
    if (strange && memchr(out->data + begin, '\\', out->length - begin)) continue;
    strbuf_add_char(out, strange ? '\\' : text[i]);
    if (!strange && !is_blank(text[i])) end = out->length;
  }
  out->length = end;
  if (out->data) out->data[end] = '\0';
  return !memchr(strbuf_text(out) + begin, '\\', end - begin);
}

/* The record in printable ASCII. Blanks that are none (U+00A0) go; a tag with such bytes in its middle is left out, as
 * nobody knows what it was to say, and rua is asked for. */
static char *cleaned(const struct dmarc_record *r) {
  struct strbuf out = STRBUF_INIT;
  for (unsigned i = 0; i < r->count; i++) {
    const struct dmarc_piece *piece = &r->pieces[i];
    const char *equals = memchr(piece->text, '=', piece->length);
    if (!equals) continue;
    const size_t begin = out.length;
    if (begin) strbuf_add_text(&out, "; ");
    const size_t name = out.length, length = (size_t)(equals - piece->text);
    bool plain = add_cleaned(&out, piece->text, length);
    const bool is_rua = plain && ascii_same(strbuf_text(&out) + name, "rua");
    strbuf_add_char(&out, '=');
    plain = add_cleaned(&out, equals + 1, piece->length - length - 1) && plain;
    if (plain) continue;
    out.length = begin;
    out.data[begin] = '\0';
    if (is_rua) strbuf_add_text(&out, "; rua=mailto:<where your reports go>");
  }
  strbuf_add(&out, "", 0);
  return out.data;
}

char *dmarc_record_plain(const struct dmarc_record *r) {
  return find_strange_byte(r->text) ? cleaned(r) : mem_strdup(r->text + strspn(r->text, " \t"));
}

char *dmarc_record_with_policy(const struct dmarc_record *r, const struct dmarc_change *change) {
  if (!find_strange_byte(r->text)) return change_plain(r, change);
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  _cleanup_free_ char *text = cleaned(r);
  struct dmarc_record plain;
  dmarc_record_parse(&plain, arena, text);
  return change_plain(&plain, change);
}
