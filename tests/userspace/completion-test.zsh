#!/bin/zsh -f
# SPDX-License-Identifier: GPL-2.0-only
# completion-test.zsh: what Tab offers after ctid in zsh. What zsh's own completion
# does is made up, and so are the containers: it says what it is asked for. Prints TAP.
completion=${0:a:h:h:h}/userspace/ctid/completion.zsh
count=0
failed=0

compadd() {
	case $1 in
	-a) offered+=("${(@P)2}") ;;
	-S) offered+=("${@[4,-1]}") ;;
	*) offered+=("${@[2,-1]}") ;;
	esac
}
compset() { [[ $PREFIX == /* ]]; }
_path_files() { offered+=(CGROUPS); }
_files() { offered+=(FILES); }
_users() { offered+=(USERS); }
_groups() { offered+=(GROUPS); }
_pids() { offered+=(PIDS); }
_normal() { offered+=("COMMAND:$words"); }
_call_program() { shift; "$@"; }
ctid() {
	case $1 in
	help) print 'Usage:\n  ctid add ID [NAME]\n  ctid list [--json]\n' ;;
	list) print 'ID NAME CGROUPS\n7 web /x\n8 - /y\n9 $(touch /tmp/ran) /z' ;;
	esac
}

# expect WANT WORD...: the last word is being completed.
expect() {
	local want=$1
	shift
	words=(ctid "$@")
	CURRENT=$#words
	PREFIX=$words[-1]
	offered=()
	source "$completion"
	(( count++ ))
	if [[ "$offered" == "$want" ]]; then
		print "ok $count - ctid $*"
	else
		(( failed++ ))
		print "not ok $count - ctid $*\n# have: $offered\n# want: $want"
	fi
}

all="add list"
expect "$all" ""
expect "$all" help ""
expect "--json --help --version" -
expect "$all" --json ""
expect '7 web 8 9 $(touch' bind ""
expect "self /" bind web ""
expect "self CGROUPS" bind web /
expect "self /" bind web /a ""
expect "/" unbind web ""
expect "7 web 8 9 \$(touch /" unbind ""
expect "self PIDS CGROUPS" of /a
expect "--json --help" list -
expect "--rule --json --help" watch -
expect "--for --svg --json --help" graph -
expect "--cgroup --classify --help --" exec -
expect "/" exec web --cgroup ""
expect "mark priority classid flow" set web ""
expect "fixed free" set web flow ""
expect "user group exe session-leader group-leader self PIDS" classify ""
expect "GROUPS" classify user root group ""
expect "7 web 8 9 \$(touch" exec ""
expect "COMMAND:ls -" exec web -- ls -
expect "connect bind accept" permit web ""
expect "tcp udp udplite sctp dccp icmp icmpv6 any" permit web bind ""
expect "default flush audit enforce" policy web ""
expect "FILES" load ""
expect "FILES" policy-save ""
expect "inet ip ip6" nftset add web ""
expect "goto" nftset add web inet tenants sets ""
expect "" nftset list ""
print "1..$count"
[[ ! -e /tmp/ran ]] && (( failed == 0 ))
