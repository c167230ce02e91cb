/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the parts of a label. */
#include "cmd/label_parts.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/ip.h"
#include "base/number.h"
#include "base/utc.h"

/* --- the source --------------------------------------------------------------------------------------------------- */

/* No top-level domain is all digits (RFC 3696 2): such a name is an address that was mistyped. */
static bool ends_in_number(const char *domain) {
  const char *last = strrchr(domain, '.');
  return last && last[1 + strspn(last + 1, "0123456789")] == '\0';
}

static void set_network(const struct ip_network *network, struct arena *texts, struct label *ret) {
  char text[IP_TEXT_BYTES];
  const bool single = network->prefix_bits == network->base.size * 8u;
  ret->subject = single ? LABEL_ADDRESS : LABEL_NETWORK;
  ret->source = arena_strdup(texts, single ? ip_format(&network->base, text) : ip_network_format(network, text));
}

int label_read_source(const char *text, const struct sender_catalogue *catalogue, struct arena *texts,
                      struct label *ret, struct err *e) {
  struct ip_network network;
  if (!ip_network_parse(text, &network, NULL)) {
    set_network(&network, texts, ret);
    return 0;
  }
  const struct sender_service *service = sender_by_name(catalogue, text);
  if (service) {
    ret->subject = LABEL_SERVICE;
    ret->source = service->name;
    return 0;
  }
  _cleanup_free_ char *domain = domain_spelled(text);
  if (!domain_is_plausible(domain) || !strchr(domain, '.') || ends_in_number(domain))
    return err_set(e, ERR_USAGE, "\"%s\" is no address, no network, no service of the catalogue and no domain", domain);
  ret->subject = LABEL_DOMAIN;
  ret->source = arena_strdup(texts, domain);
  return 0;
}

static int compare_any_case(const char *a, const char *b) {
  while (*a && ascii_lower(*a) == ascii_lower(*b)) a++, b++;
  return (unsigned char)ascii_lower(*a) - (unsigned char)ascii_lower(*b);
}

int label_compare(const void *a, const void *b) {
  const struct label *x = a, *y = b;
  int order = compare_any_case(x->source, y->source);
  return order ? order : strcmp(x->domain ? x->domain : "", y->domain ? y->domain : "");
}

/* --- what stands beside the verdict ------------------------------------------------------------------------------- */

static const struct {
  const char *word;
  int32_t days;
} SPANS[] = {{"day", 1}, {"week", 7}, {"month", 30}};

int label_read_volume(const char *text, struct label_volume *ret, struct err *e) {
  const char *slash = strchr(text, '/');
  _cleanup_free_ char *digits = slash ? mem_strndup(text, (size_t)(slash - text)) : NULL;
  int64_t messages;
  if (!*text) {
    *ret = (struct label_volume){0};
    return 0;
  }
  if (slash && number_parse(digits, INT64_MAX, &messages))
    for (unsigned i = 0; i < ARRAY_SIZE(SPANS); i++)
      if (!strcmp(slash + 1, SPANS[i].word)) {
        *ret = (struct label_volume){messages, SPANS[i].days};
        return 0;
      }
  return err_set(e, ERR_USAGE, "\"%s\" is no volume: write messages a day, week or month, as 1200/week", text);
}

void label_show_volume(const struct label_volume *v, struct strbuf *out) {
  for (unsigned i = 0; i < ARRAY_SIZE(SPANS); i++)
    if (v->days == SPANS[i].days) strbuf_printf(out, "%lld/%s", (long long)v->messages, SPANS[i].word);
}

int label_read_review(const char *text, int64_t *ret_s, struct err *e) {
  int64_t s = 0;
  int code = *text ? utc_parse(text, &s, e) : 0;
  if (code < 0) return code;
  *ret_s = utc_day_begin(s);
  return 0;
}

int label_check_text(const char *what, const char *text, struct err *e) {
  if (!text || strlen(text) <= LABEL_TEXT_BYTES) return 0;
  return err_set(e, ERR_USAGE, "%s is longer than %d bytes", what, LABEL_TEXT_BYTES);
}
