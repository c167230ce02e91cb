/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of answers from the DNS. It may miss at any time, and its errors are not reported. */
#ifndef LOCAL_ANSWERS_H
#define LOCAL_ANSWERS_H

#include <stdint.h>

#include "base/mem.h"
#include "local/local.h"

struct kept_answer {
  const char *name, *type;  /* "_dmarc.example.com", "TXT" */
  const char *status;       /* ok, none, failed */
  const char *const *texts; /* in the order of the answer; of "none" the name that an alias led to, if any */
  unsigned count;
  int64_t expires_s;
};

/* A handle for the two functions below and nothing else, on an existing file. It does not wait long for other
 * processes. If the file cannot be written, it only reads. */
int answers_open(const char *path, struct local **ret, struct err *e);
/* An answer that has not expired, with its texts in `arena`. False if there is none, or it could not be read. */
bool answer_get(struct local *l, const char *name, const char *type, int64_t now_s, struct arena *arena,
                struct kept_answer *ret);
/* Removes all of them, in the open transaction of a handle that writes. */
int answers_forget(struct local *l, struct err *e);
/* Adds the answers, and removes those that have expired: all of it, or nothing. */
void answers_put(struct local *l, const struct kept_answer *answers, unsigned count, int64_t now_s);

#endif
