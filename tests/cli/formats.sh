#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What each verb prints of the sample, in each format; where it is printed to; and what becomes of a full disk.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
verbs='summary sources reporters trend reports errors export'
narrow() { # VERB: what keeps the golden file short
  case $1 in
    sources) echo --limit 15 --as-of 2026-10-31 ;;
    trend) echo --by week ;;
    reports) echo --limit 10 --sort begin ;;
    export) echo --domain example.net --since 2026-10-20 --limit 12 ;;
  esac
}
for verb in $verbs; do
  for format in text csv json ndjson; do
    # shellcheck disable=SC2046 # one word an option
    run "$verb" --db t.db --format $format $(narrow "$verb")
    without_times <out >"$verb.$format"
    check "$verb prints the sample ($format)" golden "$verb.$format" "$verb.$format"
    check "$verb: asking succeeds and says nothing beside ($format)" test "$status" -eq 0 -a ! -s err
  done
done
run sources --db t.db --by network --limit 8
check 'sources by network' golden sources-by-network.text out
for format in text ndjson; do
  run sources --db t.db --by address --limit 20 --format $format
  check "sources by address ($format)" golden sources-by-address.$format out
done
run trend --db t.db --since 2026-10-19 --until 2026-10-25
check 'trend by day' golden trend-by-day.text out
for by in month disposition; do
  run trend --db t.db --domain example.com --by $by --limit 8
  check "trend by $by" golden trend-by-$by.text out
done

export COLUMNS=80
for verb in summary sources reporters trend; do
  run "$verb" --db t.db --limit 8
  check "$verb fits 80 columns" test "$(wc -L <out)" -le 80
  check "$verb in 80 columns" golden "$verb-80.text" out
done
for verb in errors 'sources --by address' 'readiness --as-of 2026-10-31'; do
  # shellcheck disable=SC2086 # one word an argument
  run $verb --db t.db
  check "$verb fits 80 columns" test "$(wc -L <out)" -le 80
done
unset COLUMNS
LC_ALL=C run trend --db t.db --by week
check 'without UTF-8 bars are plain' golden trend-ascii.text out
check 'and so is all' not grep -qP '[^\x00-\x7f]' out

python3 - "$binary" >parsed <<'PYTHON' || echo 'failed' >>parsed
import csv, io, json, subprocess, sys
EXPORT = ("org_name email report_id begin end policy_domain p sp np adkim aspf pct fo testing discovery_method source_ip "
          "count disposition dkim spf dkim_aligned spf_aligned header_from envelope_from envelope_to reasons auth_dkim "
          "auth_spf damaged origin id class service evidence cause verdict").split()
def ask(verb, form):
    asked_at = ["--as-of", "2030-01-01"] if verb in ("readiness", "sources") else []  # the age of reports is a figure
    return subprocess.run([sys.argv[1], verb, "--db", "t.db", "-f", form] + asked_at, check=True, stdout=subprocess.PIPE).stdout.decode()
for verb in "summary sources reporters trend reports errors export readiness".split():
    document = json.loads(ask(verb, "json"))
    lines = [json.loads(line) for line in ask(verb, "ndjson").splitlines()]
    table = list(csv.reader(io.StringIO(ask(verb, "csv"), newline="")))
    assert document["schema"] == "dmarcctl." + verb and document["version"] == (2 if verb == "sources" else 1), verb
    assert document["rows"] == lines and lines, verb
    assert table[0] == list(lines[0]), (verb, table[0], list(lines[0]))
    assert len(table) == len(lines) + 1, verb
    for cells, row in zip(table[1:], lines):
        for cell, (key, value) in zip(cells, row.items()):
            if value is None: assert cell == "", (verb, key, cell)
            elif isinstance(value, bool): assert cell == str(value).lower(), (verb, key, cell)
            elif isinstance(value, (int, float)): assert float(cell) == value, (verb, key, cell)
            elif isinstance(value, str): assert cell == value, (verb, key, cell, value)
    if verb == "export":
        assert all(list(row) == EXPORT for row in lines)
        assert all(list(r) == ["type", "comment"] for row in lines for r in row["reasons"])
        assert all(list(r) == ["domain", "selector", "result", "human_result"] for row in lines for r in row["auth_dkim"])
        assert all(list(r) == ["domain", "scope", "result", "human_result"] for row in lines for r in row["auth_spf"])
        assert len(lines) == 1061
print("all agree")
PYTHON
check 'JSON, NDJSON and CSV parse, say the same, and the keys of export are the documented ones in order' \
  equal "$(cat parsed)" 'all agree'

# Where it is printed to
run summary --db t.db -f csv
cp out expected
run summary --db t.db -f csv --output result
check '--output writes what standard output would have got' same expected result
check 'and nothing there' test ! -s out
check 'with the mode of the umask' equal "$(stat -c %a result)" "$(printf '%o' $((0666 & ~$(umask))))"
(umask 077 && "$binary" summary --db t.db -o private)
check 'which may be a private one' equal "$(stat -c %a private)" 600
run summary --db t.db -f csv -o private
check 'a private file stays private when it is written anew' equal "$(stat -c %a private)" 600
check 'and has the new content' same expected private
run summary --db t.db -f csv --output -
check '--output - is standard output' same expected out
ln -s result link
echo old >result
run summary --db t.db -f csv --output link
check 'a link is followed, not replaced' test -L link
check 'its file has the result' same expected result
mkfifo fifo
run summary --db t.db -f csv --output fifo & timeout 10 cat fifo >through
wait
check 'a fifo is written to, not replaced' test -p fifo
check 'and what it is read for arrives' same expected through
echo old >result
run summary --db t.db --sort nosuch --output result
check 'a question that fails leaves the old file' equal "$status $(cat result)" '2 old'
run summary --db none.db --output never
check 'and makes no new one' absent never
run summary --db t.db --output nowhere/result
check 'a folder that is not there is told' fails_with 1 'nowhere/result: No such file or directory'
mkdir folder
run summary --db t.db --output folder
check 'a folder is no file' fails_with 1 'folder: Is a directory'
status=0
(ulimit -f 64 && exec "$binary" export --db t.db -f ndjson --output result) >out 2>err || status=$?
check 'a full disk is told' fails_with 1 'File too large'
check 'the old file stays when the disk is full' equal "$(cat result)" old
check 'and nothing is left beside it' equal "$(find . -name 'result*' | wc -l)" 1

for command in summary sources reporters trend reports errors export readiness 'readiness example.com' \
  'import --dry-run r.xml' 'import -f json r.xml' 'import -f csv r.xml' 'summary --help'; do
  for format in '' '-f ndjson'; do
    case $command$format in import*-f*-f* | *help-f*) continue ;; esac
    report r1 >r.xml
    status=0
    # shellcheck disable=SC2086 # one word an argument
    "$binary" $command --db t.db $format >/dev/full 2>err || status=$?
    check "a full standard output is a failure: $command $format" equal "$status" 1
    check "and is told: $command $format" tells 'No space left on device'
  done
done
for command in --help --version 'help summary'; do
  status=0
  # shellcheck disable=SC2086
  "$binary" $command >/dev/full 2>err || status=$?
  check "a full standard output is a failure: $command" equal "$status" 1
  check "and is told: $command" tells 'No space left on device'
done

# A reader that goes away
for format in text csv json ndjson; do
  "$binary" export --db t.db --format $format 2>err | head -n 1 >first || true
  status=${PIPESTATUS[0]}
  check "a reader that has seen enough ends a question in silence ($format)" test "$status" -eq 141 -a ! -s err -a -s first
done
report gone >r.xml
{ sleep 0.3 && "$binary" import --db gone.db --format json r.xml 2>err || echo $? >code; } | true
check 'an import whose reader is gone fails' equal "$(cat code)" 1
check 'and says so' tells 'Broken pipe'
run summary --db gone.db -f ndjson
check 'but has done its work' equal "$(jq .reports out)" 1

# Colours
coloured() { grep -q $'\e\\[' out; }
run summary --db t.db
check 'no colours where nobody looks at a terminal' not coloured
run summary --db t.db --color always
check '--color always colours' coloured
check 'and resets what it began' equal "$(grep -o $'\e\\[0m' out | wc -l)" "$(grep -oE $'\e\\[[1-9][0-9]*m' out | wc -l)"
sed $'s/\e\\[[0-9]*m//g' out >plain
run summary --db t.db
check 'colours change nothing else' same out plain
NO_COLOR=1 run summary --db t.db --color always
check '--color always goes before NO_COLOR' coloured
run summary --db t.db --color always -f json
check 'JSON has no colours' not coloured
terminal() { # COMMAND...: on a terminal of 100 columns
  python3 -c 'import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if not pid:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
try:
    while True:
        data = os.read(fd, 65536)
        if not data: break
        sys.stdout.buffer.write(data)
except OSError: pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))' "$@" >out 2>err
}
export TERM=xterm
terminal "$binary" summary --db t.db
check 'a terminal gets colours' coloured
NO_COLOR=1 terminal "$binary" summary --db t.db
check 'but not where NO_COLOR is set' not coloured
NO_COLOR='' terminal "$binary" summary --db t.db
check 'an empty NO_COLOR means nothing' coloured
TERM=dumb terminal "$binary" summary --db t.db
check 'nor where the terminal is dumb' not coloured
terminal "$binary" summary --db t.db --color never
check 'nor with --color never' not coloured
terminal "$binary" sources --by address --db t.db --color never
check 'a terminal gets 100 rows and hears of the rest' prints '9 more rows; --limit 0 shows all'
check 'in lines that fit it' test "$(tr -d '\r' <out | wc -L)" -le 100
terminal "$binary" reports --db t.db --color never
check 'what can be cut is cut to its width' test "$(tr -d '\r' <out | wc -L)" -le 100
terminal "$binary" export --db t.db -f ndjson
tr -d '\r' <out >all
run export --db t.db -f ndjson
check 'programs get all rows on a terminal too' same out all
terminal "$binary" import --db p.db "$testdata/sample" || true
check 'an import on a terminal wipes its progress before it says what it did' prints 'Imported 217 reports'
finish
