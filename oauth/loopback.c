/* SPDX-License-Identifier: Apache-2.0 */
/* A listener for one browser, as small as HTTP allows. */
#include "oauth/loopback.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"

#define REQUEST_BYTES 16384 /* of a browser, up to the end of its first line */
#define BROWSER_SECONDS 5   /* to say it: others wait meanwhile */
#define RANDOM_BYTES 32

/* --- PKCE --------------------------------------------------------------------------------------------------------- */

static void encode(const unsigned char bytes[RANDOM_BYTES], char ret[LOOPBACK_RANDOM_TEXT]) {
  char text[LOOPBACK_RANDOM_TEXT + 4];
  EVP_EncodeBlock((unsigned char *)text, bytes, RANDOM_BYTES);
  text[LOOPBACK_RANDOM_TEXT - 1] = '\0'; /* the padding */
  for (char *c = text; *c; c++) *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
  memcpy(ret, text, LOOPBACK_RANDOM_TEXT);
}

void loopback_random(char ret[LOOPBACK_RANDOM_TEXT]) {
  unsigned char bytes[RANDOM_BYTES];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) abort(); /* cannot be for so few bytes (getrandom(2)) */
  encode(bytes, ret);
}

void loopback_challenge(const char *verifier, char ret[LOOPBACK_RANDOM_TEXT]) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  if (EVP_Digest(verifier, strlen(verifier), digest, NULL, EVP_sha256(), NULL) != 1) abort(); /* out of memory */
  encode(digest, ret);
}

/* --- the browser's request ---------------------------------------------------------------------------------------- */

/* The value of a field of a query, decoded; NULL: it is not there, or holds a NUL. */
static char *query_field(const char *query, const char *name) {
  size_t length = strlen(name);
  for (const char *at = query; *at; at += strcspn(at, "&"), at += *at == '&') {
    if (strncmp(at, name, length) != 0 || at[length] != '=') continue;
    const char *value = at + length + 1;
    int size = 0;
    char *text = curl_easy_unescape(NULL, value, (int)strcspn(value, "&"), &size);
    char *copy = text && strlen(text) == (size_t)size ? mem_strdup(text) : NULL;
    curl_free(text);
    return copy;
  }
  return NULL;
}

bool loopback_read(const char *target, const char *state, char **ret_code, char **ret_error) {
  if (strncmp(target, "/?", 2) != 0) return false;
  _cleanup_free_ char *theirs = query_field(target + 2, "state");
  if (!theirs || strcmp(theirs, state) != 0) return false;
  *ret_error = query_field(target + 2, "error");
  *ret_code = *ret_error ? NULL : query_field(target + 2, "code");
  return *ret_error || *ret_code;
}

/* "GET TARGET HTTP/1.1": the target, in place; NULL: no such request came in time. */
static char *receive_target(int fd, const struct stop *stop, char request[REQUEST_BYTES]) {
  double until = clock_now_s() + BROWSER_SECONDS;
  size_t size = 0;
  request[0] = '\0';
  while (!strchr(request, '\n')) {
    if (size + 1 >= REQUEST_BYTES || stop_await(stop, fd, POLLIN, until, NULL) != 1) return NULL;
    ssize_t n = recv(fd, request + size, REQUEST_BYTES - 1 - size, 0);
    if (n <= 0) return NULL;
    size += (size_t)n;
    request[size] = '\0';
  }
  if (strncmp(request, "GET ", 4) != 0) return NULL;
  request[4 + strcspn(request + 4, " \r\n")] = '\0';
  return request + 4;
}

static void send_page(int fd, const char *status, const char *sentence) {
  _cleanup_free_ char *page = mem_printf(
      "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\nConnection: close\r\n"
      "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\r\n%s",
      status, strlen(sentence), sentence);
  if (send(fd, page, strlen(page), MSG_NOSIGNAL) < 0) return; /* the browser's loss */
  shutdown(fd, SHUT_WR);
}

/* True: it is the one we wait for. */
static bool serve(struct loopback *l, const struct stop *stop, int fd, char **ret_code, char **ret_error) {
  char request[REQUEST_BYTES];
  const char *target = receive_target(fd, stop, request);
  bool ours = target && loopback_read(target, l->state, ret_code, ret_error);
  if (!ours)
    send_page(fd, "404 Not Found", "dmarcctl waits for somebody else.\n");
  else if (*ret_error)
    send_page(fd, "200 OK", "This did not go well; dmarcctl says why. You can close this window.\n");
  else
    send_page(fd, "200 OK", "dmarcctl has what it needs. You can close this window.\n");
  explicit_bzero(request, sizeof request);
  return ours;
}

/* --- the listener ------------------------------------------------------------------------------------------------- */

int loopback_open(struct loopback *l, struct err *e) {
  *l = (struct loopback){.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof place;
  if (l->listener < 0 || bind(l->listener, (struct sockaddr *)&place, sizeof place) < 0 || listen(l->listener, 8) < 0 ||
      getsockname(l->listener, (struct sockaddr *)&place, &size) < 0)
    return err_set_errno(e, ERR_IO, "cannot listen on 127.0.0.1");
  l->port = ntohs(place.sin_port);
  snprintf(l->redirect_uri, sizeof l->redirect_uri, "http://127.0.0.1:%u/", l->port);
  loopback_random(l->state);
  loopback_random(l->verifier);
  loopback_challenge(l->verifier, l->challenge);
  return 0;
}

void loopback_close(struct loopback *l) {
  if (l->listener >= 0) close(l->listener);
  explicit_bzero(l, sizeof *l);
  l->listener = -1;
}

int loopback_await(struct loopback *l, const struct stop *stop, double until, char **ret_code, struct err *e) {
  for (;;) {
    int code = stop_await(stop, l->listener, POLLIN, until, e);
    if (code < 0) return code;
    if (!code) return err_set(e, ERR_DENIED, "nobody agreed in the time there is");
    _cleanup_close_ int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);
    _cleanup_free_ char *error = NULL;
    if (fd < 0 || !serve(l, stop, fd, ret_code, &error)) continue;
    return error ? err_set(e, ERR_DENIED, "the authorization server says \"%.100s\"", error) : 0;
  }
}
