/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any text as a DMARC record, as a zone file, and, line by line, as all answers that the DNS gives about a
 * domain. A record that is changed to another policy has it, and changing it twice is changing it once. */
#include "dns/published.h"
#include "dns/zone_file.h"
#include "fuzz/fuzz.h"

#define ROUNDS_MOST 100 /* a walk that takes more has no end */
#define LINES_MOST 64

static void change_policy(const char *text, struct arena *arena) {
  static const struct dmarc_change CHANGE = {.p = "reject", .sp = "quarantine"};
  struct dmarc_record before, after;
  struct dmarc_uri uris[MOST_DMARC_URIS];
  struct dns_faults faults = {.count = 0};
  dmarc_record_parse(&before, arena, text);
  dmarc_record_check(&before, arena, &faults);
  MUST(faults.count <= MOST_FAULTS);
  MUST(dmarc_record_uris(&before, "rua", arena, uris) <= MOST_DMARC_URIS);
  if (!dmarc_record_is(text) || before.is_cut) return;
  _cleanup_free_ char *changed = dmarc_record_with_policy(&before, &CHANGE);
  dmarc_record_parse(&after, arena, changed);
  MUST(dmarc_record_is(changed));
  MUST(after.is_cut || dmarc_record_policy(&after, "p") == POLICY_REJECT);
  _cleanup_free_ char *again = dmarc_record_with_policy(&after, &CHANGE);
  MUST(after.is_cut || !strcmp(changed, again));
}

/* --- a world that answers from the lines -------------------------------------------------------------------------- */

struct world {
  const char *lines[LINES_MOST];
  unsigned count, at;
};

/* One line an answer, over and over. "!" fails, "-" is nothing; else its strings stand between "|". */
static bool answer(void *user, enum dns_type type, const char *name, struct arena *arena, struct dns_answer *ret) {
  struct world *w = user;
  (void)type, (void)name;
  const char *line = w->lines[w->at++ % w->count];
  const char **texts = arena_alloc(arena, 16 * sizeof *texts);
  *ret = (struct dns_answer){.status = *line == '!' ? DNS_FAILED : DNS_NONE, .texts = texts, .expires_s = INT64_MAX};
  if (*line == '!' || *line == '-') return true;
  ret->status = DNS_OK;
  for (; line && ret->count < 16; line = strchr(line, '|')) {
    if (*line == '|') line++;
    texts[ret->count++] = arena_strndup(arena, line, strcspn(line, "|"));
  }
  return true;
}

/* Answers are printable: dns/resolver.h. */
static void split(char *text, struct world *ret) {
  for (char *p = text; *p; p++)
    if (*p != '\n' && (*p < ' ' || *p > '~')) *p = '.';
  for (char *line = strtok(text, "\n"); line && ret->count < LINES_MOST; line = strtok(NULL, "\n"))
    ret->lines[ret->count++] = line;
}

static void walk(char *text, struct arena *arena) {
  struct world world = {.count = 0};
  struct published published;
  struct err e;
  unsigned rounds = 0;
  split(text, &world);
  if (!world.count) return;
  const struct dns_options options = {.server = "127.0.0.1:9", .cache = {.get = answer, .user = &world}};
  _cleanup_dns_ struct dns *dns = NULL;
  MUST(dns_open(&options, &dns, &e) == 0);
  while (!published_look(dns, "mail.example.com", arena, &published)) {
    dns_run(dns);
    MUST(++rounds < ROUNDS_MOST);
  }
  MUST(published.spf.lookups <= MOST_SPF_LOOKUPS && published.faults.count <= MOST_FAULTS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  _cleanup_free_ char *text = fuzz_text(data, size);
  struct zone_texts texts = {.count = 0};
  struct err e = {""};
  int code = zone_file_read(text, arena, &texts, &e);
  MUST(code == 0 || *e.text);
  for (unsigned i = 0; i < texts.count; i++) change_policy(texts.items[i].text, arena);
  zone_texts_clear(&texts);
  change_policy(text, arena);
  walk(text, arena);
  return 0;
}
