/* SPDX-License-Identifier: Apache-2.0 */
/* The folders of an account, one after the other, as an import opens them. */
#include "import/trial.h"

#include "import/protocols.h"

int trial_run(const struct mail_account *a, const struct mail_watch *watch, trial_fn *fn, void *user, struct err *e) {
  struct mail_folder *before = NULL;
  bool let_in = true;
  int code = 0;
  for (unsigned i = 0; i < a->folder_count && let_in && code != ERR_INTERRUPTED; i++) {
    struct mail_folder *folder = mail_folder_new(protocol_of(a), a, a->folders[i], watch);
    uint32_t mails = 0;
    if (before) mail_folder_inherit(folder, before);
    mail_folder_free(before);
    before = folder;
    code = mail_folder_try(folder, &let_in, &mails, e);
    if (let_in && code != ERR_INTERRUPTED) fn(user, a->folders[i], code, mails, e);
  }
  mail_folder_free(before);
  return let_in && code != ERR_INTERRUPTED ? 0 : code;
}
