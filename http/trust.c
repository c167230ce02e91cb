/* SPDX-License-Identifier: Apache-2.0 */
/* The options of libcurl that decide about a server's certificate and key. */
#include "http/trust.h"

void trust_set(CURL *curl, const char *ca_file, const char *pin) {
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (ca_file) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL); /* instead of the system's, not beside them */
  }
  if (!pin) return;
  curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, pin);
  if (ca_file) return;
  /* The key is the proof: libcurl compares it whether or not it verifies the certificate. */
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}
