# SPDX-License-Identifier: Apache-2.0
# Sourced first by every shell test of the command line: a folder of its own, a quiet environment, and the words that
# checks are made of. Output is TAP; the exit status is 0 only where all checks held.
#
#   run ARGS...             dmarcctl with its results in ./out, its talk in ./err and its exit status in $status
#   check SENTENCE COMMAND  ok where the command succeeds
#   golden NAME FILE        FILE equals golden/NAME; with UPDATE=1 in the environment golden/NAME is written instead
# shellcheck shell=bash
set -eu

[ $# -eq 1 ] || {
  echo "usage: $0 PATH-OF-DMARCCTL" >&2
  exit 2
}
binary=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
testdata=$(cd "$here/../../testdata" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/dmarcctl-cli.XXXXXX")
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cd "$work"

unset DMARCCTL_DB XDG_DATA_HOME XDG_CONFIG_HOME NO_COLOR COLUMNS TERM
export DMARCCTL_CONFIG=/dev/null # not the one of this machine
export DMARCCTL_PAGER=cat # the usual one waits for somebody on the terminals that tests make
export HOME=$work/home LC_ALL=C.UTF-8 TZ=Pacific/Apia # a zone that shows where UTC was forgotten
# What a sanitizer finds must not pass for an expected failure.
export ASAN_OPTIONS="${ASAN_OPTIONS-}:exitcode=99" UBSAN_OPTIONS="${UBSAN_OPTIONS-}:exitcode=99:halt_on_error=1"

checks=0 failures=0 status=0 runs=0
asan_options=$ASAN_OPTIONS

# Where time is spared (tests/meson.build) each fifth run alone is searched for leaks: that takes as long as all else that
# a short run does.
spare() {
  [ -n "${SPARING-}" ] || return 0
  runs=$((runs + 1))
  if [ $((runs % 5)) -eq 0 ]; then ASAN_OPTIONS=$asan_options; else ASAN_OPTIONS=$asan_options:detect_leaks=0; fi
}

run() {
  status=0
  spare
  "$binary" "$@" >out 2>err || status=$?
  return 0
}

# Runs in the folder of the sample, so that origins are the same everywhere.
run_beside_sample() {
  status=0
  spare
  (cd "$testdata" && exec "$binary" "$@") >out 2>err || status=$?
}

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
  echo "# $* (the last run's status: $status)"
  for log in check.log out err; do
    [ -s "$log" ] && head -n 12 "$log" | cut -c 1-240 | sed "s/^/# $log: /"
  done
  return 0
}

# A check of what is not so yet: it is told, and counts as passed either way.
todo() {
  local sentence=$1
  shift
  checks=$((checks + 1))
  if "$@" >check.log 2>&1; then echo "ok $checks - $sentence"; else echo "not ok $checks - $sentence # TODO"; fi
}

skip() {
  checks=$((checks + 1))
  echo "ok $checks - $1 # SKIP $2"
}

finish() {
  echo "1..$checks"
  [ "$failures" -eq 0 ]
}

# What follows `check SENTENCE`.
exits() { [ "$status" -eq "$1" ]; }                                          # the last run's status
prints() { grep -qF -- "$1" out; }                                           # its results hold this text
tells() { grep -qF -- "$1" err; }                                            # its talk holds this text
is_silent() { [ ! -s out ] && [ ! -s err ]; }                                # neither
fails_with() { [ "$status" -eq "$1" ] && [ ! -s out ] && grep -qF -- "$2" err; } # status, sentence, no results
equal() { [ "$1" = "$2" ] || { printf 'expected: %s\nis:       %s\n' "$2" "$1"; false; }; } # IS EXPECTED
same() { diff -u "$1" "$2"; }
absent() { [ ! -e "$1" ]; }
not() { ! "$@"; }

golden() {
  if ! clock_is_past_the_sample; then
    echo 'the clock stands before the end of the sample'
  elif [ "${UPDATE-}" = 1 ]; then
    cp "$2" "$here/golden/$1"
  else
    diff -u "$here/golden/$1" "$2"
  fi
}

# The moments at which this machine did something are no part of a golden file; their width is.
today=$(date -u +%Y-%m-%d)
without_times() {
  sed -E "s/($today|$(date -u +%Y-%m-%d))T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/YYYY-MM-DDTHH:MM:SSZ/g"
}
# Before the sample's last day its newest reports lie in the future, which the output says.
clock_is_past_the_sample() { [ "$(date -u +%s)" -gt 1793750400 ]; }

dump() { sqlite3 "$1" .dump; }

count_of() { jq -r "$2" "$1"; } # FILE JQ-FILTER

# report ID [KEY=VALUE...]: a report on standard output. records=N repeats the record with other addresses.
report() {
  local id=$1 org=receiver.example.net email=noc@receiver.example.net domain=example.com p=none begin=1790812800 end=
  local ip=192.0.2.10 count=5 from=example.com dkim=pass spf=pass disposition=none records=1 comment='' pair
  shift
  for pair; do local "$pair"; done
  awk -v id="$id" -v org="$org" -v email="$email" -v domain="$domain" -v p="$p" -v begin="$begin" \
    -v end="${end:-$((begin + 86399))}" -v ip="$ip" -v count="$count" -v from="$from" -v dkim="$dkim" -v spf="$spf" \
    -v disposition="$disposition" -v records="$records" -v comment="$comment" 'BEGIN {
    printf "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback>\n<report_metadata><org_name>%s</org_name>", org
    printf "<email>%s</email><report_id>%s</report_id>", email, id
    printf "<date_range><begin>%s</begin><end>%s</end></date_range></report_metadata>\n", begin, end
    printf "<policy_published><domain>%s</domain><p>%s</p><fo>%s</fo></policy_published>\n", domain, p, id
    for (i = 0; i < records; i++) {
      address = records > 1 ? "198.51." 100 + i % 8 "." int(i / 8) % 250 : ip
      reason = comment == "" ? "" : "<reason><type>other</type><comment>" comment "</comment></reason>"
      printf "<record><row><source_ip>%s</source_ip><count>%s</count><policy_evaluated><disposition>%s</disposition>" \
        "<dkim>%s</dkim><spf>%s</spf>%s</policy_evaluated></row><identifiers><header_from>%s</header_from>" \
        "</identifiers><auth_results><dkim><domain>%s</domain><selector>k1</selector><result>%s</result></dkim>" \
        "<spf><domain>%s</domain><result>%s</result></spf></auth_results></record>\n",
        address, count, disposition, dkim, spf, reason, from, from, dkim, from, spf
    }
    printf "</feedback>\n" }'
}
