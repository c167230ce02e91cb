#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# show: what is in files, without a database.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

sample=$testdata/sample
export DMARCCTL_DB=$work/default.db TMPDIR=$work/tmp
mkdir tmp

export COLUMNS=100

run_beside_sample show sample/gateway-1.zip
check 'a file with several reports' golden show.text out
check 'is shown, and nothing is said beside' test "$status" -eq 0 -a ! -s err
cp out first
run show - <"$sample/gateway-1.zip"
check 'from standard input too' same out first
run_beside_sample show --format markdown --limit 3 sample/gateway-1.zip
check 'as Markdown, with so many rows' golden show.markdown out
run show "$sample"
check 'a folder, with what is wrong in it' test "$status" -eq 3
check 'a rejected document is named' tells 'entities.xml: rejected: line 2: a DOCTYPE'
check 'a damaged one too' tells 'damaged: line 96'
check 'what came twice is shown once' equal "$(grep -c '^example.org: READY' out)" 1
run show --as-of 2026-12-24 "$sample"
check 'on another day it is another verdict' prints 'example.org: STALE'

# Nothing stays
check 'no database is made' absent default.db
check 'nor anything else left' equal "$(ls tmp)" ''
run_beside_sample import --quiet --db "$work/mine.db" sample
run label --quiet --db mine.db campaigns.example.net legitimate
run show --db mine.db "$sample"
check 'the database that there is is not asked' prints 'example.com: NEEDS_DECISION'

# What cannot be shown
echo '<x/>' >x.xml
run show x.xml
check 'what is no report is told' fails_with 1 "x.xml: no-report: its root element is <x>, not <feedback>"
run show nothing.xml x.xml
check 'and what is not there' fails_with 1 'nothing.xml'
run show
check 'no file is no question' fails_with 2 'FILE... is missing'
run show --format json "$sample"
check 'programs import' fails_with 2 '--format: "json" is none of text, markdown'
printf '<feedback><report_metadata><org_name>\033[31mred\007</org_name><report_id>1</report_id><date_range><begin>1693526400</begin><end>1693612799</end></date_range></report_metadata><policy_published><domain>example.com</domain><p>none</p></policy_published></feedback>' >red.xml
run show red.xml
check 'nothing steers the terminal' not grep -q $'[\001-\010\033]' out err
finish
