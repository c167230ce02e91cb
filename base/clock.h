/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that only goes forward (CLOCK_MONOTONIC): for how long something took or may take. The time of day is
 * utc.h's. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* Seconds since an arbitrary moment. */
double clock_now_s(void);
/* The moment that is so many seconds ahead, for pthread_cond_timedwait on a condition of clock_condition_init. */
struct timespec clock_ahead(double seconds);
/* A condition whose timed waits go by this clock. */
void clock_condition_init(pthread_cond_t *condition);

#endif
