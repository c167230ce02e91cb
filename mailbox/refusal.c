/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of codes and words, and lengths of time as people write them. */
#include "mailbox/refusal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

bool refusal_has_code(const char *text, const char *name) {
  size_t length = strlen(name);
  for (const char *at = text; (at = strchr(at, '[')); at++)
    if (ascii_same_bytes(at + 1, name, length) && (at[1 + length] == ']' || at[1 + length] == ' ')) return true;
  return false;
}

static bool has_code_of(const char *text, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (refusal_has_code(text, names[i])) return true;
  return false;
}

/* A code says what is meant, whatever words follow: "[AUTHENTICATIONFAILED] Too many tries" is no reason to try on. */
bool refusal_is_patience(const char *text, bool of_mails) {
  static const char *const PATIENT[] = {"UNAVAILABLE", "INUSE",       "LIMIT",  "OVERQUOTA",
                                        "THROTTLED",   "LOGIN-DELAY", "IN-USE", "SYS/TEMP"};
  static const char *const FINAL[] = {"AUTHENTICATIONFAILED",
                                      "AUTHORIZATIONFAILED",
                                      "EXPIRED",
                                      "PRIVACYREQUIRED",
                                      "NOPERM",
                                      "CANNOT",
                                      "NONEXISTENT",
                                      "TRYCREATE",
                                      "ALREADYEXISTS",
                                      "CORRUPTION",
                                      "CLIENTBUG",
                                      "CONTACTADMIN",
                                      "AUTH",
                                      "SYS/PERM"};
  /* Exchange: "Request is throttled. Suggested Backoff Time: 299910 milliseconds", "Server Unavailable. 15"; Gmail:
   * "Account exceeded command or bandwidth limits", "Too many simultaneous connections"; Yahoo: "Rate limit hit". */
  static const char *const WORDS[] = {"throttl",       "backoff",   "back off",  "too many",    "try again",
                                      "later",         "temporar",  "busy",      "overload",    "rate limit",
                                      "bandwidth",     "slow down", "timed out", "unavailable", "over quota",
                                      "limit reached", "in use",    "is locked", "please wait"};
  if (has_code_of(text, PATIENT, ARRAY_SIZE(PATIENT))) return true;
  if (has_code_of(text, FINAL, ARRAY_SIZE(FINAL))) return false;
  if (!of_mails && refusal_has_code(text, "SERVERBUG")) return true;
  for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++)
    if (ascii_find(text, WORDS[i])) return true;
  return false;
}

/* Seconds of the unit that begins here, or 0. */
static double unit_s(const char *text) {
  static const struct {
    const char *word;
    double seconds;
  } UNITS[] = {{"milliseconds", 0.001},
               {"millisecond", 0.001},
               {"msec", 0.001},
               {"ms", 0.001},
               {"seconds", 1},
               {"second", 1},
               {"secs", 1},
               {"sec", 1},
               {"s", 1},
               {"minutes", 60},
               {"minute", 60},
               {"mins", 60},
               {"min", 60},
               {"hours", 3600},
               {"hour", 3600}};
  for (size_t i = 0; i < ARRAY_SIZE(UNITS); i++) {
    size_t length = strlen(UNITS[i].word);
    if (ascii_same_bytes(text, UNITS[i].word, length) && !ascii_is_letter(text[length])) return UNITS[i].seconds;
  }
  return 0;
}

double refusal_wait_s(const char *text) {
  while (*(text += strcspn(text, "0123456789"))) {
    char *behind;
    double number = (double)strtoull(text, &behind, 10);
    if (*behind == '.') behind += 1 + strspn(behind + 1, "0123456789");
    double unit = unit_s(behind + strspn(behind, " "));
    if (unit > 0) return number * unit;
    text = behind;
  }
  return 0;
}
