/* SPDX-License-Identifier: Apache-2.0 */
/* The accounts of a configuration, tried: does each let us in, and are its folders there? */
#ifndef CMD_CONFIG_CONNECT_H
#define CMD_CONFIG_CONNECT_H

#include "cmd/config.h"

/* Connects to each account, logs in and opens its folders, without reading or changing anything: one line of standard
 * output for a folder, or for an account that cannot be opened, in the order of the file. Accounts are tried at the
 * same time, and none keeps another from it. Returns the exit code: EXIT_FAILED unless all is well. */
int config_connect(const struct config *c);

#endif
