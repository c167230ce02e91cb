/* SPDX-License-Identifier: Apache-2.0 */
/* Domain names; the Public Suffix List is libpsl's built-in copy, which Debian keeps current. */
#include "base/domain.h"

#include <libpsl.h>
#include <string.h>

#include "base/ascii.h"

size_t domain_normalise(char *name) {
  size_t n = 0;
  for (; name[n]; n++) name[n] = ascii_lower(name[n]);
  while (n > 0 && name[n - 1] == '.') name[--n] = '\0';
  return n;
}

/* Bytes that no name holds, beside blanks and controls. */
static const bool NOT_IN_NAMES[256] = {
    ['@'] = true, [','] = true, [';'] = true, ['<'] = true,  ['>'] = true, ['('] = true, [')'] = true,
    ['['] = true, [']'] = true, ['"'] = true, ['\\'] = true, ['/'] = true, [':'] = true, [0x7f] = true};

bool domain_is_plausible(const char *name) {
  size_t total = 0, label = 0;
  for (; name[total]; total++) {
    unsigned char c = (unsigned char)name[total];
    if (c == '.') {
      if (!label) return false;
      label = 0;
      continue;
    }
    if (c <= ' ' || NOT_IN_NAMES[c]) return false;
    if (++label > 63) return false;
  }
  return label > 0 && total <= 253;
}

bool domain_is_within(const char *name, const char *domain) {
  size_t n = strlen(name), d = strlen(domain);
  if (n < d || strcmp(name + n - d, domain) != 0) return false;
  return n == d || name[n - d - 1] == '.';
}

const char *domain_of_address(const char *name_or_address) {
  const char *at = strrchr(name_or_address, '@');
  return at ? at + 1 : name_or_address;
}

bool domain_is_public_suffix(const char *name) { return psl_is_public_suffix(psl_builtin(), name); }

const char *domain_organizational(const char *name) {
  const char *organizational = psl_registrable_domain(psl_builtin(), name);
  return organizational ? organizational : name;
}
