#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# import SOURCE...: files, folders, standard input and fifos, whatever they are called; and what cannot be opened.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

take() { # SOURCE...: into a new database; outcomes in ./outcomes, report ids in ./ids, origins in ./origins
  rm -f t.db
  run import --db t.db --format json "$@"
  [ -s out ] || return 0
  jq -c '.documents | del(.total) | with_entries(select(.value > 0))' out >outcomes
  sqlite3 t.db 'SELECT report_id FROM report ORDER BY id' | paste -sd ' ' >ids
  sqlite3 t.db 'SELECT origin FROM document ORDER BY id' >origins
}

mkdir -p tree/b/deep/deeper tree/a tree/empty
report r1 >tree/a/1.xml
report r2 >tree/b/2.xml
report r3 | gzip >tree/b/deep/deeper/3
report r4 >tree/4.xml
report r5 >tree/b/.hidden
ln -s ../b tree/a/link-to-folder
ln -s ../4.xml tree/a/link-to-file
ln -s nowhere tree/a/link-to-nothing
mkfifo tree/b/fifo

take tree
check 'a folder is searched to its ground, in the order of the names' equal "$(cat ids)" 'r4 r1 r5 r2 r3'
check 'a link to a file is followed, one to a folder and a fifo inside are not' \
  equal "$(cat outcomes)" '{"new":5,"duplicate":1,"rejected":1}'
check 'a link to nothing is told' tells 'tree/a/link-to-nothing: rejected: cannot open: No such file or directory'
check 'and makes the status 3, for the rest came in' exits 3
rm tree/a/link-to-nothing
check 'the origin is the path' equal "$(sed -n 1p origins)" tree/4.xml
take tree/
check 'a slash behind the folder changes nothing' equal "$(sed -n 1p origins)" tree/4.xml
ln -s tree link
take link
check 'a link to a folder that is named is followed' equal "$(cat ids)" 'r4 r1 r5 r2 r3'
take tree/b tree/a/1.xml
check 'several sources are read in the order they are named in' equal "$(cat ids)" 'r5 r2 r3 r1'

take tree/empty
check 'an empty folder is no failure' exits 0
check 'and holds nothing' equal "$(cat outcomes)" '{}'
run import --db t.db tree/empty
check 'which is said' prints '0 documents in 0 files: nothing found.'
take /dev/null
check 'an empty file holds no report, which is no failure' equal "$status $(cat outcomes)" '0 {"no_report":1}'

cat tree/4.xml | "$binary" import --db pipe.db --quiet -
check 'a report comes from standard input' equal "$(sqlite3 pipe.db 'SELECT origin FROM document')" -
gzip -c tree/4.xml | "$binary" import --db pipe2.db --quiet -
check 'so does a compressed one' equal "$(sqlite3 pipe2.db 'SELECT count(*) FROM report')" 1
python3 -c 'import sys, zipfile
with zipfile.ZipFile("p.zip", "w") as z: z.write("tree/4.xml", "r.xml")'
"$binary" import --db pipe3.db --quiet - <p.zip
check 'so does an archive' equal "$(sqlite3 pipe3.db 'SELECT origin FROM document')" '-: r.xml'
cat tree/4.xml tree/b/2.xml | "$binary" import --db pipe4.db --quiet -
check 'and two reports, one behind the other' equal "$(sqlite3 pipe4.db 'SELECT count(*) FROM report')" 2
status=0
"$binary" import --db pipe5.db --format json - - tree/a/1.xml <tree/4.xml >out 2>err || status=$?
check 'standard input can be named among others, and is empty the second time' \
  equal "$status $(jq -c '[.documents.new, .documents.no_report]' out)" '0 [2,1]'
mkfifo fifo
report r6 >fifo & take fifo
check 'a fifo that is named is waited for' equal "$(cat ids)" r6
take <(report r7) <(report r8)
check 'so are the shells substitutions' equal "$(cat ids)" 'r7 r8'

mkdir names
newline=$'names/two\nlines.xml' escape=$'names/\e[31mred\e[0m.xml'
report n1 >'names/with blank.xml'
report n2 >"$newline"
report n3 >names/-dash.xml
report n4 >$'names/latin1-\xe9.xml'
report n5 >'names/a!b!1!2.xml'
report n6 >'names/*'
report n7 >'names/: colon: .xml'
report n8 >"$escape"
take names
check 'files are found whatever they are called' equal "$(cat outcomes)" '{"new":8}'
cd names
take "--" -dash.xml
check 'behind -- a dash is a letter' equal "$(cat ids)" n3
take ./-dash.xml
check 'and so it is behind ./' equal "$(cat ids)" n3
run import --db t.db -dash.xml
check 'without it a name that begins with a dash is an option' fails_with 2 'unknown option -dash.xml'
cd ..
run export --db names/t.db --format ndjson
take names
run export --db t.db --format ndjson
check 'origins are valid JSON even so' equal "$(jq -s length out)" 8
check 'and name the file' equal "$(jq -rs 'map(.origin) | map(select(test("\n"))) | length' out)" 1
run export --db t.db
check 'a name cannot send escape sequences to the terminal' not grep -q $'\e' out
check 'nor break a line in two' equal "$(wc -l <out)" 9
echo '<feedback>' >"$newline"
echo '<feedback>' >"$escape"
take names
check 'nor can it in what is told' not grep -q $'\e' err
check 'where each trouble is one line' equal "$(wc -l <err)" 2

take nowhere.xml
check 'a source that is not there, and nothing else: the import failed' exits 1
check 'which is told with its name' tells 'dmarcctl: nowhere.xml: No such file or directory'
take nowhere.xml tree/4.xml
check 'a source that is not there beside one that is: 3' exits 3
check 'the other one is imported' equal "$(cat ids)" r4
take nowhere.xml elsewhere.xml
check 'two that are not there: failed' exits 1
take nowhere.xml tree/empty
check 'one that is not there and an empty folder: failed' exits 1
take ''
check 'an empty name is a source that is not there' exits 1
if [ "$(id -u)" -ne 0 ]; then
  report r9 >secret.xml && chmod 0 secret.xml
  take secret.xml
  check 'a file that may not be read, and nothing else: the import failed' exits 1
  check 'which is told' tells 'secret.xml: rejected: cannot open: Permission denied'
  mkdir closed && chmod 0 closed
  take closed
  check 'so with a folder' exits 1
else
  skip 'a file that may not be read, and nothing else: the import failed' 'root may read all'
fi
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
take socket
check 'a socket is no source' exits 1
check 'it is told' tells socket
take "$(seq -s "" 300)"
check 'a name too long for the system is told' tells 'File name too long'
run import --db t.db
check 'no source is a wrong use' fails_with 2 'nothing to import: name a SOURCE'
finish
