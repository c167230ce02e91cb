#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Help says what there is and nothing else; what makes no sense is refused with a sentence and status 2.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

verbs='import show summary sources readiness plan effect selectors dns compliance partners whatif report diff findings portfolio check notify label reporters trend reports errors status export prune login config completion'
common='--color --config --db --help --no-quiet --quiet'
output='--bom --format --output'
rows='--limit --no-pager --sort --wide'
period='--last --since --until'
reports='--domain --group --id --reporter'
records='--aligned --disposition --header-from --source'
judgement='--as-of --asn-db --dns --dns-server --dns-timeout --no-dns --sender-map --threshold'

options_of() { # VERB: what it is documented to take
  case $1 in
    import)
      echo "$common $output --domains --dry-run --jobs --max-depth --max-document-size --max-documents --max-domains --max-entries
            --max-file-size --max-names --max-records --max-reports --max-text --max-texts --trusted-authserv --after --again --allow-plain --auth --ca-file --failed-folder
            --folder --graph-url --mail-since --sandbox
            --max-mail-size --max-wait --most --password-command
            --password-file --pin --retries --timeout --token-command --watch --account"
      ;;
    show) echo "$common $output $rows $judgement --sandbox" ;;
    summary) echo "$common $output $rows $period $reports $records --by" ;;
    reporters) echo "$common $output $rows $period $reports $records" ;;
    reports) echo "$common $output $rows $period $reports $records --decided --distrust --forget --trust" ;;
    export) echo "$common $output $rows $period $reports $records $judgement --feeds --judged --new --rewind --to" ;;
    sources) echo "$common $output $rows $period $reports $records $judgement --by --class --new-since --unfold --unowned" ;;
    trend) echo "$common $output $rows $period $reports $records --by" ;;
    readiness) echo "$common $output $rows --domain --group $judgement --backtest --exit-code --history --list-thresholds --proposed" ;;
    plan) echo "$common $output $rows --domain --group $judgement --by --done --freeze --note --record --start --target --undo" ;;
    effect) echo "$common $output $rows --domain --group $judgement" ;;
    dns) echo "$common $output $rows --domain --group --dns-server --dns-timeout --since" ;;
    selectors | compliance | partners) echo "$common $output $rows $period $reports $judgement" ;;
    label)
      echo "$common $output $rows $judgement --domain --expected --export --import --list --note --owner --purpose --remove
            --review --ticket --until"
      ;;
    whatif)
      echo "$common $output $rows $period $reports $judgement --adkim --aspf --by --np --p --sp"
      ;;
    errors) echo "$common $output $rows $period" ;;
    status) echo "$common $output $rows --expect" ;;
    config) echo "$common $output $rows --check --connect" ;;
    prune) echo "$common $output --domain --group --all --dry-run --older" ;;
    login | completion) echo "$common" ;;
    check)
      echo "$common $output $rows --domain --group $judgement --age-critical --age-warning --critical --ok --pass-critical --pass-warning
            --warning"
      ;;
    notify) echo "$common $judgement --dry-run --exit-code --test" ;;
    report) echo "$common ${output#--bom } $period $reports $judgement --each-group" ;;
    findings) echo "$common $output $rows --domain --group $judgement --ack --exit-code --note --unack --until" ;;
    portfolio) echo "$common $output $rows --domain --group $judgement" ;;
    diff) echo "$common $output $rows --domain --group $judgement --against --exit-code --last --since" ;;
  esac
}
sorted() { tr -s ' ' '\n' | grep . | LC_ALL=C sort -u | paste -sd ' '; }
in_help() { grep -oE '^ +(-[a-z], )?--[a-z-]+' out | grep -oE -- '--[a-z-]+' | sorted; }

run --help
check '--help is a result' equal "$status $(head -1 out)" '0 usage: dmarcctl VERB [OPTION...] [ARGUMENT...]'
check 'and lists the verbs' equal "$(sed -nE 's/^  ([a-z]+) +.*/\1/p' out | grep -vE '^(dmarcctl|man)$' | paste -sd ' ')" \
  "$verbs"
cp out usage
run help
check 'help is the same' same out usage
run -h
check 'so is -h' same out usage
run --version
check '--version says the version' equal "$status $(grep -cE '^dmarcctl [0-9]+\.[0-9]+\.[0-9]+' out)" '0 1'

every_option='--account --ack --adkim --against --aligned --as-of --aspf --by --check --color --config --connect --db --disposition --domain --dry-run --exit-code --expect --format --group --header-from
  --id --jobs --last --limit --list --no-pager --max-depth --max-document-size --max-documents --max-domains --max-entries --max-file-size --max-names --max-records --max-reports --max-text --max-texts
  --note --np --output --p --quiet --remove --reporter --sender-map --since --sort --source --sp --unack --until'
number=0 step=3
[ -z "${SPARING-}" ] || step=12
# A plugin says so on standard output, with a status of its own: here as the others would.
refused_by() { # VERB ARGS...
  run "$@"
  if [ "$1" = check ] && [ "$status" -eq 3 ]; then sed 's/^DMARC UNKNOWN: /dmarcctl: /' out >err && : >out && status=2; fi
}
for verb in $verbs; do
  own=$(options_of "$verb" | sorted)
  run "$verb" --help
  check "$verb --help mentions each option that it takes and no other" equal "$status $(in_help)" "0 $own"
  check "$verb --help fits 120 columns" equal "$(awk 'length > 120' out)" ''
  check "$verb --help has examples, of options that it takes" equal \
    "$(sed -n '/^For example:$/,$p' out | grep -c "dmarcctl $verb" | sed 's/^[1-9].*/some/') $(sed -n '/^For example:$/,$p' out |
      grep -oE -- ' --[a-z-]+' | tr -d ' ' | sort -u | comm -23 - <(tr ' ' '\n' <<<"$own" | sort -u) | paste -sd ' ')" 'some '
  cp out usage
  run help "$verb"
  check "help $verb is the same" same out usage
  run "$verb" -h
  check "$verb -h is the same" same out usage
  # A third of them each, another third with the next verb: each option is tried with several verbs.
  number=$((number + 1)) turn=$number refused=
  for option in $every_option; do
    turn=$((turn + 1))
    case " $own " in *" $option "*) continue ;; esac
    [ $((turn % step)) -eq 0 ] || continue
    refused_by "$verb" "$option" x
    { [ "$status" -eq 2 ] && { tells "$verb: unknown option $option" || tells "$verb: $option would be ignored: "; }; } ||
      refused="$refused $option"
  done
  check "$verb refuses the options of others" equal "$refused" ''
  refused_by "$verb" --db none.db --no-such-option
  check "$verb refuses an option that there is not" fails_with 2 \
    "$verb: unknown option --no-such-option (see 'dmarcctl $verb --help')"
done
check 'no refusal made a database' absent none.db

run nosuch
check 'an unknown verb is refused' fails_with 2 "there is no verb \"nosuch\" (see 'dmarcctl --help')"
run redines
check 'the verb that was meant is named' fails_with 2 'there is no verb "redines": did you mean readiness?'
run help nosuch
check 'there is no help for it' fails_with 2 'there is no verb "nosuch"'
run --db x.db summary
check 'an option in front of the verb is refused' fails_with 2 '"--db"'
run $'\e[31mred'
check 'a wrong word is told without its escape sequences' equal "$(grep -c $'\e' err)" 0

refuses() { # SENTENCE ARGS...: status 2 and this sentence
  local sentence=$1
  shift
  run "$@"
  check "refused: $*" fails_with 2 "$sentence"
}
refuses '--limit needs a value: N' summary --limit
refuses '--domain needs a value: DOMAIN' summary -d
refuses '--quiet takes no value' summary --quiet=yes
refuses '--limit: "-1" is no number' summary --limit -1
refuses '--limit: "" is no number' summary --limit=
refuses '--limit: "5x" is no number' summary --limit 5x
refuses '--limit: "99999999999999999999" is no number' summary --limit 99999999999999999999
refuses '--format: "xml" is none of text, csv, json, ndjson' summary --format xml
refuses '--format: "JSON" is none of' summary -fJSON
refuses '--color: "maybe" is none of auto, always, never' summary --color=maybe
refuses '--db: no file name' summary --db ''
refuses '--output: no file name' summary --output ''
refuses '--domain: "not a domain" is no domain name' summary --domain 'not a domain'
refuses '--domain: "" is no domain name' summary --domain ''
refuses '--header-from: "user@example.com" is no domain name' summary --header-from user@example.com
refuses '--since: "yesterday" is no date: write 2025-03-01' summary --since yesterday
refuses '--since: "2026-02-30" is no date' summary --since 2026-02-30
refuses '--since: "26-01-01" is no date' summary --since 26-01-01
for option in --since --until; do
  refuses "$option: \"0026-01-01\" is no date of anything here: it is before 1970" summary $option 0026-01-01
done
refuses '--as-of: "0026-01-01" is no date' readiness --as-of 0026-01-01
refuses '--mail-since: "0026-01-01" is no date' import --mail-since 0026-01-01 x
refuses '--until: "2026-13-01" is no date' summary --until 2026-13-01
refuses '--until: "2026-10-01T25:00:00Z" is no date' summary --until 2026-10-01T25:00:00Z
refuses '--last: "0" is no length of time: write 30d, 2w or 12h' summary --last 0
refuses '--last: "30m" is no length of time' summary --last 30m
refuses '--last: "-3d" is no length of time' summary --last -3d
refuses '--last does not go with --since or --until' summary --last 3d --since 2026-10-01
refuses '--source: "192.0.2" is no address and no network' summary --source 192.0.2
refuses '--source: "192.0.2.0/33": the prefix length goes from 0 to 32' summary --source 192.0.2.0/33
refuses '--source: "2001:db8::/129": the prefix length goes from 0 to 128' summary --source 2001:db8::/129
refuses '--source: "192.0.2.0/": the prefix length goes from 0 to 32' summary --source 192.0.2.0/
refuses '--aligned: "maybe" is neither yes nor no' summary --aligned maybe
refuses '--disposition: "deny" is none of none, quarantine, reject, pass' summary --disposition deny
refuses '--by: "month" is none of stream, address, network' sources --by month
for option in '--as-of 2026-10-31' '--sender-map map.csv' '--class own' '--new-since 7d' --unfold --unowned '--threshold window=60'; do
  # shellcheck disable=SC2086 # two words
  refuses 'judge streams: they do not go with --by address or --by network' sources --by network $option
done
for option in '--since 2026-10-01' '--reporter x' '--aligned no' '--class own' '--new-since 7d' --unfold --unowned; do
  # shellcheck disable=SC2086 # two words
  refuses 'in the window that readiness judges: it does not go with --' sources --by cause $option
done
refuses '--class: "owned" is none of own, own_broken, legitimate, forwarder' sources --class own,owned
refuses '--class: "" is none of own, own_broken' sources --class own,
refuses '--new-since: "soon" is no length of time' sources --new-since soon
refuses '--threshold: "window" is not NAME=VALUE' readiness --threshold window
refuses '--threshold: there is no threshold "windows"' readiness --threshold windows=1
refuses '--threshold: window: "long" is no number (of days)' readiness --threshold window=long
refuses '--threshold: window: 0 is not within 1 and 3650 days' readiness --threshold window=0
refuses '--by: "network" is none of day, week, month, disposition' trend --by network
refuses '--as-of: "soon" is no date' readiness --as-of soon
refuses '--jobs: "0" is no number from 1 to 64' import --jobs 0 x
refuses '--jobs: "65" is no number from 1 to 64' import --jobs 65 x
refuses '--max-depth: "0" is no number from 1 to 1000000' import --max-depth 0 x
refuses '--max-document-size: "1X" is no size: write a number, or 64K, 48M, 1G' import --max-document-size 1X x
refuses '--max-document-size: "0" is no size' import --max-document-size 0 x
refuses '--max-file-size: "99999999T" is no size' import --max-file-size 99999999T x
refuses '--max-text: "none" is no number' import --max-text none x
refuses '--after: "keep" is none of move:FOLDER' import --after keep x
refuses '--auth: "md5" is none of plain' import --auth md5 x
refuses '--pin: "key.pem" is no pin' import --pin key.pem x
refuses '--timeout: "0" is no number from 1 to 3600' import --timeout 0 x
refuses '--retries: "x" is no number from 0 to 100' import --retries x x
refuses '--watch goes with mailboxes alone' import --watch x
refuses 'holds a password' import imaps://joe:secret@mail.example.com/
refuses 'imap://mail.example.com/: names no user: imap://user@host/FOLDER' import imap://mail.example.com/
refuses 'graph://dmarc/INBOX: names no user: graph://user@tenant/FOLDER' import graph://dmarc/INBOX
refuses 'pop3s://: is no URL: pop3s://user@host' import pop3s://
refuses 'https://joe:***@example.com/: is no URL of a mailbox: these are imaps://, imap://, pop3s://' import https://joe:secret@example.com/
check 'without what may be a password' not tells secret
refuses 'unexpected argument "extra"' errors extra

"$binary" import --quiet --db t.db "$testdata/sample" 2>/dev/null || true
for verb in summary sources 'sources --by address' reporters trend reports errors export readiness; do
  # shellcheck disable=SC2086 # one word an argument
  run $verb --db t.db --sort nosuch
  check "$verb: a column that there is not to sort by is refused" fails_with 2 'no column "nosuch" to sort by; there are: '
done
run summary --db t.db --sort mesages
check 'the column that was meant is named' fails_with 2 'no column "mesages" to sort by: did you mean messages? There are: '
run readiness --db t.db exmple.com
check 'so is the domain' fails_with 1 'no report on exmple.com is stored: did you mean example.com?'
run readiness --db t.db nothing.example.edu
check 'where none is near, it is said where they stand' fails_with 1 "'dmarcctl summary' lists the domains there are"
run readiness --db t.db --as-of 2026-11-20 example.com
check 'an answer that is too old says what day has one' prints "'dmarcctl readiness example.com --as-of 2026-10-31'"
run summary --db t.db --format csv --bom
check '--bom is in front of CSV, once' equal "$(head -c 9 out | od -An -tx1 | tr -d ' ') $(grep -c $'\xef\xbb\xbf' out)" 'efbbbf646f6d61696e 1'
run summary --db t.db --bom
check '--bom is refused where no CSV is asked for' fails_with 2 '--bom goes with --format csv'
printf '[defaults]\nbom = yes\n' >bom.config
run summary --db t.db --config bom.config --format ndjson
check 'the configuration may say it for all CSV, and for nothing else' equal "$status $(head -c 1 out)" '0 {'
for option in --reporter --id --since --until --last --source --aligned; do
  run readiness --db t.db "$option" x
  check "a verdict rests on all: readiness refuses $option and says why" fails_with 2 \
    "readiness: $option would be ignored: a verdict rests on all reports of a domain (see"
done
run diff --db t.db --reporter=x
check 'so does diff' fails_with 2 'diff: --reporter would be ignored: verdicts are compared'
run summary --db t.db --limit 1 -f ndjson --domain=Example.COM.
check 'values come with a blank, with =, or behind the letter; domains in any case' equal "$(jq -r .domain out)" example.com
run summary --db t.db -fndjson -dexample.com --limit=1 --limit 2
check 'of an option given twice the last counts' equal "$status $(jq -r .domain out)" '0 example.com'
DMARCCTL_DB=t.db run summary -fndjson
check 'DMARCCTL_DB names the database' equal "$(wc -l <out)" 3
DMARCCTL_DB=nowhere.db run summary -fndjson --db t.db
check '--db goes before it' equal "$(wc -l <out)" 3
mkdir -p data/dmarcctl && cp t.db data/dmarcctl/dmarc.db
XDG_DATA_HOME=$work/data run summary -fndjson
check 'XDG_DATA_HOME names its folder' equal "$(wc -l <out)" 3
report r1 >r.xml
run import --quiet r.xml
check 'else it lies below the home folder' test -s "$HOME/.local/share/dmarcctl/dmarc.db"
check 'in a folder that is the users alone' equal "$(stat -c %a "$HOME/.local/share/dmarcctl")" 700
env -u HOME "$binary" config --format ndjson >out 2>err
home=$(getent passwd "$(id -u)" | cut -d: -f6)
check 'without HOME the system knows it' grep -qF "\"$home/.local/share/dmarcctl/dmarc.db\"" out

# Somebody whom the system does not know, and who has no home.
homeless() {
  chmod 755 . && chmod 644 r.xml && cp "$binary" ./homeless && chmod 755 ./homeless
  status=0
  env -u HOME setpriv --reuid=54321 --regid=54321 --clear-groups ./homeless import r.xml >out 2>err || status=$?
}
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
  homeless
  check 'without any the database has to be named' fails_with 1 'no database is named, and there is no home folder for one: say --db FILE'
else
  skip 'without any the database has to be named' 'it takes root'
fi
finish
