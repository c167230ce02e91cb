#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# report: where pages go, how many domains share one, and Markdown; what a browser makes of them is report-page.py's.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
as_of='--as-of 2026-10-31'
# shellcheck disable=SC2086 # one word an argument
{
  run report --db t.db $as_of example.com --format markdown
  check 'a page in Markdown' golden report-example.com.markdown out
  cp out page.md
  run report --db t.db $as_of --format markdown
  check 'several domains share one' test "$(grep -c '^## example' out)" -eq 3
  check 'below tables of all, those first that need somebody' test \
    "$(grep -m 3 -oE '^\| example\.(com|net|org)' out | paste -sd ' ')" = '| example.com | example.org | example.net'

  run report --db t.db $as_of example.com
  cp out page.html
  check 'HTML is what there is without --format' grep -q '<!DOCTYPE html>' out
  check 'the picture marks what began, and where the verdict changed' equal "$(grep -o '<ol class="events">.*</ol>' out)" \
    '<ol class="events"><li><b>2026-09-18</b> unknown sender: campaigns.example.net</li><li><b>2026-09-19</b> NEEDS_DECISION for p=quarantine, was INSUFFICIENT_DATA for p=quarantine</li></ol>'
  run readiness --db t.db $as_of example.com --history --format markdown
  check 'the table of it is the one of readiness --history' equal "$(grep '^| example.com' out)" \
    "$(sed -n '/^## Policy, verdict/,/^## Who/p' page.md | grep '^| example.com')"
  run report --db t.db $as_of EXAMPLE.com. --output other.html
  check 'the same question makes the same bytes' same page.html other.html
  check 'and the file as any other' exits 0
}
python3 - page.html >hashes <<'PYTHON' || echo failed >>hashes
import base64, hashlib, re, sys
page = open(sys.argv[1], encoding="utf-8", newline="").read()
policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page).group(1)
for element in ("style", "script"):
    blocks = re.findall(r"<%s>(.*?)</%s>" % (element, element), page, re.S)
    assert len(blocks) == 1, (element, len(blocks))
    digest = base64.b64encode(hashlib.sha256(blocks[0].encode()).digest()).decode()
    assert "%s-src 'sha256-%s'" % (element, digest) in policy, policy
assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy, policy
assert not re.search(r'<[^>]* (style|on[a-z]+|src)=', page.replace("<script>", "")), "an attribute that does something"
assert not re.search(r'href="(?!#)', page), "a link that leaves the page"
PYTHON
check 'the policy of the page admits its style and its script alone, by their hashes' test ! -s hashes

whole='The verdict, its gates and what blocks rest on all reports'
# shellcheck disable=SC2086
{
  run report --db t.db $as_of example.com --format markdown
  check 'a page that is not narrowed says nothing of it' not grep -q "$whole" out
  verdict=$(grep -m 1 '^\*\*' out)
  run report --db t.db $as_of example.com --format markdown --since 2026-10-05 --until 2026-10-09 --reporter receiver.example.net
  check 'a narrowed one says that its verdict is not' grep -q "$whole" out
  check 'and which part is counted' grep -qF ', from 2026-10-05 on, up to 2026-10-09, of the reporter receiver.example.net.' out
  check 'the verdict is that of all reports' equal "$verdict" "$(grep -m 1 '^\*\*' out)"
  id=$(sqlite3 t.db "SELECT report_id FROM report_view WHERE policy_domain = 'example.com' AND report_id NOT LIKE '%\_%' ESCAPE '\' LIMIT 1")
  run report --db t.db $as_of example.com --format markdown --id "$id"
  check 'a single report is named, too' grep -qF "counted from those chosen, with the report\_id \`$id" out
}

run report --db t.db --format csv
check 'another format is refused' fails_with 2 'none of html, markdown'
run report --db t.db example.info --output never.html
check 'a domain without reports is told' fails_with 1 'no report on example.info is stored'
check 'and makes no file' absent never.html
run report --db none.db
check 'without a database it says what to do' fails_with 1 'there is no database none.db yet'
if command -v script >/dev/null; then
  status=0
  script -qec "'$binary' report --db t.db" /dev/null >out 2>err || status=$?
  check 'HTML is not thrown at a terminal' test "$status" -eq 2 -a "$(grep -c 'a page is for a browser' out)" -eq 1
else
  skip 'HTML is not thrown at a terminal' 'script is not installed'
fi

mkdir keep
echo mine >keep/mine.txt
run report --db t.db --output keep
check 'a folder that is there gets the pages' test "$(ls keep | paste -sd ' ')" = \
  'example.com.html example.net.html example.org.html index.html mine.txt'
run report --db t.db --output made/ --format markdown example.org
check 'a folder is made; one domain has an index there too' test "$(ls made | paste -sd ' ')" = 'example.org.md index.md'
check 'whose row leads to its page' grep -qF '[example.org](example.org.md)' made/index.md
run report --db t.db --output none/such/
check 'a folder that cannot be made is told' fails_with 1 none/such/
run report --db t.db --output t.db/pages/
check 'and one that is a file' exits 1

# More domains than share a file.
mkdir in
for n in $(seq 25); do report "r$n" domain="d$n.example.org" from="d$n.example.org" >"in/$n.xml"; done
run import --quiet --db many.db in
run report --db many.db --as-of 2026-10-31 --output many.html
check 'of many domains there is the table alone' not grep -q '<h2 id' many.html
check 'with a row for each' test "$(grep -c '<th scope="row"' many.html)" -eq 25
check 'and what to do' grep -q 'dmarcctl report --output FOLDER/' many.html
run report --db many.db --as-of 2026-10-31 --output many.html d1.example.org d2.example.org
check 'named ones share the file' test "$(grep -c '<h2 id="d[0-9]*">' many.html)" -eq 2
report one domain=single.example.org from=single.example.org >single.xml
run import --quiet --db single.db single.xml
run report --db single.db --as-of 2026-10-31
check 'who has one domain need not name it' prints '<h1>DMARC report for single.example.org</h1>'

# Names that are no names for files.
for name in '../../evil' 'index' 'a/b' '.hidden' "$(printf 'x%.0s' $(seq 230)).example.org"; do
  report "$name" domain="$name" from=example.com >evil.xml
  run import --quiet --db evil.db evil.xml
done
run report --db evil.db --output evil/
check 'no name of a domain leads out of the folder' test "$status" -eq 0 -a "$(ls evil | grep -cE '^domain_[0-9a-f]{32}\.html$')" -eq 5
check 'the table leads to all of them' test "$(grep -oE 'href="domain_[0-9a-f]{32}\.html"' evil/index.html | sort -u | wc -l)" -eq 5
finish
