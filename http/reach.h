/* SPDX-License-Identifier: Apache-2.0 */
/* How a server is reached: which host and port a URL may name, and whether by a proxy. For web services and mail
 * servers alike. */
#ifndef HTTP_REACH_H
#define HTTP_REACH_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"

/* Does the URL name a host, and no port that nobody can connect to? libcurl is generous: it takes "https:///x" for the
 * host x, and connects to port 0. 0 or ERR_USAGE. */
int reach_check(const char *url, struct err *e);
/* Is the host a loopback address, bare or in the brackets of a URL? What a name leads to is for a resolver to say. */
bool reach_is_loopback(const char *host);
/* Is it this machine: such an address, "localhost" or a name below it (RFC 6761 6.3)? */
bool reach_is_here(const char *host);
/* The proxy that the environment names for the scheme of the URL, as libcurl looks for it (SCHEME_proxy, all_proxy,
 * no_proxy); none to this machine, which no proxy reaches: it would reach itself. */
void reach_set_proxy(CURL *curl, const char *host);

#endif
