#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# check-help.sh CTID: the manual page and the completion know the commands and
# the arguments that the program knows, and no others. Prints TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
ctid=$1
userspace=$here/../../userspace
. "$here/tap.inc"

program=$("$ctid" help | sed -n 's/^  ctid //p' | sort)

# In the page, a command is a .TP with a line ".B add" or ".BR add ..." below
# it; rendered, it stands at the margin of its section.
page=$(MANWIDTH=200 man -l "$userspace/ctid/ctid.8" 2>/dev/null | col -bx |
	sed -n '/^COMMANDS/,/^[A-Z]/s/^       \([a-z].*[^ ]\) *$/\1/p' | sort)
if [ -n "$page" ]; then
	is "ctid(8) has the commands of ctid help" "$program" "$page"
else
	count=$((count + 1))
	echo "ok $count - ctid(8) # SKIP no man"
fi

completion=$(sed -n 's/^[[:blank:]]*local commands="\(.*\)"$/\1/p' \
	"$userspace/ctid/completion.bash" | tr ' ' '\n' | sort)
is "the completion has the commands of ctid help" \
	"$(printf '%s\n' "$program" | cut -d' ' -f1)" "$completion"

# Lines "COMMAND --OPTION...", of the commands that have any.
in_order() {
	while read -r command options; do
		# shellcheck disable=SC2046,SC2086 # words
		echo "$command" $(printf '%s\n' $options | grep -- '--.' | sort -u)
	done | sort
}

# The same from lines "COMMAND|COMMAND... --OPTION...".
split() {
	while read -r several options; do
		for command in $(echo "$several" | tr '|' ' '); do
			echo "$command $options"
		done
	done
}

options=$(for command in $(printf '%s\n' "$program" | cut -d' ' -f1); do
	of_it=$("$ctid" help "$command" | grep -oE -- '--[a-z][a-z-]*' | tr '\n' ' ')
	[ -z "$of_it" ] || echo "$command $of_it --help"
done | in_order)
is "the completion for bash has their options" "$options" "$(sed -n \
	'/^\t[a-z].*:-\*)$/ { N; s/:-\*//g; s/^\t\(.*\))\n\t*_ctid_words "\([^"]*\)".*/\1 \2/p }' \
	"$userspace/ctid/completion.bash" | split | in_order)"
is "the completion for zsh has their options" "$options" "$(sed -n \
	'/^_ctid_options/,/^}/s/^\t\([a-z].*\)) compadd -- \(.*\) ;;$/\1 \2/p' \
	"$userspace/ctid/completion.zsh" | split | in_order)"

tap_done
