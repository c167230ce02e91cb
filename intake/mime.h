/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of MIME, by GMime: what the header fields of a part say (RFC 2045, 2047, 2183, 2231), and the decoding of
 * its transfer encoding. Where one part ends and the next begins is for mail.h.
 *
 * Every function may be called by any thread; the objects belong to one. Private to intake/. */
#ifndef INTAKE_MIME_H
#define INTAKE_MIME_H

#include "intake/layers.h"

enum mime_encoding { MIME_PLAIN, MIME_BASE64, MIME_QUOTED_PRINTABLE, MIME_UUENCODED };

/* RFC 2046 5.1.1 allows a boundary 70 characters; some are longer. Anything beyond this is not a boundary. */
#define MIME_BOUNDARY_MOST 250
/* A file name of any file system; a longer one is cut. */
#define MIME_FILE_NAME_MOST 255

/* The longest name that IANA has registered has 45. */
#define MIME_CHARSET_MOST 45

struct mime_description {
  char type[64];        /* "application/gzip", lower case; "text/plain" where none is given (RFC 2045 5.2) */
  char report_type[64]; /* of multipart/report (RFC 6522), lower case, else "" */
  char boundary[MIME_BOUNDARY_MOST + 1]; /* of a multipart; "" where there is none that could be one */
  char file_name[MIME_FILE_NAME_MOST + 1];
  char charset[MIME_CHARSET_MOST + 1]; /* as the part names it; "" where it does not, or too long for a charset */
  enum mime_encoding encoding;
};

/* The values of three fields, unfolded; NULL or "" where a part has none. */
void mime_describe(const char *content_type, const char *disposition, const char *encoding,
                   struct mime_description *ret);

/* The domain of the one address that a From: field holds (RFC 5322 3.6.2), as domain_spell has it; "" where there are
 * several, or none, or the domain is longer than `size`. */
void mime_address_domain(const char *from, char *ret, size_t size);

struct mime_decoder;
struct mime_decoder *mime_decoder_new(void);
void mime_decoder_free(struct mime_decoder *d); /* accepts NULL */
/* The decoded content of `in` as a stream. It is lenient, because encodings get broken: strange characters and a
 * missing end are ignored. For uuencoded text `in` begins after the line "begin". The stream is valid until the next
 * start. */
struct byte_stream *mime_decoder_start(struct mime_decoder *d, struct byte_stream *in, enum mime_encoding encoding);

#endif
