/* SPDX-License-Identifier: Apache-2.0 */
/* Target: a database in which bytes were changed, asked by every verb that takes one. An input is the number of a verb
 * and the changes, four bytes each: the page from the beginning (16 bits), the place in it in steps of what is left
 * (8 bits), and the byte. The database is made by the program itself when the target starts. */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "fuzz/fuzz.h"

#define PAGE 4096

int dmarcctl_main(int argc, char **argv); /* cmd/main.c */

#define AS_OF "--as-of", "2026-10-20"
static const char *const READING[][8] = {
    {"summary"},
    {"sources"},
    {"sources", "--by", "network"},
    {"readiness", AS_OF, "example.com"},
    {"readiness", AS_OF, "--backtest"},
    {"readiness", AS_OF, "--history"},
    {"selectors", AS_OF},
    {"plan", AS_OF, "example.com"},
    {"effect", AS_OF, "example.com"},
    {"compliance", AS_OF, "example.com"},
    {"partners", AS_OF},
    {"whatif", AS_OF, "--p", "reject", "example.com"},
    {"report", AS_OF, "-o", "@x.html"},
    {"report", AS_OF, "-f", "markdown"},
    {"diff", AS_OF},
    {"findings", AS_OF},
    {"portfolio", AS_OF},
    {"check", AS_OF},
    {"label", "--list"},
    {"label", "--export"},
    {"reporters"},
    {"trend"},
    {"reports", "-f", "json"},
    {"errors"},
    {"status"},
    {"export", "-f", "ndjson"},
    {"export", "--feeds"},
    {"export", "-f", "openmetrics"},
    {"export", "--judged", "-f", "elastic-bulk"},
    {"notify", AS_OF, "--dry-run"},
};
/* In a process of their own each: they write, start others, or restrict themselves. */
static const char *const WRITING[][8] = {
    {"import", "--quiet", "@again.xml"},   {"prune", "--older", "1d"}, {"prune", "--all", "--domain", "example.com"},
    {"label", "192.0.2.77", "legitimate"}, {"notify", AS_OF},
};

static uint8_t *whole;
static size_t whole_bytes;
static FILE *nowhere;

/* Files of ours, in a folder of ours: named "@NAME" above. */
static char folder[] = "/tmp/dmarcctl-fuzz.XXXXXX";
static char *path_of(const char *name) { return mem_printf("%s/%s", folder, name); }

static int run(const char *const *words) {
  char *argv[16] = {mem_strdup("dmarcctl"), mem_strdup(words[0]), mem_strdup("--db"), path_of("x.db")};
  int argc = 4;
  for (const char *const *w = words + 1; w < words + 8 && *w; w++)
    argv[argc++] = **w == '@' ? path_of(*w + 1) : mem_strdup(*w);
  FILE *told = stderr;
  stderr = nowhere;
  int status = dmarcctl_main(argc, argv);
  stderr = told;
  while (argc) free(argv[--argc]);
  return status;
}

static int run_apart(const char *const *words) {
  int status;
  pid_t child = fork();
  MUST(child >= 0);
  if (!child) _exit(run(words));
  while (waitpid(child, &status, 0) < 0) MUST(errno == EINTR); /* libFuzzer looks at the clock each second */
  MUST(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* --- the database ------------------------------------------------------------------------------------------------- */

static void write_file(const char *name, const void *data, size_t size) {
  _cleanup_free_ char *path = path_of(name);
  _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static void write_report(const char *name, int number) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const long begin = 1790812800L + 86400L * number; /* from 2026-10-01 on */
  strbuf_printf(&text,
                "<feedback><report_metadata><org_name>Receiver %d</org_name><email>noc@example.net</email>"
                "<report_id>r%d</report_id><date_range><begin>%ld</begin><end>%ld</end></date_range></report_metadata>"
                "<policy_published><domain>example.com</domain><p>none</p></policy_published>",
                number % 3, number, begin, begin + 86399);
  for (int i = 0; i < 5; i++)
    strbuf_printf(&text,
                  "<record><row><source_ip>192.0.2.%d</source_ip><count>%d</count><policy_evaluated><disposition>none"
                  "</disposition><dkim>%s</dkim><spf>%s</spf></policy_evaluated></row><identifiers><header_from>"
                  "example.com</header_from></identifiers><auth_results><dkim><domain>%s</domain><selector>k%d"
                  "</selector><result>pass</result></dkim><spf><domain>mail.example.com</domain><result>%s</result>"
                  "</spf></auth_results></record>",
                  10 + (number + i) % 7, 3 + i, i % 3 ? "pass" : "fail", i % 2 ? "pass" : "fail",
                  i % 3 ? "example.com" : "example.org", i, i % 2 ? "pass" : "fail");
  strbuf_add_text(&text, "</feedback>");
  write_file(name, text.data, text.length);
}

static void take_file_away(const char *name) {
  _cleanup_free_ char *path = path_of(name);
  unlink(path);
}

static void make_whole(void) {
  _cleanup_free_ char *path = path_of("x.db");
  for (int i = 0; i < 16; i++) { /* the last one is left for later */
    write_report("again.xml", i);
    if (i < 15) MUST(run_apart((const char *const[8]){"import", "--quiet", "@again.xml"}) == 0);
  }
  MUST(run_apart((const char *const[8]){"label", "192.0.2.10", "legitimate"}) == 0);
  _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat st;
  MUST(fd >= 0 && fstat(fd, &st) == 0);
  whole_bytes = (size_t)st.st_size;
  whole = mem_alloc(whole_bytes);
  MUST(read(fd, whole, whole_bytes) == st.st_size);
}

static pid_t owner;
static void take_away(void) {
  static const char *const NAMES[] = {"x.db", "x.db-wal", "x.db-shm", "x.db-notify", "x.html", "again.xml", "config"};
  if (getpid() != owner) return;
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) take_file_away(NAMES[i]);
  rmdir(folder);
  free(whole);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  static const char CONFIG[] = "[notify me]\nto = exec:cat >/dev/null\n";
  MUST(mkdtemp(folder));
  MUST((nowhere = fopen("/dev/null", "w")) && freopen("/dev/null", "w", stdout));
  write_file("config", CONFIG, sizeof CONFIG - 1);
  _cleanup_free_ char *config = path_of("config");
  setenv("HOME", folder, 1);
  setenv("DMARCCTL_CONFIG", config, 1);
  setenv("DMARCCTL_PAGER", "cat", 1);
  owner = getpid();
  atexit(take_away);
  make_whole();
  for (size_t i = 0; i < ARRAY_SIZE(READING); i++) {
    int status = run(READING[i]); /* a command line that is wrong would try nothing; check says CRITICAL by 2 */
    MUST(status == 0 || !strcmp(READING[i][0], "check"));
  }
  return 0;
}

static void write_changed(const uint8_t *changes, size_t size) {
  uint8_t *changed = mem_alloc(whole_bytes);
  memcpy(changed, whole, whole_bytes);
  for (; size >= 4; changes += 4, size -= 4) {
    const size_t page = (size_t)(changes[0] << 8 | changes[1]) % (whole_bytes / PAGE);
    /* Headers of pages and their first cells stand at the beginning, rows at the end. */
    const size_t place = changes[2] < 128 ? changes[2] : PAGE - 1 - 4U * (changes[2] - 128U);
    changed[page * PAGE + place] = changes[3];
  }
  take_file_away("x.db-wal");
  take_file_away("x.db-shm");
  write_file("x.db", changed, whole_bytes);
  free(changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!size) return 0;
  const unsigned verbs = ARRAY_SIZE(READING) + ARRAY_SIZE(WRITING), verb = data[0] % verbs;
  const bool reads = verb < ARRAY_SIZE(READING);
  write_changed(data + 1, size - 1);
  int status = reads ? run(READING[verb]) : run_apart(WRITING[verb - ARRAY_SIZE(READING)]);
  MUST(status >= 0 && status <= 4);
  return 0;
}
