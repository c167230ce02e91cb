/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to a domain's mail lately, as nested rows and on pages. Private to report/. */
#ifndef REPORT_INCIDENT_SECTIONS_H
#define REPORT_INCIDENT_SECTIONS_H

#include "analysis/incidents.h"
#include "table/document.h"

extern const struct table INCIDENT_TABLE;
/* The rows and their texts lie in the arena. */
struct cell incident_rows(const struct incidents *list, struct arena *arena);

/* Replays, which come before any verdict: no policy stops them. Nothing where there is none. */
void section_replays(struct document *d, const struct incidents *list);
bool has_other_incidents(const struct incidents *list);
void section_other_incidents(struct document *d, const struct incidents *list);

#endif
