/* SPDX-License-Identifier: Apache-2.0 */
/* Joins resolver, kept answers and the file of networks to what verdict/ asks for. */
#include "cmd/lookups.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/talk.h"
#include "dns/reverse.h"
#include "local/answers.h"

#define DNS_TIME_S 10 /* enough for some 2,000 names; who has more says more */

/* --- answers that are kept ---------------------------------------------------------------------------------------- */

static bool status_of(const char *word, enum dns_status *ret) {
  for (int s = DNS_OK; s <= DNS_FAILED; s++)
    if (!strcmp(word, dns_status_word((enum dns_status)s))) {
      *ret = (enum dns_status)s;
      return true;
    }
  return false;
}

static bool get_answer(void *user, enum dns_type type, const char *name, struct arena *arena, struct dns_answer *ret) {
  struct lookups *l = user;
  struct kept_answer kept;
  struct dns_answer answer = {0};
  if (!answer_get(l->answers, name, dns_type_word(type), utc_now(), arena, &kept)) return false;
  if (!status_of(kept.status, &answer.status)) return false;
  answer.texts = kept.texts;
  answer.count = kept.count;
  answer.expires_s = kept.expires_s;
  *ret = answer;
  return true;
}

static void put_answers(void *user, const struct dns_entry *entries, unsigned count) {
  struct lookups *l = user;
  struct kept_answer *answers = mem_alloc(count * sizeof *answers);
  for (unsigned i = 0; i < count; i++)
    answers[i] = (struct kept_answer){.name = entries[i].name,
                                      .type = dns_type_word(entries[i].type),
                                      .status = dns_status_word(entries[i].answer.status),
                                      .texts = entries[i].answer.texts,
                                      .count = entries[i].answer.count,
                                      .expires_s = entries[i].answer.expires_s};
  answers_put(l->answers, answers, count, utc_now());
  free(answers);
}

/* --- what verdict/ asks for --------------------------------------------------------------------------------------- */

static int find_network(void *user, const struct ip_addr *ip, struct origin *ret, struct err *e) {
  struct lookups *l = user;
  struct asn asn;
  int found = asn_find(l->asn, ip, &asn, e);
  if (found <= 0) return found;
  ret->asn = asn.number;
  ret->organization = asn.organization;
  memcpy(ret->country, asn.country, sizeof ret->country);
  return 0;
}

static int find_names(void *user, const struct ip_addr *ips, unsigned count, const char **ret, struct err *e) {
  (void)e;
  struct lookups *l = user;
  dns_confirmed_names(l->dns, ips, count, ret);
  return 0;
}

static void note_left_out(void *user, const char *domain, uint64_t addresses) {
  (void)domain;
  struct lookups *l = user;
  l->left_out += addresses;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int open_dns(struct lookups *l, const struct options *o, struct err *e) {
  struct dns_options options = {
      .server = o->judgement.dns_server,
      .time_ms = (int64_t)(o->judgement.dns_timeout_s ? o->judgement.dns_timeout_s : DNS_TIME_S) * 1000};
  if (answers_open(o->common.db, &l->answers, NULL) == 0)
    options.cache = (struct dns_cache){get_answer, put_answers, l};
  l->origins.names = find_names;
  l->origins.left_out = note_left_out;
  int code = dns_open(&options, &l->dns, e);
  return code == ERR_USAGE ? err_prefix(e, code, "--dns-server") : code;
}

int lookups_open(struct lookups *l, const struct options *o, struct err *e) {
  *l = (struct lookups){.quiet = o->common.quiet};
  l->origins.user = l;
  bool server_given = options_given(o, "dns-server");
  if (!o->judgement.dns && (server_given || options_given(o, "dns-timeout")))
    return err_set(e, ERR_USAGE, "--%s goes with --dns", server_given ? "dns-server" : "dns-timeout");
  int code = o->judgement.asn_db ? asn_open(o->judgement.asn_db, &l->asn, e) : 0;
  if (l->asn) l->origins.network = find_network;
  return !code && o->judgement.dns ? open_dns(l, o, e) : code;
}

const struct origin_lookup *lookups_origins(const struct lookups *l) {
  return l->origins.network || l->origins.names ? &l->origins : NULL;
}

/* --- closing ------------------------------------------------------------------------------------------------------ */

static void tell_dns(const struct lookups *l) {
  struct dns_counts n;
  dns_count(l->dns, &n);
  if (n.unanswered)
    talk(
        "%llu questions to the DNS were not answered in time: what rests on them is unknown; ask again, or give "
        "--dns-timeout more seconds (answers so far are kept)",
        (unsigned long long)n.unanswered);
  if (n.failed)
    talk("%llu of %llu questions to the DNS failed: what rests on them is unknown", (unsigned long long)n.failed,
         (unsigned long long)n.asked);
  if (l->left_out)
    talk("the names of %llu addresses with little mail were not asked for: %d a domain are",
         (unsigned long long)l->left_out, MOST_NAMED_ADDRESSES);
}

void lookups_clear(struct lookups *l) {
  if (l->dns && !l->quiet) tell_dns(l);
  dns_close(l->dns);
  asn_close(l->asn);
  local_close(l->answers);
  *l = (struct lookups){0};
}
