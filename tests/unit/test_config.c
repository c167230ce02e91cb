/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: what a line means, what is a mistake, and what goes before what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/config_notify.h"

/* --- files -------------------------------------------------------------------------------------------------------- */

struct fixture {
  char folder[64];
  char *path;
  struct config config;
  struct err e;
};

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  snprintf(f->folder, sizeof f->folder, "/tmp/dmarcctl-config.XXXXXX");
  assert_non_null(mkdtemp(f->folder));
  f->path = mem_printf("%s/config", f->folder);
  setenv("HOME", "/home/joe", 1);
  unsetenv("DMARCCTL_DB");
  unsetenv("DMARCCTL_CONFIG");
  unsetenv("XDG_CONFIG_HOME");
  unsetenv("NO_COLOR");
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  config_clear(&f->config);
  unlink(f->path);
  rmdir(f->folder);
  free(f->path);
  free(f);
  return 0;
}

static void put(struct fixture *f, const void *text, size_t size) {
  FILE *file = fopen(f->path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static int read_bytes(struct fixture *f, const void *text, size_t size) {
  put(f, text, size);
  config_clear(&f->config);
  return config_read(&f->config, f->path, &f->e);
}

static int read_text(struct fixture *f, const char *text) { return read_bytes(f, text, strlen(text)); }

/* The text has this one mistake, told so. */
static void assert_mistake(struct fixture *f, const char *text, unsigned line, const char *told) {
  assert_int_equal(read_text(f, text), ERR_USAGE);
  if (f->config.mistake_count != 1) print_message("mistakes of: %s\n", text);
  assert_int_equal(f->config.mistake_count, 1);
  assert_int_equal(f->config.mistakes[0].line, line);
  if (!strstr(f->config.mistakes[0].text, told)) print_message("told: %s\n", f->config.mistakes[0].text);
  assert_non_null(strstr(f->config.mistakes[0].text, told));
}

static void assert_entry(const struct config *c, unsigned section, unsigned entry, const char *key, const char *value) {
  assert_true(section < c->count && entry < c->sections[section].count);
  assert_string_equal(c->sections[section].entries[entry].key, key);
  assert_string_equal(c->sections[section].entries[entry].value, value);
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void crlf_a_byte_order_mark_blanks_and_comments_change_nothing(void **state) {
  struct fixture *f = *state;
  assert_int_equal(
      read_text(f, "\xef\xbb\xbf[defaults]\r\n; one\r\n# two\r\n\r\n\tjobs=3 \r\n  [ readiness ]  \r\nreporters = 4"),
      0);
  assert_entry(&f->config, 0, 0, "jobs", "3");
  assert_entry(&f->config, 1, 0, "reporters", "4");
  assert_int_equal(f->config.sections[1].entries[0].line, 7);
}

static void an_indented_line_is_no_continuation(void **state) {
  struct fixture *f = *state;
  assert_int_equal(read_text(f, "[defaults]\njobs = 3\n   timeout = 9\n"), 0);
  assert_entry(&f->config, 0, 0, "jobs", "3");
  assert_entry(&f->config, 0, 1, "timeout", "9");
}

static void a_value_keeps_what_looks_like_a_comment_or_a_separator(void **state) {
  struct fixture *f = *state;
  assert_int_equal(read_text(f,
                             "[account a]\nurl = imaps://joe@example.com/\n"
                             "password-command = sh -c 'pass a:b=c; true' # first\nfolder = DMARC #1\n"),
                   0);
  assert_entry(&f->config, 0, 1, "password-command", "sh -c 'pass a:b=c; true' # first");
  assert_entry(&f->config, 0, 2, "folder", "DMARC #1");
}

static void what_inih_would_cut_or_guess_is_a_mistake(void **state) {
  struct fixture *f = *state;
  assert_mistake(f, "[defaults]\njobs = 3 ; three\n", 2, "\";\" behind a blank");
  assert_mistake(f, "[defaults]\njobs: 3\n", 2, "is neither KEY = VALUE");
  assert_mistake(f, "[defaults]\njobs\n", 2, "is neither KEY = VALUE");
  assert_mistake(f, "[defaults] yes\njobs = 3\n", 1, "alone in its line");
  assert_mistake(f, "[defaults\njobs = x\n", 1, "alone in its line");
  assert_mistake(f, "[defaults]\njobs =\n", 2, "jobs: has no value");
  assert_mistake(f, "[defaults]\ndatabase = \"/a b\"\n", 2, "quotes would belong to the value");
  assert_mistake(f, "[defaults]\n= 3\n", 2, "there is no key \"\"");
}

static void what_is_no_text_is_a_mistake(void **state) {
  struct fixture *f = *state;
  assert_mistake(f, "[defaults]\n; \x01\n", 2, "a control character (0x01)");
  assert_mistake(f, "[defaults]\rjobs = 3\n", 1, "a control character (0x0d)");
  assert_mistake(f, "; caf\xe9\n", 1, "is no UTF-8");
  static const char WITH_NUL[] = "[defaults]\n\0jobs = 3\n";
  assert_int_equal(read_bytes(f, WITH_NUL, sizeof WITH_NUL - 1), ERR_USAGE);
  assert_non_null(strstr(f->config.mistakes[0].text, "a control character (0x00)"));
}

static void a_line_too_long_is_told_and_nothing_of_it_is_taken(void **state) {
  struct fixture *f = *state;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "[account a]\nurl = imaps://joe@example.com/\nfolder = ");
  for (int i = 0; i < 10000; i++) strbuf_add_char(&text, 'x');
  strbuf_add_text(&text, "\nafter = flag\n");
  assert_mistake(f, text.data, 3, "is longer than ");
  assert_entry(&f->config, 0, 1, "after", "flag");
  unsigned most = 0;
  assert_int_equal(sscanf(f->config.mistakes[0].text, "is longer than %u", &most), 1);
  strbuf_reset(&text);
  strbuf_add_text(&text, "[account a]\nurl = imaps://joe@example.com/\nfolder = ");
  for (unsigned i = 0; i < most - strlen("folder = "); i++) strbuf_add_char(&text, 'x');
  assert_int_equal(read_text(f, text.data), 0);
  assert_int_equal(strlen(f->config.sections[0].entries[1].value), most - strlen("folder = "));
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void mistakes_are_told_all_and_in_their_order(void **state) {
  struct fixture *f = *state;
  assert_int_equal(read_text(f, "[account a]\nuser = joe\n[defaults]\njobs = 0\n[x]\ny = 1\n"), ERR_USAGE);
  assert_string_equal(f->e.text, "");
  assert_int_equal(f->config.mistake_count, 3);
  assert_string_equal(f->config.mistakes[0].text, "[account a]: needs a url, or host and user");
  assert_string_equal(f->config.mistakes[1].text, "jobs: \"0\" is no number from 1 to 64");
  assert_int_equal(f->config.mistakes[2].line, 5);
}

static void a_file_full_of_mistakes_is_told_in_part(void **state) {
  struct fixture *f = *state;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  for (int i = 0; i < CONFIG_MISTAKES + 7; i++) strbuf_add_text(&text, "what\n");
  assert_int_equal(read_text(f, text.data), ERR_USAGE);
  assert_int_equal(f->config.mistake_count, CONFIG_MISTAKES);
  assert_int_equal(f->config.mistakes_left_out, 7);
}

static void a_file_without_end_is_refused(void **state) {
  struct fixture *f = *state;
  assert_int_equal(config_read(&f->config, "/dev/zero", &f->e), ERR_LIMIT);
}

static void a_file_that_everybody_may_write_is_refused(void **state) {
  struct fixture *f = *state;
  put(f, "[defaults]\n", 11);
  assert_int_equal(chmod(f->path, 0646), 0);
  assert_int_equal(config_read(&f->config, f->path, &f->e), ERR_USAGE);
  assert_non_null(strstr(f->e.text, "everybody may write it"));
}

static void a_named_file_must_exist_and_a_default_one_need_not(void **state) {
  struct fixture *f = *state;
  assert_int_equal(config_read(&f->config, f->path, &f->e), ERR_NOT_FOUND);
  config_clear(&f->config);
  setenv("DMARCCTL_CONFIG", f->path, 1);
  assert_int_equal(config_read(&f->config, NULL, &f->e), ERR_NOT_FOUND);
  config_clear(&f->config);
  unsetenv("DMARCCTL_CONFIG");
  setenv("XDG_CONFIG_HOME", f->folder, 1);
  int code = config_read(&f->config, NULL, &f->e); /* this machine may have one in /etc */
  assert_int_not_equal(code, ERR_NOT_FOUND);
}

static void the_users_file_lies_in_the_folder_of_configurations(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *folder = mem_printf("%s/dmarcctl", f->folder);
  _cleanup_free_ char *inside = mem_printf("%s/config", folder);
  assert_int_equal(mkdir(folder, 0700), 0);
  put(f, "[defaults]\njobs = 5\n", 20);
  assert_int_equal(rename(f->path, inside), 0);
  setenv("XDG_CONFIG_HOME", f->folder, 1);
  assert_int_equal(config_read(&f->config, NULL, &f->e), 0);
  assert_string_equal(f->config.path, inside);
  unlink(inside);
  rmdir(folder);
}

static void paths_are_relative_to_the_file_or_to_the_home(void **state) {
  struct fixture *f = *state;
  assert_int_equal(read_text(f, "[defaults]\ndatabase = a/b.db\nsender-map = ~/map.csv\nasn-db = /x.mmdb\n"), 0);
  _cleanup_free_ char *beside = mem_printf("%s/a/b.db", f->folder);
  assert_entry(&f->config, 0, 0, "database", beside);
  assert_entry(&f->config, 0, 1, "sender-map", "/home/joe/map.csv");
  assert_entry(&f->config, 0, 2, "asn-db", "/x.mmdb");
}

/* --- sections and keys -------------------------------------------------------------------------------------------- */

static void sections_and_keys_must_be_known_and_stand_once(void **state) {
  struct fixture *f = *state;
  assert_mistake(f, "jobs = 3\n", 1, "jobs: stands before the first section");
  assert_mistake(f, "[default]\njobs = x\n", 1, "there is no section [default]");
  assert_mistake(f, "[accounts a]\njobs = x\n", 1, "there is no section [accounts a]");
  assert_mistake(f, "[account]\n", 1, "[account NAME]: a name has");
  assert_mistake(f, "[account a b]\n", 1, "[account NAME]: a name has");
  assert_mistake(f, "[defaults]\n[readiness]\n[defaults]\njobs = x\n", 3, "[defaults] begins in line 1 already");
  assert_mistake(f, "[defaults]\njobs = 3\njobs = 3\n", 3, "jobs: stands in line 2 already");
  assert_mistake(f, "[defaults]\nformat = json\n", 2, "there is no key \"format\" in [defaults]; there are: jobs, ");
  assert_mistake(f, "[defaults]\nurl = imaps://joe@example.com/\n", 2, "there is no key \"url\"");
  assert_mistake(f, "[account a]\njobs = 3\n", 2, "there is no key \"jobs\" in [account NAME]; there are: url, host, ");
  assert_mistake(f, "[readiness]\nnothing = 3\n", 2, "there is no threshold \"nothing\"");
  assert_mistake(f, "[readiness]\nreporters = many\n", 2, "reporters: \"many\" is no number");
}

static void a_group_names_domains_by_name_glob_and_file(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *list = mem_printf("%s/list", f->folder);
  FILE *file = fopen(list, "w");
  fputs(
      "\xef\xbb\xbfone.example two.example # three.example\n*.b\xc3\xbc"
      "cher.example\n",
      file);
  fclose(file);
  assert_int_equal(
      read_text(f, "[group a]\ndomains = Example.COM.,@list\ndomains = ?.example\n[group b]\ndomains = x\n"), 0);
  unlink(list);
  const struct group *g = &config_group_find(&f->config, "A")->group;
  assert_int_equal(g->name_count, 3);
  assert_string_equal(g->names[0], "example.com");
  assert_string_equal(g->names[2], "two.example");
  assert_int_equal(g->glob_count, 2);
  assert_string_equal(g->globs[0], "*.xn--bcher-kva.example");
  assert_string_equal(config_group_at(&f->config, 1)->name, "b");
  assert_null(config_group_at(&f->config, 2));
  assert_null(config_group_find(&f->config, "c"));
}

static void a_file_of_domains_is_one_that_nobody_else_may_write(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *list = mem_printf("%s/list", f->folder);
  static const char SECTION[] = "[group a]\ndomains = @list\n";
  FILE *file = fopen(list, "w");
  fputs("one.example\n", file);
  fclose(file);
  chmod(list, 0646);
  assert_mistake(f, SECTION, 2, "everybody may write it: chmod go-w");
  chmod(list, 0664);
  assert_mistake(f, SECTION, 2, "its group may write it");
  chmod(list, 0644);
  assert_int_equal(read_text(f, SECTION), 0);
  unlink(list);
  assert_int_equal(mkfifo(list, 0600), 0);
  assert_mistake(f, SECTION, 2, "list: is no file"); /* and nobody waits for a writer */
  unlink(list);
}

/* Reports have A-labels, of which no part stands for a part of the U-label. */
static void a_glob_in_letters_that_reports_never_have_is_a_mistake(void **state) {
  struct fixture *f = *state;
  assert_mistake(f, "[group a]\ndomains = *\xc3\xbc*.example\n", 2, "beside * and ? a label is compared in ASCII");
  assert_mistake(f, "[group a]\ndomains = b.example, x.b\xc3\xbc?.example\n", 2, "\"x.b\xc3\xbc?.example\"");
  assert_int_equal(read_text(f,
                             "[group a]\ndomains = *.b\xc3\xbc"
                             "cher.*, xn--b*.example\n"),
                   0);
  assert_string_equal(config_group_at(&f->config, 0)->group.globs[0], "*.xn--bcher-kva.*");
}

static void a_glob_meets_names_from_end_to_end(void **state) {
  (void)state;
  static const struct {
    const char *glob, *name;
    bool meets;
  } CASES[] = {{"*", "a.example", true},
               {"*.example", "a.b.example", true},
               {"*.example", "example", false},
               {"?.example", "a.example", true},
               {"?.example", "ab.example", false},
               {"a*b*c", "axbxbc", true},
               {"a*b*c", "axbxb", false},
               {"a*", "a", true},
               {"*a", "ba", true},
               {"*a", "bab", false},
               {"**.example", "a.example", true},
               {"a?", "a", false},
               {"*aab", "aaaaaaaaaaaaaab", true},
               {"x*.example", "x.example.org", false}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++)
    assert_int_equal(group_glob_matches(CASES[i].glob, CASES[i].name), CASES[i].meets);
}

static void a_notice_says_whom_when_and_of_what(void **state) {
  struct fixture *f = *state;
  assert_int_equal(
      read_text(f,
                "[group a]\ndomains = example.com\n[notify me]\nto = mailto:joe@EXAMPLE.com,ann@example.net\n"
                "every = week\nkinds = surge,own_broken\nseverity = warning\ndomain = B\xc3\xbc"
                "cher.example\ndomain = example.org\ngroup = A\nsmtp = smtps://joe@mail.example.com\n"
                "password-file = password\nfrom = dmarc@example.com\nretries = 0\n[notify her]\nto = exec:true\n"),
      0);
  struct notify_section s;
  assert_int_equal(config_make_notify(&f->config, config_notify_find(&f->config, "me"), &s, &f->e), 0);
  assert_int_equal(s.way.kind, WAY_MAIL);
  assert_int_equal(s.way.recipients.count, 2);
  assert_string_equal(s.way.recipients.items[0], "joe@example.com");
  assert_string_equal(s.way.smtp_host, "mail.example.com");
  assert_int_equal(s.way.retries, 0);
  _cleanup_free_ char *path = mem_printf("%s/password", f->folder);
  assert_string_equal(s.way.password_file, path);
  assert_string_equal(s.wish.section, "me");
  assert_int_equal(s.wish.every, NOTICE_WEEK);
  assert_int_equal(s.wish.kinds, 1u << CONCERN_SURGE | 1u << CONCERN_OWN_BROKEN);
  assert_int_equal(s.wish.severity, CONCERN_WARNING);
  assert_int_equal(s.domains.count, 2);
  assert_int_equal(s.named->name_count, 2);
  assert_string_equal(s.named->names[0], "xn--bcher-kva.example");
  assert_int_equal(s.groups.count, 1);
  notify_section_clear(&s);
  assert_int_equal(config_make_notify(&f->config, config_notify_at(&f->config, 1), &s, &f->e), 0);
  assert_int_equal(s.wish.every, NOTICE_EVENT);
  assert_int_equal(s.wish.kinds, 0);
  assert_int_equal(s.wish.severity, CONCERN_NOTICE);
  notify_section_clear(&s);
  assert_null(config_notify_at(&f->config, 2));
}

static void a_notice_makes_sense_as_a_whole(void **state) {
  struct fixture *f = *state;
  assert_mistake(f, "[notify me]\nevery = week\n", 1, "[notify me]: needs to = mailto:ADDRESS");
  assert_mistake(f, "[notify me]\nto = exec:true\ngroup = none\n", 1, "[notify me]: there is no [group none]");
  assert_mistake(f, "[notify me]\nto = exec:true\nfrom = joe@example.com\n", 1, "goes with to = mailto:");
  assert_mistake(f, "[notify me]\nto = exec:true\n[notify me]\nto = exec:true\n", 3,
                 "[notify me] begins in line 1 already");
  assert_mistake(f, "[notify a b]\nto = exec:true\n", 1, "[notify NAME]: a name has 1 to 64");
  assert_mistake(f, "[notify me]\nto = mailto:joe@example.com\npassword = abcdef\n", 3, "password: has no place");
  assert_null(strstr(f->config.mistakes[0].text, "abcdef"));
}

static void values_are_those_of_the_command_line(void **state) {
  struct fixture *f = *state;
  assert_mistake(f, "[defaults]\njobs = 65\n", 2, "jobs: \"65\" is no number from 1 to 64");
  assert_mistake(f, "[defaults]\nquiet = on\n", 2, "quiet: \"on\" is neither yes nor no");
  assert_mistake(f, "[defaults]\nmax-text = 0\n", 2, "max-text: \"0\" is no number");
  assert_mistake(f, "[account a]\nafter = burn\n", 2, "after: \"burn\" is none of");
  assert_mistake(f, "[account a]\npin = x\n", 2, "pin: \"x\" is no pin");
  assert_mistake(f, "[account a]\nport = 0\n", 2, "port: \"0\" is no number");
  assert_mistake(f, "[account a]\nhost = a/b\n", 2, "host: \"a/b\" is no name");
  assert_mistake(f, "[account a]\ntls = no\n", 2, "tls: \"no\" is none of");
  assert_mistake(f, "[account a]\nurl = http://example.com\n", 2, "is no URL of a mailbox");
}

static void a_secret_is_refused_and_not_repeated(void **state) {
  struct fixture *f = *state;
  assert_mistake(f, "[account a]\npassword = hunter2\n", 2, "password: has no place in this file");
  assert_null(strstr(f->config.mistakes[0].text, "hunter2"));
  assert_mistake(f, "[account a]\nurl = imaps://joe:hunter2@example.com/\n", 2, "holds a password");
  assert_null(strstr(f->config.mistakes[0].text, "hunter2"));
}

static void an_account_makes_sense_as_a_whole(void **state) {
  struct fixture *f = *state;
  assert_mistake(f, "\n[account a]\n", 2, "[account a]: needs a url, or host and user");
  assert_mistake(f, "[account a]\nurl = imaps://joe@example.com/\nport = 993\n", 1, "one or the other");
  assert_mistake(f, "[account a]\nurl = imaps://joe@example.com/\nauth = xoauth2\n", 1, "need an access token");
  assert_mistake(f, "[account a]\nurl = imaps://joe@example.com/a\nafter = move:a\n", 1, "cannot be moved");
}

static void two_accounts_do_not_read_one_folder(void **state) {
  struct fixture *f = *state;
  assert_mistake(f,
                 "[account a]\nurl = imaps://joe@example.com/\nfolder = x\n"
                 "[account b]\nhost = Example.com\nuser = joe\nfolder = y\nfolder = x\n",
                 4, "the account of line 1 reads the folder \"x\" of joe@example.com:993 already");
  assert_int_equal(
      read_text(f, "[account a]\nurl = imaps://joe@example.com/\n[account b]\nurl = imaps://jim@example.com/\n"), 0);
}

/* --- accounts ----------------------------------------------------------------------------------------------------- */

static void import_options_begin(struct import_verb_options *o) {
  *o = (struct import_verb_options){.accounts.count = 0};
  options_init(&o->shared);
  import_options_init(&o->shared);
}

static void import_options_end(struct import_verb_options *o) {
  import_options_clear(&o->shared);
  options_clear(&o->shared);
}

static void make(struct fixture *f, const char *text, int argc, char **argv, struct mail_account *ret) {
  struct import_verb_options o;
  struct option_rows rows;
  struct option_line line;
  assert_int_equal(read_text(f, text), 0);
  import_options_begin(&o);
  options_list(0, &IMPORT_OPTIONS, &rows);
  assert_int_equal(option_line_parse(&line, &rows, argc, argv, &o, &f->e), 0);
  assert_int_equal(config_make_account(&f->config, config_account_find(&f->config, "a"), &line, ret, &f->e), 0);
  option_line_clear(&line);
  import_options_end(&o);
}

static void host_and_user_say_what_a_url_says(void **state) {
  struct fixture *f = *state;
  struct mail_account a;
  make(f, "[account a]\nhost = Mail.Example.com\nuser = joe@example.com\n", 0, NULL, &a);
  assert_string_equal(a.host, "mail.example.com");
  assert_string_equal(a.user, "joe@example.com");
  assert_int_equal(a.port, 993);
  assert_true(a.implicit_tls);
  assert_string_equal(a.folders[0], "INBOX");
  mail_account_clear(&a);
  make(f, "[account a]\nhost = 2001:db8::1\nuser = a:b/c%%\ntls = starttls\nfolder = x\nfolder = y\n", 0, NULL, &a);
  assert_string_equal(a.host, "2001:db8::1");
  assert_string_equal(a.user, "a:b/c%%");
  assert_int_equal(a.port, 143);
  assert_false(a.implicit_tls);
  assert_int_equal(a.folder_count, 2);
  mail_account_clear(&a);
}

static void the_command_line_goes_before_the_account_and_that_before_the_defaults(void **state) {
  struct fixture *f = *state;
  static const char TEXT[] =
      "[defaults]\ntimeout = 10\nretries = 1\nmax-mail-size = 1M\n"
      "[account a]\nurl = imaps://joe@example.com/\nfolder = x\ntimeout = 20\nretries = 2\n";
  char *argv[] = {(char[]){"--timeout=30"}, (char[]){"--folder=y"}};
  struct mail_account a;
  make(f, TEXT, 2, argv, &a);
  assert_int_equal(a.timeout_s, 30);
  assert_int_equal(a.retries, 2);
  assert_int_equal(a.mail_bytes, 1 << 20);
  assert_int_equal(a.folder_count, 1);
  assert_string_equal(a.folders[0], "y");
  mail_account_clear(&a);
  make(f, TEXT, 0, NULL, &a);
  assert_int_equal(a.trusted_authservs.count, 0);
  assert_int_equal(a.timeout_s, 20);
  assert_string_equal(a.folders[0], "x");
  mail_account_clear(&a);
}

/* A server that is trusted for one mailbox may be anybody's name in another. */
static void an_account_trusts_the_servers_that_it_names_and_no_others(void **state) {
  struct fixture *f = *state;
  static const char DEFAULTS[] = "[defaults]\ntrusted-authserv = mx.example.com\ntrusted-authserv = none\n";
  char *argv[] = {(char[]){"--trusted-authserv=mx.example.net"}};
  struct mail_account a;
  _cleanup_free_ char *plain = mem_printf("%s[account a]\nurl = imaps://joe@example.com/\n", DEFAULTS);
  make(f, plain, 0, NULL, &a);
  assert_int_equal(a.trusted_authservs.count, 2);
  mail_account_clear(&a);
  _cleanup_free_ char *own = mem_printf("%strusted-authserv = mx.example.org\n", plain);
  make(f, own, 0, NULL, &a);
  assert_int_equal(a.trusted_authservs.count, 1);
  assert_string_equal(a.trusted_authservs.items[0], "mx.example.org");
  mail_account_clear(&a);
  make(f, own, 1, argv, &a);
  assert_int_equal(a.trusted_authservs.count, 2);
  assert_string_equal(a.trusted_authservs.items[1], "mx.example.net");
  mail_account_clear(&a);
}

static void the_environment_goes_before_the_file(void **state) {
  struct fixture *f = *state;
  struct options o;
  assert_int_equal(read_text(f, "[defaults]\ndatabase = /file.db\ncolor = always\n[readiness]\nreporters = 7\n"), 0);
  options_init(&o);
  config_apply(&f->config, NULL, &o);
  assert_string_equal(o.common.db, "/file.db");
  assert_int_equal(o.common.colour, COLOUR_ALWAYS);
  assert_true(o.judgement.thresholds.reporters == 7);
  options_clear(&o);
  setenv("DMARCCTL_DB", "/environment.db", 1);
  setenv("NO_COLOR", "1", 1);
  options_init(&o);
  config_apply(&f->config, NULL, &o);
  assert_string_equal(o.common.db, "/environment.db");
  assert_int_equal(o.common.colour, COLOUR_AUTO);
  options_clear(&o);
}

static void a_verb_gets_the_defaults_of_its_own_options_alone(void **state) {
  struct fixture *f = *state;
  struct import_verb_options import;
  struct options shared;
  assert_int_equal(read_text(f, "[defaults]\njobs = 3\nmax-text = 7\ntimeout = 9\nquiet = yes\n"), 0);
  import_options_begin(&import);
  config_apply(&f->config, &IMPORT_OPTIONS, &import.shared);
  assert_int_equal(import.import.jobs, 3);
  assert_int_equal(import.import.parser.text_bytes, 7);
  assert_int_equal(import.mailbox.timeout_s, 9);
  assert_true(import.shared.common.quiet);
  import_options_end(&import);
  options_init(&shared); /* whoever writes import's own there writes over its end */
  config_apply(&f->config, NULL, &shared);
  assert_true(shared.common.quiet);
  options_clear(&shared);
}

static void the_command_line_is_set_above_the_file(void **state) {
  struct fixture *f = *state;
  char *argv[] = {(char[]){"--no-quiet"}, (char[]){"--threshold=reporters=5"}, (char[]){"A.example."}};
  struct options o;
  struct option_rows rows;
  struct option_line line;
  assert_int_equal(read_text(f, "[defaults]\nquiet = yes\ndns = yes\n[readiness]\nreporters = 7\n"), 0);
  options_init(&o);
  options_list(OPTIONS_JUDGEMENT, NULL, &rows);
  assert_int_equal(option_line_parse(&line, &rows, 3, argv, &o, &f->e), 0);
  config_apply(&f->config, NULL, &o);
  option_line_apply(&line, &o);
  assert_int_equal(options_finish(&o, &line, true, &f->e), 0);
  assert_false(o.common.quiet);
  assert_true(o.judgement.dns);
  assert_true(o.judgement.thresholds.reporters == 5);
  assert_string_equal(o.args[0], "a.example");
  assert_string_equal(argv[2], "A.example.");
  assert_true(options_given(&o, "no-quiet"));
  assert_false(options_given(&o, "dns"));
  assert_string_equal(options_given_of(&o, OPTIONS_JUDGEMENT), "threshold");
  assert_null(options_given_of(&o, OPTIONS_ROWS));
  option_line_clear(&line);
  options_clear(&o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      T(crlf_a_byte_order_mark_blanks_and_comments_change_nothing),
      T(an_indented_line_is_no_continuation),
      T(a_value_keeps_what_looks_like_a_comment_or_a_separator),
      T(what_inih_would_cut_or_guess_is_a_mistake),
      T(what_is_no_text_is_a_mistake),
      T(a_line_too_long_is_told_and_nothing_of_it_is_taken),
      T(mistakes_are_told_all_and_in_their_order),
      T(a_file_full_of_mistakes_is_told_in_part),
      T(a_file_without_end_is_refused),
      T(a_file_that_everybody_may_write_is_refused),
      T(a_named_file_must_exist_and_a_default_one_need_not),
      T(the_users_file_lies_in_the_folder_of_configurations),
      T(paths_are_relative_to_the_file_or_to_the_home),
      T(sections_and_keys_must_be_known_and_stand_once),
      T(a_group_names_domains_by_name_glob_and_file),
      T(a_file_of_domains_is_one_that_nobody_else_may_write),
      T(a_glob_in_letters_that_reports_never_have_is_a_mistake),
      T(a_glob_meets_names_from_end_to_end),
      T(a_notice_says_whom_when_and_of_what),
      T(a_notice_makes_sense_as_a_whole),
      T(values_are_those_of_the_command_line),
      T(a_secret_is_refused_and_not_repeated),
      T(an_account_makes_sense_as_a_whole),
      T(two_accounts_do_not_read_one_folder),
      T(host_and_user_say_what_a_url_says),
      T(the_command_line_goes_before_the_account_and_that_before_the_defaults),
      T(an_account_trusts_the_servers_that_it_names_and_no_others),
      T(the_environment_goes_before_the_file),
      T(a_verb_gets_the_defaults_of_its_own_options_alone),
      T(the_command_line_is_set_above_the_file),
  };
  return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
