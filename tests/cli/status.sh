#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# status: how mailboxes stand, and how old the newest report is.
source "$(dirname "$0")/lib.sh"

# A report that ended $2 seconds ago, of the name $1.
ended() {
  local end=$(($(date +%s) - $2))
  printf '<feedback><report_metadata><org_name>%s</org_name><report_id>%s</report_id><date_range><begin>%s</begin>' \
    "$1" "$1" $((end - 86399))
  printf '<end>%s</end></date_range></report_metadata><policy_published><domain>example.com</domain><p>none</p>' $end
  printf '</policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count></row><identifiers>'
  printf '<header_from>example.com</header_from></identifiers></record></feedback>\n'
}

database() { [ "$(jq -r ".rows[-1].$1" out)" = "$2" ]; }
folder() { [ "$(jq -r ".rows[] | select(.folder == \"$1\") | .$2" out)" = "$3" ]; }

ended old 864000 >old.xml
ended future -864000 >future.xml
ended new 7200 >new.xml
run import --db t.db old.xml future.xml

run status --db t.db --format json --expect 11d
check 'a report of ten days ago is there' exits 0
check 'a report dated in the future has not come' \
  [ "$(jq '.rows[-1].newest_report_age_s | . >= 864000 and . < 864600' out)" = true ]
check 'the row of the database has no account' database account null
run status --db t.db --expect 3d
check 'nothing of three days ends with 4' exits 4
check 'which is said' tells "dmarcctl: no report has ended in this time: the newest one did on $(date -u -d @$(($(date +%s) - 864000)) +%F)"
run import --db t.db new.xml
run status --db t.db --expect 3d
check 'a report of today ends with 0' exits 0
check 'and nothing is said' test ! -s err
run import --db empty.db future.xml
run status --db empty.db --expect 3d
check 'where no report has ended, that is said' tells 'dmarcctl: no report has ended yet'

cat >config <<'END'
[account one]
url = imap://reader@127.0.0.1:1/Reports
retries = 0
folder = Other
END
export DMARCCTL_CONFIG=config
run status --db t.db --format json
check 'a folder of the configuration that nobody read is listed' folder Reports state 'never read'
check 'it was never tried' folder Reports last_read null
check 'how many UIDs are pending is not known' folder Other pending_uids null
DMARCCTL_PASSWORD=x run import --db t.db
check 'no server is a failure' exits 1
run status --db t.db --format json --expect 3d
check 'a mailbox that failed ends with 4' exits 4
check 'with its name' tells 'dmarcctl: reader@127.0.0.1:1/Reports failed when it was tried last'
check 'it failed' folder Reports state failed
check 'with what was told' [ -n "$(jq -r '.rows[0].error | select(test("connect"; "i"))' out)" ]
check 'when it was tried' [ "$(jq '.rows[0] | .last_read == .last_error and .last_success == null' out)" = true ]

sqlite3 t.db "UPDATE mailbox SET read_s = 1700000000, next_uid = 5, server_next_uid = 12, error_s = 1, tried_s = 1700000000,
  url = 'new.xml' WHERE folder = 'Reports'; INSERT INTO mailbox_task (mailbox_id, uid, outcome) VALUES (1, 3, 'stored');
  UPDATE document SET origin = 'new.xml: uid 4: new.xml' WHERE origin = 'new.xml'"
run status --db t.db --format json
check 'behind a success the error of before is still told' folder Reports state read
check 'and when it was' folder Reports last_error 1970-01-01T00:00:01Z
check 'UIDs that the server gave and nobody read are pending' folder Reports pending_uids 7
check 'mails to be moved are counted' folder Reports pending_tasks 1
check 'the newest report of a folder is the one that came from there' \
  [ "$(jq '.rows[0].newest_report_age_s < 9000 and .rows[1].newest_report == null' out)" = true ]
run status --db t.db --format csv
check 'CSV has a line for each folder and one for the database' [ "$(wc -l <out)" = 4 ]
run export --db t.db --format openmetrics
check 'metrics tell of each folder' prints 'dmarcctl_mailbox_pending_uids{account="reader@127.0.0.1:1",folder="Reports"} 7'
check 'metrics tell which failed' prints 'dmarcctl_mailbox_failed{account="reader@127.0.0.1:1",folder="Other"} 1'

# What --expect asks of mailboxes, where reports are there.
now=$(date +%s)
mailbox() { sqlite3 t.db "UPDATE mailbox SET $2 WHERE folder = '$1'"; }
expect_3d() {
  run status --db t.db --format json --expect 3d
  check "$1" exits "$2"
}
good="read_s = $now, tried_s = $now, error = NULL, error_s = NULL"
mailbox Reports "$good"
mailbox Other "$good"
expect_3d 'mailboxes that were read are as expected' 0
check 'those of the configuration are called so' folder Other configured true
check 'the whole database is neither' database configured null
mailbox Other "read_s = 0, tried_s = NULL"
expect_3d 'a mailbox of the configuration that was never read is not as expected' 4
check 'which names it alone' equal "$(cat err)" 'dmarcctl: reader@127.0.0.1:1/Other was never read to its end'
mailbox Other "read_s = $((now - 350000)), tried_s = $((now - 350000))"
expect_3d 'nor is one that was read too long ago' 4
check 'which is told as that' equal "$(cat err)" 'dmarcctl: reader@127.0.0.1:1/Other was not read to its end in this time'
mailbox Other "read_s = $((now - 250000)), tried_s = $((now - 250000))"
expect_3d 'one that was read within the time is' 0
mailbox Other "tried_s = $now, error = 'no', error_s = $now"
expect_3d 'unless it has failed since' 4

sed -i '/folder/d' config
expect_3d 'one that was tried within the time counts whether configured or not' 4
check 'it is not called configured' folder Other configured false
mailbox Other "tried_s = $((now - 350000)), error_s = $((now - 350000))"
expect_3d 'one that nobody has tried in that time, and nobody is to, does not alarm for ever' 0
check 'it is told as failed all the same' folder Other state failed
printf 'folder = Other\n' >>config
expect_3d 'where it is configured it does' 4

finish
