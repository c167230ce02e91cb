#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# completion: what bash, zsh and fish offer, asked of these shells themselves; and that the program takes all of it.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$binary" --help | sed -nE 's/^  ([a-z]+) +.*/\1/p' | grep -vxE 'dmarcctl|man' | sort >verbs
mkdir -p bin here
ln -s "$binary" bin/dmarcctl
PATH=$work/bin:$PATH
touch here/inbox.mbox 'here/a b.xml'

# bash: the function with the words of a command line. `compopt` speaks to the line being edited: there is none.
run completion bash
check 'bash: the script is one' bash -n out
cp out dmarcctl.bash
compopt() { echo "compopt $*"; }
# shellcheck source=/dev/null
. ./dmarcctl.bash
offers() { # WORD...: what can stand at the place of the last one
  COMP_WORDS=(dmarcctl "$@") COMP_CWORD=$#
  _dmarcctl >said
  printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
  cat said
}
check 'bash: all verbs' equal "$(offers '' | tr ' ' '\n' | grep -vx help)" "$(cat verbs)"
check 'bash: the begin of one' equal "$(offers rea)" readiness
check 'bash: help is followed by a verb' equal "$(offers help tre)" trend
check 'bash: options in front of the verb' equal "$(offers -)" '--help --version'
check 'bash: words behind a blank' equal "$(offers summary --color '')" 'always auto never'
check 'bash: words behind a short option' equal "$(offers summary -f nd)" ndjson
check 'bash: words behind =, which bash takes for a word' equal "$(offers summary --color = al) $(offers summary --color =)" \
  'always always auto never'
check 'bash: files for an option' equal "$(offers summary --db '')" $'\ncompopt -o default'
check 'bash: files for the sources of an import' equal "$(offers import '')" $'\ncompopt -o default'
check 'bash: the words of a label' equal "$(offers label 192.0.2.1 leg)" legitimate
check 'bash: classes' equal "$(offers sources --class u)" 'unauthorised undecided'
check 'bash: nothing for a number' equal "$(offers import --jobs '')" ''
check 'bash: the shells' equal "$(offers completion '')" 'bash fish zsh'

# Every option of every verb, and every word of each: the program must know it. An option of a group that verbs share is
# one row of one table: its words are tried with the first verb that offers them.
refused=
declare -A tried
while read -r verb; do
  in_help=$("$binary" "$verb" --help | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u | paste -sd ' ')
  offered=$(offers "$verb" --)
  [ "$offered" = "$in_help" ] || refused="$refused $verb:options"
  for option in $in_help; do
    words=$(offers "$verb" "$option" '')
    case $words in --* | '') continue ;; esac
    [ -z "${tried["$option $words"]-}" ] || continue
    tried["$option $words"]=$verb
    for word in $words; do
      [ "$word" = compopt ] && break
      case $option in --help | --quiet) continue ;; esac
      run "$verb" --db none.db "$option" "$word" --no-such-option
      grep -qF 'unknown option --no-such-option' out err || # a plugin tells it where its results go
        refused="$refused $verb:$option=$word"
    done
  done
done <verbs
check 'what bash offers is what each verb takes' equal "$refused" ''

# fish tells what it offers.
run completion fish
if command -v fish >/dev/null; then
  cp out dmarcctl.fish
  check 'fish: the script is one' fish --no-config -n dmarcctl.fish
  fish_offers() { fish --no-config -c "source dmarcctl.fish; complete -C '$1'" 2>&1 | cut -f 1 | sort | paste -sd ' '; }
  check 'fish: all verbs' equal "$(fish_offers 'dmarcctl ' | tr ' ' '\n' | grep -vx help)" "$(cat verbs)"
  check 'fish: the begin of one' equal "$(fish_offers 'dmarcctl rea')" readiness
  check 'fish: options of the verb alone' equal "$(fish_offers 'dmarcctl trend --b')" --by
  check 'fish: words of an option' equal "$(fish_offers 'dmarcctl trend --by ') $(fish_offers 'dmarcctl trend --by=w')" \
    'day week --by=week'
  check 'fish: files' equal "$(fish_offers 'dmarcctl import here/in')" here/inbox.mbox
  check 'fish: no files where there is no argument' equal "$(fish_offers 'dmarcctl summary here/in')" ''
  check 'fish: a verb behind help' equal "$(fish_offers 'dmarcctl help tre')" trend
else
  skip 'fish completes' 'fish is missing'
fi

# zsh completes on a terminal only: one is made, and what it shows is read.
run completion zsh
if command -v zsh >/dev/null; then
  mkdir -p functions
  cp out functions/_dmarcctl
  check 'zsh: the script is one' zsh -n functions/_dmarcctl
  cat >zsh_offers <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; PATH=$1:\$PATH; fpath=($2 \$fpath); autoload -U compinit; compinit -u -D; zstyle ':completion:*' verbose no; unsetopt beep listbeep; LISTMAX=0; bindkey '^I' expand-or-complete; $4; echo READY"
zpty -r shell line '*READY*READY*' || true
zpty -w -n shell "$3"$'\t'
sleep ${5:-2}
zpty -w -n shell $'\C-a: <\C-e>\n'
zpty -r -m shell line '*>*' || true
print -r -- "$line"
zpty -d shell
END
  zsh_offers() { timeout 60 zsh -f zsh_offers "$work/bin" "$work/functions" "$@" 2>&1 | sed $'s/\e\\[[0-9;?]*[a-zA-Z]//g' | tr -d '\r'; }
  check 'zsh: a verb' grep -qF 'dmarcctl readiness' <(zsh_offers 'dmarcctl readi')
  check 'zsh: an option' grep -qF -- '--disposition' <(zsh_offers 'dmarcctl summary --dispo')
  check 'zsh: a word' grep -qF -- '--color always' <(zsh_offers 'dmarcctl summary --color alw')
  check 'zsh: a file' grep -qF 'here/inbox.mbox' <(zsh_offers 'dmarcctl import here/inb')
  rm functions/_dmarcctl
  check 'zsh: by eval too' grep -qF 'dmarcctl readiness' <(zsh_offers 'dmarcctl readi' 'eval "$(dmarcctl completion zsh)"')
else
  skip 'zsh completes' 'zsh is missing'
fi

run completion tcsh
check 'another shell is refused' fails_with 2 '"tcsh" is none of bash, zsh, fish'
run completion
check 'so is none' fails_with 2 'bash|zsh|fish is missing'
status=0
"$binary" completion bash >/dev/full 2>err || status=$?
check 'a full standard output is a failure' equal "$status" 1
finish
