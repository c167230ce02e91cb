/* SPDX-License-Identifier: Apache-2.0 */
/* An array by number, and a map into it by name. */
#include "mailbox/mail_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void mail_names_init(struct mail_names *n) {
  *n = (struct mail_names){.next_uid = 1};
  hashmap_init(&n->places, sizeof(uint32_t));
}

static void forget_all(struct mail_names *n) {
  for (uint32_t i = 0; i < n->count; i++) free(n->all[i].text);
  n->count = 0;
}

void mail_names_clear(struct mail_names *n) {
  forget_all(n);
  free(n->all);
  free(n->link);
  hashmap_clear(&n->places);
  *n = (struct mail_names){0};
}

void mail_names_begin(struct mail_names *n, uint32_t next_uid) {
  forget_all(n);
  hashmap_reset(&n->places);
  free(n->link);
  n->link = NULL;
  n->next_uid = next_uid;
}

static void add(struct mail_names *n, uint32_t uid, const char *text, int64_t came_s, bool kept) {
  *(uint32_t *)hashmap_put(&n->places, text, strlen(text), NULL) = n->count;
  MEM_GROW(n->all, n->capacity, n->count);
  n->all[n->count++] = (struct mail_name){uid, MAIL_NAME_HERE, kept, came_s, mem_strdup(text)};
  n->changes++;
  if (uid >= n->next_uid) n->next_uid = uid < UINT32_MAX ? uid + 1 : uid;
}

void mail_names_put(struct mail_names *n, uint32_t uid, const char *text, int64_t came_s) {
  add(n, uid, text, came_s, true);
}

/* --- the server's list -------------------------------------------------------------------------------------------- */

void mail_names_list_begin(struct mail_names *n) {
  for (uint32_t i = 0; i < n->count; i++) n->all[i].state = MAIL_NAME_UNMET;
}

static void set_state(struct mail_names *n, uint32_t place, enum mail_name_state state) {
  if (n->all[place].state != state) n->changes++;
  n->all[place].state = state;
}

int mail_names_met(struct mail_names *n, const char *text, int64_t came_s, struct err *e) {
  const uint32_t *place = hashmap_get(&n->places, text, strlen(text));
  if (place) {
    set_state(n, *place, MAIL_NAME_HERE);
    return 0;
  }
  if (n->count >= MAIL_NAMES_MOST || n->next_uid == UINT32_MAX)
    return err_set(e, ERR_LIMIT, "the server lists more than %u mails", MAIL_NAMES_MOST);
  add(n, n->next_uid, text, came_s, false);
  return 0;
}

void mail_names_list_end(struct mail_names *n) {
  for (uint32_t i = 0; i < n->count; i++)
    if (n->all[i].state == MAIL_NAME_UNMET) n->all[i].state = MAIL_NAME_GONE;
}

void mail_names_lost(struct mail_names *n, const char *text) {
  const uint32_t *place = hashmap_get(&n->places, text, strlen(text));
  if (place) set_state(n, *place, MAIL_NAME_GONE);
}

/* --- by number ---------------------------------------------------------------------------------------------------- */

static uint32_t place_of(const struct mail_names *n, uint32_t uid) {
  uint32_t low = 0, high = n->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (n->all[middle].uid < uid)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const char *mail_names_text(const struct mail_names *n, uint32_t uid) {
  uint32_t at = place_of(n, uid);
  bool here = at < n->count && n->all[at].uid == uid && n->all[at].state != MAIL_NAME_GONE;
  return here ? n->all[at].text : NULL;
}

uint32_t mail_names_from(const struct mail_names *n, uint32_t from_uid, int64_t since_s, uint32_t most,
                         uint32_t **ret_uids, uint32_t *ret_next_uid) {
  uint32_t at = place_of(n, from_uid), count = 0;
  *ret_uids = mem_alloc((n->count - at + 1) * sizeof **ret_uids);
  *ret_next_uid = n->next_uid;
  for (; at < n->count; at++) {
    if (n->all[at].state == MAIL_NAME_GONE || n->all[at].came_s < since_s) continue;
    if (most && count == most) {
      *ret_next_uid = n->all[at].uid;
      break;
    }
    (*ret_uids)[count++] = n->all[at].uid;
  }
  return count;
}
