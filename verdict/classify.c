/* SPDX-License-Identifier: Apache-2.0 */
/* Whose mail a stream is: first the owner's word, then positive evidence, then doubt; never a guess. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/utc.h"
#include "verdict/stream.h"

const char *stream_class_word(enum stream_class c) {
  static const char *const WORDS[] = {[CLASS_OWN] = "own",
                                      [CLASS_OWN_BROKEN] = "own_broken",
                                      [CLASS_LEGITIMATE] = "legitimate",
                                      [CLASS_FORWARDER] = "forwarder",
                                      [CLASS_FORWARDER_MODIFIED] = "forwarder_modified",
                                      [CLASS_UNDECIDED] = "undecided",
                                      [CLASS_SUSPICIOUS] = "suspicious",
                                      [CLASS_UNAUTHORISED] = "unauthorised",
                                      [CLASS_IGNORED] = "ignored"};
  return WORDS[c];
}

const char *stream_kind_text(enum stream_kind k) {
  static const char *const TEXTS[] = {[STREAM_SIGNED] = "own signature passes",
                                      [STREAM_SPF] = "own SPF passes",
                                      [STREAM_BROKEN] = "own signature fails",
                                      [STREAM_NOTHING] = "nothing of yours"};
  return TEXTS[k];
}

/* What one site carries of one selector. */
struct share {
  int64_t passed;
  bool own_spf; /* the owner's SPF passes there too */
};

struct presence { /* of mail without anything of the owner's, at one site */
  int32_t first_day, last_day, days_seen;
  int64_t messages, at_weekends, spf_failed;
};

struct classifying {
  struct history *h;
  const struct labels *labels;
  const struct thresholds *t;
  int64_t as_of_s;
  struct hashmap shares;    /* selector, site -> struct share */
  struct hashmap services;  /* service -> bool: has mail of the owner's that passes */
  struct hashmap sites;     /* site -> bool: home of some selector, or passes the owner's SPF */
  struct hashmap presences; /* site -> struct presence */
  struct hashmap met_on;    /* site, day -> bool: met there on that day */
  struct hashmap froms;     /* header_from -> bool: own mail was seen with it */
  struct hashmap passers;   /* source -> bool: passes the owner's mail on, signature intact */
  struct hashmap whole;     /* source, header_from -> its stream of own mail with whole signatures */
  int64_t *volumes, *most;  /* of each selector: all of it, and what its largest site carries */
  const char **largest;     /* the site that carries most of each selector */
  int64_t own_messages;     /* inside the window */
};

static void decide(struct stream *s, enum stream_class class, const char *because) {
  s->class = class;
  s->because = because;
}

/* --- who is behind it --------------------------------------------------------------------------------------------- */

static const char *printed(struct history *h, const char *before, const char *text) {
  char *joined = arena_alloc(h->arena, strlen(before) + strlen(text) + 1);
  strcpy(stpcpy(joined, before), text);
  return joined;
}

static const char *shared_text(struct history *h, const char *text) {
  bool is_new;
  const char **kept = hashmap_put(&h->text_index, text, strlen(text) + 1, &is_new);
  if (is_new) *kept = arena_strdup(h->arena, text);
  return *kept;
}

/* A service counts as one source however many addresses it has; strangers are told apart by their networks. */
static void name_site(struct history *h, struct stream *s) {
  char text[IP_TEXT_BYTES];
  struct ip_network network = ip_network_of(&s->ip);
  if (s->ip.size)
    ip_network_format(&network, text);
  else
    snprintf(text, sizeof text, "%.60s", *s->source ? s->source : "unknown");
  s->site = shared_text(h, s->service ? s->service->name : text);
  if (!s->evidence) s->evidence = printed(h, "network ", text);
}

/* --- homes -------------------------------------------------------------------------------------------------------- */

struct share_key {
  const char *site;
  uint64_t selector;
};

static void gather_shares(struct classifying *c) {
  for (uint32_t i = 0; i < c->h->stream_count; i++) {
    const struct stream *s = &c->h->streams[i];
    for (uint32_t j = 0; j < s->selector_count; j++) {
      const struct share_key key = {s->site, s->selectors[j].selector};
      if (!s->selectors[j].passed) continue; /* a signature that verifies is the owner's, aligned or not */
      struct share *share = hashmap_put(&c->shares, &key, sizeof key, NULL);
      share->passed += s->selectors[j].passed;
      if (s->spf_passed > 0) share->own_spf = true;
      c->volumes[key.selector] += s->selectors[j].passed;
    }
  }
  for (uint32_t i = 0; i < c->shares.count; i++) {
    const struct share_key *key = hashmap_key_at(&c->shares, i, NULL);
    const struct share *share = hashmap_value_at(&c->shares, i);
    int64_t *most = &c->most[key->selector];
    if (share->passed <= *most) continue;
    *most = share->passed;
    c->largest[key->selector] = key->site;
  }
}

static bool is_service_of(const struct stream *s, const char *kind) {
  return s->service && !strcmp(s->service->kind, kind);
}
static bool passes_mail_on(const struct stream *s) { return is_service_of(s, "forwarder") || is_service_of(s, "list"); }
static bool sends_for_others(const struct stream *s) {
  return s->service && s->service->sends_for_others && !passes_mail_on(s);
}

/* Who carries selectors of several sites passes mail on. Mail of one site may bear several signatures; but a stranger's
 * identity beside them is what a forwarder adds. */
static bool looks_passed_on(const struct classifying *c, const struct stream *s) {
  const char *first = NULL;
  if (s->selector_count > 1 && s->identity && !sends_for_others(s)) return true;
  for (uint32_t i = 0; i < s->selector_count; i++) {
    const char *site = c->largest[s->selectors[i].selector];
    if (first && site && site != first) return true;
    if (site) first = site;
  }
  return false;
}

static bool is_home(const struct classifying *c, const struct stream *s, uint32_t selector) {
  const struct share_key key = {s->site, selector};
  const struct share *share = hashmap_get(&c->shares, &key, sizeof key);
  if (!share || !share->passed) return false;
  if (share->own_spf) return true;
  double least = looks_passed_on(c, s) ? c->t->home_share : c->t->forwarder_share;
  return (double)share->passed >= least * (double)c->volumes[selector];
}

static bool is_home_of_any(const struct classifying *c, const struct stream *s) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (is_home(c, s, s->selectors[i].selector)) return true;
  return false;
}

static bool has_own(const struct hashmap *map, const void *pointer) {
  return pointer && hashmap_get(map, &pointer, sizeof pointer) != NULL;
}
static void mark_own(struct hashmap *map, const void *pointer) {
  if (pointer) hashmap_put(map, &pointer, sizeof pointer, NULL);
}

/* --- presence of strangers ---------------------------------------------------------------------------------------- */

/* 1970-01-01 was a Thursday. */
static bool is_weekend(int32_t day) { return utc_weekday(day) >= 5; }

/* On days that lie apart: one run is in reports of two days where reporters begin theirs at different hours. */
static bool is_met_again(const struct classifying *c, const struct stream *s) {
  return s->day_count && s->days[s->day_count - 1].day - s->days[0].day >= c->t->met_again_days;
}

static void gather_presences(struct classifying *c) {
  for (uint32_t i = 0; i < c->h->stream_count; i++) {
    const struct stream *s = &c->h->streams[i];
    if (s->kind != STREAM_NOTHING && s->kind != STREAM_BROKEN) continue;
    if (!is_met_again(c, s)) continue; /* a host that nobody meets twice has no habit, whatever its neighbours do */
    bool is_new;
    struct presence *p = hashmap_put(&c->presences, &s->site, sizeof s->site, &is_new);
    if (is_new) *p = (struct presence){.first_day = INT32_MAX, .last_day = INT32_MIN};
    for (uint32_t d = 0; d < s->day_count; d++) {
      int32_t day = s->days[d].day;
      const struct {
        const char *site;
        int64_t day;
      } key = {s->site, day};
      bool is_first;
      hashmap_put(&c->met_on, &key, sizeof key, &is_first);
      if (is_first) p->days_seen++; /* once, however many hosts of the site were met on it */
      if (day < p->first_day) p->first_day = day;
      if (day > p->last_day) p->last_day = day;
      if (is_weekend(day)) p->at_weekends += s->days[d].messages;
      p->messages += s->days[d].messages;
    }
    p->spf_failed += s->spf_failed;
  }
}

static bool comes_back(const struct classifying *c, struct stream *s) {
  const struct presence *p = hashmap_get(&c->presences, &s->site, sizeof s->site);
  if (!p || !is_met_again(c, s) || p->days_seen < c->t->habit_days ||
      p->last_day - p->first_day < c->t->habit_span_days)
    return false;
  bool working_weeks = (double)p->at_weekends < c->t->weekend_share * (double)p->messages;
  s->habit = working_weeks;
  /* A forger takes the owner's name for the envelope too, and works at weekends. */
  return working_weeks || (double)p->spf_failed < c->t->forged_spf_share * (double)p->messages;
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static bool label_matches(const struct store_label *l, const struct history *h, const struct stream *s,
                          int64_t as_of_s) {
  if (l->domain && strcmp(l->domain, h->domain) != 0) return false;
  if (l->until_s != FEEDBACK_TIME_UNKNOWN && l->until_s <= as_of_s) return false;
  struct ip_network network;
  switch (l->subject) {
    case LABEL_ADDRESS:
    case LABEL_NETWORK:
      return !ip_network_parse(l->source, &network, NULL) && ip_network_contains(&network, &s->ip);
    case LABEL_SERVICE:
      return s->service && ascii_same(s->service->name, l->source);
    case LABEL_DOMAIN:
      return s->identity && domain_is_within(s->identity, l->source);
  }
  return false;
}

/* How narrow a label is: for one domain before for all, address before network before service and domain, a long prefix
 * or name before a short one. */
static unsigned narrowness(const struct store_label *l) {
  struct ip_network network = {0};
  unsigned detail = (unsigned)strlen(l->source) & 0xff;
  if (l->subject == LABEL_NETWORK && !ip_network_parse(l->source, &network, NULL)) detail = network.prefix_bits;
  return (l->domain ? 1u << 16 : 0) + (LABEL_SUBJECTS - (unsigned)l->subject) * 256 + detail;
}

/* The narrowest label wins. */
static const struct store_label *label_of(const struct classifying *c, const struct stream *s) {
  const struct store_label *best = NULL;
  for (uint32_t i = 0; i < c->labels->count; i++) {
    const struct store_label *l = &c->labels->items[i];
    if (label_matches(l, c->h, s, c->as_of_s) && (!best || narrowness(l) > narrowness(best))) best = l;
  }
  return best;
}

static bool decide_by_label(struct classifying *c, struct stream *s) {
  s->label = label_of(c, s);
  if (!s->label) return false;
  bool owners = s->kind == STREAM_SIGNED || s->kind == STREAM_SPF;
  switch (s->label->verdict) {
    case LABEL_LEGITIMATE:
      decide(s, owners ? CLASS_OWN : CLASS_LEGITIMATE, "labelled legitimate by the owner");
      return true;
    case LABEL_FORWARDER:
      decide(s, CLASS_FORWARDER, "labelled a forwarder by the owner");
      return true;
    case LABEL_UNAUTHORISED:
      decide(s, CLASS_UNAUTHORISED, "labelled unauthorised by the owner");
      return true;
    case LABEL_IGNORE:
      decide(s, CLASS_IGNORED, "ignored by the owner's label");
      return true;
  }
  return false;
}

/* --- classes ------------------------------------------------------------------------------------------------------ */

static void classify_authenticated(struct classifying *c, struct stream *s) {
  if (s->kind == STREAM_SPF) {
    decide(s, CLASS_OWN, "the owner's SPF passes");
  } else if (s->spf_passed > 0) {
    decide(s, CLASS_OWN, "the owner's signature and SPF pass");
  } else if (!passes_mail_on(s) && is_home_of_any(c, s)) {
    decide(s, CLASS_OWN, "a home of the signature's selector");
  } else if (s->spf_failed > 0) {
    decide(s, CLASS_FORWARDER, "the signature survives, SPF does not");
  } else {
    decide(s, CLASS_FORWARDER, "the signature is small here against its home");
  }
}

/* How many of the stream's selectors have passed somewhere: forgers make theirs up. */
static unsigned real_selectors(const struct classifying *c, const struct stream *s) {
  unsigned n = 0;
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (c->volumes[s->selectors[i].selector] > 0) n++;
  return n;
}

/* One reporter's word is enough: not all of them look at ARC or know their lists. */
static bool says_forwarded(const struct classifying *c, const struct stream *s) {
  return s->forwarded > 0 && (double)s->forwarded >= c->t->forwarded_word_share * (double)s->messages;
}

static void classify_stranger(struct classifying *c, struct stream *s) {
  bool invented = s->header_from && strcmp(s->header_from, c->h->domain) != 0 && !has_own(&c->froms, s->header_from);
  if (says_forwarded(c, s))
    decide(s, CLASS_FORWARDER, "the reporter says it was forwarded");
  else if (invented)
    decide(s, CLASS_SUSPICIOUS, "a subdomain that no mail of the owner's uses");
  else if (sends_for_others(s))
    decide(s, CLASS_UNDECIDED, "a service that sends for others, without anything of the owner's");
  else if (passes_mail_on(s))
    decide(s, CLASS_FORWARDER_MODIFIED, "a host that passes mail on");
  else if (comes_back(c, s))
    decide(s, CLASS_UNDECIDED, "nothing of the owner's, but it comes back day after day");
  else
    decide(s, CLASS_SUSPICIOUS, "nothing of the owner's, and no habit");
}

static bool is_small_part(const struct classifying *c, const struct stream *s) {
  return (double)s->messages <= c->t->modified_share * (double)c->own_messages;
}

static void classify_broken(struct classifying *c, struct stream *s) {
  unsigned real = real_selectors(c, s);
  if (is_home_of_any(c, s) || has_own(&c->sites, s->site))
    decide(s, CLASS_OWN_BROKEN, "the owner's signature fails where it is at home");
  else if (has_own(&c->services, s->service))
    decide(s, CLASS_OWN_BROKEN, "the owner's signature fails at a service in use");
  else if (says_forwarded(c, s))
    decide(s, CLASS_FORWARDER, "the reporter says it was forwarded");
  else if (hashmap_get(&c->passers, &s->source, sizeof s->source) && real)
    decide(s, CLASS_FORWARDER_MODIFIED, "passes the owner's mail on, and breaks some of it");
  else if (real >= 2 && s->identity && !sends_for_others(s) && is_small_part(c, s))
    decide(s, CLASS_FORWARDER_MODIFIED, "several of the owner's signatures, broken, behind a foreign one");
  else if (real && comes_back(c, s))
    decide(s, CLASS_UNDECIDED, "a real selector of the owner's that fails: a forwarder, or forged");
  else
    classify_stranger(c, s);
}

/* Equal texts of a history are one text, so these are compared by their address. */
struct sender_key {
  const char *source, *header_from;
};

/* A handful of messages may be another customer's of a host that the owner's SPF includes: they pass, but they tell
 * nothing of the rest of what comes from there. */
static bool is_proven_by_spf(const struct classifying *c, const struct stream *s) {
  return s->spf_passed > 0 && (double)s->spf_passed >= c->t->own_spf_messages && s->day_count >= c->t->own_spf_days;
}

static void note_own(struct classifying *c, const struct stream *s, int32_t window_begin_day) {
  if (s->class != CLASS_OWN) {
    if (s->class == CLASS_FORWARDER && s->kind == STREAM_SIGNED)
      hashmap_put(&c->passers, &s->source, sizeof s->source, NULL);
    return;
  }
  if (s->kind != STREAM_SPF || is_proven_by_spf(c, s)) {
    mark_own(&c->services, s->service);
    mark_own(&c->sites, s->site);
  }
  mark_own(&c->froms, s->header_from);
  const struct sender_key key = {s->source, s->header_from};
  if (s->kind == STREAM_SIGNED) *(const struct stream **)hashmap_put(&c->whole, &key, sizeof key, NULL) = s;
  for (uint32_t d = 0; d < s->day_count; d++)
    if (s->days[d].day >= window_begin_day) c->own_messages += s->days[d].messages;
}

static int32_t last_day(const struct stream *s) { return s->day_count ? s->days[s->day_count - 1].day : INT32_MIN; }

static bool has_passed(const struct stream *s, uint32_t selector) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (s->selectors[i].selector == selector) return s->selectors[i].passed > 0;
  return false;
}

/* On how many days of the last run of `broken` the other stream was there too. */
static unsigned shared_days(const struct classifying *c, const struct stream *broken, const struct stream *whole,
                            unsigned *ret_run_days) {
  unsigned shared = 0, days = 0;
  uint32_t at = 0;
  for (uint32_t i = 0; i < broken->day_count; i++) {
    int32_t day = broken->days[i].day;
    if (day <= last_day(broken) - (int32_t)c->t->run_days) continue;
    days++;
    while (at < whole->day_count && whole->days[at].day < day) at++;
    if (at < whole->day_count && whole->days[at].day == day) shared++;
  }
  *ret_run_days = days;
  return shared;
}

/* The same host, the same selectors: broken then and whole since. Where whole mail ran beside it, the broken mail was
 * another program's, and nothing tells that it was mended. */
static bool is_repaired(const struct classifying *c, const struct stream *s) {
  const struct sender_key key = {s->source, s->header_from};
  const struct stream **found = hashmap_get(&c->whole, &key, sizeof key);
  if (s->class != CLASS_OWN_BROKEN || !found || last_day(*found) <= last_day(s)) return false;
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (!has_passed(*found, s->selectors[i].selector)) return false;
  unsigned days, shared = shared_days(c, s, *found, &days);
  return shared < c->t->mended_overlap_share * days;
}

static void measure_window(const struct classifying *c, struct stream *s, int32_t begin, int32_t end) {
  int32_t last = last_day(s);
  s->window_messages = s->window_passed = 0;
  bool counts = stream_is_own(s) || s->class == CLASS_UNDECIDED;
  s->dormant = counts && last < begin && (double)last >= end - c->t->memory_days && !is_repaired(c, s);
  /* A dormant stream is judged by its last run. */
  int32_t from = s->dormant ? last - (int32_t)c->t->run_days + 1 : begin, to = s->dormant ? last : end;
  for (uint32_t d = 0; d < s->day_count; d++) {
    if (s->days[d].day < from || s->days[d].day > to) continue;
    s->window_messages += s->days[d].messages;
    s->window_passed += s->days[d].passed;
  }
}

void classify(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
              int32_t newest_day, int32_t window_begin_day) {
  struct classifying c = {.h = h, .labels = labels, .t = t, .as_of_s = as_of_s};
  hashmap_init(&c.shares, sizeof(struct share));
  hashmap_init(&c.services, sizeof(bool));
  hashmap_init(&c.sites, sizeof(bool));
  hashmap_init(&c.presences, sizeof(struct presence));
  hashmap_init(&c.froms, sizeof(bool));
  hashmap_init(&c.passers, sizeof(bool));
  hashmap_init(&c.met_on, sizeof(bool));
  hashmap_init(&c.whole, sizeof(struct stream *));
  c.volumes = mem_zalloc(h->selector_count * sizeof *c.volumes);
  c.most = mem_zalloc(h->selector_count * sizeof *c.most);
  c.largest = mem_zalloc(h->selector_count * sizeof *c.largest);
  for (uint32_t i = 0; i < h->stream_count; i++) name_site(h, &h->streams[i]);
  gather_shares(&c);
  gather_presences(&c);
  /* First what passes, which tells where the owner is at home; then what does not. */
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < h->stream_count; i++) {
      struct stream *s = &h->streams[i];
      bool authenticated = s->kind == STREAM_SIGNED || s->kind == STREAM_SPF;
      if (authenticated != (pass == 0)) continue;
      if (!decide_by_label(&c, s)) {
        if (authenticated)
          classify_authenticated(&c, s);
        else if (s->kind == STREAM_BROKEN)
          classify_broken(&c, s);
        else
          classify_stranger(&c, s);
      }
      if (pass == 0) note_own(&c, s, window_begin_day);
    }
  for (uint32_t i = 0; i < h->stream_count; i++) measure_window(&c, &h->streams[i], window_begin_day, newest_day);
  hashmap_clear(&c.shares);
  hashmap_clear(&c.services);
  hashmap_clear(&c.sites);
  hashmap_clear(&c.presences);
  hashmap_clear(&c.froms);
  hashmap_clear(&c.passers);
  hashmap_clear(&c.met_on);
  hashmap_clear(&c.whole);
  free(c.volumes);
  free(c.most);
  free(c.largest);
}
