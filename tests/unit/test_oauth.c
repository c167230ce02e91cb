/* SPDX-License-Identifier: Apache-2.0 */
/* OAuth without a server: settings and their contradictions, answers taken apart, the file of a refresh token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "http/http.h"
#include "oauth/answer.h"
#include "oauth/loopback.h"
#include "oauth/oauth.h"
#include "oauth/token_file.h"

/* --- settings ----------------------------------------------------------------------------------------------------- */

#define _cleanup_settings_ _cleanup_(oauth_settings_clear)

struct texts {
  const char *provider, *tenant, *client_id, *secret_file, *secret_command, *scope, *token_file, *device_url,
      *authorization_url;
};

static int finish(struct oauth_settings *s, struct texts texts, struct err *e) {
  *s = (struct oauth_settings){.provider = mem_strdup(texts.provider),
                               .tenant = mem_strdup(texts.tenant),
                               .client_id = mem_strdup(texts.client_id),
                               .secret_file = mem_strdup(texts.secret_file),
                               .secret_command = mem_strdup(texts.secret_command),
                               .scope = mem_strdup(texts.scope),
                               .token_file = mem_strdup(texts.token_file),
                               .device_url = mem_strdup(texts.device_url),
                               .authorization_url = mem_strdup(texts.authorization_url)};
  return oauth_settings_finish(s, e);
}

#define FINISH(...) finish(&s, (struct texts){__VA_ARGS__}, &e)
#define MICROSOFT .provider = "microsoft", .tenant = "example.com", .client_id = "id"

static void providers_are_known(void **state) {
  (void)state;
  struct err e = {""};
  {
    _cleanup_settings_ struct oauth_settings s;
    assert_int_equal(FINISH(MICROSOFT, .secret_file = "x"), 0);
    assert_string_equal(s.token_url, "https://login.microsoftonline.com/example.com/oauth2/v2.0/token");
    assert_string_equal(s.scope, "https://outlook.office365.com/.default");
    assert_null(s.device_url);
  }
  {
    _cleanup_settings_ struct oauth_settings s;
    assert_int_equal(FINISH(MICROSOFT, .token_file = "x"), 0);
    assert_string_equal(s.device_url, "https://login.microsoftonline.com/example.com/oauth2/v2.0/devicecode");
    assert_string_equal(s.scope, "https://outlook.office.com/IMAP.AccessAsUser.All offline_access");
  }
  {
    _cleanup_settings_ struct oauth_settings s;
    assert_int_equal(FINISH(.provider = "google", .client_id = "id", .secret_command = "x", .token_file = "y"), 0);
    assert_string_equal(s.token_url, "https://oauth2.googleapis.com/token");
    assert_string_equal(s.scope, "https://mail.google.com/");
    assert_null(s.device_url);
    assert_non_null(strstr(s.authorization_url, "https://accounts.google.com/"));
  }
  {
    _cleanup_settings_ struct oauth_settings s;
    assert_int_equal(FINISH(.provider = "https://example.com/token", .client_id = "id", .secret_file = "x"), 0);
    assert_string_equal(s.token_url, "https://example.com/token");
    assert_null(s.scope);
  }
  {
    _cleanup_settings_ struct oauth_settings s;
    assert_int_equal(FINISH(MICROSOFT, .token_file = "x", .scope = "a b"), 0);
    assert_string_equal(s.scope, "a b");
  }
}

static void settings_that_contradict_each_other_are_refused(void **state) {
  (void)state;
  const struct {
    struct texts texts;
    const char *said;
  } CASES[] = {
      {{.client_id = "id"}, "client-id goes with oauth"},
      {{.token_file = "x"}, "token-file goes with oauth"},
      {{.provider = "google", .token_file = "x"}, "oauth needs client-id"},
      {{.provider = "microsoft", .client_id = "id", .secret_file = "x"}, "needs tenant"},
      {{.provider = "google", .tenant = "t", .client_id = "id", .token_file = "x"}, "microsoft alone"},
      {{.provider = "google", .client_id = "id", .secret_file = "x"}, "needs token-file"},
      {{MICROSOFT}, "oauth needs client-secret-file"},
      {{MICROSOFT, .secret_file = "x", .secret_command = "y"}, "one of client-secret-file"},
      {{MICROSOFT, .token_file = "x", .device_url = "https://example.com/"}, "with a URL"},
      {{.provider = "https://example.com/",
        .client_id = "id",
        .secret_file = "x",
        .device_url = "https://example.com/"},
       "go with token-file"},
      {{.provider = "https://example.com/",
        .client_id = "id",
        .token_file = "x",
        .device_url = "https://example.com/",
        .authorization_url = "https://example.com/"},
       "either device-url"},
      {{.provider = "http://example.com/token", .client_id = "id", .secret_file = "x"}, "without TLS"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_settings_ struct oauth_settings s;
    struct err e = {""};
    assert_int_equal(finish(&s, CASES[i].texts, &e), ERR_USAGE);
    if (!strstr(e.text, CASES[i].said)) fail_msg("\"%s\" is not in \"%s\"", CASES[i].said, e.text);
  }
}

static void secrets_go_nowhere_without_tls(void **state) {
  (void)state;
  static const char *const GOOD[] = {"https://example.com/token", "HTTPS://example.com:8443/a?b=c",
                                     "http://127.0.0.1:8080/token", "http://127.9.9.9/", "http://[::1]:1/token"};
  static const char *const BAD[] = {"http://example.com/token",
                                    "http://localhost/token",
                                    "http://127.0.0.1.example.com/",
                                    "http://[::2]/",
                                    "http://0.0.0.0/",
                                    "https://joe:x@example.com/",
                                    "https://example.com/#x",
                                    "ftp://127.0.0.1/",
                                    "example.com/token",
                                    "microsoft365",
                                    ""};
  for (size_t i = 0; i < ARRAY_SIZE(GOOD); i++) assert_int_equal(http_url_check(GOOD[i], NULL), 0);
  for (size_t i = 0; i < ARRAY_SIZE(BAD); i++)
    if (http_url_check(BAD[i], NULL) != ERR_USAGE) fail_msg("%s", BAD[i]);
}

static void a_tenant_cannot_lead_elsewhere(void **state) {
  (void)state;
  assert_int_equal(oauth_tenant_check("00000000-0000-0000-0000-000000000000", NULL), 0);
  assert_int_equal(oauth_tenant_check("example.com", NULL), 0);
  static const char *const BAD[] = {"", "a/b", "..%2f", "a b", "a?b", "a#b", "@example.com"};
  for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) assert_int_equal(oauth_tenant_check(BAD[i], NULL), ERR_USAGE);
}

static void fields_are_encoded(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf form = STRBUF_INIT;
  http_add_field(&form, "a", "x y&z=1+%\n\xc3\xbc");
  http_add_field(&form, "b", "-._~");
  assert_string_equal(form.data, "a=x%20y%26z%3D1%2B%25%0A%C3%BC&b=-._~");
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

#define _cleanup_answer_ _cleanup_(answer_clear)

static int read_text(const char *json, struct answer *ret, struct err *e) {
  return answer_read(json, strlen(json), ret, e);
}

static void a_token_is_read(void **state) {
  (void)state;
  _cleanup_answer_ struct answer a;
  struct err e;
  assert_int_equal(read_text("{\"access_token\":\"abc\",\"token_type\":\"bearer\",\"expires_in\":3599,\"other\":[{}],"
                             "\"refresh_token\":\"r\",\"refresh_token_expires_in\":\"604799\"}",
                             &a, &e),
                   0);
  assert_int_equal(answer_check_token(&a, &e), 0);
  assert_string_equal(a.access_token, "abc");
  assert_string_equal(a.refresh_token, "r");
  assert_int_equal(a.expires_in_s, 3599);
  assert_int_equal(a.refresh_expires_in_s, 604799);
}

static void a_lifetime_that_makes_no_sense_is_not_said(void **state) {
  (void)state;
  static const struct {
    const char *json;
    int64_t seconds;
  } CASES[] = {{"null", -1},
               {"-1", -1},
               {"\"soon\"", -1},
               {"[]", -1},
               {"true", -1},
               {"\"60\"", 60},
               {"59.9", 59},
               {"1e300", -1},
               {"\"-5\"", -1},
               {"0", 0},
               {"9007199254740993", ANSWER_SECONDS_MOST}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_answer_ struct answer a;
    _cleanup_free_ char *json = mem_printf("{\"access_token\":\"abc\",\"expires_in\":%s}", CASES[i].json);
    assert_int_equal(read_text(json, &a, NULL), 0);
    assert_int_equal(a.expires_in_s, CASES[i].seconds);
  }
}

static void what_is_no_answer_is_refused(void **state) {
  (void)state;
  static const char *const BAD[] = {"",
                                    "<html>",
                                    "[]",
                                    "\"abc\"",
                                    "{\"access_token\":\"abc\"",
                                    "{\"access_token\":\"abc\"} x",
                                    "{\"access_token\":\"abc\",\"access_token\":\"def\"}",
                                    "{\"access_token\":\"a\\u0000b\"}",
                                    "{\"access_token\":\"a\\u0001auth\"}",
                                    "{\"access_token\":\"a\\r\\nb\"}",
                                    "{\"access_token\":\"\xff\"}",
                                    "{\"refresh_token\":\"a\\nb\"}",
                                    "{\"user_code\":\"\\u001b[2J\"}",
                                    "{\"access_token\":\"abc\",\"token_type\":\"mac\"}"};
  for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) {
    struct answer a;
    struct err e = {""};
    if (read_text(BAD[i], &a, &e) != ERR_FORMAT) fail_msg("%s", BAD[i]);
    assert_null(strstr(e.text, "abc"));
  }
  static const char *const NO_TOKEN[] = {"{}", "{\"access_token\":\"\"}", "{\"access_token\":7}",
                                         "{\"access_token\":null}"};
  for (size_t i = 0; i < ARRAY_SIZE(NO_TOKEN); i++) {
    _cleanup_answer_ struct answer a;
    assert_int_equal(read_text(NO_TOKEN[i], &a, NULL), 0);
    assert_int_equal(answer_check_token(&a, NULL), ERR_FORMAT);
  }
}

static void a_token_has_a_largest_size(void **state) {
  (void)state;
  for (int more = 0; more < 2; more++) {
    struct strbuf json = STRBUF_INIT;
    _cleanup_answer_ struct answer a;
    strbuf_add_text(&json, "{\"access_token\":\"");
    for (int i = 0; i < SECRET_BYTES - 1 + more; i++) strbuf_add_char(&json, 'a');
    strbuf_add_text(&json, "\"}");
    assert_int_equal(answer_read(json.data, json.length, &a, NULL), more ? ERR_LIMIT : 0);
    strbuf_clear(&json);
  }
}

static void a_code_to_type_in_is_read(void **state) {
  (void)state;
  _cleanup_answer_ struct answer a, google;
  assert_int_equal(
      read_text("{\"device_code\":\"d\",\"user_code\":\"WDJB-MJHT\",\"verification_uri\":\"https://example.com/\","
                "\"expires_in\":900}",
                &a, NULL),
      0);
  assert_int_equal(answer_check_device(&a, NULL), 0);
  assert_int_equal(a.interval_s, 5);
  assert_int_equal(read_text("{\"device_code\":\"d\",\"user_code\":\"x\",\"verification_url\":\"https://example.com/\","
                             "\"expires_in\":900,\"interval\":7}",
                             &google, NULL),
                   0);
  assert_int_equal(answer_check_device(&google, NULL), 0);
  assert_int_equal(google.interval_s, 7);
  static const char *const LACKING[] = {"device_code", "user_code", "verification_uri", "expires_in"};
  for (size_t i = 0; i < ARRAY_SIZE(LACKING); i++) {
    struct strbuf json = STRBUF_INIT;
    _cleanup_answer_ struct answer less;
    struct err e;
    strbuf_add_text(&json, "{\"x\":1");
    for (size_t n = 0; n < ARRAY_SIZE(LACKING); n++)
      if (n != i) strbuf_printf(&json, n == 3 ? ",\"%s\":900" : ",\"%s\":\"x\"", LACKING[n]);
    strbuf_add_char(&json, '}');
    assert_int_equal(answer_read(json.data, json.length, &less, &e), 0);
    assert_int_equal(answer_check_device(&less, &e), ERR_FORMAT);
    assert_non_null(strstr(e.text, LACKING[i]));
    strbuf_clear(&json);
  }
}

static void errors_say_whether_to_try_again(void **state) {
  (void)state;
  static const struct {
    const char *word;
    int code;
  } CASES[] = {{"invalid_grant", ERR_DENIED},
               {"invalid_client", ERR_DENIED},
               {"unauthorized_client", ERR_DENIED},
               {"access_denied", ERR_DENIED},
               {"expired_token", ERR_DENIED},
               {"invalid_scope", ERR_USAGE},
               {"temporarily_unavailable", ERR_BUSY},
               {"slow_down", ERR_BUSY},
               {"authorization_pending", ERR_BUSY},
               {"invented", ERR_USAGE},
               {"", ERR_USAGE}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_answer_ struct answer a;
    _cleanup_free_ char *json = mem_printf(
        "{\"error\":\"%s\",\"error_description\":\"AADSTS700082: expired.\\r\\nTrace ID: x\"}", CASES[i].word);
    struct err e;
    assert_int_equal(read_text(json, &a, &e), 0);
    assert_true(*a.error);
    assert_int_equal(answer_tell_error(&a, &e), CASES[i].code);
    assert_non_null(strstr(e.text, ": AADSTS700082: expired.)"));
  }
}

/* --- a browser ---------------------------------------------------------------------------------------------------- */

static void a_challenge_is_that_of_the_rfc(void **state) {
  (void)state;
  char challenge[LOOPBACK_RANDOM_TEXT], one[LOOPBACK_RANDOM_TEXT], other[LOOPBACK_RANDOM_TEXT];
  loopback_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge); /* RFC 7636 B */
  assert_string_equal(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  loopback_random(one);
  loopback_random(other);
  assert_int_equal(strlen(one), 43);
  assert_int_equal(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
  assert_string_not_equal(one, other);
}

static void only_a_browser_with_our_state_is_heard(void **state) {
  (void)state;
  static const struct {
    const char *target, *code, *error;
  } CASES[] = {{"/?code=4%2Fabc&state=xyz", "4/abc", NULL},
               {"/?state=xyz&scope=a%20b&code=c", "c", NULL},
               {"/?error=access_denied&state=xyz&code=c", NULL, "access_denied"},
               {"/?code=c", NULL, NULL},
               {"/?code=c&state=xy", NULL, NULL},
               {"/?code=c&state=xyzz", NULL, NULL},
               {"/?code=c&xstate=xyz", NULL, NULL},
               {"/?code=c&state=xyz%00", NULL, NULL},
               {"/?state=xyz", NULL, NULL},
               {"/favicon.ico?code=c&state=xyz", NULL, NULL},
               {"/", NULL, NULL},
               {"", NULL, NULL}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *code = NULL, *error = NULL;
    assert_int_equal(loopback_read(CASES[i].target, "xyz", &code, &error), CASES[i].code || CASES[i].error);
    if (CASES[i].code) assert_string_equal(code, CASES[i].code);
    if (CASES[i].error) assert_string_equal(error, CASES[i].error);
    if (!CASES[i].code) assert_null(code);
  }
}

/* --- the token file ----------------------------------------------------------------------------------------------- */

struct fixture {
  char folder[64], path[80], next[96];
};

static int make_folder(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  strcpy(f->folder, "/tmp/dmarcctl-oauth.XXXXXX");
  if (!mkdtemp(f->folder)) return -1;
  snprintf(f->path, sizeof f->path, "%s/token", f->folder);
  snprintf(f->next, sizeof f->next, "%s.new", f->path);
  *state = f;
  return 0;
}

static int remove_folder(void **state) {
  struct fixture *f = *state;
  unlink(f->path);
  unlink(f->next);
  rmdir(f->folder);
  free(f);
  return 0;
}

static void write_file(const char *path, const char *text, mode_t mode) {
  _cleanup_fclose_ FILE *out = fopen(path, "w");
  assert_non_null(out);
  fputs(text, out);
  assert_int_equal(chmod(path, mode), 0);
}

static void expect_token(const struct fixture *f, const char *token) {
  struct token_file t;
  assert_int_equal(token_file_lock(&t, f->path, false, NULL, NULL), 0);
  assert_int_equal(token_file_read(&t, NULL), 0);
  assert_string_equal(t.token, token);
  token_file_close(&t);
}

static void a_refresh_token_is_replaced_whole(void **state) {
  struct fixture *f = *state;
  struct token_file t;
  struct stat st;
  write_file(f->path, "a long one that was there before\nnotes\n", 0600);
  write_file(f->next, "left behind by a kill\n", 0644);
  assert_int_equal(token_file_lock(&t, f->path, false, NULL, NULL), 0);
  assert_int_equal(token_file_prepare(&t, NULL), 0);
  assert_int_equal(token_file_replace(&t, "new", NULL), 0);
  token_file_close(&t);
  expect_token(f, "new");
  assert_int_equal(stat(f->path, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0600);
  assert_int_equal(st.st_size, 4);
  assert_int_equal(access(f->next, F_OK), -1);
}

static void an_editors_mark_is_none_of_the_token(void **state) {
  struct fixture *f = *state;
  write_file(f->path,
             "\xef\xbb\xbf"
             "by hand\r\nnotes\r\n",
             0600);
  expect_token(f, "by hand");
}

/* Others may share what the link leads to. */
static void a_token_file_may_be_a_symbolic_link(void **state) {
  struct fixture *f = *state;
  struct token_file t;
  struct stat st;
  _cleanup_free_ char *link = mem_printf("%s/link", f->folder);
  write_file(f->path, "old\n", 0600);
  assert_int_equal(symlink("token", link), 0);
  assert_int_equal(token_file_lock(&t, link, false, NULL, NULL), 0);
  assert_int_equal(token_file_prepare(&t, NULL), 0);
  assert_int_equal(token_file_replace(&t, "new", NULL), 0);
  token_file_close(&t);
  expect_token(f, "new");
  assert_int_equal(lstat(link, &st), 0);
  assert_true(S_ISLNK(st.st_mode));
  assert_int_equal(unlink(f->path), 0);
  assert_int_equal(token_file_lock(&t, link, true, NULL, NULL), 0); /* to nowhere: login makes what it leads to */
  token_file_close(&t);
  assert_int_equal(access(f->path, F_OK), 0);
  unlink(link);
}

static void a_token_file_that_is_not_replaced_stays(void **state) {
  struct fixture *f = *state;
  struct token_file t;
  write_file(f->path, "old\n", 0600);
  assert_int_equal(token_file_lock(&t, f->path, false, NULL, NULL), 0);
  assert_int_equal(token_file_prepare(&t, NULL), 0);
  token_file_close(&t);
  expect_token(f, "old");
  assert_int_equal(access(f->next, F_OK), -1);
}

static void a_token_file_that_others_can_read_is_refused(void **state) {
  struct fixture *f = *state;
  static const mode_t OPEN[] = {0640, 0604, 0620, 0602, 0610, 0644, 0666};
  for (size_t i = 0; i < ARRAY_SIZE(OPEN); i++) {
    struct token_file t;
    struct err e;
    write_file(f->path, "secret\n", OPEN[i]);
    assert_int_equal(token_file_lock(&t, f->path, false, NULL, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "chmod 600"));
    token_file_close(&t);
  }
}

static void a_token_file_that_is_not_there_or_empty_is_told(void **state) {
  struct fixture *f = *state;
  struct token_file t;
  assert_int_equal(token_file_lock(&t, f->path, false, NULL, NULL), ERR_NOT_FOUND);
  token_file_close(&t);
  write_file(f->path, "\nx\n", 0600);
  assert_int_equal(token_file_lock(&t, f->path, false, NULL, NULL), 0);
  assert_int_equal(token_file_read(&t, NULL), ERR_NOT_FOUND);
  token_file_close(&t);
  assert_int_equal(token_file_lock(&t, f->folder, false, NULL, NULL), ERR_USAGE);
  token_file_close(&t);
}

static void a_token_file_is_one_process_s(void **state) {
  struct fixture *f = *state;
  struct token_file t, other;
  volatile sig_atomic_t interrupted = 1;
  const struct stop stop = {.interrupted = &interrupted};
  write_file(f->path, "old\n", 0600);
  assert_int_equal(token_file_lock(&t, f->path, false, NULL, NULL), 0);
  assert_int_equal(token_file_lock(&other, f->path, false, &stop, NULL), ERR_INTERRUPTED);
  token_file_close(&other);
  token_file_close(&t);
  assert_int_equal(token_file_lock(&other, f->path, false, &stop, NULL), 0);
  token_file_close(&other);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(providers_are_known),
      cmocka_unit_test(settings_that_contradict_each_other_are_refused),
      cmocka_unit_test(secrets_go_nowhere_without_tls),
      cmocka_unit_test(a_tenant_cannot_lead_elsewhere),
      cmocka_unit_test(fields_are_encoded),
      cmocka_unit_test(a_token_is_read),
      cmocka_unit_test(a_lifetime_that_makes_no_sense_is_not_said),
      cmocka_unit_test(what_is_no_answer_is_refused),
      cmocka_unit_test(a_token_has_a_largest_size),
      cmocka_unit_test(a_code_to_type_in_is_read),
      cmocka_unit_test(errors_say_whether_to_try_again),
      cmocka_unit_test(a_challenge_is_that_of_the_rfc),
      cmocka_unit_test(only_a_browser_with_our_state_is_heard),
      WITH_FOLDER(a_refresh_token_is_replaced_whole),
      WITH_FOLDER(an_editors_mark_is_none_of_the_token),
      WITH_FOLDER(a_token_file_may_be_a_symbolic_link),
      WITH_FOLDER(a_token_file_that_is_not_replaced_stays),
      WITH_FOLDER(a_token_file_that_others_can_read_is_refused),
      WITH_FOLDER(a_token_file_that_is_not_there_or_empty_is_told),
      WITH_FOLDER(a_token_file_is_one_process_s),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
