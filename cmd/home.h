/* SPDX-License-Identifier: Apache-2.0 */
/* Where the user's files are. Private to cmd/. */
#ifndef CMD_HOME_H
#define CMD_HOME_H

/* $HOME, else what the system's list of users says (services and cron jobs may run without the one); NULL where neither
 * names a folder. Valid for as long as nobody looks another user up. */
const char *home_folder(void);

#endif
