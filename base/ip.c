/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and networks, on top of inet_pton and inet_ntop. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t MAPPED_PREFIX[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool ip_parse(const char *text, struct ip_addr *ret) {
  struct ip_addr ip = {0};
  if (inet_pton(AF_INET, text, ip.bytes) == 1) {
    ip.size = 4;
  } else if (inet_pton(AF_INET6, text, ip.bytes) == 1) {
    ip.size = 16;
    if (!memcmp(ip.bytes, MAPPED_PREFIX, sizeof MAPPED_PREFIX)) {
      memmove(ip.bytes, ip.bytes + 12, 4);
      memset(ip.bytes + 4, 0, 12);
      ip.size = 4;
    }
  } else {
    return false;
  }
  *ret = ip;
  return true;
}

/* Of up to three digits. Returns where it ends. */
static char *put_number(unsigned n, char *at) {
  if (n >= 100) *at++ = (char)('0' + n / 100);
  if (n >= 10) *at++ = (char)('0' + n / 10 % 10);
  *at++ = (char)('0' + n % 10);
  *at = '\0';
  return at;
}

/* As inet_ntop writes it, without its way through sprintf: exports and groupings write one a row. */
static void put_ipv4(const uint8_t *bytes, char *at) {
  for (unsigned i = 0; i < 4; i++) {
    if (i) *at++ = '.';
    at = put_number(bytes[i], at);
  }
}

static char *put_hex(unsigned n, char *at) {
  static const char DIGITS[] = "0123456789abcdef";
  for (int shift = n >= 0x1000 ? 12 : n >= 0x100 ? 8 : n >= 0x10 ? 4 : 0; shift >= 0; shift -= 4)
    *at++ = DIGITS[n >> shift & 0xf];
  return at;
}

#define IPV6_WORDS 8

struct zeros {
  unsigned first, count;
};

/* The longest run of zeros, of two or more, and of equals the first (RFC 5952 4.2). */
static struct zeros longest_zeros(const unsigned *words) {
  struct zeros longest = {IPV6_WORDS, 1}, run = {0};
  for (unsigned i = 0; i < IPV6_WORDS; i++) {
    run = words[i] ? (struct zeros){i + 1, 0} : (struct zeros){run.first, run.count + 1};
    if (run.count > longest.count) longest = run;
  }
  return longest;
}

static void put_ipv6(const uint8_t *bytes, char *at) {
  unsigned words[IPV6_WORDS];
  for (unsigned i = 0; i < IPV6_WORDS; i++) words[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
  const struct zeros left_out = longest_zeros(words);
  for (unsigned i = 0; i < IPV6_WORDS; i++) {
    if (i == left_out.first) {
      *at++ = ':';
      i += left_out.count - 1;
      if (i + 1 == IPV6_WORDS) *at++ = ':';
      continue;
    }
    if (i) *at++ = ':';
    at = put_hex(words[i], at);
  }
  *at = '\0';
}

/* Those that hold an address of IPv4 have a form of their own. */
static bool may_hold_ipv4(const uint8_t *bytes) {
  static const uint8_t ZEROS[10] = {0};
  return !memcmp(bytes, ZEROS, sizeof ZEROS);
}

const char *ip_format(const struct ip_addr *ip, char *buffer) {
  buffer[0] = '\0';
  if (ip->size == 4)
    put_ipv4(ip->bytes, buffer);
  else if (ip->size && !may_hold_ipv4(ip->bytes))
    put_ipv6(ip->bytes, buffer);
  else if (ip->size)
    inet_ntop(AF_INET6, ip->bytes, buffer, IP_TEXT_BYTES);
  return buffer;
}

bool ip_is_loopback(const char *text) {
  static const uint8_t ONE[16] = {[15] = 1};
  struct ip_addr ip;
  if (!ip_parse(text, &ip)) return false;
  return ip.size == 4 ? ip.bytes[0] == 127 : !memcmp(ip.bytes, ONE, 16);
}

static void mask_host_bits(struct ip_addr *ip, unsigned prefix_bits) {
  for (unsigned i = 0; i < ip->size; i++) {
    unsigned kept = prefix_bits > i * 8 ? prefix_bits - i * 8 : 0;
    if (kept < 8) ip->bytes[i] &= (uint8_t)(0xff00u >> kept);
  }
}

int ip_network_parse(const char *text, struct ip_network *ret, struct err *e) {
  char address[IP_TEXT_BYTES];
  const char *slash = strchr(text, '/');
  size_t n = slash ? (size_t)(slash - text) : strlen(text);
  struct ip_network network = {0};
  if (n >= sizeof address) return err_set(e, ERR_USAGE, "\"%s\" is no address and no network", text);
  memcpy(address, text, n);
  address[n] = '\0';
  if (!ip_parse(address, &network.base)) return err_set(e, ERR_USAGE, "\"%s\" is no address and no network", text);
  unsigned most = network.base.size * 8u;
  network.prefix_bits = most;
  if (slash) {
    char *end;
    unsigned long bits = strtoul(slash + 1, &end, 10);
    if (slash[1] < '0' || slash[1] > '9' || *end || bits > most)
      return err_set(e, ERR_USAGE, "\"%s\": the prefix length goes from 0 to %u", text, most);
    network.prefix_bits = (unsigned)bits;
  }
  mask_host_bits(&network.base, network.prefix_bits);
  *ret = network;
  return 0;
}

bool ip_network_contains(const struct ip_network *n, const struct ip_addr *ip) {
  if (ip->size != n->base.size) return false;
  struct ip_addr masked = *ip;
  mask_host_bits(&masked, n->prefix_bits);
  return !memcmp(masked.bytes, n->base.bytes, n->base.size);
}

struct ip_network ip_network_around(const struct ip_addr *ip, unsigned prefix_bits) {
  struct ip_network n = {*ip, prefix_bits};
  mask_host_bits(&n.base, n.prefix_bits);
  return n;
}

struct ip_network ip_network_of(const struct ip_addr *ip) {
  return ip_network_around(ip, ip->size == 4 ? 24 : ip->size ? 64 : 0);
}

const char *ip_network_format(const struct ip_network *n, char *buffer) {
  ip_format(&n->base, buffer);
  size_t used = strlen(buffer);
  if (!used) return buffer;
  buffer[used] = '/';
  put_number(n->prefix_bits, buffer + used + 1);
  return buffer;
}
