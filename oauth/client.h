/* SPDX-License-Identifier: Apache-2.0 */
/* What a client is made of, for those who log it in. Private to oauth/. */
#ifndef OAUTH_CLIENT_H
#define OAUTH_CLIENT_H

#include <pthread.h>

#include "oauth/oauth.h"

struct oauth_client {
  struct oauth_settings settings; /* do not change */
  pthread_mutex_t lock;           /* holds what is below, and one request */
  char token[SECRET_BYTES];       /* "": none */
  double until;                   /* clock_now_s: handed out again before that */
  bool new;                       /* handed out once, when it came */
  int64_t lifetime_s;
};

#endif
