/* SPDX-License-Identifier: Apache-2.0 */
/* Lets a migration ask for identities, so that a report stored by an older program is found again, and for the spelling
 * of domains. */
#include "sqlite/identities.h"

#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/domain.h"
#include "base/identity.h"
#include "sqlite/db.h"

static const char *text_of(sqlite3_value *v) { return (const char *)sqlite3_value_text(v); }

static int64_t time_of(sqlite3_value *v) {
  return sqlite3_value_type(v) == SQLITE_NULL ? FEEDBACK_TIME_UNKNOWN : sqlite3_value_int64(v);
}

static void read_digest(sqlite3_value *v, uint8_t ret[FEEDBACK_DIGEST_BYTES]) {
  const void *bytes = sqlite3_value_blob(v);
  memset(ret, 0, FEEDBACK_DIGEST_BYTES);
  if (bytes && sqlite3_value_bytes(v) == FEEDBACK_DIGEST_BYTES) memcpy(ret, bytes, FEEDBACK_DIGEST_BYTES);
}

/* As version 4 spelled it: the reporter is its name alone, letter by letter. */
static void report_identity_4(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const int64_t begin_s = time_of(values[3]), end_s = time_of(values[4]);
  uint8_t digest[FEEDBACK_DIGEST_BYTES], identity[FEEDBACK_DIGEST_BYTES];
  struct digest d;
  digest_init(&d);
  read_digest(values[5], digest);
  for (int i = 0; i < 3; i++) digest_text(&d, text_of(values[i]));
  digest_number(&d, begin_s);
  digest_number(&d, end_s);
  bool is_named = text_of(values[2]) && begin_s != FEEDBACK_TIME_UNKNOWN && end_s != FEEDBACK_TIME_UNKNOWN;
  if (!is_named) digest_bytes(&d, digest, sizeof digest);
  digest_finish(&d, identity);
  sqlite3_result_blob(context, identity, sizeof identity, SQLITE_TRANSIENT);
}

static void report_identity(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const struct feedback_header header = {.org_name = text_of(values[0]),
                                         .email = text_of(values[1]),
                                         .policy_domain = text_of(values[2]),
                                         .report_id = text_of(values[3]),
                                         .begin_s = time_of(values[4]),
                                         .end_s = time_of(values[5])};
  uint8_t digest[FEEDBACK_DIGEST_BYTES];
  read_digest(values[6], digest);
  struct identity identity = identity_of_report(&header, digest);
  sqlite3_result_blob(context, identity.bytes, IDENTITY_BYTES, SQLITE_TRANSIENT);
}

static void document_identity(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  uint8_t digest[FEEDBACK_DIGEST_BYTES];
  read_digest(values[1], digest);
  struct identity identity = identity_of_document(text_of(values[0]), digest);
  sqlite3_result_blob(context, identity.bytes, IDENTITY_BYTES, SQLITE_TRANSIENT);
}

/* As version 3 wrote it where a document had no content. */
static void text_digest(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const char *text = text_of(values[0]);
  uint8_t digest[FEEDBACK_DIGEST_BYTES];
  struct digest d;
  digest_init(&d);
  if (text) digest_bytes(&d, text, strlen(text));
  digest_finish(&d, digest);
  sqlite3_result_blob(context, digest, sizeof digest, SQLITE_TRANSIENT);
}

static void domain_spelling(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  _cleanup_free_ char *name = mem_strdup(text_of(values[0]));
  _cleanup_free_ char *spelled = name ? domain_spell(name) : NULL;
  if (spelled) sqlite3_result_text(context, spelled, -1, SQLITE_TRANSIENT);
}

/* A migration asks for so few that nothing has to be remembered between them. */
static void alignment(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const char *identifier = text_of(values[0]), *from = text_of(values[1]);
  if (!identifier || !from) return;
  struct organization_cache *cache = organization_cache_new();
  sqlite3_result_int(context,
                     (int)alignment_grade(cache, domain_of_address(identifier), domain_of_address(from), NULL));
  organization_cache_free(cache);
}

int identities_register(struct db *db, struct err *e) {
  static const struct {
    const char *name;
    int arguments;
    void (*function)(sqlite3_context *, int, sqlite3_value **);
  } FUNCTIONS[] = {{"report_identity", 6, report_identity_4},   {"report_identity", 7, report_identity},
                   {"document_identity", 2, document_identity}, {"text_digest", 1, text_digest},
                   {"domain_spelling", 1, domain_spelling},     {"alignment", 2, alignment}};
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++)
    if (sqlite3_create_function(db->handle, FUNCTIONS[i].name, FUNCTIONS[i].arguments,
                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, FUNCTIONS[i].function,
                                NULL, NULL) != SQLITE_OK)
      return db_error(db, e);
  return 0;
}
