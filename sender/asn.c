/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the few fields that matter out of the layouts that are in use. */
#include "sender/asn.h"

#include <maxminddb.h>
#include <netinet/in.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

struct asn_db {
  MMDB_s mmdb;
  char *path;
  bool open;
  struct hashmap names; /* organizations, each once: a file has 80,000 at most */
  struct arena *arena;
};

int asn_open(const char *path, struct asn_db **ret, struct err *e) {
  _cleanup_asn_db_ struct asn_db *db = mem_zalloc(sizeof *db);
  db->path = mem_strdup(path);
  db->arena = arena_new(16 * 1024);
  hashmap_init(&db->names, sizeof(const char *));
  int status = MMDB_open(path, MMDB_MODE_MMAP, &db->mmdb);
  if (status == MMDB_FILE_OPEN_ERROR) return err_set_errno(e, ERR_IO, "%s", path);
  if (status != MMDB_SUCCESS)
    return err_set(e, ERR_FORMAT, "%s: is no MaxMind database: %s", path, MMDB_strerror(status));
  db->open = true;
  *ret = TAKE_PTR(db);
  return 0;
}

void asn_close(struct asn_db *db) {
  if (!db) return;
  if (db->open) MMDB_close(&db->mmdb);
  hashmap_clear(&db->names);
  arena_free(db->arena);
  free(db->path);
  free(db);
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

struct entry {
  MMDB_entry_s mmdb;
  int status; /* of what could not be read; a field that is not there is no damage */
};

/* A field of the entry, or of the map `outer` in it (NULL: of the entry itself). */
static bool get_field(struct entry *entry, const char *outer, const char *name, MMDB_entry_data_s *ret) {
  const char *const path[] = {outer ? outer : name, outer ? name : NULL, NULL};
  int status = MMDB_aget_value(&entry->mmdb, ret, path);
  if (status == MMDB_SUCCESS) return ret->has_data;
  if (status != MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR && status != MMDB_INVALID_LOOKUP_PATH_ERROR)
    entry->status = status;
  return false;
}

static uint32_t number_of(const MMDB_entry_data_s *value) {
  char text[16];
  int64_t number;
  switch (value->type) {
    case MMDB_DATA_TYPE_UINT16:
      return value->uint16;
    case MMDB_DATA_TYPE_UINT32:
      return value->uint32;
    case MMDB_DATA_TYPE_UINT64:
      return value->uint64 <= UINT32_MAX ? (uint32_t)value->uint64 : 0;
    case MMDB_DATA_TYPE_UTF8_STRING: /* "AS64500" or "64500" */
      if (value->data_size >= sizeof text) return 0;
      memcpy(text, value->utf8_string, value->data_size);
      text[value->data_size] = '\0';
      return number_parse(text + (ascii_begins(text, "AS") ? 2 : 0), UINT32_MAX, &number) ? (uint32_t)number : 0;
    default:
      return 0;
  }
}

static void take_number(struct entry *entry, struct asn *ret) {
  static const char *const NAMES[] = {"autonomous_system_number", "asn", "as_number"};
  MMDB_entry_data_s value;
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES) && !ret->number; i++)
    if (get_field(entry, NULL, NAMES[i], &value)) ret->number = number_of(&value);
}

/* Cut between characters; a NUL ends it. */
static const char *keep_name(struct asn_db *db, const char *text, size_t length) {
  length = utf8_fitting(text, strnlen(text, length), MOST_ORGANIZATION_BYTES);
  if (!length) return NULL;
  bool is_new;
  const char **kept = hashmap_put(&db->names, text, length, &is_new);
  if (is_new) *kept = arena_strndup(db->arena, text, length);
  return *kept;
}

static void take_organization(struct asn_db *db, struct entry *entry, struct asn *ret) {
  static const char *const NAMES[] = {"autonomous_system_organization", "as_name", "as_organization", "name"};
  MMDB_entry_data_s value;
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES) && !ret->organization; i++)
    if (get_field(entry, NULL, NAMES[i], &value) && value.type == MMDB_DATA_TYPE_UTF8_STRING)
      ret->organization = keep_name(db, value.utf8_string, value.data_size);
}

/* "country" is a map with an iso_code, the code itself, or the country's name in words, as the maker likes. */
static void take_country(struct entry *entry, struct asn *ret) {
  static const struct {
    const char *outer, *name;
  } PLACES[] = {{"country", "iso_code"}, {NULL, "country_code"}, {NULL, "country"}};
  MMDB_entry_data_s value;
  for (unsigned i = 0; i < ARRAY_SIZE(PLACES) && !*ret->country; i++) {
    if (!get_field(entry, PLACES[i].outer, PLACES[i].name, &value)) continue;
    if (value.type != MMDB_DATA_TYPE_UTF8_STRING || value.data_size != 2) continue;
    if (!ascii_is_letter(value.utf8_string[0]) || !ascii_is_letter(value.utf8_string[1])) continue;
    for (int c = 0; c < 2; c++) ret->country[c] = ascii_upper(value.utf8_string[c]);
  }
}

/* --- looking up --------------------------------------------------------------------------------------------------- */

static void fill_address(const struct ip_addr *ip, struct sockaddr_storage *ret) {
  *ret = (struct sockaddr_storage){.ss_family = ip->size == 4 ? AF_INET : AF_INET6};
  if (ip->size == 4)
    memcpy(&((struct sockaddr_in *)(void *)ret)->sin_addr, ip->bytes, 4);
  else
    memcpy(&((struct sockaddr_in6 *)(void *)ret)->sin6_addr, ip->bytes, 16);
}

static int say_damaged(const struct asn_db *db, int status, struct err *e) {
  return err_set(e, ERR_FORMAT, "%s: the database is damaged: %s", db->path, MMDB_strerror(status));
}

int asn_find(struct asn_db *db, const struct ip_addr *ip, struct asn *ret, struct err *e) {
  *ret = (struct asn){0};
  if (!ip->size) return 0;
  struct sockaddr_storage address;
  int status = MMDB_SUCCESS;
  fill_address(ip, &address);
  MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&db->mmdb, (const struct sockaddr *)&address, &status);
  if (status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR) return 0;
  if (status != MMDB_SUCCESS) return say_damaged(db, status, e);
  if (!found.found_entry) return 0;
  struct entry entry = {.mmdb = found.entry};
  take_number(&entry, ret);
  take_organization(db, &entry, ret);
  take_country(&entry, ret);
  if (entry.status) return say_damaged(db, entry.status, e);
  return ret->number || ret->organization || *ret->country;
}
