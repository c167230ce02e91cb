/* SPDX-License-Identifier: Apache-2.0 */
/* Domain names; the Public Suffix List is libpsl's built-in copy, which Debian keeps current, and UTS 46 is libidn2's.
 */
#include "base/domain.h"

#include <idn2.h>
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

/* A name has 253 bytes as A-labels; libidn2 is asked of nothing that is much longer than its U-labels can be. */
#define U_LABELS_BYTES 1024

/* Also collects the bits of all bytes: most names are ASCII, and one pass has to do for them. */
static size_t normalise(char *name, unsigned char *ret_bits) {
  size_t n = 0;
  unsigned char bits = 0;
  for (; name[n]; n++) {
    bits |= (unsigned char)name[n];
    name[n] = ascii_lower(name[n]);
  }
  while (n > 0 && name[n - 1] == '.') name[--n] = '\0';
  *ret_bits = bits;
  return n;
}

size_t domain_normalise(char *name) {
  unsigned char bits;
  return normalise(name, &bits);
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

/* UTS 46 would take "a, bü" for a label too. */
static bool holds_no_name(const char *text) {
  size_t n = 0;
  while ((unsigned char)text[n] > ' ' && !NOT_IN_NAMES[(unsigned char)text[n]]) n++;
  return text[n] || n > U_LABELS_BYTES;
}

static char *with_a_labels(const char *name) {
  const char *domain = domain_of_address(name);
  char *ascii = NULL;
  if (holds_no_name(domain) || idn2_to_ascii_8z(domain, &ascii, IDN2_NONTRANSITIONAL) != IDN2_OK) return NULL;
  domain_normalise(ascii);                 /* an ideographic full stop at the end is a dot now */
  bool other = strcmp(ascii, domain) != 0; /* not where the address alone is beyond ASCII */
  char *spelled = other && domain_is_plausible(ascii) ? mem_printf("%.*s%s", (int)(domain - name), name, ascii) : NULL;
  idn2_free(ascii);
  return spelled;
}

char *domain_spell(char *name) {
  unsigned char bits;
  normalise(name, &bits);
  return bits & 0x80 ? with_a_labels(name) : NULL;
}

char *domain_spelled(const char *name) {
  char *copy = mem_strdup(name), *spelled = domain_spell(copy);
  if (!spelled) return copy;
  free(copy);
  return spelled;
}

bool domain_is_public_suffix(const char *name) { return psl_is_public_suffix(psl_builtin(), name); }

const char *domain_organizational(const char *name) {
  const char *organizational = psl_registrable_domain(psl_builtin(), name);
  return organizational ? organizational : name;
}
