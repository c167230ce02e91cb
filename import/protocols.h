/* SPDX-License-Identifier: Apache-2.0 */
/* Which protocol an account's server speaks. Private to import/. */
#ifndef IMPORT_PROTOCOLS_H
#define IMPORT_PROTOCOLS_H

#include "mailbox/mail_folder.h"

const struct mail_protocol *protocol_of(const struct mail_account *a);

#endif
