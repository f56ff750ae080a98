#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# completion-test.sh: what Tab offers after ctid. Needs no kernel module: the
# cgroups and the containers are made up. Prints TAP.
set -u
# shellcheck disable=SC1091
. "$(dirname "$0")/../../userspace/ctid/completion.bash"
count=0
failed=0
scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT

_ctid_cgroups() {
	printf '%s\n' /a.slice "/b c" "/\$(touch $scratch/ran)" "/\`touch $scratch/ran\`"
}
_ctid_containers() { printf '%s\n' 7 web; }
# "-o default": names of files.
compopt() { [ "$*" != "-o default" ] || COMPREPLY=(FILES); }

# expect WANT WORD...: the last word is being completed.
expect() {
	local want=$1 have
	shift
	COMP_WORDS=(ctid "$@")
	COMP_CWORD=$#
	_ctid
	have="${COMPREPLY[*]}"
	count=$((count + 1))
	if [ "$have" = "$want" ]; then
		echo "ok $count - ctid $*"
	else
		failed=$((failed + 1))
		printf 'not ok %d - ctid %s\n# have: %s\n# want: %s\n' \
			"$count" "$*" "$have" "$want"
	fi
}

expect "list load learn" l
expect "--json" --j
expect "web" show w
expect "7 web" bind ""
expect "7 web /" unbind ""
expect "/ self" bind web ""
expect "web" set w
expect "mark priority classid flow" set web ""
expect "classid" set web mark 1 c
expect "none" set web mark n
expect "fixed free" set web mark 1 flow ""
expect "/a.slice" of /a
expect "/b\\ c" bind web /b
expect "--cgroup --classify --help --" exec web --
expect "--cgroup" exec web --cg
expect "session-leader self" classify se
expect "exe" classify user 0 e
expect "FILES" save ""
expect "FILES" policy-save ""
expect "root" classify user roo
expect "--follow" classify --f
expect "--rule" watch --r
expect "--for" graph --f
expect "self" of se
expect "add del list sync" nftset ""
expect "web" nftset add w
expect "inet ip ip6" nftset del 7 i
expect "goto" nftset add 7 inet filter web_cgroups g
expect "--follow" nftset sync --f
expect "/a.slice /b\\ c /\\\$\\(touch\\ $scratch/ran\\) /\\\`touch\\ $scratch/ran\\\`" of /
count=$((count + 1))
if [ -e "$scratch/ran" ]; then
	failed=$((failed + 1))
	echo "not ok $count - a cgroup's name is not run"
else
	echo "ok $count - a cgroup's name is not run"
fi
echo "1..$count"
[ "$failed" -eq 0 ]
