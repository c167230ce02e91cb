/* SPDX-License-Identifier: Apache-2.0 */
/* The table of protocols. */
#include "import/protocols.h"

#include "graph/graph.h"
#include "imap/imap.h"
#include "pop3/pop3.h"

const struct mail_protocol *protocol_of(const struct mail_account *a) {
  static const struct mail_protocol *const PROTOCOLS[] = {
      [MAIL_IMAP] = &IMAP_PROTOCOL, [MAIL_POP3] = &POP3_PROTOCOL, [MAIL_GRAPH] = &GRAPH_PROTOCOL};
  return PROTOCOLS[a->kind];
}
