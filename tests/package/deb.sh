#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The package for Debian: it builds without a warning of lintian, is hardened, and its units are confined. By night
# (NIGHTLY in the environment), as root and where debootstrap is at hand, it is built in a clean Debian from what it says
# that it needs, and installed, tried (debian/tests/smoke) and removed in another; else it is built on this machine.
# Skips what the machine cannot do; scripts/install-deps --package installs what it takes.
set -eu

source=$(realpath "$(dirname "$0")/../..")
checks=0 failures=0
check() {
  local sentence=$1
  shift
  checks=$((checks + 1))
  if "$@" >check.log 2>&1; then
    echo "ok $checks - $sentence"
    return 0
  fi
  failures=$((failures + 1))
  echo "not ok $checks - $sentence"
  tail -n 30 check.log | cut -c 1-300 | sed 's/^/# /'
}
skip() {
  checks=$((checks + 1))
  echo "ok $checks - $1 # SKIP $2"
}
finish() {
  echo "1..$checks"
  exit $((failures > 0))
}
skip_all() {
  echo "1..0 # SKIP $1"
  exit 0
}
has() { command -v "$1" >/dev/null; }

release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
site() { apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' | awk -v r="$release" '$2 == r { print $1; exit }'; }
clean=
if [ -n "${NIGHTLY-}" ] && [ "$(id -u)" -eq 0 ] && has debootstrap && has apt-get && [ -n "$(site)" ]; then clean=yes; fi

(cd "$source" && git rev-parse --git-dir) >/dev/null 2>&1 || skip_all 'this is no repository of git'
if [ -z "$clean" ]; then
  for tool in dpkg-buildpackage dh; do has "$tool" || skip_all "there is no $tool here"; done
  (cd "$source" && dpkg-checkbuilddeps) >/dev/null 2>&1 || skip_all 'what the package is built with is not here'
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/dmarcctl-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p built/src && (cd "$source" && git ls-files -z | tar c --null -T - --ignore-failed-read) | tar x -C built/src

# What somebody set for his own builds is none of the package's.
unset CFLAGS LDFLAGS CC ASAN_OPTIONS UBSAN_OPTIONS
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
# Our temporary folder is not there.
within() { env -u TMPDIR chroot "$@"; }
makes_chroot() { debootstrap --variant=minbase "$release" base "$(site)"; }
builds_in_chroot() {
  cp -a base build && mv built build/ &&
    within build sh -ec 'apt-get update -q
      apt-get install -q -y --no-install-recommends build-essential
      apt-get build-dep -q -y --no-install-recommends /built/src
      cd /built/src && dpkg-buildpackage -b -us -uc -j2' && mv build/built . && rm -rf build
}
builds_here() { (cd built/src && dpkg-buildpackage -b -us -uc -j2); }

if [ -n "$clean" ]; then
  check 'there is a clean Debian' makes_chroot
  [ "$failures" -eq 0 ] || finish
  check 'the package is built in it from what it says that it needs' builds_in_chroot
else
  check 'the package is built' builds_here
fi
[ "$failures" -eq 0 ] || finish
deb=$(echo built/dmarcctl_*.deb)
dpkg-deb -x "$deb" installed

if has lintian; then
  check 'lintian finds no error and gives no warning' lintian --allow-root --fail-on error,warning built/dmarcctl_*.changes
else
  skip 'lintian finds no error and gives no warning' 'there is no lintian here'
fi
is_hardened() {
  readelf -hW installed/usr/bin/dmarcctl | grep -q 'Type: *DYN' && readelf -dW installed/usr/bin/dmarcctl | grep -q BIND_NOW &&
    nm -D installed/usr/bin/dmarcctl | grep -q '__.*_chk' && nm -D installed/usr/bin/dmarcctl | grep -q __stack_chk_fail
}
check 'the program is position-independent, bound at once, with guarded stacks and checked writes' is_hardened
has systemd-analyze || skip 'systemd calls the units confined' 'there is no systemd here'
for unit in import notify prune watch; do
  has systemd-analyze || break
  check "systemd calls dmarcctl-$unit exposed by no more than 2.0" \
    systemd-analyze security --offline=true --threshold=20 "installed/lib/systemd/system/dmarcctl-$unit.service"
done
has_all() {
  local file
  for file in bin/dmarcctl lib/sysusers.d/dmarcctl.conf share/man/man1/dmarcctl.1.gz share/man/man1/dmarcctl-import.1.gz \
    share/man/man5/dmarcctl-config.5.gz share/bash-completion/completions/dmarcctl.bash share/fish/vendor_completions.d/dmarcctl.fish \
    share/zsh/vendor-completions/_dmarcctl; do
    [ -e "installed/usr/$file" ] || { echo "/usr/$file is not there" && return 1; }
  done
}
check 'manuals, completions and the user are in it' has_all

# --- in a clean Debian --------------------------------------------------------------------------------------------

installs() {
  cp "$deb" "$source/debian/tests/smoke" base/ &&
    within base sh -ec 'apt-get update -q
      apt-get install -q -y --no-install-recommends /dmarcctl_*.deb jq sqlite3'
}
is_tried() { within base /smoke; }
goes() { within base sh -ec 'dpkg --purge dmarcctl && [ ! -e /usr/bin/dmarcctl ] && [ ! -e /etc/dmarcctl ]'; }
if [ -n "$clean" ]; then
  check 'it is installed in another clean one, with all that it depends on' installs
  check 'and works there' is_tried
  check 'and goes without a trace' goes
else
  skip 'it is built and installed in a clean Debian' 'by night, as root, with debootstrap'
fi
finish
