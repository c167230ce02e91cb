#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Holds what the pages say about unattended use against the program: each configuration they show is right, the keys of
# the manual are those of the program, the heartbeat beats, and systemd takes the units and their command lines.
# shellcheck source=../cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
root=$(realpath "$here/../..")
unset DMARCCTL_CONFIG

# --- configurations ----------------------------------------------------------------------------------------------

# PAGE BEGIN END: the blocks between two lines, each into a file of its own: snippet-1, ...
blocks() {
  rm -f snippet-*
  awk -v begin="$2" -v end="$3" '!on && $0 ~ begin { n++; on = 1; next } on && $0 ~ end { on = 0 }
    on { print > ("snippet-" n) }' "$1"
}

each_is_right() {
  local snippet wrong=0
  for snippet in snippet-*; do
    "$binary" config --check "$snippet" >/dev/null || wrong=1
  done
  return $wrong
}

echo museum.example >museum.txt # which one of them names
for page in README.md docs/verbs.md docs/unattended.md docs/daily.md; do
  blocks "$root/$page" '^```ini$' '^```$'
  check "$page shows configurations" test -s snippet-1
  check "each is right" each_is_right
done
blocks "$root/docs/dmarcctl-config.5.scd" '^```$' '^```$'
check 'dmarcctl-config(5) shows configurations' test -s snippet-3
check 'each is right' each_is_right

# --- the keys of the manual --------------------------------------------------------------------------------------

page=$root/docs/dmarcctl-config.5.scd
# SECTION: the keys that its part of the page explains, each at the begin of a line.
keys_of() {
  sed -n "/^# \[$1/,/^# /p" "$page" | grep -E '^\*[a-z-]+\*' | sed 's/ = [^,]*//g' | grep -E '^[a-z*, -]+$' |
    grep -oE '[a-z-]+' | LC_ALL=C sort -u
}
listed() { # SECTION: what the program names when it is given a key that there is not
  printf '[%s]\nno-such-key = 1\n' "$1" >wrong
  run config --check wrong
  sed 's/.*there are: //; s/, /\n/g' err | LC_ALL=C sort
}
check 'dmarcctl-config(5) explains exactly the keys of [defaults]' equal "$(keys_of defaults)" "$(listed defaults)"
check 'and of [account NAME]' equal "$(keys_of account)" "$(listed 'account x')"
check 'and of [group NAME]' equal "$(keys_of group)" "$(listed 'group x')"
check 'and of [notify NAME]' equal "$(keys_of notify)" "$(listed 'notify x')"

# --- scripts -----------------------------------------------------------------------------------------------------

blocks "$root/docs/unattended.md" '^```sh$' '^```$'
mkdir bin && ln -s "$binary" bin/dmarcctl
for script in snippet-*; do
  check "a script of the page is one: $(sed -n 2p "$script" | cut -c 1-40)" sh -n "$script"
done
heartbeat=$(grep -l '^# heartbeat' snippet-*)
now=$(date -u +%s)
report old "begin=$((now - 9 * 86400))" >old.xml
report new "begin=$((now - 2 * 86400))" >new.xml
beat() { PATH=$work/bin:$PATH DMARCCTL_DB=$work/beat.db sh "$heartbeat"; }
run import --quiet --db beat.db old.xml
check 'the heartbeat shows how old the newest report is' grep -q "$(date -u -d "@$((now - 8 * 86400 - 1))" +%F)" <(beat 2>&1)
run import --quiet --db beat.db new.xml
check 'and is silent where there is a new one' equal "$(beat 2>&1)" ''

# --- units -------------------------------------------------------------------------------------------------------

mkdir units
for unit in import notify prune watch; do
  sed -e "s,@bindir@,$work/bin,g" -e "/^@confinement@\$/{r $root/docs/systemd/confinement" -e 'd}' \
    "$root/docs/systemd/dmarcctl-$unit.service.in" >"units/dmarcctl-$unit.service"
done
cp "$root"/docs/systemd/*.timer units
confinement() { sed -n '/^# What the service may do/,/^SystemCallFilter/p' "units/dmarcctl-$1.service"; }
check 'both services are confined alike' equal "$(confinement import)" "$(confinement watch)"
check 'and so is the one that sends' equal "$(confinement notify)" "$(confinement import)"
check 'and the one that prunes, which reaches nobody' equal "$(confinement prune | grep -v '^#')" \
  "$(confinement import | sed '/^#/d; s/^RestrictAddressFamilies=.*/PrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX/')"
check 'and they are' test "$(confinement import | wc -l)" -gt 20
if command -v systemd-analyze >/dev/null; then
  check 'systemd finds nothing wrong with the units' equal \
    "$(cd units && systemd-analyze verify --man=no --recursive-errors=no ./*.service ./*.timer 2>&1)" ''
else
  skip 'systemd finds nothing wrong with the units' 'systemd is missing'
fi

# What systemd would do: its command line in its environment, which has no home.
start() { # UNIT OPTION...: as the unit, with these options more
  local unit=$1 line environment
  shift
  line=$(sed -n 's/^ExecStart=//p' "units/dmarcctl-$unit.service")
  environment=$(sed -n 's/^Environment=//p' "units/dmarcctl-$unit.service" |
    sed "s,%S,$work/state,; s,/etc/dmarcctl/config,$work/etc/config,")
  status=0
  # shellcheck disable=SC2086 # words
  env -i PATH=/usr/bin:/bin CREDENTIALS_DIRECTORY="$work/credentials" $environment $line "$@" >out 2>err || status=$?
}
mkdir etc state credentials
start import
check 'without its configuration a service says so' fails_with 2 "$work/etc/config: No such file or directory"
check 'which a restart does not mend' grep -q '^RestartPreventExitStatus=2$' units/dmarcctl-watch.service
cat >etc/config <<'END'
[account a]
url = imap://joe@127.0.0.1:1/
password-command = cat "$CREDENTIALS_DIRECTORY/password"
END
printf '\n' >credentials/password # what SetCredential= leaves there
start import --retries 0
check 'a service makes its database in the folder of its state' test -s state/dmarcctl/dmarc.db
check 'and fails where it cannot reach the server, which it says' fails_with 1 'imap://joe@127.0.0.1:1/INBOX: '
start prune
check 'the one that forgets wants to be told how much' fails_with 2 'say how old: --older 400d, or keep = 400d in [defaults] of the configuration'
printf '[defaults]\nkeep = 400d\n' | cat - etc/config >etc/kept && mv etc/kept etc/config
start prune
check 'and then is silent' equal "$status $(cat out err)" '0 '
printf '[notify me]\nto = exec:cat >told\nevery = week\n' >>etc/config
start notify
check 'the one that sends tells of it' equal "$status $(jq -r '.findings.rows[].kind' told)" '0 import_failing'
finish
