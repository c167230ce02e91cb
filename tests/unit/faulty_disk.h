/* SPDX-License-Identifier: Apache-2.0 */
/* A VFS of SQLite over the real one that knows what a disk would have if the power went, and that can be full.
 *
 * Of one database it remembers what was synced and each write since. What is left when the power goes is drawn from
 * that: of each write each sector is there or not, as if the disk had written them in any order; so a write may be
 * torn, a later one may be there without an earlier one, and a file may be as long as it was. Syncs are not passed on:
 * no test waits for a disk. */
#ifndef TESTS_FAULTY_DISK_H
#define TESTS_FAULTY_DISK_H

#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"

#define SECTOR_BYTES 512

/* --- what the disk knows ------------------------------------------------------------------------------------------ */

struct disk_write {
  uint64_t number; /* among all of the database's files */
  uint64_t at;
  size_t size; /* 0: the file ends at `at` */
  uint8_t *bytes;
};

struct disk_image {
  bool exists;
  uint8_t *bytes;
  size_t size, capacity;
};

/* A database, its log, and its journal. */
#define DISK_FILES 3
static const char *const DISK_SUFFIXES[DISK_FILES] = {"", "-wal", "-journal"};

struct disk_file {
  struct disk_image synced;
  struct disk_image before;  /* of a file of this name that was deleted, which the disk may not know yet */
  struct disk_write *writes; /* since then */
  unsigned count, capacity;
};

struct faulty_disk {
  sqlite3_vfs *real;
  const char *path; /* of the database that is watched; NULL: none */
  struct disk_file files[DISK_FILES];
  uint64_t writes, syncs;
  uint64_t full_at;                /* the number of the write for which there is no room; 0: there is room */
  bool full_once;                  /* and then there is room again */
  void (*before_sync)(void *user); /* the moment at which the power may go */
  void *user;
};

static inline void disk_image_put(struct disk_image *i, uint64_t at, const void *bytes, size_t size) {
  MEM_GROW(i->bytes, i->capacity, at + size);
  if (at > i->size) memset(i->bytes + i->size, 0, at - i->size);
  memcpy(i->bytes + at, bytes, size);
  if (at + size > i->size) i->size = at + size;
}

static inline void disk_image_cut(struct disk_image *i, uint64_t size) {
  if (size < i->size) i->size = size;
}

static inline void disk_image_apply(struct disk_image *i, const struct disk_write *w) {
  i->exists = true;
  if (w->size)
    disk_image_put(i, w->at, w->bytes, w->size);
  else
    disk_image_cut(i, w->at);
}

static inline void disk_file_forget_writes(struct disk_file *f) {
  for (unsigned i = 0; i < f->count; i++) free(f->writes[i].bytes);
  f->count = 0;
}

/* Nothing is watched any more, and nothing remembered. */
static inline void disk_forget(struct faulty_disk *d) {
  for (int i = 0; i < DISK_FILES; i++) {
    disk_file_forget_writes(&d->files[i]);
    free(d->files[i].writes);
    free(d->files[i].synced.bytes);
    free(d->files[i].before.bytes);
    d->files[i] = (struct disk_file){.count = 0};
  }
  d->path = NULL;
  d->writes = d->syncs = d->full_at = 0;
  d->before_sync = NULL;
}

/* --- what is left of it ------------------------------------------------------------------------------------------- */

enum power_loss {
  LOSS_OF_ALL,    /* that was not synced */
  LOSS_OF_NONE,   /* the disk had written everything */
  LOSS_OF_LAST,   /* it had written in order, up to some write */
  LOSS_OF_SECTORS /* it had written some sectors */
};
#define POWER_LOSSES 4

static inline uint64_t disk_draw(uint64_t *state, uint64_t below) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return below ? *state % below : 0;
}

static inline void disk_apply_some(struct disk_image *i, const struct disk_write *w, uint64_t *state) {
  if (!w->size && disk_draw(state, 2)) disk_image_apply(i, w);
  for (size_t done = 0; done < w->size;) {
    size_t left = SECTOR_BYTES - (w->at + done) % SECTOR_BYTES, size = left < w->size - done ? left : w->size - done;
    const struct disk_write sector = {.at = w->at + done, .size = size, .bytes = w->bytes + done};
    if (disk_draw(state, 2)) disk_image_apply(i, &sector);
    done += size;
  }
}

/* What a disk without power has of the file; free its bytes. The old file of a name, or the new one, but no mixture. */
static inline struct disk_image disk_left(const struct disk_file *f, enum power_loss loss, uint64_t last,
                                          uint64_t *state) {
  const bool knows = loss != LOSS_OF_ALL && (loss == LOSS_OF_NONE || disk_draw(state, 2));
  const bool is_old = f->before.exists && !knows;
  const struct disk_image *from = is_old ? &f->before : &f->synced;
  struct disk_image left = {.exists = from->exists};
  if (from->size) disk_image_put(&left, 0, from->bytes, from->size);
  for (unsigned i = 0; i < f->count && loss != LOSS_OF_ALL && !is_old; i++) {
    if (loss == LOSS_OF_SECTORS)
      disk_apply_some(&left, &f->writes[i], state);
    else if (loss == LOSS_OF_NONE || f->writes[i].number <= last)
      disk_image_apply(&left, &f->writes[i]);
  }
  return left;
}

/* --- the VFS ------------------------------------------------------------------------------------------------------ */

static struct faulty_disk disk;

struct disk_handle {
  sqlite3_file base;
  struct disk_file *file; /* NULL: it is not watched */
  sqlite3_file real[];
};

static inline sqlite3_file *disk_real(sqlite3_file *f) { return ((struct disk_handle *)f)->real; }

static inline struct disk_write *disk_note(struct disk_file *f, uint64_t at, const void *bytes, size_t size) {
  MEM_GROW(f->writes, f->capacity, f->count);
  struct disk_write *w = &f->writes[f->count++];
  *w = (struct disk_write){.number = disk.writes, .at = at, .size = size};
  if (size) w->bytes = memcpy(mem_alloc(size), bytes, size);
  return w;
}

static int disk_close(sqlite3_file *f) { return disk_real(f)->pMethods->xClose(disk_real(f)); }
static int disk_read(sqlite3_file *f, void *bytes, int size, sqlite3_int64 at) {
  return disk_real(f)->pMethods->xRead(disk_real(f), bytes, size, at);
}
static int disk_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 at) {
  struct disk_file *file = ((struct disk_handle *)f)->file;
  if (file) {
    disk.writes++;
    if (disk.full_at && (disk.full_once ? disk.writes == disk.full_at : disk.writes >= disk.full_at))
      return SQLITE_FULL;
    disk_note(file, (uint64_t)at, bytes, (size_t)size);
  }
  return disk_real(f)->pMethods->xWrite(disk_real(f), bytes, size, at);
}
static int disk_truncate(sqlite3_file *f, sqlite3_int64 size) {
  struct disk_file *file = ((struct disk_handle *)f)->file;
  if (file) disk_note(file, (uint64_t)size, NULL, 0);
  return disk_real(f)->pMethods->xTruncate(disk_real(f), size);
}
/* SQLite does so before it relies on a log or a journal that it made; what it deleted before is then gone. */
static inline void disk_sync_folder(void) {
  for (int i = 0; i < DISK_FILES; i++) {
    free(disk.files[i].before.bytes);
    disk.files[i].before = (struct disk_image){.exists = false};
  }
}

static int disk_sync(sqlite3_file *f, int flags) {
  (void)flags;
  struct disk_file *file = ((struct disk_handle *)f)->file;
  if (!file) return SQLITE_OK;
  disk.syncs++;
  if (disk.before_sync) disk.before_sync(disk.user);
  if (!file->synced.exists) disk_sync_folder();
  for (unsigned i = 0; i < file->count; i++) disk_image_apply(&file->synced, &file->writes[i]);
  file->synced.exists = true;
  disk_file_forget_writes(file);
  return SQLITE_OK;
}
static int disk_size(sqlite3_file *f, sqlite3_int64 *ret) {
  return disk_real(f)->pMethods->xFileSize(disk_real(f), ret);
}
static int disk_lock(sqlite3_file *f, int lock) { return disk_real(f)->pMethods->xLock(disk_real(f), lock); }
static int disk_unlock(sqlite3_file *f, int lock) { return disk_real(f)->pMethods->xUnlock(disk_real(f), lock); }
static int disk_is_reserved(sqlite3_file *f, int *ret) {
  return disk_real(f)->pMethods->xCheckReservedLock(disk_real(f), ret);
}
static int disk_control(sqlite3_file *f, int what, void *value) {
  return disk_real(f)->pMethods->xFileControl(disk_real(f), what, value);
}
static int disk_sector_size(sqlite3_file *f) {
  (void)f;
  return SECTOR_BYTES;
}
static int disk_character(sqlite3_file *f) { return disk_real(f)->pMethods->xDeviceCharacteristics(disk_real(f)); }
static int disk_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **ret) {
  return disk_real(f)->pMethods->xShmMap(disk_real(f), region, size, extend, ret);
}
static int disk_shm_lock(sqlite3_file *f, int first, int count, int flags) {
  return disk_real(f)->pMethods->xShmLock(disk_real(f), first, count, flags);
}
static void disk_shm_barrier(sqlite3_file *f) { disk_real(f)->pMethods->xShmBarrier(disk_real(f)); }
static int disk_shm_unmap(sqlite3_file *f, int removes) {
  return disk_real(f)->pMethods->xShmUnmap(disk_real(f), removes);
}

static const sqlite3_io_methods DISK_METHODS = {.iVersion = 2,
                                                .xClose = disk_close,
                                                .xRead = disk_read,
                                                .xWrite = disk_write,
                                                .xTruncate = disk_truncate,
                                                .xSync = disk_sync,
                                                .xFileSize = disk_size,
                                                .xLock = disk_lock,
                                                .xUnlock = disk_unlock,
                                                .xCheckReservedLock = disk_is_reserved,
                                                .xFileControl = disk_control,
                                                .xSectorSize = disk_sector_size,
                                                .xDeviceCharacteristics = disk_character,
                                                .xShmMap = disk_shm_map,
                                                .xShmLock = disk_shm_lock,
                                                .xShmBarrier = disk_shm_barrier,
                                                .xShmUnmap = disk_shm_unmap};

static inline struct disk_file *disk_watched(const char *name) {
  size_t length = disk.path ? strlen(disk.path) : 0;
  if (!name || !length || strncmp(name, disk.path, length) != 0) return NULL;
  for (int i = 0; i < DISK_FILES; i++)
    if (!strcmp(name + length, DISK_SUFFIXES[i])) return &disk.files[i];
  return NULL;
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags) {
  (void)vfs;
  struct disk_handle *handle = (struct disk_handle *)f;
  handle->file = disk_watched(name);
  handle->base.pMethods = NULL;
  int code = disk.real->xOpen(disk.real, name, handle->real, flags, ret_flags);
  if (handle->real->pMethods) handle->base.pMethods = &DISK_METHODS;
  return code;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int syncs_folder) {
  (void)vfs;
  struct disk_file *file = disk_watched(name);
  if (file) {
    disk_file_forget_writes(file);
    if (file->synced.exists) {
      free(file->before.bytes);
      file->before = file->synced;
    }
    file->synced = (struct disk_image){.exists = false};
    if (syncs_folder) disk_sync_folder();
  }
  return disk.real->xDelete(disk.real, name, 0);
}

/* From now on all databases of this process are on such a disk. */
static inline void disk_install(void) {
  static sqlite3_vfs vfs;
  disk.real = sqlite3_vfs_find(NULL);
  vfs = *disk.real;
  vfs.zName = "faulty";
  vfs.szOsFile += (int)sizeof(struct disk_handle);
  vfs.xOpen = disk_open;
  vfs.xDelete = disk_delete;
  sqlite3_vfs_register(&vfs, 1);
}

#endif
