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
known=
newline='
'

# Each process takes its time where the processor is emulated, and there are many
# rows: what the shell can do by itself, it does.

# save: the whole table into $raw, and into $saved without what changes by itself.
save() {
	raw=$("$command-save" -t "$table" 2>/dev/null)
	saved=
	while IFS= read -r text; do
		case $text in
		'#'*) continue ;;
		*' ['[0-9]*:*[0-9]']') text=${text% \[*} ;;
		esac
		saved=$saved$text$newline
	done <<-RAW
		$raw
	RAW
}

# try OPTION RULE: OPTION is -A or -D. To be called in a shell of its own.
try() {
	# The row is written like a shell command.
	eval "exec \"\$command\" -t \"\$table\" $1 \"\$chain\" $2" 2>&1 </dev/null
}

wrong() {
	complaint=$complaint${complaint:+$newline}$(echo "# $*" | sed '2,$s/^/#   /')
	return 1
}

# expect: into $expected
expect() {
	if [ -z "$scope" ] || [ "$scope" = "$variant" ]; then
		expected=$result
	elif [ -n "$other" ]; then
		expected=$other
	elif [ "$result" = OK ]; then
		expected=FAIL
	else
		expected=OK
	fi
}

# count_lines TEXT: into $lines. What iptables adds to any complaint is not the
# extension's.
count_lines() {
	lines=0
	while IFS= read -r text; do
		case $text in
		'' | 'Try `iptables'* | 'Try `ip6tables'*) ;;
		'Perhaps iptables or your kernel'*) ;;
		'Perhaps ip6tables or your kernel'*) ;;
		*) lines=$((lines + 1)) ;;
		esac
	done <<-TEXT
		$1
	TEXT
}

check_refused() {
	[ "$status" -ne 0 ] || {
		output=$(try -D "$rule")
		wrong "was accepted"
		return
	}
	[ "$status" -lt 128 ] || wrong "died: status $status" || return
	save
	[ "$saved" = "$before" ] || wrong "changed the table" || return
	count_lines "$output"
	[ "$lines" -eq 1 ] || wrong "not one line: $output"
}

check_restore() {
	save
	after=$saved
	printf '%s\n' "$raw" | "$command-restore" ||
		wrong "cannot restore what was saved: $after" || return
	save
	[ "$saved" = "$after" ] || wrong "restored as: $saved"
}

check_accepted() {
	[ "$status" -eq 0 ] || wrong "was refused: $output" || return
	[ "$want" = "=" ] && want=$rule
	good=0
	listed=$("$command" -t "$table" -S "$chain")
	case $newline$listed$newline in
	*"$newline-A $chain $want$newline"*)
		[ "$expected" = OK ] || wrong "is listed as written" || good=1
		;;
	*)
		[ "$expected" = NOMATCH ] || wrong "is listed as: $listed" || good=1
		;;
	esac
	[ "$expected" = NOMATCH ] || check_restore || good=1
	output=$(try -D "$rule") || wrong "cannot be deleted: $output" || good=1
	save
	[ "$saved" = "$before" ] || wrong "-D leaves: $saved" || good=1
	return "$good"
}

# What a good row leaves is what is there before the next one.
check_row() {
	[ -n "$known" ] || save
	known=
	before=$saved
	complaint=
	output=$(try -A "$rule")
	status=$?
	if [ "$expected" = FAIL ]; then
		check_refused || return
	else
		check_accepted || return
	fi
	known=1
}

run_row() {
	IFS=';' read -r rule want result scope other <<-ROW
		$line
	ROW
	expect
	for chain in $chains; do
		count=$((count + 1))
		name="$command -t $table -A $chain $rule (line $lineno)"
		if check_row; then
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
	:*) chains=$(echo "${line#:}" | tr , ' ') ;;
	'*'*)
		table=${line#?}
		known=
		;;
	[@%]*)
		known=
		eval "${line#?}" </dev/null || echo "# line $lineno failed: $line"
		;;
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
