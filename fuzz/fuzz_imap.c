/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as what a mail server sends. Two readings in different chunks must tell the same. */
#include "fuzz/fuzz.h"
#include "imap/reader.h"
#include "imap/utf7.h"

static int read_tokens(struct imap_reader *r, struct strbuf *ret, struct err *e) {
  struct imap_token token = {.kind = IMAP_TOKEN_WORD};
  int code = 0;
  while (!code && token.kind != IMAP_TOKEN_END) {
    char piece[64];
    ssize_t n = 0;
    if ((code = imap_reader_token(r, &token, e)) < 0) break;
    strbuf_printf(ret, " %d", (int)token.kind);
    if (token.text) strbuf_add(ret, token.text, token.size);
    /* Every other literal is left for the reader to skip. */
    if (token.kind == IMAP_TOKEN_LITERAL && token.size % 2)
      while ((n = imap_reader_literal(r, piece, sizeof piece, e)) > 0) strbuf_add(ret, piece, (size_t)n);
    if (n < 0) code = (int)n;
  }
  return code;
}

/* Everything that a stream tells, as bytes. */
static void read_all(const uint8_t *data, size_t size, size_t step, struct strbuf *ret) {
  struct memory_stream in;
  struct imap_response response;
  struct err e = {""};
  int code;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  memory_stream_init(&in, data, size, step);
  struct imap_reader *r = imap_reader_new(&in.stream);
  while (!(code = imap_reader_begin(r, &response, &e))) {
    strbuf_printf(ret, "\n%d %s %u %s", (int)response.kind, response.tag, response.number, response.word);
    code = strcmp(response.word, "OK") != 0 ? read_tokens(r, ret, &e) : imap_reader_text(r, &text, &e);
    if (code < 0) break;
    strbuf_add_text(ret, strbuf_text(&text));
  }
  strbuf_printf(ret, " %d %s", code, e.text);
  imap_reader_free(r);
}

/* What can be decoded is encoded to something that is decoded to the same. */
static void turn_around(const uint8_t *data, size_t size) {
  _cleanup_free_ char *name = mem_strndup((const char *)data, size);
  _cleanup_strbuf_ struct strbuf plain = STRBUF_INIT, wire = STRBUF_INIT, again = STRBUF_INIT;
  if (!imap_utf7_decode(&plain, name)) return;
  if (!imap_utf7_encode(&wire, strbuf_text(&plain)) || !imap_utf7_decode(&again, strbuf_text(&wire))) abort();
  if (strcmp(strbuf_text(&plain), strbuf_text(&again)) != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  _cleanup_strbuf_ struct strbuf whole = STRBUF_INIT, pieces = STRBUF_INIT;
  read_all(data, size, 0, &whole);
  read_all(data, size, 1 + size % 7, &pieces);
  if (whole.length != pieces.length || memcmp(whole.data, pieces.data, whole.length) != 0) abort();
  turn_around(data, size);
  return 0;
}
