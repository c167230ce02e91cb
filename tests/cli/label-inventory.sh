#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label --export and --import: labels as a file that git can keep, whole or not at all.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

label() { run label --quiet --db "$db" "$@"; }
db=l.db
label campaigns.example.net legitimate --domain example.com --until 2026-12-31 --note newsletter \
  --owner 'marketing@example.com' --purpose 'newsletter; weekly' --ticket OPS-7 --expected 1200/week --review 2027-01-01
label 198.51.100.0/24 unauthorised --until 2026-10-31T12:00:00Z
label 'amazon ses' legitimate --note $' lead and end \nsecond line\t"quoted" \\ ; \e[31m\xff Käthe'
label campaigns.example.net ignore
label 2001:db8::25 forwarder --note '; all of it' --owner ' ' --ticket '"' --purpose '\n'
sqlite3 l.db "INSERT INTO label (subject, source, verdict, made_s) VALUES ('service', 'Elsewhere Mail', 'ignore', 1000)"
sqlite3 l.db "UPDATE label SET made_s = 1790000000 + id"

# Out
run label --db l.db --export
check 'the file is sorted, and says nothing of when it was written' golden label-inventory.ini out
cp out whole.ini
run label --db l.db --export named.ini
check 'it may be named' test "$status" -eq 0 -a ! -s out
check 'and is the same' same whole.ini named.ini
run label --db l.db --export --output named.ini
check 'as with --output' same whole.ini named.ini
run label --db none.db --export
check 'without a database there is none' fails_with 1 'there is no database none.db yet'
sqlite3 l.db "UPDATE label SET source = 'A [bracket]' WHERE source = 'Elsewhere Mail'"
run label --db l.db --export named.ini
check 'a name that a section cannot have is told' fails_with 2 'A [bracket]: the file has no place for such a name'
check 'and the file stays as it was' same whole.ini named.ini
sqlite3 l.db "UPDATE label SET source = 'Elsewhere Mail' WHERE source LIKE 'A %';
  UPDATE label SET note = printf('%01001d', 0) WHERE source = 'Elsewhere Mail'"
run label --db l.db --export named.ini
check 'so is a text of before that is too long' fails_with 2 'Elsewhere Mail: one of its texts is longer than 1000 bytes'
sqlite3 l.db "UPDATE label SET note = NULL WHERE source = 'Elsewhere Mail'"

# In, and out again
fields='subject, source, verdict, domain, until_s, note, made_s, owner, purpose, ticket, expected_messages, expected_days, review_s'
all_of() { sqlite3 "$1" "SELECT $fields FROM label ORDER BY source, domain"; }
run label --db m.db --import whole.ini
check 'what was added is told' equal "$status $(grep -c added out) $(cat err)" \
  '0 6 dmarcctl: whole.ini: 6 labels: 6 added, 0 changed, 0 left as they were'
all_of l.db >before
all_of m.db >after
check 'every byte comes back' same before after
run label --db m.db --export
check 'and goes out as it came' same whole.ini out
run label --db m.db --import whole.ini
check 'the same again changes nothing' equal "$status $(cat out err)" \
  '0 No label changed.
dmarcctl: whole.ini: 6 labels: 0 added, 0 changed, 6 left as they were'

# A change
sed -e 's/^owner = marketing.*/owner = sales@example.com/' -e '/^expected/d' -e '/^\[2001/,/^$/d' -e '/^made/d' whole.ini >edited.ini
printf '\n# asked on Monday\n[192.0.2.9]\nlabel = unauthorized\n' >>edited.ini
run label --db m.db --import edited.ini
check 'what was changed is told, with what of it' golden label-changes.text out
check 'and how many it leaves' equal "$(cat err)" \
  'dmarcctl: edited.ini: 6 labels: 1 added, 1 changed, 4 left as they were; 1 that is not in the file stays'
check 'what is left keeps its day' equal "$(sqlite3 m.db "SELECT made_s - 1790000000 FROM label WHERE source = 'Amazon SES'")" 3
check 'what is new or changed has that of today' equal \
  "$(sqlite3 m.db "SELECT count(*) FROM label WHERE made_s > unixepoch() - 600")" 2
check 'the other spelling is understood' equal "$(sqlite3 m.db "SELECT verdict FROM label WHERE source = '192.0.2.9'")" unauthorised
run label --db m.db --import whole.ini -f json
check 'in JSON each label has a row' equal "$(jq -c '[.schema, (.rows | map(.change) | group_by(.) | map([.[0], length]))]' out)" \
  '["dmarcctl.label-changes",[["changed",1],["left",5]]]'
check 'with the keys that differ' equal "$(jq -c '.rows[] | select(.change == "changed") | .changed_keys' out)" '["owner","expected","made"]'
run label --db m.db --import whole.ini --quiet
check '--quiet says nothing' is_silent
run label --db fresh.db --import <(printf '[192.0.2.1]\nlabel=ignore\nowner=\n') --quiet
check 'a file may come through a pipe, and a value be empty' equal "$status $(sqlite3 fresh.db 'SELECT source, owner FROM label')" '0 192.0.2.1|'
printf '\xef\xbb\xbf; no label\r\n\r\n' >empty.ini
run label --db fresh.db --import empty.ini
check 'a file without a label takes nothing' equal "$status $(cat err)" \
  '0 dmarcctl: empty.ini: 0 labels: 0 added, 0 changed, 0 left as they were; 1 that is not in the file stays'
chmod o+w whole.ini
run label --db fresh.db --import whole.ini --quiet
check 'nothing of it is run: everybody may write it' exits 0

# All or nothing
cp m.db kept.db
all_of m.db >before
refuses() { # LINE CAUSE TEXT...: the mistake in such a file, of which the first label is sound
  local line=$1 cause=$2 shown
  shift 2
  shown="$*"
  { printf '[192.0.2.77]\nlabel = ignore\n'; printf '%b\n' "$@"; } >wrong.ini
  run label --db m.db --import wrong.ini
  check "refused: ${shown::60}" fails_with 1 "dmarcctl: wrong.ini:$line: $cause"
  check "refused: ${shown::60}: as a whole" tells 'dmarcctl: wrong.ini: nothing of it was taken: 1 mistake'
}
nothing='is no address, no network, no service of the catalogue and no domain'
refuses 3 "\"192.0.2.300\" $nothing" '[192.0.2.300]' 'label = ignore'
refuses 3 "\"no such service\" $nothing" '[no such service]' 'label = ignore'
refuses 3 'the section has no line label = ...' '[192.0.2.78]'
refuses 4 'label: "mine" is none of legitimate, forwarder, unauthorised, ignore' '[192.0.2.78]' 'label = mine'
refuses 4 '"lable" is none of the keys domain, subject, label, ' '[192.0.2.78]' 'lable = ignore' 'label = ignore'
refuses 5 'label was said already in this section' '[192.0.2.78]' 'label = ignore' 'label = forwarder'
refuses 3 'the section at line 1 is about the same source' '[192.0.2.77/32]' 'label = forwarder'
refuses 5 'domain: "a b" is no domain name' '[192.0.2.78]' 'label = ignore' 'domain = a b'
refuses 5 'until: "soon" is no date' '[192.0.2.78]' 'label = ignore' 'until = soon'
refuses 5 'review: "2026-13-01" is no date' '[192.0.2.78]' 'label = ignore' 'review = 2026-13-01'
refuses 5 'expected: "12" is no volume' '[192.0.2.78]' 'label = ignore' 'expected = 12'
refuses 5 'subject: "network": only service may be said' '[192.0.2.78]' 'label = ignore' 'subject = network'
refuses 5 'note: a value that begins with a quote ends with the next one' '[192.0.2.78]' 'label = ignore' 'note = "open'
refuses 5 'note: a value that begins with a quote ends with the next one' '[192.0.2.78]' 'label = ignore' 'note = "a" b'
refuses 5 'note: within quotes a backslash begins' '[192.0.2.78]' 'label = ignore' 'note = "\\q"'
refuses 5 'note: within quotes a backslash begins' '[192.0.2.78]' 'label = ignore' 'note = "\\x00"'
refuses 5 'owner: the text is longer than 1000 bytes' '[192.0.2.78]' 'label = ignore' "owner = $(printf '%01001d' 0)"
refuses 5 'is no UTF-8' '[192.0.2.78]' 'label = ignore' 'note = \xff'
refuses 3 'a section is [NAME], alone in its line' '[192.0.2.78' 'label = ignore'
refuses 3 'a section is named after its source' '[]' 'label = ignore'
refuses 4 'is neither KEY = VALUE nor [SECTION] nor a comment' '[192.0.2.78]' 'label: ignore' 'label = ignore'
printf 'owner = x\n' >wrong.ini
run label --db m.db --import wrong.ini
check 'a line before the first section is told' fails_with 1 'wrong.ini:1: stands before the first [SOURCE]'
for n in $(seq 30); do echo "[192.0.2.300]"; done >wrong.ini
run label --db m.db --import wrong.ini
check 'of many mistakes the first ones are told, and the number' equal "$status $(wc -l <err) $(tail -n 1 err)" \
  '1 21 dmarcctl: wrong.ini: nothing of it was taken: 30 mistakes'
run label --db m.db --import none.ini
check 'a file that is not there is told' fails_with 1 'none.ini: No such file or directory'
run label --db m.db --import .
check 'so is a folder' fails_with 1 'Is a directory'
all_of m.db >after
check 'nothing of all these was taken' same before after
run label --db new.db --import wrong.ini
check 'and no database was made for them' absent new.db
printf '[192.0.2.97]\nlabel = ignore\n' >one.ini
run label --db m.db --import one.ini --sort nosuch
check 'a column that there is not is told' fails_with 2 'no column "nosuch" to sort by'
all_of m.db >after
check 'and nothing taken with it' same before after
note=$(printf '%0200d' 0)
for n in $(seq 1000); do printf '[2001:db8::%x]\nlabel = ignore\nnote = %s\n' "$n" "$note"; done >many.ini
status=0
(ulimit -f 100 && exec "$binary" label --db m.db --import many.ini) >out 2>err || status=$?
check 'where the disk takes a part of them, none is taken' equal "$status $(grep -c '^dmarcctl: m.db: ' err)" '1 1'
all_of m.db >after
check 'not the first either' same before after

# More services
printf 'base_reverse_dns,name,type\nelsewhere.example,Elsewhere Mail,SaaS\n' >map.csv
run label --db m.db --export --sender-map map.csv
check 'a service that the map knows needs no word for it' equal "$(grep -c '^subject' out) $(grep -c 'Elsewhere Mail' out)" '0 1'

# From standard input, and with what reorders it
db=hidden.db
printf '[192.0.2.7]\nlabel = ignore\nowner = ops\nnote = "a\\xe2\\x80\\xaeb"\n' >hidden.ini
"$binary" label --db $db --import - --quiet <hidden.ini >out 2>err && status=0 || status=$?
check 'an inventory is taken from standard input' equal "$status $(cat out err)" '0 '
run label --db $db --export
check 'what would reorder the text is escaped' equal "$(grep ^note out)" 'note = "a\xe2\x80\xaeb"'
check 'and no byte of it stands there' not grep -q $'\u202e' out
printf '[192.0.2.7]\nlabel = ignore\n' >less.ini
run label --db $db --import less.ini --quiet
run label --db $db --export
check 'a label becomes what its section says' equal "$(grep -c '^owner\|^note' out)" 0
"$binary" label --db $db --import - <<<'x' >out 2>err && status=0 || status=$?
check 'a mistake in it is told' fails_with 1 '-:1: '

# Many: what is written is read, whatever the texts hold.
for n in $(seq 1 400); do
  printf "INSERT INTO label (subject, source, verdict, domain, note, owner, made_s) VALUES ('address', '10.0.%d.%d', 'ignore', %s, CAST(x'%s' AS TEXT), 'o%d', %d);\n" \
    $((n / 200)) $((n % 200)) "$([ $((n % 3)) = 0 ] && echo "'example.com'" || echo NULL)" \
    "$(head -c 90 /dev/urandom | od -An -tx1 | tr -d ' \n' | sed 's/\(..\)/\1 /g; s/00 /20 /g; s/ //g')" "$n" $((1790000000 + n))
done >many.sql
db=many.db
label 192.0.2.1 ignore
sqlite3 many.db <many.sql
run label --db many.db --export many.ini
run label --db again.db --import many.ini --quiet
check 'the bytes of 400 notes are taken in' equal "$status $(cat err)" '0 '
all_of many.db | md5sum >before
all_of again.db | md5sum >after
check 'and are what they were' same before after
finish
