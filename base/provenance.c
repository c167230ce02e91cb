/* SPDX-License-Identifier: Apache-2.0 */
/* The domains that reporters' mail comes from, and what a report's mail and file name prove. */
#include "base/provenance.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "base/reporter.h"
#include "base/utc.h"

/* --- the table ---------------------------------------------------------------------------------------------------- */

#define MOST_NAMES 6
#define MOST_DOMAINS 5
#define ANY_RECEIVER "*" /* it receives for domains of its customers', or of more names than anybody lists */

/* A reporter whose name alone does not say where its mail comes from, or whose customers' mail comes from its domain.
 */
struct binding {
  const char *names[MOST_NAMES];       /* org_name, in any case */
  const char *carriers[MOST_DOMAINS];  /* From: domains of its reports' mail, with all below */
  const char *receivers[MOST_DOMAINS]; /* in the names of its files: beside names and carriers, with all below */
};

/* Reports seen in the wild, and what reporters document, by name. One that is not certain has no place here: what no
 * row names is judged by its own e-mail address, and a wrong row calls an honest reporter a liar. */
static const struct binding BINDINGS[] = {
    {{"AMAZON-SES", "amazonses.com"}, {"amazonses.com"}, {"amazonses.com"}},
    {{"AOL", "aol.com"}, {"abuse.aol.com", "yahooinc.com", "dmarc.yahoo.com"}, {"aol.com"}},
    {{"cisco.com"}, {"cisco.com"}, {NULL}},
    {{"comcast.net", "Comcast"}, {"alerts.comcast.net"}, {"comcast.net"}},
    {{"docomo.ne.jp"}, {"dmarc25.jp"}, {"docomo.ne.jp"}},
    {{"emailsrvr.com"}, {"emailsrvr.com"}, {NULL}},
    {{"Fastmail Pty Ltd", "Fastmail"}, {"fastmaildmarc.com"}, {"fastmail.com", "messagingengine.com"}},
    {{"GMX", "gmx.net"}, {"sicher.gmx.net"}, {"gmx.net"}},
    {{"google.com", "Google", "Google, Inc.", "Google Inc."}, {"google.com"}, {"gmail.com"}},
    {{"infomaniak.com", "Infomaniak"}, {"infomaniak.com"}, {"infomaniak.ch", "ik.me"}},
    {{"kddi.com"}, {"kddi.com"}, {NULL}},
    {{"LinkedIn", "linkedin.com"}, {"linkedin.com"}, {NULL}},
    {{"Mail.Ru"}, {"corp.mail.ru"}, {"mail.ru", "bk.ru", "inbox.ru", "internet.ru", "list.ru"}},
    {{"Mimecast", "mimecast.org"}, {"mimecastreport.com", "mimecast.com"}, {"mimecast.org"}},
    {{"Outlook.com", "Enterprise Outlook", "Microsoft Corp.", "Microsoft", "protection.outlook.com"},
     {"microsoft.com"},
     {"outlook.com", "hotmail.com", "live.com", "msn.com"}},
    {{"seznam.cz a.s.", "seznam.cz"}, {"seznam.cz"}, {"email.cz", "post.cz"}},
    {{"Soverin"}, {"soverin.net"}, {NULL}},
    {{"WEB.DE"}, {"sicher.web.de"}, {"web.de"}},
    {{"Yahoo", "Yahoo! Inc.", "Yahoo Inc.", "yahoo.com", "ymail.com"},
     {"yahooinc.com", "yahoo-inc.com", "dmarc.yahoo.com"},
     {ANY_RECEIVER}},
    {{"zoho.com", "Zoho"}, {"zoho.com", "zoho.eu", "zoho.in"}, {"zohomail.com"}},
};

/* Anybody can have a mailbox there: mail from it proves nobody's reports, but those of a row that names it. */
static const char *const MAILBOX_DOMAINS[] = {
    "126.com",     "163.com",   "aol.com",        "bk.ru",          "comcast.net",    "fastmail.com", "gmail.com",
    "gmx.com",     "gmx.de",    "gmx.net",        "googlemail.com", "hotmail.com",    "icloud.com",   "inbox.ru",
    "list.ru",     "live.com",  "mac.com",        "mail.com",       "mail.ru",        "me.com",       "msn.com",
    "outlook.com", "proton.me", "protonmail.com", "qq.com",         "rocketmail.com", "seznam.cz",    "t-online.de",
    "web.de",      "yahoo.com", "yandex.com",     "yandex.ru",      "ymail.com",      "zoho.com",     "zohomail.com",
};

static bool is_one_of(const char *const *list, size_t size, const char *name) {
  for (size_t i = 0; i < size && list[i]; i++)
    if (ascii_same(list[i], name)) return true;
  return false;
}

static bool is_within_one_of(const char *const *list, size_t size, const char *name) {
  for (size_t i = 0; i < size && list[i]; i++)
    if (domain_is_within(name, list[i])) return true;
  return false;
}

static const struct binding *binding_of(const char *org_name) {
  for (size_t i = 0; org_name && i < ARRAY_SIZE(BINDINGS); i++)
    if (is_one_of(BINDINGS[i].names, MOST_NAMES, org_name)) return &BINDINGS[i];
  return NULL;
}

/* --- one report --------------------------------------------------------------------------------------------------- */

/* The domain of an e-mail address as reports write it: in brackets, in any case, or missing. */
static char *email_domain(const char *email) {
  const char *at = email ? strrchr(email, '@') : NULL;
  if (!at) return NULL;
  _cleanup_free_ char *raw = mem_strndup(at + 1, strcspn(at + 1, "> \t"));
  char *spelled = domain_spelled(raw);
  if (domain_is_plausible(spelled)) return spelled;
  free(spelled);
  return NULL;
}

/* What a report says of its reporter: names that are domains, NULL where they are none. */
struct claims {
  const struct binding *binding;
  char *org, *email;
};

static void claims_clear(struct claims *c) {
  free(c->org);
  free(c->email);
}

static void read_claims(const struct feedback_header *h, struct claims *ret) {
  *ret = (struct claims){.binding = binding_of(h->org_name), .email = email_domain(h->email)};
  char *org = h->org_name && strchr(h->org_name, '.') ? domain_spelled(h->org_name) : NULL;
  if (org && domain_is_plausible(org) && org[strspn(org, "0123456789.")])
    ret->org = org;
  else
    free(org);
}

static bool is_same_organization(const char *a, const char *b) {
  return a && b && !strcmp(domain_organizational(a), domain_organizational(b));
}

/* May mail from the domain carry a report that claims so? The address has a say where the name has none. */
static bool may_carry(const struct claims *c, const char *carrier) {
  if (c->binding) return is_within_one_of(c->binding->carriers, MOST_DOMAINS, carrier);
  if (is_one_of(MAILBOX_DOMAINS, ARRAY_SIZE(MAILBOX_DOMAINS), carrier)) return false;
  return is_same_organization(c->email, carrier) || (!c->email && is_same_organization(c->org, carrier));
}

/* "receiver!policy-domain!begin!end[!unique].ext": the receiver, on the arena; NULL where it is named otherwise. */
static const char *read_submitter(const char *file_name, struct arena *arena) {
  const char *mark = file_name ? strchr(file_name, '!') : NULL, *second = mark ? strchr(mark + 1, '!') : NULL;
  if (!second || !strchr(second + 1, '!')) return NULL;
  _cleanup_free_ char *raw = mem_strndup(file_name, (size_t)(mark - file_name));
  _cleanup_free_ char *spelled = domain_spelled(raw);
  return domain_is_plausible(spelled) && strchr(spelled, '.') ? arena_strdup(arena, spelled) : NULL;
}

/* Names of organizations that are no domains are contradicted by no domain: customers' receivers stand in the names of
 * many reporters' files. */
static bool is_another(const struct claims *c, const char *submitter, const char *carrier) {
  if (!submitter) return false;
  if (c->binding)
    return !is_one_of(c->binding->receivers, MOST_DOMAINS, ANY_RECEIVER) &&
           !is_within_one_of(c->binding->carriers, MOST_DOMAINS, submitter) &&
           !is_within_one_of(c->binding->receivers, MOST_DOMAINS, submitter) &&
           !is_one_of(c->binding->names, MOST_NAMES, submitter);
  return c->org && !is_same_organization(c->org, submitter) && !is_same_organization(c->email, submitter) &&
         !is_same_organization(carrier, submitter);
}

static enum provenance judge(const struct claims *c, const struct carriage *carriage, const char *submitter) {
  switch (carriage->state) {
    case CARRIAGE_NOT_JUDGED:
      return PROVENANCE_NOT_JUDGED;
    case CARRIAGE_FAILED:
      return PROVENANCE_CONTRADICTED;
    case CARRIAGE_UNAUTHENTICATED:
      return is_another(c, submitter, NULL) ? PROVENANCE_CONTRADICTED : PROVENANCE_UNPROVEN;
    case CARRIAGE_AUTHENTICATED:
      break;
  }
  bool carries = may_carry(c, carriage->domain);
  if (is_another(c, submitter, carriage->domain) || (c->binding && !carries)) return PROVENANCE_CONTRADICTED;
  return carries ? PROVENANCE_PROVEN : PROVENANCE_UNPROVEN;
}

void provenance_judge(struct feedback_header *h, const struct carriage *carriage, const char *file_name,
                      struct arena *arena) {
  h->provenance = PROVENANCE_NOT_JUDGED;
  h->carrier = h->submitter = NULL;
  if (!carriage || carriage->state == CARRIAGE_NOT_JUDGED) return;
  _cleanup_(claims_clear) struct claims claims;
  read_claims(h, &claims);
  h->carrier = carriage->domain ? arena_strdup(arena, carriage->domain) : NULL;
  h->submitter = read_submitter(file_name, arena);
  h->provenance = judge(&claims, carriage, h->submitter);
}

const char *provenance_word(enum provenance p) {
  static const char *const WORDS[] = {
      [PROVENANCE_PROVEN] = "proven",
      [PROVENANCE_UNPROVEN] = "unproven",
      [PROVENANCE_CONTRADICTED] = "contradicted",
  };
  return (unsigned)p < ARRAY_SIZE(WORDS) ? WORDS[p] : NULL;
}

/* --- what was learned --------------------------------------------------------------------------------------------- */

struct carriers {
  struct hashmap met;  /* reporter, carrier and day */
  struct hashmap days; /* reporter and carrier -> uint32_t: on how many days */
  struct hashmap sums; /* reporter -> struct carried */
};

struct carried {
  uint32_t days; /* of all carriers, each counted */
  uint32_t own;  /* by those that need not be learned */
};

struct carriers *carriers_new(void) {
  struct carriers *c = mem_zalloc(sizeof *c);
  hashmap_init(&c->met, 0);
  hashmap_init(&c->days, sizeof(uint32_t));
  hashmap_init(&c->sums, sizeof(struct carried));
  return c;
}

void carriers_free(struct carriers *c) {
  if (!c) return;
  hashmap_clear(&c->met);
  hashmap_clear(&c->days);
  hashmap_clear(&c->sums);
  free(c);
}

/* As identity_of_report tells reporters apart: by name and address's domain, in any case. */
static void spell_reporter(struct strbuf *key, const char *org_name, const char *email) {
  _cleanup_free_ char *domain = email_domain(email);
  reporter_add_name(key, org_name);
  strbuf_add_char(key, '\n');
  strbuf_add_text(key, domain ? domain : "");
  strbuf_add_char(key, '\n');
}

void carriers_add(struct carriers *c, const char *org_name, const char *email, const char *carrier, int64_t begin_s) {
  if (!carrier || begin_s == FEEDBACK_TIME_UNKNOWN) return;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  spell_reporter(&key, org_name, email);
  size_t reporter_size = key.length;
  strbuf_add_text(&key, carrier);
  size_t carrier_size = key.length;
  int32_t day = utc_day_of(begin_s);
  strbuf_add(&key, (const char *)&day, sizeof day);
  bool is_new;
  hashmap_put(&c->met, key.data, key.length, &is_new);
  if (!is_new) return;
  ++*(uint32_t *)hashmap_put(&c->days, key.data, carrier_size, NULL);
  struct carried *sum = hashmap_put(&c->sums, key.data, reporter_size, NULL);
  sum->days++;
  _cleanup_(claims_clear) struct claims claims;
  read_claims(&(struct feedback_header){.org_name = org_name, .email = email}, &claims);
  sum->own += may_carry(&claims, carrier);
}

enum provenance carriers_judge(const struct carriers *c, enum provenance stored, const char *org_name,
                               const char *email, const char *carrier) {
  if (stored != PROVENANCE_UNPROVEN || !c || !carrier) return stored;
  if (is_one_of(MAILBOX_DOMAINS, ARRAY_SIZE(MAILBOX_DOMAINS), carrier)) return stored;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  spell_reporter(&key, org_name, email);
  const struct carried *sum = hashmap_get(&c->sums, key.data, key.length);
  strbuf_add_text(&key, carrier);
  const uint32_t *days = hashmap_get(&c->days, key.data, key.length);
  if (!sum || !days || *days < CARRIER_DAYS || sum->own >= CARRIER_DAYS) return stored;
  return 3ull * *days >= 2ull * sum->days ? PROVENANCE_PROVEN : stored;
}
