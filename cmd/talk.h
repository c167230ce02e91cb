/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says to people on standard error, with strangers' texts made harmless. */
#ifndef CMD_TALK_H
#define CMD_TALK_H

/* Exit codes of the program. */
enum {
  EXIT_DONE = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
  EXIT_REJECTED = 3,  /* done, but some input was rejected */
  EXIT_NOT_READY = 4, /* readiness --exit-code: a domain is not ready; findings --exit-code: one is new or open;
                         status --expect: not so */
  EXIT_CHANGED = 4,   /* diff --exit-code: something did */
  EXIT_INTERRUPTED = 130,
};

struct strbuf;

/* Appends a stranger's text, made harmless for this terminal and its charset (escape.h). */
void talk_escape(struct strbuf *out, const char *text);
/* One line "dmarcctl: ...". */
void talk(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same of a sentence, for who hands them on as they come (local_while_waiting). */
void talk_sentence(void *user, const char *sentence);
/* The same; returns the exit code given. */
int talk_failure(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
