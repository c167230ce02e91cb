/* SPDX-License-Identifier: Apache-2.0 */
/* Tells which names may stand in a command that is printed. */
#include "base/command_word.h"

#include <string.h>

bool command_word_is_plain(const char *text) {
  static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/+-";
  return *text && *text != '-' && !text[strspn(text, PLAIN)];
}

/* '!' as well: in an interactive shell it stands for an earlier command even there. */
bool command_word_is_quotable(const char *text) {
  if (!*text || *text == '-') return false;
  for (; *text; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f || strchr("\"\\$`!", *text)) return false;
  return true;
}

const char *command_domain(const char *domain) { return command_word_is_plain(domain) ? domain : "DOMAIN"; }
