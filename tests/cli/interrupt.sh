#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An import that is interrupted or killed leaves a sound database with whole reports, and the next one completes it.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The import reads 50 small reports, then a part of a large one from a fifo, which stays open: it is in the middle of it
# for as long as we like. Of half of it, records are in the database already, under an open transaction; of a beginning
# none are.
small=50 large=4000
mkdir reports
for n in $(seq 1 $small); do report "s$n" records=3 >"reports/$n.xml"; done
report large records=$large >large.xml

beginning=20000 half=$(($(wc -c <large.xml) / 2))

# Not by the shell's & alone, which would have it ignore SIGINT; nohup does the same with SIGHUP.
with_sigint() {
  exec python3 -c 'import os, signal, sys
for number in signal.SIGINT, signal.SIGHUP: signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}

# Until the program itself is there and would catch a SIGINT: on a busy machine python takes its time.
await_ready() {
  local i
  for i in $(seq 1 200); do
    [ "$(readlink "/proc/$importer/exe")" = "$(readlink -f "$binary")" ] &&
      grep -q '^SigCgt:.*[2367abef]$' "/proc/$importer/status" && break
    sleep 0.05
  done
  sleep 0.5 # and at work
}

start_import() { # DATABASE BYTES OPTION...
  local db=$1 bytes=$2
  shift 2
  rm -f slow && mkfifo slow
  with_sigint "$binary" import --db "$db" --format json "$@" reports slow >out 2>err &
  importer=$!
  exec 3>slow
  head -c "$bytes" large.xml >&3
}

stored() { sqlite3 "$1" 'SELECT count(*) FROM report' 2>/dev/null || echo 0; }

await_small_ones() { # DATABASE: committed when nothing more comes for a while
  local i
  for i in $(seq 1 100); do
    [ "$(stored "$1")" = $small ] && return 0
    sleep 0.1
  done
  return 1
}

await_end() { # SECONDS
  status=running
  local i
  for i in $(seq 1 "$(($1 * 20))"); do
    if ! kill -0 "$importer" 2>/dev/null; then
      status=0
      wait "$importer" 2>/dev/null || status=$?
      return 0
    fi
    sleep 0.05
  done
}

end_by_force() {
  kill -KILL "$importer"
  await_end 10 2>/dev/null # the shell would tell of it
}

each_report_is_whole() { # DATABASE
  equal "$(sqlite3 "$1" 'PRAGMA integrity_check')" ok &&
    equal "$(sqlite3 "$1" 'PRAGMA foreign_key_check')" '' &&
    equal "$(sqlite3 "$1" 'SELECT count(*) FROM report r WHERE record_count != (SELECT count(*) FROM record
      WHERE id >= r.first_record AND id < r.first_record + r.record_count)')" 0 &&
    equal "$(sqlite3 "$1" 'SELECT count(*) FROM record')" \
      "$(sqlite3 "$1" 'SELECT coalesce(sum(record_count), 0) FROM report')"
}

completes() { # DATABASE
  run import --db "$1" --format json reports large.xml
  [ "$status" -eq 0 ] && equal "$(stored "$1")" $((small + 1)) && each_report_is_whole "$1" &&
    equal "$(sqlite3 "$1" 'SELECT count(*) FROM record')" $((small * 3 + large))
}

for signal in INT TERM HUP; do
  start_import $signal.db $half --jobs 2
  await_ready
  kill -$signal $importer
  sleep 0.2
  exec 3>&- # the writer goes; what was read is half a document
  await_end 10
  check "SIG$signal ends an import with 130" exits 130
  check "SIG$signal: it says that it was interrupted" tells interrupted
  check "SIG$signal: it says what it has done" equal "$(jq -c '[.documents.new, .reports]' out)" "[$small,$small]"
  check "SIG$signal: whole reports are kept, the unfinished one is not" equal "$(stored $signal.db)" $small
  check "SIG$signal: the database is sound" each_report_is_whole $signal.db
  check "SIG$signal: nothing is left to roll back" absent $signal.db-wal
  check "SIG$signal: the next import completes it" completes $signal.db
done

start_import one.db $half --jobs 1
await_ready
kill -INT $importer
sleep 0.2
exec 3>&-
await_end 10
check 'one thread: SIGINT ends an import with 130' exits 130
check 'one thread: the database is sound' each_report_is_whole one.db
check 'one thread: the next import completes it' completes one.db

start_import killed.db $beginning --jobs 2
check 'what came is committed while more is awaited' await_small_ones killed.db
end_by_force
exec 3>&-
check 'killed: it is dead' exits 137
check 'killed: what was committed stays' equal "$(stored killed.db)" $small
check 'killed: the database is sound' each_report_is_whole killed.db
check 'killed: the next import completes it' completes killed.db

start_import halved.db $half --jobs 2
sleep 0.5
end_by_force
exec 3>&-
check 'killed inside a report: the database is sound' each_report_is_whole halved.db
check 'killed inside a report: the next import completes it' completes halved.db

for jobs in 1 2; do
  start_import waiting.db $beginning --jobs $jobs
  await_ready
  kill -INT $importer
  await_end 2
  check "an import that waits for its input ends at the first SIGINT ($jobs threads)" exits 130
  [ "$status" != running ] || end_by_force
  exec 3>&-
  check "and keeps what came before ($jobs threads)" equal "$(stored waiting.db)" $small

  rm -f slow && mkfifo slow
  with_sigint "$binary" import --db stdin.db --jobs $jobs - <slow >out 2>err &
  importer=$!
  exec 3>slow
  head -c $beginning large.xml >&3
  await_ready
  kill -INT $importer
  await_end 2
  check "so does one that waits for standard input ($jobs threads)" exits 130
  check "which does not say that nothing was found ($jobs threads)" prints 'nothing read.'
  [ "$status" != running ] || end_by_force
  exec 3>&-

  rm -f slow && mkfifo slow
  with_sigint "$binary" import --db unopened.db --jobs $jobs reports slow >out 2>err &
  importer=$!
  await_ready
  kill -INT $importer
  await_end 2
  check "and one that waits for somebody to write to its fifo ($jobs threads)" exits 130
  [ "$status" != running ] || end_by_force
done

# nohup: who asked for SIGHUP to be ignored gets that.
rm -f slow && mkfifo slow
(trap '' HUP && exec "$binary" import --db nohup.db --quiet slow) >out 2>err &
importer=$!
exec 3>slow
head -c 1000 large.xml >&3
trap '' PIPE
sleep 0.3
kill -HUP $importer
tail -c +1001 large.xml >&3 2>/dev/null || true
exec 3>&-
await_end 20
check 'an import under nohup outlives its terminal' exits 0
finish
