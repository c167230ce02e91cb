/* SPDX-License-Identifier: Apache-2.0 */
/* The share of mail that passes DMARC, wherever one is shown. */
#ifndef REPORT_PASS_SHARE_H
#define REPORT_PASS_SHARE_H

#include "base/tally.h"
#include "table/table.h"

/* Of what its receivers evaluated; absent where they evaluated nothing: what nobody knows is neither a pass nor a
 * fail. */
static inline struct cell pass_share(const struct tally *t) {
  return cell_share((double)tally_passed(t), (double)tally_evaluated(t));
}

#endif
