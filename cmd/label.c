/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl label: what the owner says of a source. */
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/mem.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "sender/sender.h"

static const struct column COLUMNS[] = {
    {"source", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"subject", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    {"label", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"domain", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"until", NULL, COLUMN_DAY, 0, NULL, 0},
    {"note", NULL, COLUMN_TEXT, COLUMN_WRAP, NULL, 0},
    {"made", NULL, COLUMN_TIME, COLUMN_DETAIL, NULL, 0},
};
static const struct table TABLE = {
    "dmarcctl.labels",  1, NULL, "No source is labelled. 'dmarcctl label SOURCE legitimate' labels one.", COLUMNS,
    ARRAY_SIZE(COLUMNS)};

/* Told as it is given: the last day on which the label holds. */
static struct cell last_day(int64_t until_s) {
  return cell_time(until_s == FEEDBACK_TIME_UNKNOWN ? until_s : until_s - 1);
}

static int push_label(void *user, const struct store_label *l, struct err *e) {
  struct table_sink *sink = user;
  const struct cell cells[] = {cell_text(l->source),
                               cell_text(label_subject_word(l->subject)),
                               cell_text(label_verdict_word(l->verdict)),
                               cell_text(l->domain),
                               last_day(l->until_s),
                               cell_text(l->note),
                               cell_time(l->made_s)};
  return sink->row(sink, cells, e);
}

static int list(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  (void)o;
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = store_each_label(store, push_label, sink, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

/* What the user means: an address, a network, a service of the catalogue, else a domain. */
static int read_source(const char *text, const struct sender_catalogue *catalogue, struct store_label *ret,
                       char *buffer, struct err *e) {
  struct ip_network network;
  if (!ip_network_parse(text, &network, NULL)) {
    bool single = network.prefix_bits == network.base.size * 8u;
    ret->subject = single ? LABEL_ADDRESS : LABEL_NETWORK;
    ret->source = single ? ip_format(&network.base, buffer) : ip_network_format(&network, buffer);
    return 0;
  }
  const struct sender_service *service = sender_by_name(catalogue, text);
  if (service) {
    ret->subject = LABEL_SERVICE;
    ret->source = service->name;
    return 0;
  }
  domain_normalise((char *)text);
  if (!domain_is_plausible(text) || !strchr(text, '.'))
    return err_set(e, ERR_USAGE, "\"%s\" is no address, no network, no service of the catalogue and no domain", text);
  ret->subject = LABEL_DOMAIN;
  ret->source = text;
  return 0;
}

/* All that the arguments say, before a database is opened or made for them. */
static int read_label(const struct options *o, const struct sender_catalogue *catalogue, struct store_label *ret,
                      char *buffer, struct err *e) {
  *ret = (struct store_label){.domain = o->filter.domain,
                              .until_s = o->until_given ? o->filter.until_s : FEEDBACK_TIME_UNKNOWN,
                              .note = o->note,
                              .made_s = utc_now()};
  int code = read_source(o->args[0], catalogue, ret, buffer, e);
  if (code < 0) return code;
  if (o->remove && o->arg_count > 1)
    return err_set(e, ERR_USAGE, "--remove takes back what was said of %s: leave out \"%s\"", o->args[0], o->args[1]);
  if (!o->remove && (o->arg_count < 2 || !label_verdict_parse(o->args[1], &ret->verdict)))
    return err_set(e, ERR_USAGE, "label %s as one of legitimate, forwarder, unauthorised, ignore", o->args[0]);
  return 0;
}

static int take_back(struct store *store, const struct store_label *label, struct err *e) {
  int code = store_label_remove(store, label->source, label->domain, e);
  return code ? code
              : err_set(e, ERR_NOT_FOUND, "%s has no such label: 'dmarcctl label --list' shows them", label->source);
}

static int change(const struct options *o, struct err *e) {
  _cleanup_sender_catalogue_ struct sender_catalogue *catalogue = sender_catalogue_new();
  struct store_label label;
  char buffer[IP_TEXT_BYTES];
  int code = read_label(o, catalogue, &label, buffer, e);
  if (code < 0) return code;
  struct store *store = NULL;
  bool nothing_to_take = o->remove && access(o->db, F_OK) != 0; /* refused in the words of a question */
  code = nothing_to_take ? ask_open_store(o, &store, e) : store_open(o->db, STORE_WRITE, &store, e);
  if (!code) code = o->remove ? take_back(store, &label, e) : store_label_put(store, &label, e);
  store_close(store);
  return code;
}

int verb_label(struct options *o) {
  if (o->list && (o->arg_count || o->remove))
    return talk_failure(EXIT_USAGE, "label: --list stands alone (see 'dmarcctl label --help')");
  if (o->list) return ask(o, NULL, list);
  if (!o->arg_count) return talk_failure(EXIT_USAGE, "label: SOURCE is missing (see 'dmarcctl label --help')");
  struct err e;
  int code = change(o, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}
