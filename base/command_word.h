/* SPDX-License-Identifier: Apache-2.0 */
/* Names in the commands that advice prints. People paste them into a shell, and names come from reports that anybody
 * may send: "$(reboot).example.net" is a d= like any other. */
#ifndef BASE_COMMAND_WORD_H
#define BASE_COMMAND_WORD_H

#include <stdbool.h>

/* Is it one word for a shell as it stands, and no option? ASCII letters, digits and "._:/+-". */
bool command_word_is_plain(const char *text);
/* The same between double quotes, where blanks and others may be, but nothing that a shell expands or ends at there. */
bool command_word_is_quotable(const char *text);
/* The domain itself where it is plain, else the word DOMAIN: who reads the command knows of which domain it is. */
const char *command_domain(const char *domain);

#endif
