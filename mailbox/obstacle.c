/* SPDX-License-Identifier: Apache-2.0 */
/* What usually is behind an error of libcurl's, by its code and by how far the connection came. */
#include "mailbox/obstacle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/utc.h"
#include "mailbox/certificate.h"

/* Where TLS is implicit (RFC 8314 7.1, 7.2) */
#define IMAPS_PORT 993
#define POP3S_PORT 995

/* --- another protocol --------------------------------------------------------------------------------------------- */

#define UNKNOWN "something else"

static const char *who_greets_so(const char *greeting) {
  return ascii_begins(greeting, "220")     ? "one of SMTP"
         : ascii_begins(greeting, "HTTP/") ? "a web server"
         : ascii_begins(greeting, "+OK")   ? "one of POP3"
         : ascii_begins(greeting, "* ")    ? "one of IMAP"
         : ascii_begins(greeting, "SSH-")  ? "one of SSH"
                                           : UNKNOWN;
}

/* A server of another protocol does not become one of this by trying again. */
static bool tell_stranger(const struct obstacle *o, int *code, struct err *e) {
  if (!*o->greeting || ascii_begins(o->greeting, o->greeting_mark) || ascii_begins(o->greeting, "-ERR")) return false;
  const char *who = who_greets_so(o->greeting);
  if (strcmp(who, UNKNOWN) != 0) *code = ERR_USAGE;
  err_set(e, *code, "%s, but as %s: %s", o->no_greeting, who, o->greeting);
  return true;
}

static bool has_come(CURL *c, CURLINFO what) {
  curl_off_t microseconds = 0;
  return curl_easy_getinfo(c, what, &microseconds) == CURLE_OK && microseconds > 0;
}

/* A server that wants TLS waits for its client to begin, which waits for a greeting. */
static void tell_silence(const struct obstacle *o, const struct mail_account *a, int *ret_code, struct err *e) {
  bool on_port_of_tls = a->port == IMAPS_PORT || a->port == POP3S_PORT;
  if (on_port_of_tls && !a->implicit_tls && !*o->greeting && has_come(o->curl, CURLINFO_CONNECT_TIME_T))
    *ret_code = ERR_USAGE;
  int code = *ret_code;
  if (!has_come(o->curl, CURLINFO_CONNECT_TIME_T))
    err_set(e, code, "%s does not answer on port %u within %u seconds", a->host, a->port, a->timeout_s);
  else if (*o->greeting)
    err_set(e, code, "the server has been silent for %u seconds while logging in", a->timeout_s);
  else if (a->implicit_tls)
    err_set(e, code, "the server on port %u says nothing: is it one of %s://?", a->port, o->secure);
  else
    err_set(
        e, code,
        "the server on port %u says nothing: where it wants TLS from the beginning the URL is %s:// (tls = implicit), "
        "or it is none of %s://",
        a->port, o->secure, o->plain);
}

static bool tell_no_tls(const struct obstacle *o, const struct mail_account *a, int *code, struct err *e) {
  static const char *const PLAIN_TEXT[] = {"wrong version number", "packet length too long", "http request",
                                           "record layer failure"};
  bool plain = false;
  for (size_t i = 0; i < ARRAY_SIZE(PLAIN_TEXT); i++) plain = plain || ascii_find(o->said, PLAIN_TEXT[i]);
  if (!plain || !a->implicit_tls) return false;
  *code = ERR_USAGE;
  err_set(
      e, *code,
      "the server on port %u does not begin with TLS: one that begins it by STARTTLS is %s:// (tls = starttls), not "
      "%s:// (%s)",
      a->port, o->plain, o->secure, o->said);
  return true;
}

/* --- the way there ------------------------------------------------------------------------------------------------ */

/* The variable that names the proxy, as libcurl looks for it. Its value may hold a password. */
static const char *proxy_variable(const struct obstacle *o, const struct mail_account *a, char buffer[32]) {
  static const char *const FOR_ALL[] = {"all_proxy", "ALL_PROXY"};
  const char *scheme = a->implicit_tls ? o->secure : o->plain;
  for (int upper = 0; upper < 2; upper++) {
    snprintf(buffer, 32, "%s%s", scheme, upper ? "_PROXY" : "_proxy");
    for (char *c = buffer; upper && *c; c++) *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    if (getenv(buffer)) return buffer;
  }
  for (size_t i = 0; i < ARRAY_SIZE(FOR_ALL); i++)
    if (getenv(FOR_ALL[i])) return FOR_ALL[i];
  return NULL;
}

/* libcurl names whom it could not reach: not the server, where a proxy was to do that. */
static bool tell_proxy(const struct obstacle *o, const struct mail_account *a, int code, struct err *e) {
  char buffer[32];
  const char *variable = proxy_variable(o, a, buffer);
  bool by_proxy = ascii_find(o->said, "proxy") || ascii_find(o->said, "CONNECT tunnel") ||
                  (o->code == CURLE_COULDNT_CONNECT && !ascii_find(o->said, a->host));
  if (!variable || !*getenv(variable) || !by_proxy) return false;
  err_set(e, code, "%s (by the proxy that the environment names: %s; no_proxy names hosts to go to without one)",
          o->said, variable);
  return true;
}

/* Networks where the web goes by a proxy often let nothing else out. */
static bool tell_other_proxy(const struct obstacle *o, const struct mail_account *a, int code, struct err *e) {
  char buffer[32];
  const char *variable = getenv("https_proxy") ? "https_proxy" : getenv("HTTPS_PROXY") ? "HTTPS_PROXY" : NULL;
  if (!variable || !*getenv(variable) || proxy_variable(o, a, buffer)) return true;
  err_set(e, code, "%s (%s is not for mail: %s_proxy or all_proxy names a proxy for it)", e->text, variable,
          a->implicit_tls ? o->secure : o->plain);
  return true;
}

static void tell_unconnected(const struct obstacle *o, const struct mail_account *a, int code, struct err *e) {
  long number = 0;
  curl_easy_getinfo(o->curl, CURLINFO_OS_ERRNO, &number);
  const char *advice = number == ECONNREFUSED ? " (nobody listens there)" : "";
  if (number && number != EINPROGRESS)
    err_set(e, code, "cannot connect to %s port %u: %s%s", a->host, a->port, strerror((int)number), advice);
  else
    err_set(e, code, "%s", o->said);
}

/* --- certificates and keys ---------------------------------------------------------------------------------------- */

static void tell_authority(const struct obstacle *o, const struct mail_account *a, const struct certificate *c,
                           int code, struct err *e) {
  const char *colon = strrchr(o->said, ':'), *why = colon ? colon + 1 + strspn(colon + 1, " ") : o->said;
  err_set(e, code,
          "the server's certificate is of no authority that %s%s trusts (%s): --ca-file FILE trusts another one, or, "
          "where its owner says that this is its key, --pin %s",
          a->ca_file ? "the file " : "this system", a->ca_file ? a->ca_file : "", why, c->pin);
}

/* By libcurl's words, which are OpenSSL's: the result's number is lost with the connection. */
static void tell_certificate(const struct obstacle *o, const struct mail_account *a, const struct certificate *c,
                             int code, struct err *e) {
  char now[UTC_TEXT_BYTES];
  utc_format_day(utc_now(), now);
  if (ascii_find(o->said, "has expired"))
    err_set(e, code,
            "the server's certificate was valid until %s (here it is %s): its owner has to renew it, or, where this is "
            "its key all the same, --pin %s",
            c->until, now, c->pin);
  else if (ascii_find(o->said, "not yet valid"))
    err_set(e, code, "the server's certificate is valid from %s on, and here it is %s: is this machine's clock right?",
            c->from, now);
  else if (ascii_find(o->said, "issuer") || ascii_find(o->said, "self-signed") || ascii_find(o->said, "self signed"))
    tell_authority(o, a, c, code, e);
  else if (ascii_find(o->said, "match") && *c->names)
    err_set(
        e, code,
        "the server's certificate is for %s, not for %s: name the server as its certificate does, or, where this is "
        "its key, --pin %s",
        c->names, a->host, c->pin);
  else
    err_set(e, code, "%s; its key is %s (--pin)", o->said, c->pin);
}

static bool tell_refused(const struct obstacle *o, const struct mail_account *a, int code, struct err *e) {
  struct certificate c;
  if (!certificate_ask(o->curl, o->url, &c)) return false;
  if (o->code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
    err_set(e, code,
            "the server's public key is %s, not the one of the pin, %s: somebody is between, or the server has another "
            "key now, which its owner can confirm",
            c.pin, a->pin);
  else
    tell_certificate(o, a, &c, code, e);
  return true;
}

static bool tell_bad_file(const struct mail_account *a, int code, struct err *e) {
  if (!a->ca_file) return false;
  if (access(a->ca_file, R_OK) < 0)
    err_set_errno(e, code, "the file of authorities %s", a->ca_file);
  else
    err_set(e, code, "the file of authorities %s: holds no certificate (PEM)", a->ca_file);
  return true;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

bool obstacle_tell(const struct obstacle *o, const struct mail_account *a, int *code, struct err *e) {
  switch (o->code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      err_set(e, *code, "the host %s has no address in the DNS, or the DNS does not answer", a->host);
      return tell_other_proxy(o, a, *code, e);
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return tell_proxy(o, a, *code, e);
    case CURLE_COULDNT_CONNECT:
      if (tell_proxy(o, a, *code, e)) return true;
      tell_unconnected(o, a, *code, e);
      return tell_other_proxy(o, a, *code, e);
    case CURLE_OPERATION_TIMEDOUT:
      if (tell_proxy(o, a, *code, e) || tell_stranger(o, code, e)) return true;
      tell_silence(o, a, code, e);
      return has_come(o->curl, CURLINFO_CONNECT_TIME_T) || tell_other_proxy(o, a, *code, e);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
      return tell_proxy(o, a, *code, e) || tell_stranger(o, code, e);
    case CURLE_SSL_CONNECT_ERROR:
      return tell_no_tls(o, a, code, e);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return tell_refused(o, a, *code, e);
    case CURLE_SSL_CACERT_BADFILE:
      return tell_bad_file(a, *code, e);
    default:
      return false;
  }
}
