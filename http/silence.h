/* SPDX-License-Identifier: Apache-2.0 */
/* How long the other side of a transfer by libcurl may be silent, and how long all of it may take. libcurl's own limit
 * of speed looks at an average over some seconds, so that two seconds of silence become eight. */
#ifndef HTTP_SILENCE_H
#define HTTP_SILENCE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct silence {
  uint32_t most_s, whole_s; /* limits in seconds: of silence, of the whole exchange */
  /* Seconds of clock_now_s. Before there is a connection nobody can be silent: */
  double begun_s, since_s; /* 0: there is none yet */
  int64_t moved;           /* bytes, to and fro */
};

/* Sets what libcurl keeps of it: connecting, with TLS and a login of the protocol, may take `most_s` altogether. */
void silence_begin(struct silence *s, uint32_t most_s, uint32_t whole_s, CURL *curl, double now_s);
/* The other side said something that libcurl does not count, a line of a header or a reply. */
void silence_break(struct silence *s, double now_s);
/* For CURLOPT_XFERINFOFUNCTION, which is called once a second at least: is it time to give up? `connected`: what
 * silence_is_over_connecting says. */
bool silence_is_too_long(struct silence *s, bool connected, int64_t moved, double now_s);
bool silence_is_over_connecting(CURL *curl);
/* What is to be said of a transfer that ended because of either limit: ERR_IO. False: it did not, or while connecting,
 * of which libcurl knows more. */
bool silence_tell(const struct silence *s, CURLcode code, double now_s, struct err *e);

#endif
