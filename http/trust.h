/* SPDX-License-Identifier: Apache-2.0 */
/* Which server libcurl takes for the right one, over TLS: said once for web services and mail servers. */
#ifndef HTTP_TRUST_H
#define HTTP_TRUST_H

#include <curl/curl.h>

/* TLS 1.2 or later. With `ca_file` (PEM) its authorities count instead of the system's; NULL: the system's. With `pin`
 * (CURLOPT_PINNEDPUBLICKEY) the server's public key must be that one, and unless there is a `ca_file` it is the whole
 * proof: the certificate may be expired, of another name or of no authority. NULL: any key. The texts are copied. */
void trust_set(CURL *curl, const char *ca_file, const char *pin);

#endif
