/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers are drawn and served in their order. */
#include "import/turn.h"

void turn_init(struct turn *t) {
  *t = (struct turn){0};
  pthread_mutex_init(&t->lock, NULL);
  pthread_cond_init(&t->changed, NULL);
}

void turn_clear(struct turn *t) {
  pthread_mutex_destroy(&t->lock);
  pthread_cond_destroy(&t->changed);
}

void turn_take(struct turn *t) {
  pthread_mutex_lock(&t->lock);
  uint64_t number = t->next++;
  while (t->served != number) pthread_cond_wait(&t->changed, &t->lock);
  pthread_mutex_unlock(&t->lock);
}

void turn_give(struct turn *t) {
  pthread_mutex_lock(&t->lock);
  t->served++;
  pthread_cond_broadcast(&t->changed);
  pthread_mutex_unlock(&t->lock);
}
