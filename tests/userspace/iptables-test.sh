#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# iptables-test.sh FILE.t COMMAND: runs the rows of an iptables extension's test
# file, in iptables' own format, with iptables-legacy, iptables-nft,
# ip6tables-legacy or ip6tables-nft. Needs root, the modules, and the extension
# in its place; makes a network namespace of its own. Prints TAP.
#
#   :CHAIN,...   the chains that the rows below are tried in
#   *TABLE       the table (filter)
#   @COMMAND     run by a shell; so is %COMMAND
#   RULE;LISTED;RESULT[;VARIANT[;OTHER]]
#
# LISTED is how the rule is printed, = as it is written. RESULT is OK, FAIL, or
# NOMATCH for a rule that loads but is printed in another way. With VARIANT, NFT
# or LEGACY, it is RESULT for this one only, and for the other one OTHER, or the
# opposite.
#
# More is asked of a row than by iptables' own runner: what is saved can be
# restored and is then saved the same, and a row that fails does so in one line,
# and changes nothing.
set -u

if [ $# -ne 2 ] || [ ! -r "$1" ]; then
	echo "usage: iptables-test.sh FILE.t COMMAND" >&2
	exit 2
fi
file=$1
command=$2
if [ -z "${IPTABLES_TEST_NETNS:-}" ]; then
	IPTABLES_TEST_NETNS=1 exec unshare --net "$0" "$@"
fi
case $("$command" --version) in
*nf_tables*) variant=NFT ;;
iptables*|ip6tables*) variant=LEGACY ;;
*) echo "Bail out! $command is no iptables"; exit 1 ;;
esac
chains=
table=filter
count=0
failed=0
lineno=0

# The whole table, without what changes by itself.
saved() {
	"$command-save" -t "$table" 2>/dev/null |
		sed -e '/^#/d' -e 's/ \[[0-9]*:[0-9]*\]$//'
}

# try OPTION RULE: OPTION is -A or -D.
try() {
	# The row is written like a shell command.
	eval "\"\$command\" -t \"\$table\" $1 \"\$chain\" $2" 2>&1 </dev/null
}

wrong() {
	echo "# $*" | sed '2,$s/^/#   /'
	return 1
}

expected_result() {
	if [ -z "$scope" ] || [ "$scope" = "$variant" ]; then
		echo "$result"
	elif [ -n "$other" ]; then
		echo "$other"
	elif [ "$result" = OK ]; then
		echo FAIL
	else
		echo OK
	fi
}

# What iptables adds to any complaint is not the extension's.
without_advice() {
	printf '%s\n' "$1" | sed -e '/^$/d' -e '/^Try `ip6\{0,1\}tables/d' \
		-e '/^Perhaps ip6\{0,1\}tables or your kernel/d'
}

check_refused() {
	[ "$status" -ne 0 ] || {
		try -D "$rule" >/dev/null
		wrong "was accepted"
		return
	}
	[ "$status" -lt 128 ] || wrong "died: status $status" || return
	[ "$(saved)" = "$before" ] || wrong "changed the table" || return
	[ "$(without_advice "$output" | wc -l)" -eq 1 ] ||
		wrong "not one line: $output"
}

check_restore() {
	after=$(saved)
	"$command-save" -t "$table" | "$command-restore" ||
		wrong "cannot restore what was saved: $after" || return
	[ "$(saved)" = "$after" ] || wrong "restored as: $(saved)"
}

check_accepted() {
	[ "$status" -eq 0 ] || wrong "was refused: $output" || return
	[ "$want" = "=" ] && want=$rule
	good=0
	if "$command" -t "$table" -S "$chain" | grep -qFxe "-A $chain $want"; then
		[ "$expected" = OK ] || wrong "is listed as written" || good=1
	else
		[ "$expected" = NOMATCH ] ||
			wrong "is listed as: $("$command" -t "$table" -S "$chain")" ||
			good=1
	fi
	[ "$expected" = NOMATCH ] || check_restore || good=1
	output=$(try -D "$rule") || wrong "cannot be deleted: $output" || good=1
	[ "$(saved)" = "$before" ] || wrong "-D leaves: $(saved)" || good=1
	return "$good"
}

check_row() {
	before=$(saved)
	output=$(try -A "$rule")
	status=$?
	if [ "$expected" = FAIL ]; then
		check_refused
	else
		check_accepted
	fi
}

run_row() {
	IFS=';' read -r rule want result scope other <<-ROW
		$line
	ROW
	expected=$(expected_result)
	for chain in $(echo "$chains" | tr , ' '); do
		count=$((count + 1))
		name="$command -t $table -A $chain $rule (line $lineno)"
		if complaint=$(check_row); then
			echo "ok $count - $name"
		else
			failed=$((failed + 1))
			echo "not ok $count - $name"
			printf '%s\n' "# expected: $expected" "$complaint"
		fi
	done
}

# If nothing can be listed, FAIL rows would all succeed.
"$command" -t filter -S >/dev/null || {
	echo "Bail out! $command does not work here"
	exit 1
}
while IFS= read -r line <&3; do
	lineno=$((lineno + 1))
	case $line in
	''|'#'*) ;;
	:*) chains=${line#:} ;;
	'*'*) table=${line#?} ;;
	[@%]*) eval "${line#?}" </dev/null || echo "# line $lineno failed: $line" ;;
	*)
		if [ -z "$chains" ]; then
			echo "Bail out! line $lineno has no chain"
			exit 1
		fi
		run_row
		;;
	esac
done 3<"$file"
echo "1..$count"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
