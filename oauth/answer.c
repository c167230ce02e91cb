/* SPDX-License-Identifier: Apache-2.0 */
/* jansson takes the JSON apart; which members there are, and what they may hold, is said here. */
#include "oauth/answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/secret_source.h"

#define INTERVAL_S 5 /* RFC 8628 3.2: where the server says none */
#define DESCRIPTION_BYTES 400

static void cleanup_json(json_t **j) { json_decref(*j); }

static void free_secret(char *text) {
  if (text) explicit_bzero(text, strlen(text));
  free(text);
}

void answer_clear(struct answer *a) {
  free_secret(a->access_token);
  free_secret(a->refresh_token);
  free_secret(a->device_code);
  free(a->user_code);
  free(a->verification_uri);
  free(a->verification_uri_complete);
  free(a->description);
  *a = (struct answer){0};
}

/* --- members ------------------------------------------------------------------------------------------------------ */

/* RFC 6749 appendix A: VSCHAR. What is told to people, or sent on to a mail server, breaks no line there. */
static bool is_printable(const char *text) {
  for (; *text; text++)
    if (*text < ' ' || *text > '~') return false;
  return true;
}

/* A text that is absent, null or empty stays NULL: an empty token is none. */
static int take_text(const json_t *object, const char *name, char **ret, struct err *e) {
  const char *text = json_string_value(json_object_get(object, name));
  if (!text || !*text) return 0;
  if (strlen(text) >= SECRET_BYTES) return err_set(e, ERR_LIMIT, "its %s has %zu bytes", name, strlen(text));
  if (!is_printable(text)) return err_set(e, ERR_FORMAT, "its %s holds characters that no such text has", name);
  *ret = mem_strdup(text);
  return 0;
}

/* Seconds: a number, or as some servers write it a text of digits. What makes no sense is not said. */
static int64_t take_seconds(const json_t *object, const char *name) {
  const json_t *value = json_object_get(object, name);
  int64_t seconds = -1;
  if (json_is_integer(value))
    seconds = json_integer_value(value);
  else if (json_is_real(value) && json_real_value(value) >= 0 && json_real_value(value) < ANSWER_SECONDS_MOST)
    seconds = (int64_t)json_real_value(value);
  else if (json_is_string(value) && !number_parse(json_string_value(value), ANSWER_SECONDS_MOST, &seconds))
    seconds = -1;
  if (seconds < 0) return -1;
  return seconds > ANSWER_SECONDS_MOST ? ANSWER_SECONDS_MOST : seconds;
}

/* Microsoft's descriptions have lines behind the first with the ids of the request. */
static void take_error(const json_t *object, struct answer *ret) {
  const char *word = json_string_value(json_object_get(object, "error"));
  const char *description = json_string_value(json_object_get(object, "error_description"));
  if (!word) return;
  snprintf(ret->error, sizeof ret->error, "%s", *word ? word : "?");
  if (!description || !*description) return;
  size_t length = strcspn(description, "\r\n");
  ret->description = mem_strndup(description, length < DESCRIPTION_BYTES ? length : DESCRIPTION_BYTES);
}

static int take_texts(const json_t *object, struct answer *ret, struct err *e) {
  const struct {
    const char *name;
    char **place;
  } TEXTS[] = {
      {"access_token", &ret->access_token},         {"refresh_token", &ret->refresh_token},
      {"device_code", &ret->device_code},           {"user_code", &ret->user_code},
      {"verification_uri", &ret->verification_uri}, {"verification_uri_complete", &ret->verification_uri_complete}};
  for (size_t i = 0; i < ARRAY_SIZE(TEXTS); i++) {
    int code = take_text(object, TEXTS[i].name, TEXTS[i].place, e);
    if (code < 0) return code;
  }
  if (ret->verification_uri) return 0;
  return take_text(object, "verification_url", &ret->verification_uri, e); /* Google's, from a draft of RFC 8628 */
}

/* RFC 6749 7.1: a token of a type that is not known must not be used. */
static int check_type(const json_t *object, struct err *e) {
  const char *type = json_string_value(json_object_get(object, "token_type"));
  if (!type || ascii_same(type, "Bearer")) return 0;
  return err_set(e, ERR_FORMAT, "its token is of the type \"%.40s\", not a bearer token", type);
}

int answer_read(const char *json, size_t size, struct answer *ret, struct err *e) {
  json_error_t unused; /* it quotes the text, which may be a token */
  _cleanup_(cleanup_json) json_t *object = json_loadb(json, size, JSON_REJECT_DUPLICATES, &unused);
  *ret = (struct answer){0};
  if (!json_is_object(object)) return err_set(e, ERR_FORMAT, "its answer is no JSON object");
  take_error(object, ret);
  int code = take_texts(object, ret, e);
  if (!code && ret->access_token) code = check_type(object, e);
  if (code < 0) {
    answer_clear(ret);
    return code;
  }
  ret->expires_in_s = take_seconds(object, "expires_in");
  ret->refresh_expires_in_s = take_seconds(object, "refresh_token_expires_in");
  ret->interval_s = take_seconds(object, "interval");
  if (ret->interval_s < 0) ret->interval_s = INTERVAL_S;
  return 0;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

int answer_check_token(const struct answer *a, struct err *e) {
  if (a->access_token) return 0;
  return err_set(e, ERR_FORMAT, "its answer has no access_token");
}

/* What a person is told to open must be a page, whoever wrote the answer. */
static bool is_page(const char *url) { return !url || ascii_begins(url, "https://") || ascii_begins(url, "http://"); }

int answer_check_device(const struct answer *a, struct err *e) {
  const char *missing = !a->device_code        ? "device_code"
                        : !a->user_code        ? "user_code"
                        : !a->verification_uri ? "verification_uri"
                        : a->expires_in_s <= 0 ? "expires_in"
                                               : NULL;
  if (missing) return err_set(e, ERR_FORMAT, "its answer has no %s", missing);
  if (is_page(a->verification_uri) && is_page(a->verification_uri_complete)) return 0;
  return err_set(e, ERR_FORMAT, "its answer has a verification_uri that is no page of the web");
}

int answer_tell_error(const struct answer *a, struct err *e) {
  static const struct {
    const char *word;
    int code;
    const char *sentence;
  } ERRORS[] = {
      {"invalid_grant", ERR_DENIED, "the agreement is not valid any more"},
      {"invalid_client", ERR_DENIED, "does not accept the client id or its secret"},
      {"unauthorized_client", ERR_DENIED, "does not let this client log in this way"},
      {"access_denied", ERR_DENIED, "says that the request was denied"},
      {"expired_token", ERR_DENIED, "says that the code has expired"},
      {"invalid_scope", ERR_USAGE, "does not give this scope"},
      {"temporarily_unavailable", ERR_BUSY, "cannot answer for the moment"},
      {"server_error", ERR_BUSY, "has a fault"},
      {"slow_down", ERR_BUSY, "asks for patience"},
      {"authorization_pending", ERR_BUSY, "waits for the person"},
  };
  const char *sentence = "refuses the request";
  int code = ERR_USAGE;
  for (size_t i = 0; i < ARRAY_SIZE(ERRORS); i++)
    if (!strcmp(a->error, ERRORS[i].word)) {
      sentence = ERRORS[i].sentence;
      code = ERRORS[i].code;
    }
  const char *colon = a->description ? ": " : "", *description = a->description ? a->description : "";
  return err_set(e, code, "%s (%s%s%s)", sentence, a->error, colon, description);
}
