/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys as strangers publish them, read by libcrypto: nothing of ASN.1 is read by hand. */
#ifndef CRYPTO_PUBLIC_KEY_H
#define CRYPTO_PUBLIC_KEY_H

#include <stdbool.h>
#include <stddef.h>

/* A key is at most so long: RSA with 16,384 bits has 2,100 bytes. */
#define PUBLIC_KEY_MOST_BYTES 4096

/* Base64 (RFC 4648 4), in which white space counts for nothing, into `ret`. False: it is none, or too long. */
bool base64_read(const char *text, unsigned char ret[PUBLIC_KEY_MOST_BYTES], size_t *ret_size);
/* The modulus of an RSA key in bits: a SubjectPublicKeyInfo (RFC 5280 4.1), as everybody publishes them, or an
 * RSAPublicKey (RFC 8017 A.1.1), as RFC 6376 3.6.1 has it. 0: it is neither, or has bytes behind it. */
unsigned rsa_key_bits(const unsigned char *bytes, size_t size);

#endif
