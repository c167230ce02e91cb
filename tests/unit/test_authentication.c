/* SPDX-License-Identifier: Apache-2.0 */
/* What a mail's Authentication-Results prove, and what no sender can make them prove. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "intake/authentication.h"

static const char *const WORDS[] = {"-", "no", "yes", "failed"};

/* "yes google.com": what the fields, of one value a line, say of a mail from `from`. */
static char *read_with(const char *trusted, const char *from, const char *fields) {
  struct text_list list = {0};
  struct authentication a;
  text_list_add(&list, trusted);
  authentication_read(fields, from, &list, &a);
  text_list_clear(&list);
  return mem_printf("%s%s%s", WORDS[a.state], *a.domain ? " " : "", a.domain);
}

static void each_says(const char *trusted, const char *const cases[][3], size_t count) {
  for (size_t i = 0; i < count; i++) {
    _cleanup_free_ char *is = read_with(trusted, cases[i][0], cases[i][1]);
    if (strcmp(is, cases[i][2]) != 0) fail_msg("%s: %s, not %s", cases[i][1], is, cases[i][2]);
  }
}

static void what_the_server_found_is_read(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"google.com",
       " mx.example.com;       dkim=pass header.i=@google.com header.s=20230601 header.b=\"a/b=\";"
       "       spf=pass (example.com: domain of x@y designates 192.0.2.1) smtp.mailfrom=x@google.com;"
       "       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=google.com\n",
       "yes google.com"},
      {"google.com", "MX.Example.COM 1; DMARC=PASS Header.From=Google.COM\n", "yes google.com"},
      {"google.com", "mx.example.com; dmarc=fail header.from=google.com\n", "failed"},
      {"google.com", "mx.example.com; dmarc=fail header.from=google.com; dkim=pass header.d=google.com\n", "failed"},
      {"google.com", "mx.example.com; dkim=pass header.d=google.com\n", "yes google.com"},
      {"a.google.com", "mx.example.com; dkim=pass header.d=google.com\n", "yes a.google.com"},
      {"google.com", "mx.example.com; spf=pass smtp.mailfrom=\"a;b\"@bounce.google.com\n", "yes google.com"},
      {"google.com", "mx.example.com; spf=pass smtp.helo=mail.google.com\n", "yes google.com"},
      {"google.com", "mx.example.com; dkim=none; dmarc=none; spf=softfail smtp.mailfrom=google.com\n", "no"},
      {"google.com", "mx.example.com; dmarc=temperror header.from=google.com\n", "no"},
      {"google.com", "mx.example.com; none\n", "no"},
      {"google.com", "mx.example.com;\n", "no"},
      {"google.com", "mx.example.com\n", "no"},
      {"", "", "-"},
  };
  each_says("mx.example.com", CASES, ARRAY_SIZE(CASES));
}

static void one_domain_is_proven_by_no_other(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      /* everybody who sends through a service has the service's signature */
      {"forger.example", "mx.example.com; dkim=pass header.d=amazonses.com; dkim=fail header.d=forger.example\n", "no"},
      {"google.com", "mx.example.com; dkim=pass header.d=forger.example; spf=pass smtp.mailfrom=forger.example\n",
       "no"},
      {"google.com", "mx.example.com; dmarc=pass header.from=forger.example\n", "yes forger.example"},
      {"", "mx.example.com; dkim=pass header.d=google.com\n", "no"}, /* no From:, or several */
      {"example.co.uk", "mx.example.com; dkim=pass header.d=forger.co.uk\n", "no"},
  };
  each_says("mx.example.com", CASES, ARRAY_SIZE(CASES));
}

static void the_topmost_fields_of_trusted_servers_count(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"google.com", "mx.forger.example; dmarc=pass header.from=google.com\n", "-"},
      {"google.com", "mx.forger.example; none\nmx.example.com; dmarc=pass header.from=google.com\n", "-"},
      {"google.com", "mx.example.com.forger.example; dmarc=pass header.from=google.com\n", "-"},
      {"google.com", "(mx.example.com) mx.forger.example; dmarc=pass header.from=google.com\n", "-"},
      {"google.com",
       "mx.example.com; spf=pass smtp.mailfrom=a.example\nmx.example.com; dkim=pass header.d=google.com\n",
       "yes google.com"},
      /* what the server says of a method is not taken back by a field below */
      {"google.com",
       "mx.example.com; dmarc=fail header.from=google.com\nmx.example.com; dmarc=pass header.from=google.com\n",
       "failed"},
      {"google.com", "mx.example.com; dkim=fail header.d=google.com\nmx.example.com; dkim=pass header.d=google.com\n",
       "no"},
      {"google.com", "mx.example.com; dmarc=none\nmx.example.com; dmarc=pass header.from=google.com\n", "no"},
      {"google.com", "mx.example.com; spf=none\nother.example; dkim=pass header.d=google.com\n", "no"},
      /* nameless ones are trusted by their own word alone */
      {"google.com", "dmarc=pass header.from=google.com\n", "-"},
      {"google.com", "none; dmarc=pass header.from=google.com\n", "-"},
  };
  each_says("mx.example.com", CASES, ARRAY_SIZE(CASES));
}

static void fields_without_a_name_are_trusted_by_none(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"microsoft.com",
       " spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=microsoft.com; dkim=pass (signature was verified) "
       "header.d=microsoft.com;dmarc=pass action=none header.from=microsoft.com;compauth=pass reason=100\n",
       "yes microsoft.com"},
      {"microsoft.com", "dmarc/1=pass header.from=microsoft.com\n", "yes microsoft.com"},
      {"microsoft.com", "mx.example.com; dmarc=pass header.from=microsoft.com\n", "-"},
      {"microsoft.com", "none; dmarc=pass header.from=microsoft.com\n", "-"},
  };
  each_says("none", CASES, ARRAY_SIZE(CASES));
}

static void comments_and_quotes_hide_what_is_in_them(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"google.com", "mx.example.com; spf=fail (; dmarc=pass header.from=google.com) smtp.mailfrom=x\n", "no"},
      {"google.com", "mx.example.com; spf=fail (a (b) \\) ; dmarc=pass header.from=google.com\n", "no"},
      {"google.com", "mx.example.com; spf=fail reason=\"; dmarc=pass header.from=google.com\"\n", "no"},
      {"google.com", "mx.example.com; spf=fail reason=\"\\\"; dmarc=pass header.from=google.com\n", "no"},
      {"google.com",
       "(a) mx.example.com (b) 1 (c) ; (d) dmarc (e) = (f) pass (g) header (h) . (i) from (j) = (k) google.com\n",
       "yes google.com"},
      {"google.com", "mx.example.com; dmarc=pass header.from=\"google.com\"\n", "yes google.com"},
  };
  each_says("mx.example.com", CASES, ARRAY_SIZE(CASES));
}

static void what_breaks_the_grammar_proves_nothing(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"", "mx.example.com; dmarc=pass header.from=\n", "no"},
      {"", "mx.example.com; dmarc=pass header.from=a b\n", "yes a"},
      {"", "mx.example.com; dmarc=pass header.from=a\tb.example\n", "yes a"},
      {"", "mx.example.com; dmarc = ; = pass\n", "no"},
      {"", "mx.example.com; =;/;.;==;(;\"\n", "no"},
      {"", ";;;\n", "-"},
      {"", "\n", "-"},
      {"", "=\n", "-"},
      {"google.com", "mx.example.com; dmarc=passed header.from=google.com\n", "no"},
  };
  each_says("mx.example.com", CASES, ARRAY_SIZE(CASES));
}

static void a_name_that_is_too_long_is_no_other(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf fields = STRBUF_INIT;
  strbuf_add_text(&fields, "mx.example.com; dmarc=pass header.from=google.com");
  for (int i = 0; i < 300; i++) strbuf_add_char(&fields, 'x');
  strbuf_add_text(&fields, ".example\n");
  _cleanup_free_ char *is = read_with("mx.example.com", "", strbuf_text(&fields));
  assert_string_equal(is, "no");
}

static void any_bytes_are_read_to_their_end(void **state) {
  (void)state;
  static const char SIGNS[] = "mx.example.com;=/().\\\"  dmarcpass header.from";
  uint32_t seed = 7;
  for (int round = 0; round < 20000; round++) {
    char fields[80];
    size_t size = 0;
    for (; size < sizeof fields - 2; size++) {
      seed = seed * 1664525u + 1013904223u;
      fields[size] = (seed >> 16) % 17 ? SIGNS[(seed >> 8) % (sizeof SIGNS - 1)] : (char)(seed >> 24 | 1);
      if (fields[size] == '\0') fields[size] = ';';
    }
    fields[size++] = '\n';
    fields[size] = '\0';
    _cleanup_free_ char *named = read_with("mx.example.com", "google.com", fields);
    _cleanup_free_ char *nameless = read_with("none", "google.com", fields);
    assert_non_null(named);
    assert_non_null(nameless);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_the_server_found_is_read),
      cmocka_unit_test(one_domain_is_proven_by_no_other),
      cmocka_unit_test(the_topmost_fields_of_trusted_servers_count),
      cmocka_unit_test(fields_without_a_name_are_trusted_by_none),
      cmocka_unit_test(comments_and_quotes_hide_what_is_in_them),
      cmocka_unit_test(what_breaks_the_grammar_proves_nothing),
      cmocka_unit_test(a_name_that_is_too_long_is_no_other),
      cmocka_unit_test(any_bytes_are_read_to_their_end),
  };
  return cmocka_run_group_tests_name("authentication", tests, NULL, NULL);
}
