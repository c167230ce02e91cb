/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts and ports as URLs spell them (RFC 3986 3.2). */
#include "http/reach.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/number.h"

/* A name may end in the dot of the root. */
static bool is_host(const char *host) {
  const size_t length = strlen(host);
  if (host[0] == '[') return length > 2 && host[length - 1] == ']';
  _cleanup_free_ char *name = mem_strndup(host, length && host[length - 1] == '.' ? length - 1 : length);
  return domain_is_plausible(name);
}

/* What stands between "://" and the path, without a user. NULL: nothing. To be freed. */
static char *host_and_port(const char *url) {
  const char *begin = strstr(url, "://");
  if (!begin) return NULL;
  begin += strlen("://");
  const size_t length = strcspn(begin, "/?#");
  const char *at = memrchr(begin, '@', length);
  return at ? mem_strndup(at + 1, (size_t)(begin + length - at - 1)) : mem_strndup(begin, length);
}

int reach_check(const char *url, struct err *e) {
  _cleanup_free_ char *host = host_and_port(url);
  const char *behind = host && host[0] == '[' ? strchr(host, ']') : host;
  char *colon = behind ? strchr(behind, ':') : NULL;
  int64_t port;
  if (colon) *colon = '\0';
  if (!host || !is_host(host)) return err_set(e, ERR_USAGE, "names no host");
  if (!colon || (number_parse(colon + 1, UINT16_MAX, &port) && port)) return 0;
  return err_set(e, ERR_USAGE, "port %s is none: 1 to %d", colon[1] ? colon + 1 : "\"\"", UINT16_MAX);
}

bool reach_is_loopback(const char *host) {
  const size_t length = strlen(host);
  if (host[0] != '[' || host[length - 1] != ']') return ip_is_loopback(host);
  _cleanup_free_ char *address = mem_strndup(host + 1, length - 2);
  return ip_is_loopback(address);
}

bool reach_is_here(const char *host) {
  _cleanup_free_ char *name = domain_spelled(host);
  return reach_is_loopback(name) || domain_is_within(name, "localhost");
}

void reach_set_proxy(CURL *curl, const char *host) {
  if (reach_is_here(host)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
}
