#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ctid-usage.sh CTID: exit status and words for what is typed wrong. Needs no
# kernel module: none of it gets that far. Prints TAP.
set -u
ctid=$1
count=0
failed=0

name() { printf 'ctid %s' "$*" | tr '\n' ' '; }

# expect STATUS WORDS ARGUMENT...
expect() {
	status=$1
	words=$2
	shift 2
	count=$((count + 1))
	have=$("$ctid" "$@" 2>&1)
	got=$?
	case $have in
	*"$words"*) found=1 ;;
	*) found=0 ;;
	esac
	if [ "$got" -eq "$status" ] && [ "$found" -eq 1 ]; then
		echo "ok $count - $(name "$@")"
	else
		failed=$((failed + 1))
		echo "not ok $count - $(name "$@")"
		echo "# status $got, not $status, or no \"$words\" in:"
		printf '%s\n' "$have" | sed 's/^/# /'
	fi
}

expect 2 "Usage: ctid"
expect 0 "Usage: ctid" help
expect 0 "Usage: ctid" -h
expect 0 "Usage: ctid" --help
expect 0 "ctid " -V
expect 0 "ctid " --version
expect 0 "Usage: ctid add ID [NAME]" help add
expect 0 "Usage: ctid add ID [NAME]" add --help
expect 2 'no command "frob"' frob
expect 2 'no command "frob"' help frob
expect 2 'no command "a\012b"' 'a
b'
expect 2 'no option "--frob"' --frob
expect 2 'no option "-x"' -x list
expect 2 'no option "-x"' -xj list
expect 2 'no option "-x"' --json -xj list
expect 2 'no option "-x" here: usage' list --json -xj
expect 2 'no option "--json=x"' list --json=x
expect 2 'no option "--cgroup" here' --cgroup list
expect 2 "usage: ctid add ID [NAME]" add
expect 2 "usage: ctid add ID [NAME]" add 7 web more
expect 2 "usage: ctid del ID|NAME" del
expect 2 "usage: ctid rename ID|NAME NEWNAME" rename web
expect 2 "usage: ctid bind ID|NAME CGROUP|self..." bind web
expect 2 "usage: ctid set ID|NAME" set web
expect 2 "usage: ctid set ID|NAME" set web mark
expect 2 "usage: ctid unbind [ID|NAME] CGROUP..." unbind
expect 2 "usage: ctid list [--json]" list more
expect 2 "usage: ctid list [--json]" list --frob
expect 2 "usage: ctid add ID [NAME]" add --json 7
expect 2 "usage: ctid add ID [NAME]" --json add 7
expect 2 "usage: ctid exec" exec web
expect 2 "usage: ctid exec" exec web --frob ls
expect 2 "usage: ctid exec" exec web --classify ls
expect 2 "usage: ctid exec" exec --cgroup
expect 2 "usage: ctid exec" exec --classify
expect 2 "usage: ctid list [--json]" list --classify
expect 2 "usage: ctid list [--json]" list --drop-in
expect 2 'no option "--cgroup" here: usage: ctid list [--json]' list --cgroup /a
expect 2 'no option "-x" here: usage: ctid list [--json]' list -jx
expect 2 "usage: ctid list [--json]" list --follow
expect 2 "usage: ctid list [--json]" list --rule
expect 2 "usage: ctid list [--json]" list --for 10s
expect 2 "usage: ctid graph [--for TIME]" graph --nft
expect 2 "usage: ctid nftset add|del|list|sync" nftset

if [ ! -d /sys/module/container_id ] && ! modprobe -nq container_id; then
	for command in list "add 7" "bind 7 /" "exec 7 -- true" "exec 7 true -l --cgroup" monitor load; do
		# shellcheck disable=SC2086
		expect 1 "'modprobe container_id' says why not" $command
	done
fi
echo "1..$count"
[ "$failed" -eq 0 ]
