/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue against its own text, services.ini, and maps good and bad against what must become of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "sender/sender.h"

/* --- a catalogue and a file for a map, a test --------------------------------------------------------------------- */

struct fixture {
  struct sender_catalogue *c;
  char path[64];
  struct err e;
};

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  snprintf(f->path, sizeof f->path, "/tmp/test_sender.XXXXXX");
  int fd = mkstemp(f->path);
  if (fd < 0) return -1;
  close(fd);
  f->c = sender_catalogue_new();
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  sender_catalogue_free(f->c);
  unlink(f->path);
  free(f);
  return 0;
}

static int add_bytes(struct fixture *f, const void *bytes, size_t size) {
  _cleanup_fclose_ FILE *file = fopen(f->path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fflush(file), 0);
  return sender_catalogue_add_map(f->c, f->path, &f->e);
}

#define HEADER "base_reverse_dns,name,type\n"

static int add_text(struct fixture *f, const char *text) { return add_bytes(f, text, strlen(text)); }

static void add_good(struct fixture *f, const char *text) {
  if (add_text(f, text) < 0) fail_msg("%s", f->e.text);
}

/* The map is refused with this sentence behind its name, and nothing of it counts. */
static void assert_refused(struct fixture *f, const char *text, int code, const char *sentence) {
  unsigned count = sender_count(f->c);
  assert_int_equal(add_text(f, text), code);
  _cleanup_free_ char *wanted = mem_printf("%s: %s", f->path, sentence);
  assert_string_equal(f->e.text, wanted);
  assert_int_equal(sender_count(f->c), count);
  assert_null(sender_by_ptr(f->c, "good.example.com"));
}

#define assert_named(service, wanted)                \
  do {                                               \
    const struct sender_service *_s = (service);     \
    if (!_s) fail_msg("%s finds nothing", #service); \
    if (_s) assert_string_equal(_s->name, wanted);   \
  } while (0)

/* --- the built-in catalogue --------------------------------------------------------------------------------------- */

static void a_domain_names_its_service(void **state) {
  struct fixture *f = *state;
  assert_named(sender_by_dkim(f->c, "amazonses.com"), "Amazon SES");
  assert_named(sender_by_spf(f->c, "amazonses.com"), "Amazon SES");
}

static void a_name_below_a_domain_names_the_same_service(void **state) {
  struct fixture *f = *state;
  assert_named(sender_by_spf(f->c, "eu-west-1.amazonses.com"), "Amazon SES");
  assert_named(sender_by_ptr(f->c, "a8-31.smtp-out.amazonses.com"), "Amazon SES");
}

static void the_longest_suffix_wins(void **state) {
  struct fixture *f = *state;
  assert_named(sender_by_ptr(f->c, "www1.sakura.ne.jp"), "Sakura Internet");
  assert_named(sender_by_ptr(f->c, "ik1-1.vs.sakura.ne.jp"), "Sakura Internet server");
  assert_named(sender_by_ptr(f->c, "vs.sakura.ne.jp"), "Sakura Internet server");
}

static void a_suffix_of_the_text_that_begins_inside_a_label_is_no_match(void **state) {
  struct fixture *f = *state;
  assert_null(sender_by_dkim(f->c, "notamazonses.com"));
  assert_null(sender_by_spf(f->c, "notamazonses.com"));
  assert_null(sender_by_ptr(f->c, "mail.notamazonses.com"));
  assert_null(sender_by_ptr(f->c, "mail.notsakura.ne.jp"));
  assert_null(sender_by_dkim(f->c, "amazonses.com.example.org"));
  assert_null(sender_by_dkim(f->c, "com"));
}

static void nothing_names_nobody(void **state) {
  struct fixture *f = *state;
  const struct sender_service *(*by[])(const struct sender_catalogue *, const char *) = {sender_by_dkim, sender_by_spf,
                                                                                         sender_by_ptr, sender_by_name};
  for (size_t i = 0; i < ARRAY_SIZE(by); i++) {
    assert_null(by[i](f->c, NULL));
    assert_null(by[i](f->c, ""));
    assert_null(by[i](f->c, "."));
    assert_null(by[i](f->c, "...."));
  }
  sender_catalogue_free(NULL);
}

/* `size` bytes of labels of one letter, then the tail. */
static char *long_name(size_t size, const char *tail) {
  char *name = mem_alloc(size + strlen(tail) + 1);
  for (size_t i = 0; i < size; i++) name[i] = i % 2 ? '.' : 'a';
  strcpy(name + size, tail);
  return name;
}

static void the_longest_domain_name_is_found_and_a_longer_one_is_none(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *longest = long_name(240, "amazonses.com");
  assert_int_equal(strlen(longest), 253);
  assert_named(sender_by_dkim(f->c, longest), "Amazon SES");
  _cleanup_free_ char *longer = long_name(242, "amazonses.com");
  assert_null(sender_by_dkim(f->c, longer));
  _cleanup_free_ char *hostile = long_name(16U << 20, "amazonses.com");
  for (unsigned i = 0; i < 1000; i++) assert_null(sender_by_ptr(f->c, hostile));
  assert_null(sender_by_name(f->c, hostile));
}

static void a_name_finds_its_service_whatever_its_case(void **state) {
  struct fixture *f = *state;
  assert_named(sender_by_name(f->c, "Amazon SES"), "Amazon SES");
  assert_named(sender_by_name(f->c, "aMAZON ses"), "Amazon SES");
  assert_null(sender_by_name(f->c, "Amazon"));
  assert_null(sender_by_name(f->c, "Amazon SES "));
}

static void access_providers_and_rented_servers_do_not_send_for_others(void **state) {
  struct fixture *f = *state;
  const struct sender_service *server = sender_by_name(f->c, "Hetzner server");
  assert_non_null(server);
  assert_false(server->shared);
  assert_false(server->sends_for_others);
  for (unsigned i = 0; i < sender_count(f->c); i++) {
    const struct sender_service *s = sender_at(f->c, i);
    assert_int_equal(s->sends_for_others, s->shared && strcmp(s->kind, "isp") != 0);
  }
}

static void every_service_is_listed_and_found_by_its_name(void **state) {
  struct fixture *f = *state;
  unsigned count = sender_count(f->c);
  assert_true(count > 500);
  for (unsigned i = 0; i < count; i++)
    assert_ptr_equal(sender_by_name(f->c, sender_at(f->c, i)->name), sender_at(f->c, i));
  assert_null(sender_at(f->c, count));
  assert_null(sender_at(f->c, UINT32_MAX));
}

/* --- the compiled table against its text -------------------------------------------------------------------------- */

typedef const struct sender_service *look_up(const struct sender_catalogue *, const char *);

static unsigned check_domains(const struct sender_catalogue *c, look_up *by, const struct sender_service *s,
                              char *values) {
  unsigned checked = 0;
  for (char *rest = NULL, *domain = strtok_r(values, " ", &rest); domain; domain = strtok_r(NULL, " ", &rest)) {
    if (by(c, domain) != s) fail_msg("%s does not lead to %s", domain, s->name);
    _cleanup_free_ char *below = mem_printf("never-listed.%s", domain);
    if (by(c, below) != s) fail_msg("%s does not lead to %s", below, s->name);
    checked++;
  }
  return checked;
}

static unsigned check_field(const struct sender_catalogue *c, const struct sender_service *s, char *line) {
  char *value = strstr(line, " = ");
  assert_non_null(value);
  *value = '\0';
  value += 3;
  if (!strcmp(line, "kind")) assert_string_equal(s->kind, value);
  if (!strcmp(line, "repair")) assert_string_equal(s->repair, value);
  if (!strcmp(line, "shared")) assert_int_equal(s->shared, !strcmp(value, "yes"));
  look_up *by = !strcmp(line, "dkim")  ? sender_by_dkim
                : !strcmp(line, "spf") ? sender_by_spf
                : !strcmp(line, "ptr") ? sender_by_ptr
                                       : NULL;
  return by ? check_domains(c, by, s, value) : 0;
}

static void every_line_of_the_text_is_in_the_table(void **state) {
  struct fixture *f = *state;
  _cleanup_fclose_ FILE *file = fopen(SERVICES_INI, "r");
  assert_non_null(file);
  char line[1024];
  unsigned sections = 0, domains = 0;
  const struct sender_service *s = NULL;
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = '\0';
    if (*line == '#' || !*line) continue;
    if (*line == '[') {
      line[strlen(line) - 1] = '\0';
      s = sender_at(f->c, sections++);
      assert_named(s, line + 1);
    } else {
      domains += check_field(f->c, s, line);
    }
  }
  assert_int_equal(sections, sender_count(f->c));
  assert_true(domains > sections);
}

/* --- maps --------------------------------------------------------------------------------------------------------- */

static void a_map_adds_names(void **state) {
  struct fixture *f = *state;
  unsigned count = sender_count(f->c);
  add_good(f, HEADER "good.example.com,Good Mail,Email Provider\n");
  const struct sender_service *s = sender_by_ptr(f->c, "mx1.good.example.com");
  assert_named(s, "Good Mail");
  assert_string_equal(s->kind, "Email Provider");
  assert_null(s->repair);
  assert_true(s->shared);
  assert_true(s->sends_for_others);
  /* The domain of a service's hosts is mostly the one it signs and bounces with. */
  assert_ptr_equal(sender_by_dkim(f->c, "good.example.com"), s);
  assert_ptr_equal(sender_by_spf(f->c, "bounces.good.example.com"), s);
  assert_ptr_equal(sender_by_name(f->c, "good mail"), s);
  assert_int_equal(sender_count(f->c), count + 1);
  assert_ptr_equal(sender_at(f->c, count), s);
}

static void a_map_wins_over_the_built_in_for_ptr_names_alone(void **state) {
  struct fixture *f = *state;
  const struct sender_service *before = sender_by_dkim(f->c, "amazonses.com");
  add_good(f, HEADER "amazonses.com,Our relay,SaaS\nsakura.ne.jp,Our provider,ISP\n");
  assert_named(sender_by_ptr(f->c, "a8.amazonses.com"), "Our relay");
  assert_named(sender_by_ptr(f->c, "ik1.vs.sakura.ne.jp"), "Our provider");
  assert_ptr_equal(sender_by_dkim(f->c, "amazonses.com"), before);
  assert_ptr_equal(sender_by_spf(f->c, "amazonses.com"), before);
}

static void a_longer_suffix_wins_within_a_map_and_a_later_row_over_an_earlier_one(void **state) {
  struct fixture *f = *state;
  add_good(
      f, HEADER "example.com,Short,SaaS\nmx.example.com,Long,SaaS\nexample.net,First,SaaS\nexample.net,Second,SaaS\n");
  assert_named(sender_by_ptr(f->c, "a.example.com"), "Short");
  assert_named(sender_by_ptr(f->c, "a.mx.example.com"), "Long");
  assert_named(sender_by_ptr(f->c, "example.net"), "Second");
  add_good(f, HEADER "example.net,Third,SaaS\n");
  assert_named(sender_by_ptr(f->c, "example.net"), "Third");
  assert_named(sender_by_ptr(f->c, "a.example.com"), "Short");
}

static void a_row_that_names_a_built_in_service_means_that_service(void **state) {
  struct fixture *f = *state;
  unsigned count = sender_count(f->c);
  add_good(f, HEADER "relay.example.com,AMAZON SES,SaaS\n");
  assert_ptr_equal(sender_by_ptr(f->c, "a.relay.example.com"), sender_by_dkim(f->c, "amazonses.com"));
  assert_int_equal(sender_count(f->c), count);
}

static void rows_of_one_name_and_type_are_one_service(void **state) {
  struct fixture *f = *state;
  unsigned count = sender_count(f->c);
  add_good(f, HEADER
           "example.com,Both,ISP\nexample.net,both,isp\nexample.org,Both,Marketing\nx.example.org,Both,Marketing\n");
  assert_int_equal(sender_count(f->c), count + 2);
  assert_ptr_equal(sender_by_ptr(f->c, "example.com"), sender_by_ptr(f->c, "example.net"));
  assert_ptr_equal(sender_by_ptr(f->c, "example.org"), sender_by_ptr(f->c, "x.example.org"));
  assert_string_equal(sender_by_ptr(f->c, "example.org")->kind, "Marketing");
  assert_string_equal(sender_by_name(f->c, "Both")->kind, "ISP");
}

static void the_type_tells_who_sends_for_others(void **state) {
  struct fixture *f = *state;
  add_good(f, HEADER
           "a.example.com,A,marketing\nb.example.com,B,ISP\nc.example.com,C,Healthcare\nd.example.com,D,\n"
           "e.example.com,E,transactional\n");
  assert_true(sender_by_ptr(f->c, "a.example.com")->sends_for_others);
  assert_false(sender_by_ptr(f->c, "b.example.com")->sends_for_others);
  assert_false(sender_by_ptr(f->c, "c.example.com")->sends_for_others);
  assert_false(sender_by_ptr(f->c, "d.example.com")->sends_for_others);
  assert_string_equal(sender_by_ptr(f->c, "d.example.com")->kind, "");
  assert_true(sender_by_ptr(f->c, "e.example.com")->sends_for_others);
}

static void quotes_hold_commas_and_quotes(void **state) {
  struct fixture *f = *state;
  add_good(
      f, HEADER "\"a.example.com\",\"Good \"\"Old\"\" Mail, Inc.\",\"Email Provider\"\nb.example.com,\"\"\"\",\"\"\n");
  assert_named(sender_by_ptr(f->c, "a.example.com"), "Good \"Old\" Mail, Inc.");
  assert_string_equal(sender_by_ptr(f->c, "a.example.com")->kind, "Email Provider");
  assert_named(sender_by_ptr(f->c, "b.example.com"), "\"");
}

static void a_byte_order_mark_crlf_and_empty_lines_are_let_pass(void **state) {
  struct fixture *f = *state;
  add_good(f,
           "\xef\xbb\xbf"
           "base_reverse_dns,name,type\r\n\r\na.example.com,A,\"ISP\"\r\n\nb.example.com,B,ISP");
  assert_string_equal(sender_by_ptr(f->c, "a.example.com")->kind, "ISP");
  assert_string_equal(sender_by_ptr(f->c, "b.example.com")->kind, "ISP");
}

static void domains_are_normalised_and_blanks_around_fields_dropped(void **state) {
  struct fixture *f = *state;
  add_good(f, HEADER "  Mail.EXAMPLE.com. ,  Good Mail  , SaaS \n");
  assert_named(sender_by_ptr(f->c, "mail.example.com"), "Good Mail");
  assert_string_equal(sender_by_ptr(f->c, "mail.example.com")->kind, "SaaS");
}

static void a_domain_of_one_label_matches_itself_alone(void **state) {
  struct fixture *f = *state;
  add_good(f, HEADER "com,All the world,SaaS\n");
  assert_named(sender_by_ptr(f->c, "com"), "All the world");
  assert_null(sender_by_ptr(f->c, "example.com"));
}

static void a_header_alone_is_a_map(void **state) {
  struct fixture *f = *state;
  unsigned count = sender_count(f->c);
  add_good(f, HEADER);
  add_good(f, "base_reverse_dns,name,type");
  assert_int_equal(sender_count(f->c), count);
}

static void a_file_without_the_header_is_no_map(void **state) {
  struct fixture *f = *state;
  const char *sentence = "line 1: not the header of a map, which is base_reverse_dns,name,type";
  assert_refused(f, "", ERR_FORMAT, sentence);
  assert_refused(f, "\n" HEADER, ERR_FORMAT, sentence);
  assert_refused(f, "good.example.com,Good,SaaS\n", ERR_FORMAT, sentence);
  assert_refused(f, "base_reverse_dns,type,name\n", ERR_FORMAT, sentence);
  assert_refused(f, "base_reverse_dns,name,type,more\n", ERR_FORMAT, sentence);
}

#define GOOD HEADER "good.example.com,Good,SaaS\r\n\r\n"

static void a_bad_line_is_told_by_its_number_and_nothing_of_the_file_counts(void **state) {
  struct fixture *f = *state;
  assert_refused(f, GOOD "a.example.com,A\n", ERR_FORMAT, "line 4: fewer than 3 fields");
  assert_refused(f, GOOD "a.example.com,A,B,C\n", ERR_FORMAT, "line 4: more than 3 fields");
  assert_refused(f, GOOD "a.example.com,A,B,\n", ERR_FORMAT, "line 4: more than 3 fields");
  assert_refused(f, GOOD ",A,B\n", ERR_FORMAT, "line 4: \"\" is no domain name");
  assert_refused(f, GOOD "a..example.com,A,B\n", ERR_FORMAT, "line 4: \"a..example.com\" is no domain name");
  assert_refused(f, GOOD "a.example.com,,B\n", ERR_FORMAT, "line 4: a.example.com has no name");
  assert_refused(f, GOOD "a.example.com,\" \",B\n", ERR_FORMAT, "line 4: a.example.com has no name");
  assert_refused(f, GOOD "a.example.com,\"A,B\nb.example.com,\"B\",C\n", ERR_FORMAT,
                 "line 4: a quote is not closed in its line");
  assert_refused(f, GOOD "a.example.com,\"A\" B,C\n", ERR_FORMAT, "line 4: text behind a closing quote");
  assert_refused(f, GOOD "a.example.com,A \"B\",C\n", ERR_FORMAT,
                 "line 4: a quote inside a field that does not begin with one");
  assert_refused(f, GOOD "a.example.com,A\tB,C\n", ERR_FORMAT, "line 4: a control character (0x09)");
  assert_refused(f, GOOD "a.example.com,A\rb.example.com,B,C\n", ERR_FORMAT,
                 "line 4: a carriage return inside the line");
}

static void utf_16_is_told_and_not_read_as_something_else(void **state) {
  struct fixture *f = *state;
  static const char bytes[] =
      "\xff\xfe"
      "b\0a\0s\0e\0";
  assert_int_equal(add_bytes(f, bytes, sizeof bytes - 1), ERR_FORMAT);
  assert_non_null(strstr(f->e.text, ": line 1: a control character (0x00)"));
}

static void a_line_over_64_kib_is_refused_and_one_of_64_kib_read(void **state) {
  struct fixture *f = *state;
  static char name[65536 + 16];
  memset(name, 'n', 65536 - strlen("a.example.com,,SaaS"));
  _cleanup_free_ char *fits = mem_printf(HEADER "a.example.com,%s,SaaS\n", name);
  add_good(f, fits);
  assert_named(sender_by_ptr(f->c, "a.example.com"), name);
  _cleanup_free_ char *too_long = mem_printf(HEADER "a.example.com,%sn,SaaS\n", name);
  assert_refused(f, too_long, ERR_LIMIT, "line 2: longer than 64 KiB");
}

static void a_file_over_64_mib_is_refused(void **state) {
  struct fixture *f = *state;
  const size_t limit = 64U << 20;
  _cleanup_free_ char *text = mem_alloc(limit + 2);
  memset(text, '\n', limit + 1);
  text[limit + 1] = '\0';
  memcpy(text, GOOD, strlen(GOOD));
  int r = add_text(f, text);
  assert_int_equal(r, ERR_LIMIT);
  assert_non_null(strstr(f->e.text, "the file is larger than 64 MiB"));
  assert_null(sender_by_ptr(f->c, "good.example.com"));
  text[limit] = '\0';
  add_good(f, text);
  assert_named(sender_by_ptr(f->c, "good.example.com"), "Good");
}

static void a_file_that_cannot_be_read_is_told_by_its_name(void **state) {
  struct fixture *f = *state;
  assert_int_equal(sender_catalogue_add_map(f->c, "/nowhere/map.csv", &f->e), ERR_IO);
  assert_string_equal(f->e.text, "/nowhere/map.csv: No such file or directory");
  assert_int_equal(sender_catalogue_add_map(f->c, "/tmp", &f->e), ERR_IO);
  assert_string_equal(f->e.text, "/tmp: line 1: cannot be read: Is a directory");
  assert_int_equal(sender_catalogue_add_map(f->c, "/tmp", NULL), ERR_IO);
}

static void a_service_stays_where_it_is_while_maps_are_added(void **state) {
  struct fixture *f = *state;
  add_good(f, HEADER "good.example.com,Good Mail,SaaS\n");
  const struct sender_service *built_in = sender_at(f->c, 0), *added = sender_by_ptr(f->c, "good.example.com");
  _cleanup_strbuf_ struct strbuf many = STRBUF_INIT;
  strbuf_add_text(&many, HEADER);
  for (unsigned i = 0; i < 20000; i++) strbuf_printf(&many, "m%u.example.net,Service %u,Type\n", i, i);
  add_good(f, strbuf_text(&many));
  assert_ptr_equal(sender_at(f->c, 0), built_in);
  assert_ptr_equal(sender_by_ptr(f->c, "good.example.com"), added);
  assert_string_equal(added->name, "Good Mail");
  assert_named(sender_by_ptr(f->c, "x.m19999.example.net"), "Service 19999");
  assert_named(sender_by_name(f->c, "service 12345"), "Service 12345");
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static void *look_up_all(void *data) {
  const struct sender_catalogue *c = data;
  uintptr_t wrong = 0;
  for (unsigned round = 0; round < 20; round++) {
    wrong += strcmp(sender_by_ptr(c, "mx.good.example.com")->name, "Good Mail") != 0;
    wrong += strcmp(sender_by_dkim(c, "eu.amazonses.com")->name, "Amazon SES") != 0;
    wrong += sender_by_spf(c, "example.org") != NULL;
    for (unsigned i = 0; i < sender_count(c); i++) wrong += sender_by_name(c, sender_at(c, i)->name) != sender_at(c, i);
  }
  return (void *)wrong;
}

static void threads_look_up_at_once(void **state) {
  struct fixture *f = *state;
  add_good(f, HEADER "good.example.com,Good Mail,SaaS\n");
  pthread_t threads[4];
  for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, look_up_all, f->c), 0);
  for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
    void *wrong = NULL;
    assert_int_equal(pthread_join(threads[i], &wrong), 0);
    assert_null(wrong);
  }
}

#define SENTENCE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      SENTENCE(a_domain_names_its_service),
      SENTENCE(a_name_below_a_domain_names_the_same_service),
      SENTENCE(the_longest_suffix_wins),
      SENTENCE(a_suffix_of_the_text_that_begins_inside_a_label_is_no_match),
      SENTENCE(nothing_names_nobody),
      SENTENCE(the_longest_domain_name_is_found_and_a_longer_one_is_none),
      SENTENCE(a_name_finds_its_service_whatever_its_case),
      SENTENCE(access_providers_and_rented_servers_do_not_send_for_others),
      SENTENCE(every_service_is_listed_and_found_by_its_name),
      SENTENCE(every_line_of_the_text_is_in_the_table),
      SENTENCE(a_map_adds_names),
      SENTENCE(a_map_wins_over_the_built_in_for_ptr_names_alone),
      SENTENCE(a_longer_suffix_wins_within_a_map_and_a_later_row_over_an_earlier_one),
      SENTENCE(a_row_that_names_a_built_in_service_means_that_service),
      SENTENCE(rows_of_one_name_and_type_are_one_service),
      SENTENCE(the_type_tells_who_sends_for_others),
      SENTENCE(quotes_hold_commas_and_quotes),
      SENTENCE(a_byte_order_mark_crlf_and_empty_lines_are_let_pass),
      SENTENCE(domains_are_normalised_and_blanks_around_fields_dropped),
      SENTENCE(a_domain_of_one_label_matches_itself_alone),
      SENTENCE(a_header_alone_is_a_map),
      SENTENCE(a_file_without_the_header_is_no_map),
      SENTENCE(a_bad_line_is_told_by_its_number_and_nothing_of_the_file_counts),
      SENTENCE(utf_16_is_told_and_not_read_as_something_else),
      SENTENCE(a_line_over_64_kib_is_refused_and_one_of_64_kib_read),
      SENTENCE(a_file_over_64_mib_is_refused),
      SENTENCE(a_file_that_cannot_be_read_is_told_by_its_name),
      SENTENCE(a_service_stays_where_it_is_while_maps_are_added),
      SENTENCE(threads_look_up_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
