/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl hands the certificate out, OpenSSL reads it. */
#include "mailbox/certificate.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NAMES_TOLD 5

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool read_pin(const X509 *x, char ret[CERTIFICATE_PIN_BYTES]) {
  unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  char text[64];
  int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
  bool read = length > 0 && EVP_Digest(der, (size_t)length, digest, &size, EVP_sha256(), NULL) == 1;
  OPENSSL_free(der);
  if (!read) return false;
  EVP_EncodeBlock((unsigned char *)text, digest, (int)size);
  snprintf(ret, CERTIFICATE_PIN_BYTES, "sha256//%s", text);
  return true;
}

static void read_day(const ASN1_TIME *time, char ret[CERTIFICATE_DAY_BYTES]) {
  struct tm tm;
  *ret = '\0';
  if (ASN1_TIME_to_tm(time, &tm) == 1) strftime(ret, CERTIFICATE_DAY_BYTES, "%Y-%m-%d", &tm);
}

static void add_name(char ret[CERTIFICATE_NAMES_BYTES], const char *name, int size) {
  size_t length = strlen(ret);
  for (int i = 0; i < size; i++)
    if (name[i] <= ' ' || name[i] > '~') return; /* is the name of no host */
  snprintf(ret + length, CERTIFICATE_NAMES_BYTES - length, "%s%.*s", length ? ", " : "", size, name);
}

static void add_general_name(char ret[CERTIFICATE_NAMES_BYTES], const GENERAL_NAME *name) {
  char address[INET6_ADDRSTRLEN];
  const ASN1_STRING *text = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
  const unsigned char *bytes = ASN1_STRING_get0_data(text);
  int size = ASN1_STRING_length(text);
  if (name->type == GEN_DNS)
    add_name(ret, (const char *)bytes, size);
  else if ((size == 4 || size == 16) && inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, address, sizeof address))
    add_name(ret, address, (int)strlen(address));
}

/* The names of hosts (RFC 9525 6.1); one without any has only a subject. */
static void read_names(X509 *x, char ret[CERTIFICATE_NAMES_BYTES]) {
  GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
  char subject[128];
  int told = 0;
  *ret = '\0';
  for (int i = 0; i < sk_GENERAL_NAME_num(all) && told < NAMES_TOLD; i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    add_general_name(ret, name);
    if (++told == NAMES_TOLD && i + 1 < sk_GENERAL_NAME_num(all)) add_name(ret, "...", 3);
  }
  GENERAL_NAMES_free(all);
  if (*ret) return;
  int size = X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, subject, sizeof subject);
  if (size > 0) add_name(ret, subject, size);
}

bool certificate_read(const char *pem, struct certificate *ret) {
  BIO *bio = BIO_new_mem_buf(pem, -1);
  if (!bio) abort(); /* out of memory, as everywhere */
  X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
  BIO_free(bio);
  *ret = (struct certificate){0};
  if (!x || !read_pin(x, ret->pin)) {
    X509_free(x);
    return false;
  }
  read_day(X509_get0_notBefore(x), ret->from);
  read_day(X509_get0_notAfter(x), ret->until);
  read_names(x, ret->names);
  X509_free(x);
  return true;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static size_t drop(char *bytes, size_t size, size_t count, void *user) {
  (void)bytes, (void)user;
  return size * count;
}

bool certificate_ask(CURL *c, const char *url, struct certificate *ret) {
  struct curl_certinfo *chain = NULL;
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, NULL); /* has what is to be explained */
  curl_easy_setopt(c, CURLOPT_URL, url);
  curl_easy_setopt(c, CURLOPT_USERNAME, NULL);
  curl_easy_setopt(c, CURLOPT_PASSWORD, NULL);
  curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, NULL);
  curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt(c, CURLOPT_PINNEDPUBLICKEY, NULL);
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, drop);
  curl_easy_setopt(c, CURLOPT_CERTINFO, 1L);
  curl_easy_perform(c); /* however it ends, the certificate comes first */
  if (curl_easy_getinfo(c, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain || chain->num_of_certs < 1) return false;
  for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next)
    if (!strncmp(line->data, "Cert:", 5)) return certificate_read(line->data + 5, ret);
  return false;
}
