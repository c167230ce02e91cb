/* SPDX-License-Identifier: Apache-2.0 */
/* Prints published records, each on a line of its own so that it can be copied. */
#include "cmd/published_page.h"

#include "base/mem.h"
#include "cmd/page.h"
#include "cmd/talk.h"

static void print_record(const struct output *out, const char *what, const char *name, const char *record) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, safe = STRBUF_INIT;
  strbuf_printf(&text, "%s %s TXT \"%s\"", what, name, record);
  talk_escape(&safe, strbuf_text(&text));
  fprintf(out->file, "%s\n", strbuf_text(&safe));
}

static void print_faults(const struct output *out, const struct dns_faults *faults) {
  for (unsigned i = 0; i < faults->count; i++) {
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "- %s (%s).", faults->items[i].detail, faults->items[i].section);
    page_print_wrapped(out, strbuf_text(&text), 2);
  }
}

static void print_dmarc(const struct output *out, const struct published *p) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
  if (p->unknown) {
    page_print_wrapped(out, "Published: not known, the DNS did not say.", 0);
    return;
  }
  strbuf_printf(&name, "_dmarc.%s", p->record ? p->record_domain : p->domain);
  if (p->record)
    print_record(out, "Published:", strbuf_text(&name), p->record);
  else
    page_print_wrapped(out, "Published: no DMARC record.", 0);
  print_faults(out, &p->faults);
}

static void print_spf(const struct output *out, const struct published *p) {
  if (p->spf.unknown)
    page_print_wrapped(out, "SPF: not known, the DNS did not say.", 0);
  else if (p->spf.record)
    print_record(out, "SPF:", p->domain, p->spf.record);
  else
    page_print_wrapped(out, "SPF: no record that counts.", 0);
  print_faults(out, &p->spf_faults);
}

void published_page_print(const struct output *out, const struct published *p) {
  if (!p) return;
  fputc('\n', out->file);
  print_dmarc(out, p);
  print_spf(out, p);
}
