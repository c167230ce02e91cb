/* SPDX-License-Identifier: Apache-2.0 */
/* Asks libcrypto. */
#include "crypto/public_key.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

bool base64_read(const char *text, unsigned char ret[PUBLIC_KEY_MOST_BYTES], size_t *ret_size) {
  static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = 0, held = 0, digits = 0, padding = 0;
  *ret_size = 0;
  for (; *text; text++) {
    if (strchr(" \t\r\n", *text)) continue;
    const char *digit = strchr(DIGITS, *text);
    if (*text == '=') {
      padding++;
      continue;
    }
    if (!digit || padding) return false;
    digits++;
    bits = bits << 6 | (unsigned)(digit - DIGITS);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (*ret_size == PUBLIC_KEY_MOST_BYTES) return false;
    ret[(*ret_size)++] = (unsigned char)(bits >> held);
  }
  /* What is left is no whole byte; padding makes it four digits, or is left out. */
  return digits % 4 != 1 && (!padding || (digits + padding) % 4 == 0) && padding <= 2;
}

static unsigned bits_of(EVP_PKEY *key, const unsigned char *at, const unsigned char *end) {
  const bool is_rsa = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && at == end;
  const int bits = is_rsa ? EVP_PKEY_get_bits(key) : 0;
  EVP_PKEY_free(key);
  ERR_clear_error();
  return bits > 0 ? (unsigned)bits : 0;
}

unsigned rsa_key_bits(const unsigned char *bytes, size_t size) {
  const unsigned char *at = bytes;
  EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)size);
  const unsigned bits = bits_of(key, at, bytes + size);
  if (bits) return bits;
  at = bytes;
  key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)size);
  return bits_of(key, at, bytes + size);
}
