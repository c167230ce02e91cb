/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as the configuration. What is no mistake makes accounts and ways for notices, or is told. */
#include "cmd/config_notify.h"
#include "fuzz/fuzz.h"

static void use(const struct config *c) {
  struct options o;
  struct err e;
  const struct config_section *section;
  options_init(&o);
  o.config = c;
  config_apply(c, NULL, &o);
  options_clear(&o);
  for (unsigned i = 0; (section = config_account_at(c, i)); i++) {
    struct mail_account account;
    e.text[0] = '\0';
    int code = config_make_account(c, section, NULL, &account, &e);
    MUST(code == 0 || *e.text);
    mail_account_clear(&account);
  }
  for (unsigned i = 0; (section = config_notify_at(c, i)); i++) {
    struct notify_section notify;
    e.text[0] = '\0';
    int code = config_make_notify(c, section, &notify, &e);
    MUST(code == 0 || *e.text);
    notify_section_clear(&notify);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct config config;
  struct err e = {""};
  _cleanup_fuzz_file_ struct fuzz_file file = fuzz_file(data, size);
  int code = config_read(&config, file.path, &e);
  MUST(code == 0 || config.mistake_count || *e.text);
  MUST(config.mistake_count <= CONFIG_MISTAKES);
  for (unsigned i = 0; i < config.mistake_count; i++) MUST(*config.mistakes[i].text);
  if (code == 0) use(&config);
  config_clear(&config);
  return 0;
}
