#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The configuration file: what it sets, what goes before it, and every mistake in it told with its line.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
unset DMARCCTL_CONFIG DMARCCTL_SANDBOX
export XDG_CONFIG_HOME=$work/xdg
mkdir -p xdg/dmarcctl

# --- mistakes ----------------------------------------------------------------------------------------------------

cat >wrong.conf <<'END'
jobs = 1
[defaults]
jobs = 0
quiet = on
what = 5
sender-map =
database = "/a b.db"
no value
url: x
color = red ; not blue
timeout = 5
timeout = 6
dns-server = 192.0.2.53
format = json
[nope]
any = thing
[account a] x
any = thing
[account]
[account a]
password = hunter2
url = imaps://joe:hunter2@mail.example.com/
[account b]
host = a/b
port = 70000
tls = ssl
auth = kerberos
after = burn
pin = sha256//short
allow-plain = 1
max-mail-size = big
retries = 101
jobs = 3
[account c]
url = imaps://joe@mail.example.com/
user = joe
[account c]
[account d]
host = mail.example.com
user = joe
auth = oauthbearer
[account e]
user = joe
[readiness]
nothing = 1
own_pass_lower.reject = 101
reporters = many
[defaults]
any = thing
END
printf 'odd\x01 = 1\ncaf\xe9 = 1\n%5000s = 1\n' x | tr ' ' x >>wrong.conf
run config --check wrong.conf
# The longest line is inih's to decide.
sed -E 's/longer than [0-9]+/longer than N/' err >mistakes
check 'every mistake is told with its line and cause' golden config-mistakes.err mistakes
check 'with status 2 and no result' fails_with 2 'wrong.conf:1: '
check 'a secret is not repeated' not tells hunter2
for verb in import summary readiness config; do
  run $verb --config wrong.conf
  check "$verb does nothing under a mistaken file" fails_with 2 'wrong.conf:3: jobs: "0" is no number from 1 to 64'
done
run summary --help --config wrong.conf
check 'but shows its help' exits 0
printf '[defaults]\n\033[31m = 1\n' >red.conf
run config --check red.conf
check 'a strange file cannot colour the terminal' equal "$(grep -c $'\e' err)" 0
check 'no mistake made a database' absent home/.local

# --- which file --------------------------------------------------------------------------------------------------

origin() { # NAME: where its value comes from
  jq -r "select(.section == \"defaults\" and .name == \"$1\") | .origin" out
}
value() { jq -r "select(.section == \"defaults\" and .name == \"$1\") | .value" out; }
for n in 1 2 3 4; do printf '[defaults]\njobs = %d\n' $n >$n.conf; done
run config --check
check 'there may be none' fails_with 2 \
  "there is no configuration file to check (looked for: $work/xdg/dmarcctl/config, "
run config -fndjson
check 'then all is as built in' equal "$(origin jobs) $(value max-mail-size)" 'default 64M'
mv 4.conf xdg/dmarcctl/config
run config -fndjson
check 'the one in XDG_CONFIG_HOME is read' equal "$(value jobs) $(origin jobs)" "4 $work/xdg/dmarcctl/config:2"
DMARCCTL_CONFIG=3.conf run config -fndjson
check 'DMARCCTL_CONFIG goes before it' equal "$(value jobs) $(origin jobs)" '3 3.conf:2'
DMARCCTL_CONFIG=3.conf run config -fndjson --config 2.conf
check '--config before that' equal "$(value jobs)" 2
run config -fndjson --config 2.conf 1.conf
check 'and a FILE of config before all' equal "$(value jobs)" 1
mkdir -p home/.config/dmarcctl && cp 3.conf home/.config/dmarcctl/config
(unset XDG_CONFIG_HOME && exec "$binary" config -fndjson) >out
check 'without XDG_CONFIG_HOME it is ~/.config' equal "$(value jobs)" 3
printf '[defaults]\nquiet = no\ndns = yes\n' >flags.conf
run config -fndjson flags.conf
check 'a flag is yes or no' equal "$(value quiet) $(origin quiet) $(value dns)" 'no flags.conf:2 yes'
run config -fndjson --no-quiet flags.conf
check 'and is taken back on the command line' equal "$(value quiet) $(origin quiet)" 'no command line'
run summary --config nowhere.conf
check 'a file that is named must exist' fails_with 2 'the configuration: nowhere.conf: No such file or directory'
DMARCCTL_CONFIG=nowhere.conf run summary
check 'also by the environment' fails_with 2 'nowhere.conf: No such file'
run summary --config .
check 'a folder is none' fails_with 2 'the configuration: .: Is a directory'
run config -fndjson --config /dev/null
check '/dev/null is no configuration' equal "$(origin jobs)" default
cp 2.conf open.conf && chmod o+w open.conf
run summary --config open.conf
check 'one that everybody may write is refused' fails_with 2 'everybody may write it'
rm xdg/dmarcctl/config

# --- what goes before what ---------------------------------------------------------------------------------------

mkdir -p conf/data
cat >conf/good.conf <<'END'
# a file that says a little of everything
[defaults]
database = data/file.db
color = never
quiet = yes
dns-server = 192.0.2.53
sender-map = ~/map.csv

[readiness]
reporters = 4

[account main]
url = imaps://joe%40example.com@mail.example.com/DMARC
password-command = echo hunter2
after = move:Done

[account bridge]
host = 127.0.0.1
port = 1143
user = joe
tls = starttls
folder = INBOX
folder = DMARC Reports
pin = sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
END
run config --check conf/good.conf
check 'a right file is told so in one line' equal "$status $(cat out)" \
  '0 conf/good.conf: ok: database conf/data/file.db, 2 accounts, 1 threshold, 0 groups, 0 notices'
run config --check conf/good.conf -fjson
check 'which has no other format' fails_with 2 '--check answers with lines'
# The machine decides how many processors there are, and what its kernel can.
shown() { sed -E -e 's/^(defaults +jobs +)[0-9]+/\1N/' -e 's/^(system +sandbox +).*/\1.../' out; }
HOME=/home/joe run config conf/good.conf
check 'what holds is shown with its origin' golden config.text <(shown)
check 'but no command, which could hold a secret' not prints hunter2
run config conf/good.conf -fjson
check 'its schema has a name' equal "$(jq -r '"\(.schema) \(.version)"' out)" 'dmarcctl.config 1'
report r1 >r.xml
run import --config conf/good.conf r.xml
check 'a relative path is relative to the file' test -s conf/data/file.db
check 'a flag of the file holds' is_silent
run import --config conf/good.conf --no-quiet --db other.db r.xml
check '--no-quiet takes it back, and --db goes before the file' prints 'Imported 1 report'
check 'so there is the other database' test -s other.db
DMARCCTL_DB=third.db run import --config conf/good.conf r.xml
check 'DMARCCTL_DB goes before the file' test -s third.db
run config conf/good.conf -fndjson --color always --no-quiet
check 'config says so of the command line' equal "$(origin color) $(value color) $(origin quiet) $(value quiet)" \
  'command line always command line no'
DMARCCTL_DB=third.db NO_COLOR=1 run config conf/good.conf -fndjson
check 'and of the environment' equal "$(origin database) $(value database) $(origin color) $(value color)" \
  'environment third.db environment auto'
threshold() { jq -r "select(.name == \"$1\") | .value" out; }
run readiness --list-thresholds -fndjson --config conf/good.conf
check 'thresholds of the file hold' equal "$(threshold reporters)" 4
run readiness --list-thresholds -fndjson --config conf/good.conf --threshold reporters=5
check 'those of the command line go before it' equal "$(threshold reporters)" 5
touch home/map.csv
run sources --by address --config conf/good.conf -fndjson
check 'defaults of judging do not disturb a verb that does not judge' exits 0
run sources --by address --config conf/good.conf --sender-map m.csv
check 'the command line does, as ever' fails_with 2 '--sender-map'
printf 'base_reverse_dns,name,type\n' >home/map.csv
run readiness --config conf/good.conf -fndjson
check 'a resolver without dns = yes waits for --dns' exits 0
run readiness --config conf/good.conf --dns-timeout 3
check 'on the command line it is a mistake' fails_with 2 '--dns-timeout goes with --dns'

# --- accounts, without a network ---------------------------------------------------------------------------------

run import --config /dev/null
check 'nothing to import is told with both ways to say it' fails_with 2 \
  "nothing to import: name a SOURCE (see 'dmarcctl import --help'), or mailboxes as [account NAME] in the configuration"
run import --watch --config /dev/null
check 'also with --watch' fails_with 2 'nothing to import'
run import --config conf/good.conf --account nobody
check 'an account must exist' fails_with 2 '--account: there is no [account nobody] in the configuration'
run import --config conf/good.conf --account main --password-file p
check 'account and command line must go together' fails_with 2 \
  'import: [account main]: either a password command or a password file'
# Nobody listens on port 1.
cat >deaf.conf <<'END'
[defaults]
database = deaf.db
retries = 0
[account one]
url = imap://joe@127.0.0.1:1/one
password-command = echo hunter2
[account two]
host = 127.0.0.1
port = 1
user = joe
tls = starttls
folder = two
password-command = echo hunter2
END
run import --quiet --config deaf.conf
check 'all accounts have their turn, and that they failed is told' equal \
  "$status $(grep -cE '^dmarcctl: imap://joe@127.0.0.1:1/(one|two): ' err)" '1 2'
check 'without a secret' not tells hunter2
run import --quiet --config deaf.conf --account two
check '--account chooses' equal "$status $(grep -c 1/one err) $(grep -c 1/two err)" '1 0 1'
run import --quiet --config deaf.conf --account two --folder three
check '--folder takes the place of its folders' equal "$(grep -c 1/two err) $(grep -c 1/three err)" '0 1'
run import --config deaf.conf r.xml
check 'a SOURCE alone leaves the accounts in peace' equal "$status $(cat err)" '0 '
run import --config deaf.conf r.xml --account one
check 'unless they are asked for' equal "$status $(grep -c 1/one err)" '1 1'
# A way out
cat >notify.conf <<'END'
[notify hook]
to = https://hooks.example.com:8443/services/T0/secret-path?key=1
[notify ticket]
to = exec:/usr/local/bin/ticket --token secret-token
[notify mail]
to = mailto:joe@EXAMPLE.com
END
run config notify.conf -fcsv
check 'where a notice goes is shown without what may be a secret' equal "$(grep -c secret out) $(grep ',to,' out | cut -d, -f3 | paste -sd ' ')" \
  '0 https://hooks.example.com:8443 exec: (not shown) mailto:joe@example.com'

finish
