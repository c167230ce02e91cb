#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds the documentation against the program: verbs, options, keys, links, and every output that pages show.
#
#   tests/docs/check.sh BINARY
#
# Each check prints "ok ..." or "FAILED ..."; the last line counts them. The exit status is 1 where one failed.
# Without scdoc, groff, jq or sqlite3 the checks that need them are left out, which is said.
set -u

[ $# -eq 1 ] || { echo 'usage: tests/docs/check.sh BINARY' >&2; exit 2; }
binary=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dmarcctl-docs.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
export DMARCCTL_CONFIG=/dev/null DMARCCTL_DB="$scratch/sample.db" COLUMNS=100 LC_ALL=C.UTF-8 NO_COLOR=1

man=docs/dmarcctl.1.scd
pages="README.md CONTRIBUTING.md SECURITY.md HACKING.md NEWS.md docs/comparison.md docs/json.md docs/daily.md docs/dns.md docs/formats.md
 docs/sql.md docs/limits.md docs/readiness.md docs/speed.md docs/unattended.md docs/verbs.md"
passed=0
failed=0

# Says how a check ended. What is wrong stands in the file, one a line; an empty file is good.
verdict() {
  if [ -s "$2" ]; then
    failed=$((failed + 1))
    echo "FAILED $1"
    sed 's/^/    /' "$2"
  else
    passed=$((passed + 1))
    echo "ok     $1"
  fi
}

# Lines of the first file that the second does not have, behind a word that says what is wrong.
lacking() { sort -u "$1" | comm -23 - "$2" | sed "s/^/$3: /"; }

# "xn--..." is the name of a domain.
options_in() { grep -ohE -- '(^|[^a-z0-9])--[a-z]([a-z-]*[a-z])?' "$@" | sed 's/^[^-]*//' | sort -u; }

# --- what the program says ---------------------------------------------------------------------------------------

"$binary" --help | awk '/^  [a-z]/ && $1 != "dmarcctl" && $1 != "man" { print $1 }' | sort >"$scratch/verbs"
while read -r verb; do
  "$binary" "$verb" --help | sed -nE 's/^  .{4}(--[a-z-]+).*/\1/p' | sort >"$scratch/options-$verb"
done <"$scratch/verbs"
cat "$scratch"/options-* | sort -u >"$scratch/options"
[ "$(wc -l <"$scratch/verbs")" -ge 5 ] || echo 'no verbs found in --help' >"$scratch/wrong"
[ "$(wc -l <"$scratch/options")" -ge 10 ] || echo 'no options found in --help' >>"$scratch/wrong"
touch "$scratch/wrong"
verdict 'the help lists verbs and options' "$scratch/wrong"

# --- the manual --------------------------------------------------------------------------------------------------

# Of the program itself, not of a verb.
printf '%s\n' --help --version | cat - "$scratch/options" | sort -u >"$scratch/known"
options_in "$man" | grep -vxE -e '--(option|max)' >"$scratch/in-man"
{
  lacking "$scratch/options" "$scratch/in-man" 'missing in the manual'
  lacking "$scratch/in-man" "$scratch/known" 'in the manual, not in the program'
} >"$scratch/wrong"
verdict 'the manual names exactly the options of the program' "$scratch/wrong"

sed -n '/^# VERBS/,/^# OPTIONS/p' "$man" | sed -nE 's/^\*([a-z]+)\*.*/\1/p' | sort >"$scratch/in-man"
{
  lacking "$scratch/verbs" "$scratch/in-man" 'missing in the manual'
  lacking "$scratch/in-man" "$scratch/verbs" 'in the manual, not in the program'
} >"$scratch/wrong"
verdict 'the manual names exactly the verbs of the program' "$scratch/wrong"

# The headings of # OPTIONS say which verbs take what stands below: "every verb", "all verbs but A, B", "A, B".
verbs_of() {
  case $1 in
    'every verb') cat "$scratch/verbs" ;;
    'all verbs but '*) echo "${1#all verbs but }" | sed 's/, /\n/g' | sort | comm -23 "$scratch/verbs" - ;;
    *) echo "$1" | sed 's/, /\n/g' ;;
  esac
}
sed -n '/^# OPTIONS/,/^# OUTCOMES/p' "$man" | while IFS= read -r line; do
  case $line in
    '## '*)
      heading=$(echo "${line#\#\# }" | sed 's/^.*: //' | tr '[:upper:]' '[:lower:]')
      verbs_of "$heading" >"$scratch/takers"
      ;;
    '*-'*)
      echo "$line" | grep -oE -- '--[a-z]([a-z-]*[a-z])?' | while read -r option; do
        sed "s/\$/ $option/" "$scratch/takers"
      done
      ;;
  esac
done | sort -u >"$scratch/claimed"
while read -r verb; do sed "s/^/$verb /" "$scratch/options-$verb"; done <"$scratch/verbs" | sort -u >"$scratch/taken"
{
  lacking "$scratch/taken" "$scratch/claimed" 'the manual does not say'
  lacking "$scratch/claimed" "$scratch/taken" 'the program does not take'
} >"$scratch/wrong"
verdict 'the manual says which verb takes which option' "$scratch/wrong"

head -n 1 "$man" | grep -qF "\"$("$binary" --version)\"" 2>"$scratch/wrong" ||
  echo "the head of $man does not say $("$binary" --version)" >"$scratch/wrong"
verdict 'the manual is of this version' "$scratch/wrong"

if command -v scdoc >/dev/null && command -v groff >/dev/null; then
  { scdoc <"$man" | groff -man -Tutf8 -ww >/dev/null; } 2>"$scratch/wrong" || echo 'scdoc or groff failed' >>"$scratch/wrong"
  verdict 'the manual renders without a warning' "$scratch/wrong"
else
  echo 'left out: rendering the manual (scdoc or groff is missing)'
fi

# man dmarcctl-VERB: cut out of the manual, with all that the verb takes and nothing else.
while read -r verb; do
  page=$scratch/page-$verb
  if ! docs/verb-page "$verb" "$man" >"$page" 2>&1; then
    echo "docs/verb-page $verb: $(cat "$page")"
    continue
  fi
  grep -qF "'$verb'" docs/meson.build || echo "docs/meson.build installs no page of $verb"
  grep -qE "^\*dmarcctl $verb\*" "$page" || echo "dmarcctl-$verb: no synopsis"
  grep -qF "dmarcctl-$verb - $("$binary" --help | sed -nE "s/^  $verb +(.*[^?])\??$/\1/p")" "$page" || echo "dmarcctl-$verb: NAME is not what the help says"
  grep -qE '^# EXAMPLES' "$page" || echo "dmarcctl-$verb: no examples"
  sed -n '/^# OPTIONS/,/^# [A-NP-Z]/p' "$page" | grep -E '^\*-' | grep -oE -- '--[a-z]([a-z-]*[a-z])?' | sort -u >"$scratch/in-page"
  lacking "$scratch/options-$verb" "$scratch/in-page" "dmarcctl-$verb: missing"
  lacking "$scratch/in-page" "$scratch/options-$verb" "dmarcctl-$verb: not the verb's"
  if command -v scdoc >/dev/null && command -v groff >/dev/null; then
    { scdoc <"$page" | groff -man -Tutf8 -ww >/dev/null; } 2>&1 | sed "s/^/dmarcctl-$verb: /"
  fi
done <"$scratch/verbs" >"$scratch/wrong"
verdict 'each verb has a page of its own with its options' "$scratch/wrong"

# --- the pages ---------------------------------------------------------------------------------------------------

sed -n '/^## Formats/q; s/^## //p' docs/verbs.md | tr -s ',. ' '\n' | grep -xE '[a-z]+' | sort -u >"$scratch/in-page"
{
  lacking "$scratch/verbs" "$scratch/in-page" 'missing in verbs.md'
  lacking "$scratch/in-page" "$scratch/verbs" 'in verbs.md, not in the program'
} >"$scratch/wrong"
verdict 'docs/verbs.md explains exactly the verbs of the program' "$scratch/wrong"

[ "$(wc -m <README.md)" -le 9000 ] || echo "README.md has $(wc -m <README.md) characters: what is not for the first minute belongs into docs/" >"$scratch/wrong"
verdict 'README.md is read in a minute' "$scratch/wrong"

# Each "dmarcctl VERB ... --option" anywhere: does the verb exist and take the option?
: >"$scratch/wrong"
for page in $pages $man; do
  [ -f "$page" ] || { echo "$page is missing" >>"$scratch/wrong"; continue; }
  grep -oE '(^|[^a-z])dmarcctl [a-z]+( [^`#]*)?' "$page" | sed -E 's/^[^d]//' | grep -E '^dmarcctl [a-z]+.* --[a-z]' |
    while read -r _ verb rest; do
      if [ ! -f "$scratch/options-$verb" ]; then
        echo "$page: there is no verb $verb"
        continue
      fi
      echo "$rest" | grep -oE -- '--[a-z]([a-z-]*[a-z])?' |
        while read -r option; do
          grep -qxe "$option" "$scratch/options-$verb" || echo "$page: $verb takes no $option"
        done
    done >>"$scratch/wrong"
done
verdict 'each command shown has a verb and options that exist' "$scratch/wrong"

# Options that stand alone: those of meson, the scripts, the simulator, curl, systemctl and systemd-run are named here.
options_in README.md NEWS.md docs/*.md |
  grep -vxE -e '--(buildtype|tests|package|binary|mixtures|answers|set|seed|seeds|steps|changing|replay|proven|data-urlencode|data-binary|exit-status|fail|filter|lines|silent|now|pty)' >"$scratch/in-pages"
lacking "$scratch/in-pages" "$scratch/known" 'not in the program' >"$scratch/wrong"
verdict 'each option that a page names exists' "$scratch/wrong"

: >"$scratch/wrong"
for page in $pages; do
  grep -oE '\]\([^)]*\)' "$page" | sed -E 's/^\]\(//; s/\)$//' | grep -vE '^(https?|mailto):' |
    while read -r link; do
      file=${link%%#*}
      [ -z "$file" ] || [ -e "$(dirname "$page")/$file" ] || echo "$page: $link leads nowhere"
      case $link in
        *'#'*)
          sed -nE 's/^#+ //p' "$(dirname "$page")/${file:-$(basename "$page")}" | tr '[:upper:]' '[:lower:]' |
            sed -E 's/[^a-z0-9 -]//g; s/ /-/g' | grep -qxF "${link#*#}" || echo "$page: no heading for $link"
          ;;
      esac
    done >>"$scratch/wrong"
done
verdict 'no link is dead' "$scratch/wrong"

for page in CONTRIBUTING.md SECURITY.md; do
  grep -qF "($page)" README.md || echo "README.md: no link to $page"
done >"$scratch/wrong"
verdict 'README.md leads to the pages for contributors' "$scratch/wrong"

# --- what pages show ---------------------------------------------------------------------------------------------

# Durations differ, blanks at line ends do not show. "…" alone stands for lines left out.
normalise() { sed -E 's/ in [0-9.]+ s\.$/ in T s./; s/[[:blank:]]+$//' "$1"; }

# Runs the command whose expected lines have been gathered.
compare() {
  [ -n "$command" ] || return 0
  # shellcheck disable=SC2086 # words of a command line without quotes
  "$binary" $command >"$scratch/output" 2>&1
  status=$?
  case $status in 0 | 3 | 4) ;; *) echo "dmarcctl $command: exit status $status" ;; esac
  normalise "$scratch/output" >"$scratch/got"
  normalise "$scratch/expected" | grep -vxE '(…)?' | while IFS= read -r line; do
    grep -qxFe "$line" "$scratch/got" || echo "dmarcctl $command: does not print: $line"
  done
}

# What the page shows, command by command, in a database of its own; docs/verbs.md begins with the import, README.md does not.
compare_page() {
  command=
  sed -n '/^```console$/,/^```$/p' "$1" | grep -v '^```' >"$scratch/shown"
  [ -s "$scratch/shown" ] || echo "$1 shows no command"
  while IFS= read -r line; do
    case $line in
      '$ dmarcctl '*)
        compare
        command=${line#'$ dmarcctl '}
        : >"$scratch/expected"
        ;;
      *) printf '%s\n' "$line" >>"$scratch/expected" ;;
    esac
  done <"$scratch/shown"
  compare
}
compare_page docs/verbs.md >"$scratch/wrong"
(
  DMARCCTL_DB=$scratch/other.db
  "$binary" import --quiet testdata/sample 2>/dev/null
  compare_page README.md
) >>"$scratch/wrong"
verdict 'README.md and docs/verbs.md show what the program prints' "$scratch/wrong"

# --- docs/json.md ------------------------------------------------------------------------------------------------

# The keys of a section: the first column of its table.
documented() { sed -n "/^## $1: /,/^## /p" docs/json.md | sed -nE 's/^\| `([a-z_]+)` \|.*/\1/p'; }
# The keys of a table, in their order.
printed() { "$binary" "$@" --format csv --limit 1 | head -n 1 | tr -d '\r' | tr ',' '\n'; }

: >"$scratch/wrong"
for verb in export summary readiness plan effect selectors compliance partners reporters reports errors config diff findings portfolio check; do
  documented "$verb" >"$scratch/a"
  printed "$verb" >"$scratch/b"
  diff "$scratch/a" "$scratch/b" | sed -nE "s/^< (.*)/$verb: documented, not printed: \1/p; s/^> (.*)/$verb: printed, not documented: \1/p"
done >>"$scratch/wrong"
# Two tables in one: heading, verb, a choice of rows with its key, another with its key.
for pair in 'sources --by address:sources:address:source_ip:network:network'; do
  IFS=: read -r heading verb one key_of_one other key_of_other <<PAIR
$pair
PAIR
  documented "$heading" | grep -vx "$key_of_other" >"$scratch/a"
  printed "$verb" --by "$one" | diff "$scratch/a" - | sed -n "s/^[<>]/$verb --by $one:/p"
  documented "$heading" | grep -vx "$key_of_one" >"$scratch/a"
  printed "$verb" --by "$other" | diff "$scratch/a" - | sed -n "s/^[<>]/$verb --by $other:/p"
done >>"$scratch/wrong"
for step in day week month; do
  { echo "$step" && documented trend | grep -vxE 'day|week|month'; } >"$scratch/a"
  printed trend --by "$step" | diff "$scratch/a" - | sed -n "s/^[<>]/trend --by $step:/p"
done >>"$scratch/wrong"
for question in sources 'summary --by from' 'readiness --history' 'sources --by cause' 'label --list'; do
  # shellcheck disable=SC2086 # words
  printed $question >"$scratch/b"
  documented "$question" | diff - "$scratch/b" | sed -n "s/^[<>]/$question:/p"
done >>"$scratch/wrong"
printed readiness --proposed 'v=DMARC1; p=none' example.org >"$scratch/b"
documented 'readiness --proposed' | diff - "$scratch/b" | sed -n 's/^[<>]/readiness --proposed:/p' >>"$scratch/wrong"
for question in 'whatif' 'whatif --by class' 'whatif --by domain'; do
  # shellcheck disable=SC2086 # words
  printed $question --p reject >"$scratch/b"
  documented "$question" | diff - "$scratch/b" | sed -n "s/^[<>]/$question:/p"
done >>"$scratch/wrong"
verdict 'docs/json.md lists exactly the keys, in their order' "$scratch/wrong"

if command -v jq >/dev/null; then
  sed -n '/^## readiness: /,/^## /p' docs/json.md | tr '\n' ' ' >"$scratch/section"
  "$binary" readiness --as-of 2026-10-31 --format json |
    jq -r '.rows[] | (.gates[].name), (.gates[], .blockers[], .whatif[] | keys[])' | sort -u | while read -r key; do
    grep -qF "\`$key\`" "$scratch/section" || echo "readiness: printed, not documented: $key"
  done >"$scratch/wrong"
  verdict 'docs/json.md names the keys of gates, blockers and whatif' "$scratch/wrong"
fi

: >"$scratch/wrong"
for verb in export summary sources readiness plan effect selectors compliance partners reporters trend reports errors config diff findings portfolio check 'summary --by from' 'sources --by address' 'sources --by cause' 'label --list' 'whatif --p none' \
  'whatif --by class --p none' 'whatif --by domain --p none'; do
  # shellcheck disable=SC2086 # words
  schema=$("$binary" $verb --format json --limit 1 | head -n 1 | sed -E 's/.*"schema":"([^"]*)","version":([0-9]+).*/`\1`.*version \2/')
  grep -qE "^## ${verb% --p none}: $schema" docs/json.md || echo "$verb: no heading for $schema" >>"$scratch/wrong"
done
verdict 'docs/json.md names the schemas and their versions' "$scratch/wrong"

# --- docs/formats.md ---------------------------------------------------------------------------------------------

: >"$scratch/wrong"
sqlite3 "$DMARCCTL_DB" "INSERT INTO mailbox (id, account, folder, uidvalidity, next_uid, read_s, url, server_next_uid, tried_s)
  VALUES (1, 'a@example.com:993', 'INBOX', 1, 2, 1793318400, 'imaps://a', 3, 1793318400)"
"$binary" export --format openmetrics --as-of 2026-10-31 | sed -nE 's/^# TYPE ([a-z_]+) .*/\1/p' | sort >"$scratch/a"
sed -nE 's/^\| `(dmarcctl_[a-z_]+)` \|.*/\1/p' docs/formats.md | sort | diff "$scratch/a" - |
  sed -nE 's/^< (.*)/not documented: \1/p; s/^> (.*)/documented, not printed: \1/p' >"$scratch/wrong"
verdict 'docs/formats.md lists exactly the metrics' "$scratch/wrong"

# --- docs/readiness.md -------------------------------------------------------------------------------------------

# Each gate with its limits on both ways, as the table has them and as the program judges a domain.
limits() { jq -r '.rows[].gates[] | "\(.name) \(.limit) \(.unit)"' | sort; }
column() { sed -nE '/^## Gates/,/^## /s/^\| `([a-z_]+)` \| (.*) \|$/\1 | \2/p' docs/readiness.md | awk -F ' *[|] *' "\$$1 != \"\" { print \$1, \$$1, \$4 }" | sort; }
if command -v jq >/dev/null; then
  cat >"$scratch/quarantine.xml" <<'END'
<feedback><report_metadata><org_name>receiver.example.net</org_name><report_id>1</report_id>
<date_range><begin>1793318400</begin><end>1793404799</end></date_range></report_metadata>
<policy_published><domain>example.com</domain><p>quarantine</p></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated><disposition>none</disposition>
<dkim>fail</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers>
<auth_results><spf><domain>example.com</domain><result>pass</result></spf></auth_results></record></feedback>
END
  "$binary" import --quiet --db "$scratch/quarantine.db" "$scratch/quarantine.xml"
  "$binary" readiness example.org --as-of 2026-10-31 --format json | limits >"$scratch/a"
  column 2 | diff "$scratch/a" - | sed -n 's/^[<>]/to quarantine:/p' >"$scratch/wrong"
  "$binary" readiness --db "$scratch/quarantine.db" --as-of 2026-10-31 --format json | limits >"$scratch/a"
  column 3 | diff "$scratch/a" - | sed -n 's/^[<>]/to reject:/p' >>"$scratch/wrong"
  verdict 'docs/readiness.md gives the limit of each gate' "$scratch/wrong"

  sed -nE 's/^\[(.*)\]$/\1/p' sender/services.ini | wc -l >"$scratch/a"
  grep -LE "$(cat "$scratch/a") services" README.md NEWS.md docs/readiness.md | sed "s/\$/: not $(cat "$scratch/a") services/" >"$scratch/wrong"
  verdict 'the pages count the services of the catalogue' "$scratch/wrong"
else
  echo 'left out: the gates of docs/readiness.md (jq is missing)'
fi

# --- docs/sql.md -------------------------------------------------------------------------------------------------

if command -v sqlite3 >/dev/null; then
  awk -v to="$scratch/query" '/^```sql/ { n++; on = 1; next } /^```/ { on = 0 } on { print > (to n ".sql") }' docs/sql.md
  : >"$scratch/wrong"
  for query in "$scratch"/query*.sql; do
    sqlite3 -readonly "$DMARCCTL_DB" <"$query" >"$scratch/output" 2>&1 || sed 's/^/fails: /' "$scratch/output"
    [ -s "$scratch/output" ] || sed 's/^/finds nothing: /' "$query"
  done >>"$scratch/wrong"
  verdict 'each query of docs/sql.md runs and finds something in the sample' "$scratch/wrong"

  sqlite3 -readonly "$DMARCCTL_DB" "SELECT m.name || '.' || p.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS p
    WHERE m.type = 'view' AND p.name <> 'id'" | sort >"$scratch/a"
  sed -nE 's/^\| `([a-z]+_view)` \| [^:]*: (.*) \|$/\1 \2/p' docs/sql.md | sed -E 's/\([^)]*\)//g; s/,//g' |
    awk '{ for (i = 2; i <= NF; i++) print $1 "." $i }' | sort >"$scratch/b"
  diff "$scratch/a" "$scratch/b" | sed -nE 's/^< (.*)/not documented: \1/p; s/^> (.*)/documented, not there: \1/p' >"$scratch/wrong"
  verdict 'docs/sql.md lists exactly the columns of the views' "$scratch/wrong"

  sqlite3 -readonly "$DMARCCTL_DB" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'" | sort >"$scratch/a"
  sed -n '/^## Tables/,/^## /p' docs/sql.md | sed -nE 's/^\| `([a-z_]+)` \|.*/\1/p' | sort >"$scratch/b"
  diff "$scratch/a" "$scratch/b" | sed -nE 's/^< (.*)/not documented: \1/p; s/^> (.*)/documented, not there: \1/p' >"$scratch/wrong"
  verdict 'docs/sql.md lists exactly the tables' "$scratch/wrong"
else
  echo 'left out: docs/sql.md (sqlite3 is missing)'
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
