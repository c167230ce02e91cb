/* SPDX-License-Identifier: Apache-2.0 */
/* A DMARC record as the tools that change a zone want to be told of it. */
#ifndef REPORT_RECORD_FORMS_H
#define REPORT_RECORD_FORMS_H

#include "base/mem.h"

enum record_form {
  RECORD_FOR_PEOPLE, /* _dmarc.example.com TXT "v=DMARC1; ..." */
  RECORD_ZONE,       /* a line of a zone file (RFC 1035 5.1) */
  RECORD_NSUPDATE,   /* a dynamic update (RFC 2136) as BIND's nsupdate reads it */
  RECORD_OCTODNS,    /* an entry of octoDNS' YAML */
  RECORD_DNSCONTROL, /* a line of DNSControl's dnsconfig.js */
  RECORD_TERRAFORM,  /* a resource of Terraform's provider "dns" */
};

/* Seconds that the record may be kept by those who asked for it: short, so that the way back is. */
#define RECORD_TTL_S 3600

/* The record of `domain`, for its zone, which is taken to begin at the organizational domain. Appends lines with '\n'
 * between, none behind the last. */
void record_form_add(struct strbuf *out, enum record_form form, const char *domain, const char *record);

#endif
