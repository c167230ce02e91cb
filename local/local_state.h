/* SPDX-License-Identifier: Apache-2.0 */
/* What a struct local consists of, and the SQL of all that it keeps. Private to local/. */
#ifndef LOCAL_STATE_H
#define LOCAL_STATE_H

#include "local/local.h"
#include "sqlite/db.h"

enum local_statement {
  LOCAL_FIND_LINE,
  LOCAL_ADD_LINE,
  LOCAL_RESTATE_LINE,
  LOCAL_UNLINK_LINES,
  LOCAL_FORGET_LINES,
  LOCAL_PUT_LABEL,
  LOCAL_REMOVE_LABEL,
  LOCAL_PUT_REPORT_WORD,
  LOCAL_REMOVE_REPORT_WORD,
  LOCAL_PUT_ACKNOWLEDGEMENT,
  LOCAL_REMOVE_ACKNOWLEDGEMENT,
  LOCAL_PUT_TAKEN_STEP,
  LOCAL_REMOVE_TAKEN_STEP,
  LOCAL_FORGET_TAKEN_STEPS,
  LOCAL_GET_FEED,
  LOCAL_MOVE_FEED,
  LOCAL_GET_ANSWER,
  LOCAL_PUT_ANSWER,
  LOCAL_EXPIRE_ANSWERS,
  LOCAL_EACH_TOLD,
  LOCAL_PUT_TOLD,
  LOCAL_FORGET_TOLD,
  LOCAL_PUT_MESSAGE,
  LOCAL_NEXT_MESSAGE,
  LOCAL_SET_TAKEN,
  LOCAL_REMOVE_MESSAGE,
  LOCAL_REMOVE_HEARTBEATS,
  LOCAL_EACH_WAY,
  LOCAL_NOTE_WAY,
  LOCAL_SET_PERIOD,
  LOCAL_FIND_MAILBOX,
  LOCAL_ADD_MAILBOX,
  LOCAL_RENUMBER_MAILBOX,
  LOCAL_ADVANCE_MAILBOX,
  LOCAL_FINISH_MAILBOX,
  LOCAL_NOTE_MAILBOX,
  LOCAL_GET_MARKS,
  LOCAL_PUT_MARKS,
  LOCAL_EACH_MAILBOX,
  LOCAL_ADD_NAME,
  LOCAL_REMOVE_NAME,
  LOCAL_EACH_NAME,
  LOCAL_FORGET_TASKS,
  LOCAL_ADD_TASK,
  LOCAL_LIST_TASKS,
  LOCAL_REFUSE_TASK,
  LOCAL_IS_TASK_REFUSED,
  LOCAL_MARK_TASK,
  LOCAL_REMOVE_TASK,
  LOCAL_STATEMENTS, /* how many there are */
};

struct local {
  struct db *db;                              /* owned */
  sqlite3_stmt *statements[LOCAL_STATEMENTS]; /* prepared on first use */
};

/* Ready to bind; whoever steps it resets it. */
int local_statement(struct local *l, enum local_statement which, sqlite3_stmt **ret, struct err *e);

#endif
