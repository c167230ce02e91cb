/* SPDX-License-Identifier: Apache-2.0 */
/* A number that nobody outside of this process knows. */
#ifndef BASE_SEED_H
#define BASE_SEED_H

#include <stdint.h>

/* For hashes in memory of what strangers write: who knew where a text falls could send ten thousand that fall on one
 * place. The same for as long as the process lives, another one in the next; never for what is stored. Any thread. */
uint64_t hash_seed(void);

#endif
