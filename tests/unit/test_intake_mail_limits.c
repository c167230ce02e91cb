/* SPDX-License-Identifier: Apache-2.0 */
/* Mails that are too large, too deep, or made to harm. */
#include "mail_kit.h"

static void containers_around_and_in_mails_count_for_the_depth(void **state) {
  struct intake_limits limits = INTAKE_LIMITS_DEFAULT;
  static const struct {
    uint32_t depth;
    bool mbox, found;
  } cases[] = {{3, true, true}, {2, true, false}, {1, true, false}, {2, false, true}, {1, false, false}};
  for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
    limits.depth = cases[i].depth;
    _cleanup_told_ struct told t = fresh();
    _cleanup_free_ char *head = mem_printf("%s%s", cases[i].mbox ? FROM_LINE : "", ATTACHED);
    open_bytes(&t, state, &limits, "m", mail_of(head, gzipped_xml(), "\n--b b--\n"));
    assert_int_equal(t.count, 1);
    assert_int_equal(t.events[0].is_document, cases[i].found);
    assert_int_equal(t.events[0].code, cases[i].found ? 0 : ERR_LIMIT);
    assert_int_equal(strstr(t.events[0].origin, "message 1") != NULL, cases[i].mbox && cases[i].depth > 1);
  }
}

static void a_mail_has_at_most_1000_parts(void **state) {
  struct strbuf mail = text_of(MULTIPART);
  for (int i = 0; i < 999; i++) strbuf_add_text(&mail, "--b b\n\nx\n");
  struct strbuf more = bytes_of(mail.data, mail.length);
  strbuf_add_text(&mail, "--b b\n\n" XML "\n--b b--\n");
  assert_found(state, mail, "<m@example.net>: part 1000", "m");
  strbuf_add_text(&more, "--b b\n\nx\n--b b\n\n" XML "\n--b b--\n");
  assert_one_nothing(state, more, ERR_LIMIT, "a mail of more than 1000 parts");
}

static void multiparts_nest_20_deep_and_no_deeper(void **state) {
  struct strbuf mail = text_of("From: a@example.net\n");
  for (int i = 0; i < 20; i++) strbuf_printf(&mail, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
  struct strbuf deeper = bytes_of(mail.data, mail.length);
  strbuf_add_text(&mail, "\n" XML);
  assert_found(state, mail, "part 1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "m");
  strbuf_add_text(&deeper, "Content-Type: multipart/mixed; boundary=c\n\n--c\n\n" XML);
  assert_one_nothing(state, deeper, ERR_LIMIT, "parts of a mail in each other, more than 20 deep");
}

static void a_file_of_many_hidden_attachments_has_a_limit(void **state) {
  struct strbuf mail = text_of(FIELDS "\n");
  for (int i = 0; i < 200; i++) strbuf_add_text(&mail, "H4sIAAAAAAAAAAAAAAAAAAAA\n.\n");
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mail);
  assert_int_equal(t.count, 100);
}

/* A stream of `head`, then `body` again and again up to `size` bytes. */
struct endless {
  struct byte_stream stream;
  const char *head, *body;
  uint64_t at, size;
};

static ssize_t endless_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  (void)e;
  struct endless *x = (struct endless *)s;
  size_t head = strlen(x->head), body = strlen(x->body), n = 0;
  for (; n < size && x->at < x->size; n++, x->at++)
    ((char *)buffer)[n] = x->at < head ? x->head[x->at] : x->body[(x->at - head) % body];
  return (ssize_t)n;
}

static long peak_kib(void) {
  _cleanup_fclose_ FILE *f = fopen("/proc/self/status", "r");
  char line[256];
  long kib = 0;
  while (f && fgets(line, sizeof line, f)) sscanf(line, "VmHWM: %ld", &kib);
  return kib;
}

static void endless_lines_fields_and_texts_take_no_memory(void **state) {
  (void)state;
  static const struct {
    const char *head, *body;
  } mails[] = {
      {FIELDS "X: ", "x"},                                              /* a line of the header */
      {FIELDS, "Content-Type: x/y; boundary=bbbbbbbbbbbbbbbbbbbbbb\n"}, /* fields */
      {FIELDS "Content-Type: multipart/mixed; boundary=", "b"},         /* a boundary */
      {FIELDS "Message-ID: <", "x \n "},
      {MULTIPART, "x"},                           /* a line in front of the parts */
      {MULTIPART "--b b--\n", "-- x\n"},          /* behind them */
      {FROM_LINE "From: a@example.net\n\n", ">"}, /* a line of an mbox */
      {FROM_LINE "From: a@example.net\n\nFrom ", "x"},
      {FIELDS "Content-Transfer-Encoding: base64\n\n", "*"},
      {FIELDS "Content-Transfer-Encoding: quoted-printable\n\n", "=\n"},
      {FIELDS "\nbegin 644 x\n", "M"},
      {FIELDS "\n", "\n"},
  };
  struct intake *intake = intake_new(&INTAKE_LIMITS_DEFAULT);
  long before = peak_kib();
  for (size_t i = 0; i < ARRAY_SIZE(mails); i++) {
    _cleanup_told_ struct told t = fresh();
    struct intake_events events = {on_document, on_nothing, &t};
    struct endless x = {{endless_read}, mails[i].head, mails[i].body, 0, 20 << 20};
    assert_int_equal(intake_open_stream(intake, "m", "", &x.stream, &events), 0);
    assert_true(t.count >= 1);
    assert_int_equal(x.at, x.size); /* it was read to its end, not given up */
  }
  intake_free(intake);
#ifndef __SANITIZE_ADDRESS__
  assert_true(peak_kib() - before < 4096);
#else
  (void)before;
#endif
}

static void nuls_and_noise_are_no_trouble(void **state) {
  uint32_t x = 7;
  for (int round = 0; round < 300; round++) {
    struct strbuf mail = mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n");
    for (int i = 0; i < 8; i++) {
      x = x * 1664525 + 1013904223;
      mail.data[strlen(FIELDS) + x % (mail.length - strlen(FIELDS))] = (char)(i & 1 ? 0 : x >> 24);
    }
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mail);
    assert_true(t.count >= 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(containers_around_and_in_mails_count_for_the_depth),
      T(a_mail_has_at_most_1000_parts),
      T(multiparts_nest_20_deep_and_no_deeper),
      T(a_file_of_many_hidden_attachments_has_a_limit),
      T(endless_lines_fields_and_texts_take_no_memory),
      T(nuls_and_noise_are_no_trouble),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
