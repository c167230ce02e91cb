/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the user's home folder. */
#include "cmd/home.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

const char *home_folder(void) {
  const char *home = getenv("HOME");
  if (home && *home) return home;
  const struct passwd *user = getpwuid(getuid());
  return user && user->pw_dir && *user->pw_dir == '/' ? user->pw_dir : NULL;
}
