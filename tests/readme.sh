#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs each command of the README's tutorial and compares what it prints. In its
# console blocks, a line that begins with "# " is a command, the lines after it
# are what it prints, "…" is anything.
. ./lib.sh
readme=${README:-../README.md}
[ -f "$readme" ] || bail_out "no $readme"

# One command after the other, in this shell: later ones see what earlier ones
# did. What a background command says is nobody's.
compare() {
	local command=$1 expected=$2 actual line pattern
	if [ "${command% &}" != "$command" ]; then
		eval "$command"
		servers="$servers $!"
		ok "$command"
		return
	fi
	actual=$(eval "$command" 2>&1 </dev/null | tr -s ' \t' ' ' | sed 's/ $//')
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		line=$(tr -s ' \t' ' ' <<<"$line" | sed 's/ $//')
		# Fixed text, but for the …
		pattern=$(sed 's/[][\.*^$/]/\\&/g; s/…/.*/g' <<<"$line")
		if ! grep -q "^$pattern\$" <<<"$actual"; then
			not_ok "$command" "expected: $line
actual: $actual"
			return
		fi
	done <<<"$expected"
	if [ -z "$expected" ] && [ -n "$actual" ]; then
		not_ok "$command" "expected nothing
actual: $actual"
		return
	fi
	ok "$command"
}

command=
expected=
block=
flush_command() {
	[ -z "$command" ] || compare "$command" "$expected"
	command=
	expected=
}
while IFS= read -r -u 9 line; do
	case $block:$line in
	":\`\`\`console") block=in ;;
	"in:\`\`\`")
		flush_command
		block=
		;;
	"in:# "*)
		flush_command
		command=${line#\# }
		;;
	in:*) expected+="$line"$'\n' ;;
	esac
done 9<"$readme"
true_that "there were commands" test "$tests" -gt 10
finish
