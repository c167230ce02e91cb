/* SPDX-License-Identifier: Apache-2.0 */
/* Which server libcurl accepts as the right one over TLS, for web services and mail servers alike. */
#ifndef HTTP_TRUST_H
#define HTTP_TRUST_H

#include <curl/curl.h>

/* Requires TLS 1.2 or later. `ca_file` (PEM): the authorities to trust instead of the system's; NULL: the system's.
 * `pin` (CURLOPT_PINNEDPUBLICKEY): the public key that the server must have; NULL: any. A pin without a `ca_file` is
 * all the proof that is asked for: the certificate may be expired, for another name or from an unknown authority. The
 * texts are copied. */
void trust_set(CURL *curl, const char *ca_file, const char *pin);

#endif
