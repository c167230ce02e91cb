/* SPDX-License-Identifier: Apache-2.0 */
/* Lets a migration ask for identities, so that a report stored by an older program is found again. */
#include "sqlite/identities.h"

#include <string.h>

#include "base/digest.h"
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

static void report_identity(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const struct feedback_header header = {.org_name = text_of(values[0]),
                                         .policy_domain = text_of(values[1]),
                                         .report_id = text_of(values[2]),
                                         .begin_s = time_of(values[3]),
                                         .end_s = time_of(values[4])};
  uint8_t digest[FEEDBACK_DIGEST_BYTES];
  read_digest(values[5], digest);
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

int identities_register(struct db *db, struct err *e) {
  static const struct {
    const char *name;
    int arguments;
    void (*function)(sqlite3_context *, int, sqlite3_value **);
  } FUNCTIONS[] = {{"report_identity", 6, report_identity},
                   {"document_identity", 2, document_identity},
                   {"text_digest", 1, text_digest}};
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++)
    if (sqlite3_create_function(db->handle, FUNCTIONS[i].name, FUNCTIONS[i].arguments,
                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, FUNCTIONS[i].function,
                                NULL, NULL) != SQLITE_OK)
      return db_error(db, e);
  return 0;
}
