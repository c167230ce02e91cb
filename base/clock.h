/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that only goes forward (CLOCK_MONOTONIC), for measuring how long something took or may take. For the time
 * of day see utc.h. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* Seconds since an arbitrary moment. */
double clock_now_s(void);
/* The moment `seconds` from now, for pthread_cond_timedwait on a condition of clock_condition_init. */
struct timespec clock_ahead(double seconds);
/* Initialises a condition whose timed waits use this clock. */
void clock_condition_init(pthread_cond_t *condition);

#endif
