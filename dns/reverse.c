/* SPDX-License-Identifier: Apache-2.0 */
/* From an address to its names and back. Anybody may give his own address any name: what does not lead back is none. */
#include "dns/reverse.h"

#include <stdio.h>
#include <string.h>

const char *dns_reverse_name(const struct ip_addr *ip, char buffer[REVERSE_NAME_BYTES]) {
  char *at = buffer;
  *at = '\0';
  for (int i = ip->size - 1; i >= 0; i--) {
    unsigned byte = ip->bytes[i];
    at += ip->size == 4 ? sprintf(at, "%u.", byte) : sprintf(at, "%x.%x.", byte & 15, byte >> 4);
  }
  if (ip->size) strcpy(at, ip->size == 4 ? "in-addr.arpa" : "ip6.arpa");
  return buffer;
}

static enum dns_name_state leads_back(struct dns *d, const char *name, const struct ip_addr *ip) {
  const struct dns_answer *answer = dns_look(d, ip->size == 4 ? DNS_A : DNS_AAAA, name);
  if (!answer) return DNS_NAME_PENDING;
  if (answer->status == DNS_FAILED) return DNS_NAME_UNKNOWN;
  char text[IP_TEXT_BYTES];
  ip_format(ip, text);
  for (unsigned i = 0; answer->status == DNS_OK && i < answer->count; i++)
    if (!strcmp(answer->texts[i], text)) return DNS_NAME_CONFIRMED;
  return DNS_NAME_UNCONFIRMED;
}

enum dns_name_state dns_confirmed_name(struct dns *d, const struct ip_addr *ip, const char **ret) {
  char reverse[REVERSE_NAME_BYTES];
  *ret = NULL;
  if (!ip->size) return DNS_NAME_UNCONFIRMED;
  const struct dns_answer *names = dns_look(d, DNS_PTR, dns_reverse_name(ip, reverse));
  if (!names) return DNS_NAME_PENDING;
  if (names->status != DNS_OK) return names->status == DNS_NONE ? DNS_NAME_UNCONFIRMED : DNS_NAME_UNKNOWN;
  bool seen[DNS_NAME_UNKNOWN + 1] = {false};
  for (unsigned i = 0; i < names->count && i < MOST_PTR_NAMES; i++) {
    enum dns_name_state state = leads_back(d, names->texts[i], ip);
    seen[state] = true;
    if (state == DNS_NAME_CONFIRMED && (!*ret || strcmp(names->texts[i], *ret) < 0)) *ret = names->texts[i];
  }
  if (seen[DNS_NAME_PENDING]) {
    *ret = NULL;
    return DNS_NAME_PENDING;
  }
  return *ret ? DNS_NAME_CONFIRMED : seen[DNS_NAME_UNKNOWN] ? DNS_NAME_UNKNOWN : DNS_NAME_UNCONFIRMED;
}

void dns_confirmed_names(struct dns *d, const struct ip_addr *ips, unsigned count, const char **ret) {
  bool pending = true;
  for (unsigned round = 0; pending && round < 3; round++) { /* names, their addresses, the result */
    pending = false;
    for (unsigned i = 0; i < count; i++) pending |= dns_confirmed_name(d, &ips[i], &ret[i]) == DNS_NAME_PENDING;
    if (pending) dns_run(d);
  }
}
