#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xlate-test.sh FILE.txlate...: runs iptables' own format of translation tests.
# A command, then the line that it prints. Prints TAP.
set -u
count=0
failed=0

translate() {
	# The file is written like a shell command.
	eval "$1" 2>/dev/null | sed 's/ *$//'
}

if ! command -v iptables-translate >/dev/null; then
	echo "1..0 # SKIP no iptables-translate"
	exit 0
fi
for file; do
	while IFS= read -r command; do
		case $command in
		iptables-translate*|ip6tables-translate*) ;;
		*) continue ;;
		esac
		IFS= read -r want
		count=$((count + 1))
		have=$(translate "$command")
		if [ "$have" = "$want" ]; then
			echo "ok $count - $command"
		else
			failed=$((failed + 1))
			echo "not ok $count - $command"
			echo "# have: $have"
			echo "# want: $want"
		fi
	done <"$file"
done
echo "1..$count"
[ "$failed" -eq 0 ]
