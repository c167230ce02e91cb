#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A database that cannot be used is told with a sentence and status 1, and left as it is.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

report r1 >r1.xml
report r2 >r2.xml
run import --quiet --db good.db r1.xml
asking='summary sources readiness reporters trend reports errors export'

for verb in $asking; do
  run $verb --db none.db
  check "$verb: a missing database is told, and what makes one" fails_with 1 \
    "there is no database none.db yet: 'dmarcctl import SOURCE...' makes it, --db names another"
done
run readiness --db none.db --exit-code
check 'readiness --exit-code: a missing database is a failure and no verdict' exits 1
check 'asking makes no database' absent none.db

cannot_be_used() { # SENTENCE-OF-CHECK DATABASE REASON
  run summary --db "$2"
  check "$1: asking fails" fails_with 1 "$3"
  run import --db "$2" r1.xml
  check "$1: importing fails" fails_with 1 "$3"
  run import --dry-run --db "$2" r1.xml
  check "$1: rehearsing fails" fails_with 1 "$3"
}

mkdir folder
cannot_be_used 'a folder' folder 'folder: is a directory, not a database'
printf 'Dear diary,\n%5000s' x >text
cp text text.before
cannot_be_used 'a text' text 'text: is no dmarcctl database'
check 'a text is left as it is' cmp text text.before
sqlite3 foreign.db 'CREATE TABLE address (id INTEGER); INSERT INTO address VALUES (1)'
dump foreign.db >before
cannot_be_used 'a database of another program' foreign.db 'foreign.db: is a database of another program'
dump foreign.db >after
check 'a database of another program is left as it is' same before after
cp good.db newer.db
sqlite3 newer.db 'PRAGMA user_version = 99'
dump newer.db >before
cannot_be_used 'a newer layout' newer.db 'newer.db: was made by a newer dmarcctl'
dump newer.db >after
check 'a newer layout is left as it is' same before after
cannot_be_used 'a file as folder' r1.xml/t.db 'r1.xml/t.db: Not a directory'
cp good.db cut.db
truncate -s 8192 cut.db
run summary --db cut.db
check 'a database that was cut off fails' exits 1
check 'and says so' tells cut.db
cp good.db overwritten.db
dd if=/dev/zero of=overwritten.db bs=4096 seek=1 count=30 conv=notrunc status=none
run export --db overwritten.db
check 'a database that was overwritten fails' exits 1
check 'and says so' tells overwritten.db

: >empty.db
run summary --db empty.db
check 'an empty file holds nothing yet' fails_with 1 'empty.db: holds nothing yet: run an import first'
run import --quiet --db empty.db r1.xml
check 'importing fills it' equal "$status $(sqlite3 empty.db 'SELECT count(*) FROM report')" '0 1'
ln -s good.db link.db
run summary --db link.db -f ndjson
check 'a link to a database is followed' equal "$(jq .reports out)" 1
for name in 'file:x.db?mode=memory' ':memory:' 'with blank.db' 'a%20b#c?.db'; do
  run import --quiet --db "$name" r1.xml
  check "a database may be called $name" test -s "$name"
  run summary --db "$name" -f ndjson
  check "and is found as $name" equal "$(jq .reports out)" 1
done
run import --quiet --db new/folder/t.db r1.xml
check 'folders are made for a new database' test -s new/folder/t.db

if [ "$(id -u)" -ne 0 ]; then
  mkdir closed && cp good.db closed/ && chmod a-w closed closed/good.db
  run summary --db closed/good.db -f ndjson
  check 'a database in a folder that may not be written to is read' equal "$status $(jq .reports out)" '0 1'
  run import --db closed/good.db r2.xml
  check 'but nothing is imported into it' fails_with 1 closed/good.db
  run import --db closed/new.db r2.xml
  check 'nor is a new one made there' fails_with 1 closed/new.db
  cp good.db secret.db && chmod 0 secret.db
  cannot_be_used 'a database that may not be read' secret.db secret.db
else
  skip 'a database in a folder that may not be written to is read' 'root may write everywhere'
fi

# Ids of a damaged database may be any number: nothing is reckoned with them.
for id in 9223372036854775807 -9223372036854775808; do
  cp good.db damaged-id.db
  sqlite3 damaged-id.db "UPDATE record SET pattern_id = $id WHERE id = (SELECT min(id) FROM record)"
  for verb in sources readiness 'whatif --p reject' selectors compliance; do
    # shellcheck disable=SC2086 # words
    run $verb --db damaged-id.db -f json
    check "$verb: a record without its pattern ends it (pattern $id)" exits 1
    check "$verb: and is told" tells "the database is damaged: there is no pattern $id"
  done
done

# The disk is full: here, a file may not grow further.
report large records=20000 >large.xml
cp good.db full.db
status=0
(ulimit -f 200 && exec "$binary" import --db full.db large.xml) >out 2>err || status=$?
check 'a full disk ends an import with 1' exits 1
check 'which is told' tells full.db
check 'a full disk leaves the database sound' equal "$(sqlite3 full.db 'PRAGMA integrity_check')" ok
check 'with what was there before' equal "$(sqlite3 full.db 'SELECT report_id FROM report')" r1
run import --quiet --db full.db large.xml
check 'the import succeeds when there is room again' equal "$status $(sqlite3 full.db 'SELECT count(*) FROM report')" '0 2'

# Another program writes for a while: the import waits for it.
python3 - <<'PYTHON' &
import sqlite3, time
db = sqlite3.connect("good.db", isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open("locked", "w").close()
time.sleep(1)
db.execute("ROLLBACK")
PYTHON
until [ -e locked ]; do sleep 0.02; done
run summary --db good.db -f ndjson
check 'who asks does not wait for a writer' equal "$(jq .reports out)" 1
run import --quiet --db good.db r2.xml
wait
check 'an import waits for another writer' equal "$status $(sqlite3 good.db 'SELECT count(*) FROM report')" '0 2'

# Only in a file system that takes no file: a folder without rights stops no superuser.
mkdir medium
on_medium() { # COMMAND...
  unshare -rm sh -c 'mount -t tmpfs none medium && cp good.db medium && mount -o remount,ro medium && "$@"' sh "$@"
}
if on_medium true 2>/dev/null; then
  status=0
  on_medium "$binary" label --db medium/good.db 192.0.2.1 legitimate >out 2>err || status=$?
  check 'a medium that takes no file is told as one' fails_with 1 \
    'medium/good.db: cannot be written to: its folder takes no file: Read-only file system'
fi
finish
