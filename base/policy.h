/* SPDX-License-Identifier: Apache-2.0 */
/* What an owner asks of receivers for mail that fails (RFC 9989 4.7: p, sp, np), by strength: a larger one is stricter.
 */
#ifndef BASE_POLICY_H
#define BASE_POLICY_H

enum policy { POLICY_UNKNOWN, POLICY_NONE, POLICY_QUARANTINE, POLICY_REJECT };

/* POLICY_UNKNOWN for NULL and for what is no such word; case does not matter (RFC 5234 2.3). */
enum policy policy_of(const char *word);
const char *policy_word(enum policy p); /* NULL for POLICY_UNKNOWN */

/* What holds where a tag may be missing: sp if published, else p; np if published, else what governs subdomains. */
static inline enum policy policy_or_inherited(enum policy own, enum policy above) {
  return own == POLICY_UNKNOWN ? above : own;
}
/* What receivers apply instead while the policy is not fully in force (t=y of RFC 9989 4.7, pct of RFC 7489 6.6.4). */
static inline enum policy policy_one_lower(enum policy p) {
  return p == POLICY_REJECT ? POLICY_QUARANTINE : p == POLICY_QUARANTINE ? POLICY_NONE : p;
}

#endif
