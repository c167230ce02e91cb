/* SPDX-License-Identifier: Apache-2.0 */
/* One page through each document: what it says is the same, how it looks is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "table/document.h"

static const struct document_verdict VERDICT = {.tone = TONE_FAIR,
                                                .subject = "example.com",
                                                .word = "NEEDS_DECISION",
                                                .words = "Your decision is needed for p=reject",
                                                .step = " for p=reject",
                                                .text = "Because only you know."};
static const struct document_verdict ANSWER = {.tone = TONE_GOOD,
                                               .subject = "example.com",
                                               .word = "READY",
                                               .words = "Ready for p=reject",
                                               .step = " for p=reject",
                                               .consequence = "Nothing of yours <is> lost.",
                                               .text = "Because it is so."};
static const struct document_step WAY[] = {{STEP_HERE, "p=none", "since 2026-09-17", NULL},
                                           {STEP_BLOCKED, "p=<reject>", "2026-10-31 at the earliest", "after 1 repair"},
                                           {STEP_OFF, "p=reject", NULL, NULL}};
static const struct document_finding FINDINGS[] = {
    {"Example Mail", "192.0.2.1, unsigned", "12 messages that fail", "it is yours", "Repair", "sign them"},
    {"void_lookups", "RFC 7208 4.6.4", NULL, "too many void lookups", NULL, NULL},
};

struct paper {
  FILE *file;
  char *text;
  size_t size;
};

static FILE *paper_open(struct paper *p) {
  p->file = open_memstream(&p->text, &p->size);
  assert_non_null(p->file);
  return p->file;
}

static struct document text_on(struct paper *p, const struct render_options *options) {
  return document_text(paper_open(p), options);
}
static struct document markdown_on(struct paper *p) { return document_markdown(paper_open(p)); }
static struct document html_on(struct paper *p) { return document_html(paper_open(p)); }

static void paper_expect(struct paper *p, const char *expected) {
  fclose(p->file);
  assert_string_equal(p->text, expected);
  free(p->text);
}

static void write_page(struct document *d) {
  d->verdict(d, &VERDICT);
  d->heading(d, 2, NULL, "What blocks:");
  d->findings(d, FINDINGS, 2);
  d->rest(d, "and 3 more");
  d->heading(d, 2, NULL, NULL);
  d->record(d, "Publish now:", "_dmarc.example.com TXT \"v=DMARC1; p=reject\"");
}

static void a_page_as_text(void **state) {
  (void)state;
  struct paper p;
  struct document d = text_on(&p, &(struct render_options){.width = 100});
  write_page(&d);
  paper_expect(&p,
               "example.com: NEEDS_DECISION for p=reject\n"
               "Because only you know.\n"
               "\n"
               "What blocks:\n"
               "1. Example Mail (192.0.2.1, unsigned): 12 messages that fail, it is yours. Repair: sign them.\n"
               "- too many void lookups (RFC 7208 4.6.4).\n"
               "    and 3 more\n"
               "\n"
               "Publish now: _dmarc.example.com TXT \"v=DMARC1; p=reject\"\n");
}

static void a_page_as_markdown(void **state) {
  (void)state;
  struct paper p;
  struct document d = markdown_on(&p);
  write_page(&d);
  paper_expect(&p,
               "**Your decision is needed for p=reject (NEEDS\\_DECISION)**\n\n"
               "Because only you know.\n\n"
               "## What blocks:\n\n"
               "1. **Example Mail** (192.0.2.1, unsigned, 12 messages that fail): it is yours\n"
               "   Repair: sign them\n"
               "2. **void\\_lookups** (RFC 7208 4.6.4): too many void lookups\n"
               "\n"
               "and 3 more\n\n"
               "Publish now:\n\n"
               "```\n_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n```\n\n");
}

/* What a step would do stands before why it may be taken. */
static void a_way_tells_where_it_stands_in_every_format(void **state) {
  (void)state;
  struct paper p;
  struct document d = text_on(&p, &(struct render_options){.width = 100});
  d.verdict(&d, &ANSWER);
  d.path(&d, WAY, 3);
  paper_expect(&p,
               "example.com: READY for p=reject\nNothing of yours <is> lost.\nBecause it is so.\n"
               "   p=none: you are here, since 2026-09-17\n"
               "-> p=<reject>: blocked, 2026-10-31 at the earliest; after 1 repair\n"
               "-> p=reject: not on the way\n");
  d = markdown_on(&p);
  d.verdict(&d, &ANSWER);
  d.path(&d, WAY, 3);
  paper_expect(&p,
               "**Ready for p=reject (READY)**\n\nNothing of yours \\<is\\> lost.\n\nBecause it is so.\n\n"
               "1. p=none: you are here, since 2026-09-17\n"
               "2. p=\\<reject\\>: blocked, 2026-10-31 at the earliest; after 1 repair\n"
               "3. p=reject: not on the way\n\n");
  d = html_on(&p);
  d.verdict(&d, &ANSWER);
  d.path(&d, WAY, 2);
  paper_expect(&p,
               "<div class=\"verdict is-good\"><strong>Ready for p=reject (READY)</strong>"
               "<p class=\"answer\">Nothing of yours &lt;is&gt; lost.</p>\n<p class=\"soft\">Because it is so.</p>\n"
               "</div>\n<ol class=\"path\">\n"
               "<li class=\"here\" aria-current=\"step\"><b>p=none</b>\n<span class=\"state\">you are here</span>\n"
               "<span>since 2026-09-17</span>\n</li>\n"
               "<li class=\"blocked\"><b>p=&lt;reject&gt;</b>\n<span class=\"state\">blocked</span>\n"
               "<span>2026-10-31 at the earliest</span>\n<span class=\"soft\">after 1 repair</span>\n</li>\n</ol>\n");
}

static void a_finding_says_how_much_it_is_of_the_whole(void **state) {
  (void)state;
  static const struct document_finding SHARED = {.title = "Example Mail",
                                                 .facts = "192.0.2.1",
                                                 .mail = "12 messages that fail",
                                                 .text = "it is yours",
                                                 .word = "Repair",
                                                 .advice = "sign them",
                                                 .part = "3.0 % of your own mail",
                                                 .share = 0.03};
  struct paper p;
  struct document d = text_on(&p, &(struct render_options){.width = 150});
  d.findings(&d, &SHARED, 1);
  paper_expect(&p,
               "1. Example Mail (192.0.2.1): 12 messages that fail, 3.0 % of your own mail, it is yours. "
               "Repair: sign them.\n");
  d = markdown_on(&p);
  d.findings(&d, &SHARED, 1);
  paper_expect(&p,
               "1. **Example Mail** (192.0.2.1, 12 messages that fail, 3.0 % of your own mail): it is yours\n"
               "   Repair: sign them\n\n");
  d = markdown_on(&p);
  d.findings(&d, &(struct document_finding){.title = "Example Mail", .part = SHARED.part, .share = 0.03}, 1);
  paper_expect(&p, "1. **Example Mail** (3.0 % of your own mail)\n\n");
}

static void prose_is_broken_at_blanks_and_goes_on_indented(void **state) {
  (void)state;
  struct paper p;
  struct document d = text_on(&p, &(struct render_options){.width = 41});
  d.points(&d, &(struct document_point){.text = "one two three four five six seven nine ten"}, 1);
  paper_expect(&p, "- one two three four five six seven nine\n  ten\n");
}

/* A record is there to be copied. */
static void a_record_is_never_broken_and_shows_what_a_stranger_hid(void **state) {
  (void)state;
  struct paper p;
  struct document d = text_on(&p, &(struct render_options){.width = 41, .ascii = true});
  d.record(&d, "SPF\033:", "example.com TXT \"v=spf1 include:one.example include:two.example \033[2J\"");
  paper_expect(&p, "SPF\\x1b: example.com TXT \"v=spf1 include:one.example include:two.example \\x1b[2J\"\n");
}

static void points_bear_the_colour_of_their_tone(void **state) {
  (void)state;
  static const struct document_point POINTS[] = {{TONE_POOR, "own mail fell"}, {TONE_PLAIN, "<b>new</b>"}};
  struct paper p;
  struct document d = text_on(&p, &(struct render_options){.colour = true});
  d.points(&d, POINTS, 2);
  paper_expect(&p, "\033[31m- own mail fell\n\033[0m- <b>new</b>\n");
  d = html_on(&p);
  d.points(&d, POINTS, 2);
  paper_expect(&p, "<ul>\n<li class=\"poor\">own mail fell</li>\n<li>&lt;b&gt;new&lt;/b&gt;</li>\n</ul>\n");
  d = markdown_on(&p);
  d.points(&d, POINTS, 1);
  paper_expect(&p, "- own mail fell\n\n");
}

static void advice_that_needs_no_introduction_stands_behind_its_title(void **state) {
  (void)state;
  static const struct document_finding STEP = {.title = "192.0.2.1 and 2 more", .advice = "sign its mail"};
  struct paper p;
  struct document d = text_on(&p, &(struct render_options){.width = 100});
  d.findings(&d, &STEP, 1);
  paper_expect(&p, "1. 192.0.2.1 and 2 more: sign its mail.\n");
  d = html_on(&p);
  d.findings(&d, &STEP, 1);
  paper_expect(&p, "<ol class=\"findings\">\n<li><b>192.0.2.1 and 2 more</b>\n<p>sign its mail</p></li>\n</ol>\n");
  d = markdown_on(&p);
  d.findings(&d, &STEP, 1);
  paper_expect(&p, "1. **192.0.2.1 and 2 more**: sign its mail\n\n");
}

static void a_headline_is_bold_where_there_are_colours(void **state) {
  (void)state;
  struct paper p;
  struct document d = text_on(&p, &(struct render_options){.colour = true});
  d.headline(&d, "example.com");
  paper_expect(&p, "\033[1mexample.com\n\033[0m");
}

/* Who chooses needs no script; elsewhere all options stand one below the other. */
static void a_choice_names_its_options(void **state) {
  (void)state;
  static const struct document_choice CHOICES[] = {{0, TONE_PLAIN, "All", "3"}, {2, TONE_POOR, "Not <ready>", "1"}};
  struct paper p;
  struct document d = html_on(&p);
  d.choice(&d, CHOICES, 2);
  d.option(&d, 2, true);
  d.option(&d, 2, false);
  d.link(&d, "a&b.html", "All <domains>");
  paper_expect(&p,
               "<input class=\"chosen\" type=\"radio\" name=\"choice\" id=\"choice-0\" checked>"
               "<input class=\"chosen\" type=\"radio\" name=\"choice\" id=\"choice-2\">\n<div class=\"choice\">\n"
               "<label for=\"choice-0\"><span>All</span>\n<b>3</b>\n</label>\n"
               "<label for=\"choice-2\"><span>Not &lt;ready&gt;</span>\n<b class=\"poor\">1</b>\n</label>\n</div>\n"
               "<section class=\"option option-2\">\n</section>\n"
               "<p class=\"up\"><a href=\"a&amp;b.html\">All &lt;domains&gt;</a></p>\n");
  d = markdown_on(&p);
  d.choice(&d, CHOICES, 2);
  d.option(&d, 2, true);
  d.link(&d, "index.md", "All");
  paper_expect(&p, "- All: **3**\n- Not \\<ready\\>: **1**\n\n[All](index.md)\n\n");
  d = text_on(&p, &(struct render_options){.width = 80});
  d.choice(&d, CHOICES, 2);
  d.link(&d, "index.md", "All");
  paper_expect(&p, "All: 3\nNot <ready>: 1\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_page_as_text),
      cmocka_unit_test(a_page_as_markdown),
      cmocka_unit_test(a_choice_names_its_options),
      cmocka_unit_test(a_way_tells_where_it_stands_in_every_format),
      cmocka_unit_test(a_finding_says_how_much_it_is_of_the_whole),
      cmocka_unit_test(prose_is_broken_at_blanks_and_goes_on_indented),
      cmocka_unit_test(a_record_is_never_broken_and_shows_what_a_stranger_hid),
      cmocka_unit_test(points_bear_the_colour_of_their_tone),
      cmocka_unit_test(advice_that_needs_no_introduction_stands_behind_its_title),
      cmocka_unit_test(a_headline_is_bold_where_there_are_colours),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
