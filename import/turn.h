/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is with the database: accounts are read at the same time and share one handle. Whoever has waited
 * longest comes next; otherwise an account that is always busy would keep it. Private to import/. */
#ifndef IMPORT_TURN_H
#define IMPORT_TURN_H

#include <pthread.h>
#include <stdint.h>

struct turn {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t next, served; /* numbers, as people draw them to stand in line */
};

void turn_init(struct turn *t);
void turn_clear(struct turn *t);
void turn_take(struct turn *t);
void turn_give(struct turn *t);

#endif
