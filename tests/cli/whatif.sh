#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# whatif: pages, tables and rows of the sample under other policies, what a page says beside them, what is refused.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
ask() { run whatif --db t.db --as-of 2026-10-31 "$@"; }

# The sample
for format in text csv json ndjson; do
  ask --p reject --format $format
  check "p=reject, all domains ($format)" golden whatif.$format out
  check "asking succeeds and says nothing beside ($format)" test "$status" -eq 0 -a ! -s err
done
for by in domain class; do
  for format in text csv; do
    ask --p quarantine --by $by --format $format
    check "p=quarantine by $by ($format)" golden whatif-by-$by.$format out
  done
done
ask example.com --p reject --limit 12
check 'the page of a domain, its sources bounded' golden whatif-example.com.text out
check 'says how many are left out' prints 'more rows; --limit 0 shows all'
ask Example.ORG. example.net --p reject --sp quarantine --adkim s --aspf s
check 'pages come for each domain that is named, in any case' golden whatif-two.text out
ask example.com --adkim s
check 'alignment alone, where the policy acts on nothing, is told as such' prints 'try the alignment together with'

python3 - "$binary" >agree <<'PYTHON' || echo 'failed' >>agree
import json, subprocess, sys
def ask(*words):
    command = [sys.argv[1], "whatif", "--db", "t.db", "--as-of", "2026-10-31", "-f", "json", *words]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
for words in (["--p", "reject"], ["--sp", "quarantine"], ["--p", "quarantine", "--aspf", "s", "--adkim", "s"]):
    sources, classes, domains = (ask(*words, "--by", by) for by in ("source", "class", "domain"))
    assert [d["schema"] for d in (sources, classes, domains)] == [
        "dmarcctl.whatif", "dmarcctl.whatif-classes", "dmarcctl.whatif-domains"]
    assert ask(*words) == sources
    for d in domains["rows"]:
        of = lambda table: [r for r in table["rows"] if r["domain"] == d["domain"]]
        affected = sum(r["messages"] for r in of(sources) if r["effect"] == "affected")
        assert affected == d["affected"] == sum(r["affected"] for r in of(classes)), d
        assert d["messages"] == sum(r["messages"] for r in of(classes)), d
        own = sum(r["affected"] for r in of(classes) if r["class"] in ("own", "own_broken", "legitimate"))
        days = 30 if d["window_begin"] == "2026-10-02" else 45
        assert abs(own / days - d["own_affected_per_day"]) < 0.006, d
print("all agree")
PYTHON
check 'sources, classes and domains add up to the same' equal "$(cat agree)" 'all agree'
ask example.com --p reject -f ndjson
named() { jq -r '[.source_ip, .header_from, .pattern, .class] | @tsv' out | LC_ALL=C sort; }
check 'source, From: and pattern name a stream' equal "$(named | uniq -d | wc -l)" 0
named >named
run sources --db t.db --as-of 2026-10-31 --domain example.com --by stream -f ndjson
check 'as sources --by stream names it' equal "$(named | LC_ALL=C comm -23 named - | wc -l)" 0
ask example.com --p reject -f ndjson
check 'the owner and what is undecided come first' equal "$(jq -r .class out | uniq | head -1)" undecided
COLUMNS=80 ask example.com --p reject
check 'a page fits 80 columns' test "$(wc -L <out)" -le 80
COLUMNS=80 ask --p reject
check 'so does the table of domains' test "$(wc -L <out)" -le 80
LC_ALL=C ask example.com --p reject
check 'without UTF-8 a page is plain ASCII' not grep -qP '[^\x00-\x7f]' out
ask example.com --p reject --by domain
check '--by makes one table of a named domain too' equal "$(grep -c '^example.com ' out)" 1
ask example.com --p reject --sort source_ip --limit 1
check '--sort sorts the sources of a page' prints '198.51.100.131 '
ask --p reject --by domain --sort domain -f ndjson
check 'and the rows of a table' equal "$(jq -r .domain out | paste -sd ' ')" 'example.com example.net example.org'

# Time
at() { run whatif --db t.db --as-of "$1" --p reject --by domain -f ndjson example.org; jq -r .window_end out; }
check '--as-of asks on another day' equal "$(at 2026-10-10)" 2026-10-10
run whatif --db t.db --p reject --by domain --as-of 2026-10-31 --since 2026-10-22 -f ndjson example.com
check '--since narrows what is replayed' test "$(jq .messages out)" -lt 2676
check 'and the days by which it is divided' equal \
  "$(jq '(.affected_per_day - .affected / 10 | fabs) < 0.006' out) $(jq -r .window_begin out)" 'true 2026-10-22'

# By hand
hand() { "$binary" import --quiet --db "$1.db" "$1.xml"; } # NAME: a database of NAME.xml
{
  cat <<'END'
<feedback><report_metadata><org_name>receiver.example.net</org_name><report_id>1</report_id>
<date_range><begin>1790812800</begin><end>1790899199</end></date_range></report_metadata>
<policy_published><domain>example.com</domain><p>quarantine</p><sp>none</sp><np>reject</np><testing>n</testing>
</policy_published>
END
  record() { # IP COUNT FROM DKIM-DOMAIN DKIM SPF-DOMAIN SPF
    local dkim=fail spf=fail
    [ "$5" = pass ] && dkim=pass
    [ "$7" = pass ] && spf=pass
    cat <<END
<record><row><source_ip>$1</source_ip><count>$2</count><policy_evaluated><disposition>none</disposition>
<dkim>$dkim</dkim><spf>$spf</spf></policy_evaluated></row><identifiers><header_from>$3</header_from></identifiers>
<auth_results><dkim><domain>$4</domain><selector>s1</selector><result>$5</result></dkim>
<spf><domain>$6</domain><result>$7</result></spf></auth_results></record>
END
  }
  record 192.0.2.1 100 example.com example.com pass example.com pass
  record 192.0.2.2 20 example.com news.example.com pass bounce.example.com softfail
  record 192.0.2.3 4 shop.example.com shop.example.com fail shop.example.com pass
  record 198.51.100.1 3 example.com example.com fail example.com fail
  record 198.51.100.2 6 shop.example.com example.com fail shop.example.com fail
  record 198.51.100.3 7 made-up.example.com example.com fail made-up.example.com fail
  echo '</feedback>'
} >hand.xml
hand hand
try() { run whatif --db hand.db --as-of 2026-10-02 -f ndjson "$@"; }
figures() {
  jq -r '[.source_ip, .messages, .governed_by, .today, .proposed, .effect] | join(" ")' out | sort | paste -sd ','
}
try --p reject
check 'p governs the domain alone where sp and np are published' equal "$(figures)" \
  '198.51.100.1 3 p quarantine reject affected'
try --sp reject
check 'sp governs the names below' equal "$(figures)" '198.51.100.2 6 sp none reject affected'
try --np none
check 'np governs those that no mail of the owner uses' equal "$(figures)" '198.51.100.3 7 np reject none spared'
try --adkim s
check 'strict DKIM loses the signature of a subdomain' equal "$(figures)" \
  '192.0.2.2 20 p none quarantine affected'
run whatif --db hand.db --as-of 2026-10-02 example.com --p reject --adkim s
check 'the headline says how much of it is own mail' equal "$(sed '/^From/,$d' out | paste -sd ' ')" \
  'example.com: p=quarantine adkim=r -> p=reject adkim=s: 23 messages a day newly rejected, 20 of them own mail'
check 'the page says what np rests on' prints 'which names below example.com exist'
check 'and that it is an upper bound, once' equal "$(grep -c 'An upper bound' out)" 1
sed 's|<testing>n|<testing>y|; s|<report_id>1|<report_id>2|' hand.xml >testing.xml
hand testing
run whatif --db testing.db --as-of 2026-10-02 example.com --p quarantine
check 'a policy in test mode counts one level lower, which is said' equal \
  "$(sed '/^From/,$d' out | paste -sd ' ') $(tr '\n' ' ' <out | grep -c 'not fully in force')" \
  'example.com: p=quarantine t=y -> p=quarantine: 3 messages a day newly quarantined, 0 of them own mail 1'

# What is refused
run whatif --db t.db example.com
check 'without a proposal there is nothing to answer' fails_with 2 \
  'say at least one of --p, --sp, --np, --adkim and --aspf'
for option in --p --sp --np; do
  ask $option strict
  check "$option knows its words" fails_with 2 "$option: \"strict\" is none of none, quarantine, reject"
done
for option in --adkim --aspf; do
  ask $option relaxed
  check "$option knows its words" fails_with 2 "$option: \"relaxed\" is none of r, s"
done
ask --p reject --by network
check '--by knows its words' fails_with 2 '"network" is none of domain, class, source'
ask --p REJECT -f ndjson --limit 1
check 'words may be written in capitals' equal "$status $(jq -r .proposed out)" '0 reject'
ask --p reject example.edu
check 'a domain without a report is told' fails_with 1 'no report on example.edu is stored'
ask --p reject example.edu -f json
check 'and nothing is printed before' fails_with 1 'no report on example.edu is stored'
ask --p reject example.com --sort nosuch
check 'so is a column that there is not' fails_with 2 'no column "nosuch" to sort by'
run whatif --db none.db --p reject
check 'without a database there is advice' fails_with 1 'there is no database none.db yet'
status=0
"$binary" whatif --db t.db --p reject example.com >/dev/full 2>err || status=$?
check 'a full standard output is a failure' equal "$status" 1

finish
