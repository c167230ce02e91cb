/* SPDX-License-Identifier: Apache-2.0 */
/* jansson writes the token, OpenSSL signs it. */
#include "oauth/assertion.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/secret_source.h"
#include "base/trusted_file.h"
#include "base/utc.h"

#define LIFETIME_S 600      /* Microsoft advises five to ten minutes */
#define AHEAD_S 60          /* our clock may be ahead of the server's, which need not make allowances (RFC 7523 3) */
#define ES256_HALF 32       /* bytes of each of the two numbers of a signature (RFC 7518 3.4) */
#define SIGNATURE_MOST 2048 /* of a key of RSA with 16384 bits */
#define ID_BYTES 16

static void cleanup_certificate(X509 **x) { X509_free(*x); }
static void cleanup_key(EVP_PKEY **k) { EVP_PKEY_free(*k); }
static void cleanup_digest(EVP_MD_CTX **c) { EVP_MD_CTX_free(*c); }
static void cleanup_ecdsa(ECDSA_SIG **s) { ECDSA_SIG_free(*s); }
static void cleanup_json(json_t **j) { json_decref(*j); }

/* RFC 7515 2: base64url without padding. */
static void add_base64url(struct strbuf *out, const void *bytes, size_t size) {
  _cleanup_free_ char *text = mem_alloc(4 * (size / 3 + 1) + 1);
  EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
  for (const char *c = text; *c && *c != '='; c++) strbuf_add_char(out, *c == '+' ? '-' : *c == '/' ? '_' : *c);
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

static int open_pem(const char *path, const char *what, bool secret, FILE **ret, struct err *e) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
  struct stat st;
  if (!file || fstat(fd, &st) < 0) return err_set_errno(e, ERR_USAGE, "%s %s", what, path);
  *ret = file;
  if (!S_ISREG(st.st_mode)) return err_set(e, ERR_USAGE, "%s %s: is no file", what, path);
  _cleanup_free_ char *name = mem_printf("%s %s", what, path);
  return secret ? trusted_secret_check(&st, name, path, e) : 0;
}

/* Nobody is there to be asked. */
static int on_passphrase(char *buffer, int size, int writing, void *user) {
  (void)buffer, (void)size, (void)writing;
  *(bool *)user = true;
  return -1;
}

static int read_key(const char *path, EVP_PKEY **ret, struct err *e) {
  static const char WHAT[] = "the client's key";
  _cleanup_fclose_ FILE *file = NULL;
  bool encrypted = false;
  int code = open_pem(path, WHAT, true, &file, e);
  if (code < 0) return code;
  *ret = PEM_read_PrivateKey(file, NULL, on_passphrase, &encrypted);
  if (*ret) return 0;
  return err_set(e, ERR_USAGE, "%s %s: %s", WHAT, path, encrypted ? "is encrypted" : "holds no private key (PEM)");
}

static int read_certificate(const char *path, X509 **ret, struct err *e) {
  static const char WHAT[] = "the client's certificate";
  _cleanup_fclose_ FILE *file = NULL;
  int code = open_pem(path, WHAT, false, &file, e);
  if (code < 0) return code;
  *ret = PEM_read_X509(file, NULL, NULL, NULL);
  return *ret ? 0 : err_set(e, ERR_USAGE, "%s %s: holds no certificate (PEM)", WHAT, path);
}

/* --- the token ---------------------------------------------------------------------------------------------------- */

static void add_part(struct strbuf *out, json_t *object) {
  _cleanup_(cleanup_json) json_t *owned = object;
  _cleanup_free_ char *text = json_dumps(owned, JSON_COMPACT);
  if (!text) abort(); /* out of memory, as everywhere */
  if (out->length) strbuf_add_char(out, '.');
  add_base64url(out, text, strlen(text));
}

static void add_header(struct strbuf *out, X509 *certificate, bool rsa) {
  _cleanup_strbuf_ struct strbuf thumbprint = STRBUF_INIT;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) abort();
  add_base64url(&thumbprint, digest, size);
  add_part(out, json_pack("{s:s, s:s, s:s}", "alg", rsa ? "PS256" : "ES256", "typ", "JWT", "x5t#S256",
                          strbuf_text(&thumbprint)));
}

/* RFC 7523 3 */
static void add_claims(struct strbuf *out, const char *client_id, const char *audience) {
  _cleanup_strbuf_ struct strbuf id = STRBUF_INIT;
  unsigned char bytes[ID_BYTES];
  json_int_t issued_s = (json_int_t)utc_now() - AHEAD_S;
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) abort(); /* cannot be for so few bytes (getrandom(2)) */
  add_base64url(&id, bytes, sizeof bytes);
  add_part(out, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "iss", client_id, "sub", client_id, "aud", audience,
                          "jti", strbuf_text(&id), "iat", issued_s, "nbf", issued_s, "exp", issued_s + LIFETIME_S));
}

/* RFC 7518 3.5: the salt is as long as the digest. */
static bool set_pss(EVP_PKEY_CTX *options) {
  return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* Two numbers behind each other, not in ASN.1 (RFC 7518 3.4). */
static bool flatten(unsigned char *signature, size_t *size) {
  const unsigned char *at = signature;
  _cleanup_(cleanup_ecdsa) ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)*size);
  *size = 2 * ES256_HALF;
  return pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, ES256_HALF) == ES256_HALF &&
         BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + ES256_HALF, ES256_HALF) == ES256_HALF;
}

static bool sign(struct strbuf *token, EVP_PKEY *key, bool rsa) {
  _cleanup_(cleanup_digest) EVP_MD_CTX *c = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options;
  unsigned char signature[SIGNATURE_MOST];
  size_t size = sizeof signature;
  bool done = c && EVP_DigestSignInit(c, &options, EVP_sha256(), NULL, key) == 1 && (!rsa || set_pss(options)) &&
              EVP_DigestSign(c, signature, &size, (const unsigned char *)token->data, token->length) == 1 &&
              (rsa || flatten(signature, &size));
  if (!done) return false;
  strbuf_add_char(token, '.');
  add_base64url(token, signature, size);
  return true;
}

static int check_pair(const X509 *certificate, EVP_PKEY *key, bool *ret_rsa, struct err *e) {
  bool curve = EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 8 * ES256_HALF;
  *ret_rsa = EVP_PKEY_is_a(key, "RSA");
  if (!*ret_rsa && !curve)
    return err_set(e, ERR_USAGE, "the client's key is neither one of RSA nor of the curve P-256");
  if (X509_check_private_key(certificate, key) == 1) return 0;
  return err_set(e, ERR_USAGE, "the client's key does not belong to its certificate");
}

int assertion_make(const char *certificate_file, const char *key_file, const char *client_id, const char *audience,
                   char *ret, struct err *e) {
  _cleanup_(cleanup_certificate) X509 *certificate = NULL;
  _cleanup_(cleanup_key) EVP_PKEY *key = NULL;
  _cleanup_strbuf_ struct strbuf token = STRBUF_INIT;
  bool rsa = false;
  int code = read_certificate(certificate_file, &certificate, e);
  if (!code) code = read_key(key_file ? key_file : certificate_file, &key, e);
  if (!code) code = check_pair(certificate, key, &rsa, e);
  if (code < 0) return code;
  add_header(&token, certificate, rsa);
  add_claims(&token, client_id, audience);
  if (!sign(&token, key, rsa) || token.length >= SECRET_BYTES)
    return err_set(e, ERR_USAGE, "the client's key cannot sign");
  memcpy(ret, token.data, token.length + 1);
  explicit_bzero(token.data, token.length);
  return 0;
}
