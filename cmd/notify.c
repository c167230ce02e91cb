/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl notify: sends what findings have to tell to whoever the configuration names, each state once. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/config_notify.h"
#include "cmd/interrupt.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "notify/send.h"

/* What was told is remembered as long as it may be found again: longer than any day of which findings are told. */
#define TOLD_MEMORY_DAYS 400

struct notify_options {
  struct options shared;
  bool dry_run, test, exit_code;
};

#define AT(field) OPTION_AT(struct notify_options, field)
static const struct option OWN[] = {
    {"dry-run", 'n', OPTION_FLAG, NULL, "print what would be sent; send and remember nothing", AT(dry_run)},
    {"test", 0, OPTION_FLAG, NULL, "send a trial that tells of nothing but that it arrives", AT(test)},
    {"exit-code", 0, OPTION_FLAG, NULL, "exit with 4 when something was sent, or would be with --dry-run",
     AT(exit_code)},
};

/* What a section has to send, and what has become of it in this run. */
struct sending {
  struct text_list held; /* of the recipients of its mails: behind what does not reach one this one waits */
  struct strbuf failures;
  int64_t after_id; /* of the last message that was tried and waits still: 0: there is none */
  bool is_over;     /* nothing more can be sent */
};

/* A section, the domains that it is about, and what there is to tell. */
struct served {
  struct notify_section notify;
  struct domain_set domains;
  struct arena *arena; /* for the texts of what it has told */
  struct notice_past past;
  struct notice notice;
  int64_t withdrawn_id; /* of the first message that may not be sent any more; INT64_MAX: there is none */
  struct sending sending;
};

/* A run over the sections. */
struct run {
  const struct notify_options *own;
  const struct config *config;
  struct database db;
  struct basis basis;
  struct acknowledgements known;
  struct finding_list list; /* as of the day of asking */
  struct stop stop;
  struct served *served;
  unsigned served_count;
  bool failed, interrupted, sent;
};

/* --- the sections ------------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct options *o, const char *name) {
  for (unsigned i = 0; i < o->arg_count; i++)
    if (!strcmp(o->args[i], name)) return true;
  return !o->arg_count;
}

static int list_sections(struct run *r, struct err *e) {
  const struct config_section *section;
  unsigned count = 0;
  int code = 0;
  while (config_notify_at(r->config, count)) count++;
  r->served = mem_zalloc((count + 1) * sizeof *r->served);
  for (unsigned i = 0; i < count && !code; i++) {
    section = config_notify_at(r->config, i);
    if (!is_wanted(&r->own->shared, section->name)) continue;
    struct served *s = &r->served[r->served_count++];
    domain_set_init(&s->domains);
    hashmap_init(&s->past.told, sizeof(struct told));
    s->arena = arena_new(4096);
    s->withdrawn_id = INT64_MAX;
    code = config_make_notify(r->config, section, &s->notify, e); /* went well when the file was read */
  }
  return code;
}

/* Groups of all sections, each with the section that names it. */
struct named_groups {
  const struct group **groups;
  struct served **by;
  unsigned count;
};

static void add_domain(void *user, unsigned number, const char *domain) {
  const struct named_groups *g = user;
  domain_set_add(&g->by[number]->domains, domain);
}

static void name_group(struct named_groups *g, struct served *s, const struct group *group) {
  g->groups = mem_realloc(g->groups, (g->count + 1) * sizeof *g->groups);
  g->by = mem_realloc(g->by, (g->count + 1) * sizeof *g->by);
  g->groups[g->count] = group;
  g->by[g->count++] = s;
}

/* What globs meet is asked for once, however many sections there are. */
static int gather_domains(struct run *r, struct err *e) {
  struct named_groups g = {0};
  for (unsigned i = 0; i < r->served_count; i++) {
    struct served *s = &r->served[i];
    const struct text_list *domains = &s->notify.domains, *groups = &s->notify.groups;
    if (domains->count) name_group(&g, s, s->notify.named);
    for (unsigned n = 0; n < groups->count; n++)
      name_group(&g, s, &config_group_find(r->config, groups->items[n])->group);
    if (domains->count || groups->count) s->notify.wish.domains = &s->domains;
  }
  int code = g.count ? groups_each_domain(g.groups, g.count, r->db.store, add_domain, &g, e) : 0;
  free(g.groups);
  free(g.by);
  return code;
}

static int check_names(const struct options *o) {
  if (!config_notify_at(o->config, 0))
    return talk_failure(EXIT_USAGE, "there is no [notify NAME] in the configuration (man 5 dmarcctl-config)");
  for (unsigned i = 0; i < o->arg_count; i++)
    if (!config_notify_find(o->config, o->args[i]))
      return talk_failure(EXIT_USAGE, "there is no [notify %s] in the configuration", o->args[i]);
  return EXIT_DONE;
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

/* A message on its way. */
struct delivery {
  struct run *run;
  const struct notify_section *section;
  const struct notice_message *message;
  struct way_reached reached;
  int kept; /* what became of keeping who has it: 0, or an error of the database */
};

/* By another way than mail there is one alone. */
static char *shown_from(const struct way *w, const struct text_list *recipients, unsigned from) {
  return w->kind == WAY_MAIL ? way_shown_to(recipients, from) : way_shown(w);
}

/* `had`: how many of those who have it had it before. */
static void tell_sent(const struct delivery *d, unsigned had) {
  const struct notify_section *s = d->section;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  _cleanup_free_ char *to = shown_from(&s->way, &d->reached.have, had);
  _cleanup_free_ char *line = mem_printf("[notify %s] %s: %s", s->wish.section, to, d->message->subject);
  d->run->sent = true;
  if (d->run->own->shared.common.quiet) return;
  talk_escape(&text, line);
  puts(text.data);
}

/* `held`: how many were held before. */
static void tell_failed(const struct delivery *d, unsigned held, const struct err *e) {
  const struct notify_section *s = d->section;
  _cleanup_free_ char *to = shown_from(&s->way, &d->reached.held, held);
  d->run->failed = true;
  talk("[notify %s] %s: %s%s", s->wish.section, to, e->text, d->run->own->test ? "" : "; the next run tries again");
}

static struct notice_message message_of(const struct notice_texts *t, int64_t made_s) {
  return (struct notice_message){.key = t->key,
                                 .made_s = made_s,
                                 .subject = t->subject.data,
                                 .text = t->text.data,
                                 .html = t->html.data,
                                 .json = t->json.data};
}

/* Some of several recipients have it: whatever happens next, they are not to get it again. Where all of them have it,
 * the message goes at once. */
static int on_taken(void *user, const struct text_list *have, struct err *e) {
  struct delivery *d = user;
  if (!d->message->id || way_has_all(&d->section->way, have)) return 0; /* a trial has none */
  _cleanup_free_ char *taken = way_addresses(have);
  d->kept = notice_message_set_taken(d->run->db.local, d->message->id, taken, e);
  return d->kept;
}

static void on_said(void *user, const char *line) {
  const struct delivery *d = user;
  talk("[notify %s] the command says: %s", d->section->wish.section, line);
}

/* As way_send, and tells what became of it. `d->kept` is what kept it from going on, if anything of the database did.
 */
static int send_one(struct delivery *d, struct err *e) {
  char key[NOTICE_KEY_BYTES];
  const struct notice_message *m = d->message;
  const struct way *w = &d->section->way;
  const struct notice_parcel p = {.key = notice_key_text(&m->key, key),
                                  .made_s = m->made_s,
                                  .subject = m->subject,
                                  .text = m->text,
                                  .html = m->html,
                                  .json = m->json};
  const struct way_listener listener = {on_taken, on_said, d, &d->run->stop};
  const unsigned had = d->reached.have.count, held = d->reached.held.count;
  const int code = way_send(w, &p, &d->reached, &listener, e);
  if (w->kind == WAY_MAIL ? d->reached.have.count > had : !code) tell_sent(d, had);
  d->run->interrupted = d->run->interrupted || code == ERR_INTERRUPTED;
  if (code < 0 && code != ERR_INTERRUPTED && !d->kept) tell_failed(d, held, e);
  return code;
}

/* A message that everybody took is none to be sent any more. Where that cannot be written it comes once more, and is
 * known by its key. */
static int settle(struct run *r, const struct notify_section *s, const struct notice_message *m, bool is_well,
                  struct err *e) {
  int code = local_begin(r->db.local, e);
  if (!code) code = notice_message_taken(r->db.local, s->wish.section, m->id, e);
  if (!code && is_well) code = notice_way_note(r->db.local, s->wish.section, r->basis.judgement.as_of_s, NULL, e);
  return code ? code : local_commit(r->db.local, e);
}

static int note_failure(struct run *r, const struct notify_section *s, struct sending *sending, const struct err *why,
                        struct err *e) {
  strbuf_printf(&sending->failures, "%s%s", sending->failures.length ? "; " : "", why->text);
  return notice_way_note(r->db.local, s->wish.section, r->basis.judgement.as_of_s, sending->failures.data, e);
}

/* An error is one of the database. */
static int send_message(struct run *r, struct served *served, const struct notice_message *m, struct err *e) {
  const struct notify_section *s = &served->notify;
  struct sending *sending = &served->sending;
  struct delivery d = {.run = r, .section = s, .message = m, .reached = {.held = sending->held}};
  struct err why;
  way_add_addresses(&d.reached.have, m->taken);
  int code = send_one(&d, &why);
  const bool has_all = !code && way_has_all(&s->way, &d.reached.have);
  sending->held = d.reached.held;
  sending->is_over = code == ERR_INTERRUPTED || d.kept < 0 || (code < 0 && way_has_all(&s->way, &sending->held));
  if (!has_all) sending->after_id = m->id;
  text_list_clear(&d.reached.have);
  if (d.kept < 0) return err_set(e, d.kept, "%s", why.text);
  if (code == ERR_INTERRUPTED) return 0;
  if (code < 0) return note_failure(r, s, sending, &why, e);
  return has_all ? settle(r, s, m, !sending->held.count, e) : 0;
}

/* All that waits and was not tried yet, the oldest first; behind what cannot be sent the others wait. An error is one
 * of the database. */
static int send_waiting(struct run *r, struct served *s, struct err *e) {
  int code = 0;
  while (!code && !s->sending.is_over) {
    _cleanup_arena_ struct arena *arena = arena_new(4096);
    struct notice_message m;
    code = notice_message_next(r->db.local, s->notify.wish.section, s->sending.after_id, arena, &m, e);
    if (code <= 0) break;
    code = send_message(r, s, &m, e);
  }
  return code;
}

/* --- what may not be sent any more -------------------------------------------------------------------------------- */

struct progress_search {
  const char *section;
  struct notice_progress progress;
};

static int find_progress(void *user, const struct notice_way *w, struct err *e) {
  (void)e;
  struct progress_search *p = user;
  if (!strcmp(w->section, p->section)) p->progress = w->progress;
  return 0;
}

/* From the first message on for which the section has come to say less, or another address. What it told is told anew
 * to whom it is for now. */
static int withdraw_from(struct run *r, struct served *s, const struct notice_message *first, struct err *e) {
  const char *section = s->notify.wish.section;
  s->withdrawn_id = first->id;
  s->past.progress = notice_message_before(first);
  talk("[notify %s] says something else than when what waits was written: it is told anew where it still belongs there",
       section);
  return r->own->dry_run ? 0 : notice_message_withdraw(r->db.local, section, first, e);
}

/* Who is not to get it: whoever has it, and, since it is not told anew where some have it, who is named since. */
static void list_taken(const struct notice_message *m, const char *newcomers, struct text_list *ret) {
  way_add_addresses(ret, m->taken);
  way_add_addresses(ret, newcomers);
}

/* Who is named since hears of what comes behind it. */
static int leave_out(struct run *r, const struct notice_message *m, const char *newcomers, struct err *e) {
  struct text_list taken = {0};
  list_taken(m, newcomers, &taken);
  _cleanup_free_ char *text = way_addresses(&taken);
  text_list_clear(&taken);
  return strcmp(text, m->taken) != 0 ? notice_message_set_taken(r->db.local, m->id, text, e) : 0;
}

static int check_message(struct run *r, struct served *s, const struct notice_message *m, struct err *e) {
  _cleanup_strbuf_ struct strbuf new = STRBUF_INIT;
  notice_scope_newcomers(&m->scope, &s->notify.wish, &new);
  if (!notice_scope_is_covered(&m->scope, &s->notify.wish) || (new.length && !m->taken))
    return withdraw_from(r, s, m, e);
  return new.length && !r->own->dry_run ? leave_out(r, m, new.data, e) : 0;
}

static int check_waiting(struct run *r, struct served *s, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct notice_message m = {0};
  int code;
  while ((code = notice_message_next(r->db.local, s->notify.wish.section, m.id, arena, &m, e)) == 1) {
    code = check_message(r, s, &m, e);
    if (code < 0 || s->withdrawn_id != INT64_MAX) return code;
  }
  return code;
}

static int read_progress(struct run *r, struct served *s, struct err *e) {
  struct progress_search p = {s->notify.wish.section, {FEEDBACK_TIME_UNKNOWN, INT32_MIN}};
  int code = notice_way_each(r->db.local, find_progress, &p, e);
  s->past.progress = p.progress;
  return code;
}

/* A section that is not in the configuration any more, or under another name. */
struct left_section {
  char *name;
  bool failing;
};
struct left_sections {
  const struct config *config;
  struct left_section *items;
  unsigned count, capacity;
};

static int add_left(void *user, const struct notice_way *w, struct err *e) {
  (void)e;
  struct left_sections *l = user;
  if (config_notify_find(l->config, w->section)) return 0;
  MEM_GROW(l->items, l->capacity, l->count);
  l->items[l->count++] = (struct left_section){mem_strdup(w->section), w->failing_s != FEEDBACK_TIME_UNKNOWN};
  return 0;
}

/* Nobody knows any more whom its messages are for. If it comes back it begins where they did. */
static int give_up(struct run *r, const struct left_section *s, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct notice_message m;
  int code = notice_message_next(r->db.local, s->name, 0, arena, &m, e);
  if (code < 0) return code;
  if (code == 1) talk("[notify %s] is not in the configuration any more: what waits for it is dropped", s->name);
  if (r->own->dry_run) return 0;
  if (code == 1) return notice_message_withdraw(r->db.local, s->name, &m, e);
  return s->failing ? notice_way_give_up(r->db.local, s->name, e) : 0;
}

static int give_up_left(struct run *r, struct err *e) {
  struct left_sections l = {.config = r->config};
  int code = notice_way_each(r->db.local, add_left, &l, e);
  for (unsigned i = 0; i < l.count; i++) {
    if (!code) code = give_up(r, &l.items[i], e);
    free(l.items[i].name);
  }
  free(l.items);
  return code;
}

/* --- what is to be told ------------------------------------------------------------------------------------------- */

/* What told of nothing new and was not taken makes way for it. */
static int put_message(struct run *r, const struct served *s, const struct notice_texts *t, int64_t *ret_id,
                       struct err *e) {
  _cleanup_strbuf_ struct strbuf kinds = STRBUF_INIT, domains = STRBUF_INIT;
  const struct notice *n = &s->notice;
  struct notice_message m = message_of(t, n->as_of_s);
  m.changes = n->change_count;
  m.scope = notice_scope_of(n, &kinds, &domains);
  m.before = s->past.progress;
  int code = notice_message_remove_heartbeats(r->db.local, n->wish->section, e);
  return code ? code : notice_message_put(r->db.local, n->wish->section, &m, ret_id, e);
}

/* In one transaction: the message and all that it tells. */
static int keep(struct run *r, const struct served *s, const struct notice_texts *t, struct err *e) {
  const struct notice *n = &s->notice;
  int64_t id = 0;
  int code = local_begin(r->db.local, e);
  if (!code && n->is_due) code = put_message(r, s, t, &id, e);
  if (!code) code = notice_remember(n, id, r->db.local, e);
  if (!code) code = told_forget(r->db.local, utc_day_of(n->as_of_s) - TOLD_MEMORY_DAYS, e);
  return code ? code : local_commit(r->db.local, e);
}

static void print_escaped(const char *text) {
  while (*text) {
    const size_t length = strcspn(text, "\n");
    _cleanup_free_ char *line = mem_strndup(text, length);
    _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
    talk_escape(&out, line);
    puts(strbuf_text(&out));
    text += length + (text[length] == '\n');
  }
}

/* The text has been made harmless, but for terminals without UTF-8. */
static void print_notice(const struct notify_section *s, const struct notice_texts *t) {
  _cleanup_free_ char *to = way_shown(&s->way);
  _cleanup_free_ char *head = mem_printf("[notify %s] %s\nSubject: %s\n\n", s->wish.section, to, t->subject.data);
  print_escaped(head);
  print_escaped(t->text.data);
  puts("");
}

/* What a run before this one could not send. */
static int print_waiting(struct run *r, const struct served *served, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  const struct notify_section *s = &served->notify;
  struct notice_message m;
  int code = notice_message_next(r->db.local, s->wish.section, 0, arena, &m, e);
  if (code <= 0 || m.id >= served->withdrawn_id) return code < 0 ? code : 0;
  _cleanup_strbuf_ struct strbuf new = STRBUF_INIT;
  struct text_list have = {0};
  notice_scope_newcomers(&m.scope, &s->wish, &new);
  list_taken(&m, new.data, &have);
  _cleanup_free_ char *to = way_shown_without(&s->way, &have);
  text_list_clear(&have);
  _cleanup_free_ char *line = mem_printf("[notify %s] %s\nstill to be sent: %s\n\n", s->wish.section, to, m.subject);
  print_escaped(line);
  r->sent = true;
  return 0;
}

static struct notice_day day_of(const struct run *r, const struct finding_list *list, int64_t as_of_s) {
  return (struct notice_day){list, &r->known, r->basis.judgement.labels, r->basis.judgement.thresholds, as_of_s};
}

static int tell(struct run *r, struct served *s, struct err *e) {
  const struct notice_day today = day_of(r, &r->list, r->basis.judgement.as_of_s);
  struct notice *n = &s->notice;
  struct notice_texts texts = {0};
  notice_choose(n, &today);
  int code = n->is_due ? notice_compose(n, &texts, e) : 0;
  if (!code && r->own->dry_run && n->is_due) {
    print_notice(&s->notify, &texts);
    r->sent = true;
  }
  if (!code && !r->own->dry_run) code = keep(r, s, &texts, e);
  notice_texts_clear(&texts);
  return code;
}

/* --- the days ----------------------------------------------------------------------------------------------------- */

static bool is_asked_about(const struct run *r, int32_t day) {
  for (unsigned i = 0; i < r->served_count; i++)
    if (notice_wants_day(&r->served[i].notice, day)) return true;
  return false;
}

/* What was so at the end of the day, by what is known now. Of this machine nobody knows it. */
static int look_back(struct run *r, int32_t day, struct err *e) {
  struct judgement_basis then = r->basis.judgement;
  struct inquiry q = r->basis.inquiry;
  struct finding_list list;
  then.as_of_s = then.before_s = utc_from_day(day + 1) - 1;
  q.basis = &then;
  q.local = NULL;
  int code = finding_list_gather(&q, &r->known, &list, e);
  const struct notice_day d = day_of(r, &list, then.as_of_s);
  for (unsigned i = 0; i < r->served_count && !code; i++)
    if (notice_wants_day(&r->served[i].notice, day)) notice_look(&r->served[i].notice, &d);
  finding_list_clear(&list);
  return code;
}

/* Of all domains, once for all sections, whatever they want: what waits for nobody in one of them waits for somebody in
 * another. */
static int look_at_days(struct run *r, struct err *e) {
  const int32_t today = utc_day_of(r->basis.judgement.as_of_s);
  int code = 0;
  for (int32_t day = today - TELLING_DAYS; day < today && !code; day++) {
    if (r->stop.interrupted && *r->stop.interrupted) return err_set(e, ERR_INTERRUPTED, "interrupted");
    if (is_asked_about(r, day)) code = look_back(r, day, e);
  }
  if (!code && is_asked_about(r, today)) code = finding_list_gather(&r->basis.inquiry, &r->known, &r->list, e);
  return code;
}

/* --- a section ---------------------------------------------------------------------------------------------------- */

static void warn_of_clock(const struct run *r, const struct served *s) {
  const int64_t looked_s = s->past.progress.looked_s, now_s = r->basis.judgement.as_of_s;
  char day[UTC_TEXT_BYTES];
  if (looked_s == FEEDBACK_TIME_UNKNOWN || utc_day_of(looked_s) <= utc_day_of(now_s)) return;
  talk("[notify %s] has told of %s already, which is behind the day of asking: what it told then is not told again",
       s->notify.wish.section, utc_format_day(looked_s, day));
}

/* What says that nothing is new makes way, where more is to be said now. */
static int send_what_waited(struct run *r, struct served *s, struct err *e) {
  const struct notice_wish *w = &s->notify.wish;
  const bool is_late = w->every != NOTICE_EVENT && notice_asks(w, &s->past.progress, r->basis.judgement.as_of_s);
  int code = is_late ? notice_message_remove_heartbeats(r->db.local, w->section, e) : 0;
  return code ? code : send_waiting(r, s, e);
}

/* What waited goes first: a way that works again is not told to fail; and what of it was taken was told by then. */
static int prepare(struct run *r, struct served *s, struct err *e) {
  int code = read_progress(r, s, e);
  if (!code) code = check_waiting(r, s, e);
  if (code < 0) return code;
  warn_of_clock(r, s);
  if (!r->own->dry_run) code = send_what_waited(r, s, e);
  if (!code) code = told_read(r->db.local, s->notify.wish.section, s->withdrawn_id, s->arena, &s->past.told, e);
  if (!code) notice_begin(&s->notify.wish, &s->past, r->basis.judgement.as_of_s, &s->notice);
  return code;
}

static int serve(struct run *r, struct served *s, struct err *e) {
  int code = s->notice.asks ? tell(r, s, e) : 0;
  return code ? code : r->own->dry_run ? print_waiting(r, s, e) : send_waiting(r, s, e);
}

static int send_trial(struct run *r, struct served *served, struct err *e) {
  const struct notify_section *s = &served->notify;
  const int64_t now_s = utc_now();
  struct notice_texts t;
  struct err why;
  int code = notice_compose_trial(&s->wish, now_s, &t, e);
  if (!code) {
    const struct notice_message m = message_of(&t, now_s);
    struct delivery d = {.run = r, .section = s, .message = &m};
    send_one(&d, &why);
    way_reached_clear(&d.reached);
  }
  notice_texts_clear(&t);
  return code;
}

/* Each in its turn, and none because of another. An error is one of the database: then none is left to be served. */
typedef int serve_fn(struct run *r, struct served *s, struct err *e);
static int each_section(struct run *r, serve_fn *fn, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < r->served_count && !code && !r->interrupted; i++) code = fn(r, &r->served[i], e);
  return code;
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static int gather_basis(struct run *r, const struct options *o, struct err *e) {
  int code = basis_open(&r->basis, o, &r->db, e);
  return code ? code : acknowledgements_read(r->db.local, &r->known, e);
}

static int serve_all(struct run *r, struct err *e) {
  int code = give_up_left(r, e);
  if (!code) code = each_section(r, prepare, e);
  if (!code && !r->interrupted) code = look_at_days(r, e);
  return code ? code : each_section(r, serve, e);
}

/* Reading alone where nothing is to be remembered. */
static int open_database(struct run *r, const struct options *o, struct err *e) {
  if (r->own->dry_run) return ask_open(o, &r->db, e);
  int code = ask_open_for_change(o, &r->db, e);
  if (!code) local_while_waiting(r->db.local, r->stop.interrupted, talk_sentence, NULL);
  return code ? code : local_be_durable(r->db.local, e); /* what is sent and then forgotten would be sent as another */
}

/* Names are no arguments of the judgement. */
static int run_judged(struct run *r, struct err *e) {
  struct options o = r->own->shared;
  _cleanup_close_ int lock = -1;
  o.arg_count = 0;
  int code = open_database(r, &o, e);
  if (!code && !r->own->dry_run) {
    code = local_lock(r->db.local, "notify", 0, &lock, e);
    if (!code) talk("another 'dmarcctl notify' is sending: nothing was done");
    if (code <= 0) return code;
    code = 0;
  }
  if (!code) code = gather_domains(r, e);
  if (!code) code = gather_basis(r, &o, e);
  return code ? code : serve_all(r, e);
}

static void run_clear(struct run *r) {
  for (unsigned i = 0; i < r->served_count; i++) {
    struct served *s = &r->served[i];
    notice_clear(&s->notice);
    text_list_clear(&s->sending.held);
    strbuf_clear(&s->sending.failures);
    notify_section_clear(&s->notify);
    domain_set_clear(&s->domains);
    hashmap_clear(&s->past.told);
    arena_free(s->arena);
  }
  free(r->served);
  finding_list_clear(&r->list);
  acknowledgements_clear(&r->known);
  basis_clear(&r->basis);
  database_close(&r->db);
}

static int exit_code_of(const struct run *r, int code, const struct err *e) {
  if (code == ERR_INTERRUPTED || r->interrupted) return talk_failure(EXIT_INTERRUPTED, "interrupted");
  if (code < 0) return ask_failed(code, e);
  if (r->failed) return EXIT_FAILED;
  return r->own->exit_code && r->sent ? EXIT_NOT_READY : EXIT_DONE;
}

static int run(const struct options *o) {
  const struct notify_options *own = (const struct notify_options *)o;
  struct err e;
  int exit_code = check_names(o);
  if (exit_code != EXIT_DONE) return exit_code;
  if (own->test && own->dry_run) return talk_failure(EXIT_USAGE, "notify: --test or --dry-run: one or the other");
  struct run r = {.own = own, .config = o->config, .stop = {.interrupted = interrupt_catch()}};
  signal(SIGPIPE, SIG_IGN); /* a server or a command that goes away is told as such */
  notify_library_init();
  int code = list_sections(&r, &e);
  if (!code) code = own->test ? each_section(&r, send_trial, &e) : run_judged(&r, &e);
  exit_code = exit_code_of(&r, code, &e);
  run_clear(&r);
  notify_library_clear();
  return exit_code;
}

const struct verb VERB_NOTIFY = {
    .name = "notify",
    .summary = "send what findings have to tell, as [notify NAME] in the configuration says",
    .details =
        "By mail, to a web service or to a command; at once, or every day or week. Each finding is told once when it begins\n"
        "and once when it is over. What could not be sent waits for the next run. NAME: these sections alone.\n",
    .examples =
        "  dmarcctl notify\n"
        "  dmarcctl notify weekly --test\n"
        "  dmarcctl notify --dry-run\n",
    .arguments = ARGUMENTS_NAMES,
    .usage = "[NAME...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct notify_options),
    .run = run,
};
