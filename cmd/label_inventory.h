/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl label --import and --export: the labels of the database against those of a file. */
#ifndef CMD_LABEL_INVENTORY_H
#define CMD_LABEL_INVENTORY_H

#include "cmd/options.h"
#include "sender/sender.h"

/* Takes in all labels of the file, or none, and prints what became of each. Labels that it does not name stay. */
int inventory_import(const struct options *o, const char *path, const struct sender_catalogue *catalogue,
                     struct err *e);
/* Writes all labels to the file that the arguments name, else where --output says. */
int inventory_export(const struct options *o, const struct sender_catalogue *catalogue, struct err *e);

#endif
