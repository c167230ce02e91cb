#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# import --dry-run: tells what an import would, and writes nothing.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

figures() { jq -S 'del(.dry_run, .duration_s)' "$1"; }

rehearse() { # DATABASE SENTENCE SOURCE...: dry run and true run of the same sources must tell the same
  local db=$1 sentence=$2
  shift 2
  run import --db "$db" --dry-run --format json "$@"
  local rehearsed=$status
  figures out >rehearsed.json
  cp err rehearsed.err
  run import --db "$db" --format json "$@"
  figures out >done.json
  check "$sentence: the same figures" same rehearsed.json done.json
  check "$sentence: the same troubles told" same rehearsed.err err
  check "$sentence: the same status" equal "$rehearsed" "$status"
}

run import --db absent/a.db --dry-run "$testdata/sample"
check 'a dry run ends like the true one' exits 3
check 'it says that it would import' prints 'Would import 217 reports'
check 'a database that is not there stays away' absent absent
check 'and so does everything else' equal "$(find . -type f | sort | tr '\n' ' ')" './check.log ./err ./out '
run import --db absent.db --dry-run --format json "$testdata/sample"
check 'JSON says that it is a dry run' equal "$(jq .dry_run out)" true

rehearse sample.db 'an empty database' "$testdata/sample"
rehearse sample.db 'everything known' "$testdata/sample"
sha256sum sample.db >before
run import --db sample.db -n "$testdata/sample"
check 'a database that is there is not touched' sha256sum --check --quiet before
check 'no file is left beside it' equal "$(ls sample.db*)" sample.db

: >nothing.db
run import --db nothing.db -n "$testdata/sample"
check 'an empty file is a database to be' prints 'Would import 217 reports'
check 'and stays empty' equal "$(stat -c %s nothing.db)" 0

mkdir set
report one count=5 >set/1.xml
report one count=5 >set/2.xml                 # a duplicate inside the run
report one count=6 >set/3.xml                 # a conflict inside the run
report two records=1000 >set/4.xml            # comes in several pieces
report two records=1000 >set/5.xml
report two records=1000 count=9 >set/6.xml
report three records=9 | head -c 2500 >set/7.xml # damaged, then whole, then whole again
report three records=9 >set/8.xml
report three records=9 >set/9.xml
sed 's,<report_id>[^<]*</report_id>,,; s,<fo>[^<]*</fo>,,' set/1.xml >set/a.xml # without an id the content tells
cp set/a.xml set/b.xml
sed 's,<count>5<,<count>7<,' set/a.xml >set/c.xml
rehearse set.db 'all relations inside one run' set
check 'which are' equal "$(jq -c '.documents | del(.total) | with_entries(select(.value > 0))' done.json)" \
  '{"conflicting":2,"damaged":1,"duplicate":4,"new":5}'

mkdir later
report four records=9 | head -c 2500 >damaged.xml
run import --db set.db --quiet damaged.xml
report four records=9 >later/1.xml # replaces what the database has
report four records=9 >later/2.xml
rehearse set.db 'a whole copy of a damaged report, twice' later
check 'is new once' equal "$(jq -c '[.documents.new, .documents.duplicate]' done.json)" '[1,1]'
finish
