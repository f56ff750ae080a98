#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Everything at once: containers, cgroups, rules, tables, devices, network namespaces and
# modules come and go while sockets are used. Each caller knows which answers there may
# be (stormcall.c). STORM_SECONDS: how long; "make storm" takes ten minutes. It is run in
# the directory above.
#
# Not one of the tests that each commit has to pass: the code of the kernel is patched
# all the time, and an emulated processor was seen to execute for ever a breakpoint that
# is not there any more, outside of what is ours.
. ./lib.sh
. storm/rounds.inc
. storm/leaks.inc

seconds=${STORM_SECONDS:-16}
front="sock_watch sock_dev iptable_sock ip6table_sock sock_tables xt_SOCKERR xt_container"
back="sock_hooks sock_event container_id"
go=$tmp/go
# How often each call has to be made: an emulated machine does some times that.
least=$((seconds / 4 / ${SLOW:-1}))
[ $least -ge 1 ] || least=1
echo '0 100000' >/proc/sys/net/ipv4/ping_group_range
# Closed sockets that get no answer give up soon.
sysctl -q net.ipv4.tcp_fin_timeout=1 net.ipv4.tcp_syn_retries=2 net.ipv4.tcp_synack_retries=2 \
	net.ipv4.tcp_orphan_retries=1
# A protocol whose module is there has to be.
for name in sctp smc dccp_ipv4 dccp_ipv6 l2tp_ip l2tp_ip6; do
	! modinfo -n $name >/dev/null 2>&1 || set_up modprobe $name
done
for name in denied mute free either served; do
	set_up mkdir $cgroups/$name
done
: >"$tmp/gone"

set_up rmmod xt_container container_id
# The kernel keeps the memory of the last namespace that went.
set_up sh -c 'ip netns add left && ip netns del left'
things >"$tmp/things.before"

# load: all modules, and what is registered with them.
load() {
	modprobe -a iptable_sock ip6table_sock xt_container xt_SOCKERR sock_dev &&
		register && make_links
}
register() {
	local id
	# What has stayed is there already.
	! ctid show 20 >/dev/null 2>&1 || return 0
	for id in 20 21 30 40 50 51 60; do ctid add $id || return; done
	ctid bind 20 /denied && ctid bind 30 /mute && ctid bind 40 /free && ctid bind 50 /either &&
		ctid bind 60 /served
}
# unload MODULE...: without rules all of them can go.
unload() {
	restore no_tables || not_ok "tables flushed"
	nft delete table inet storm 2>/dev/null
	del_links || not_ok "devices removed"
	rmmod "$@" 2>/dev/null
	[ -z "$(loaded "$@")" ] || not_ok "the modules go" "$(lsmod)"
}
# loaded MODULE...: those of them that are.
loaded() {
	lsmod | awk '{ print $1 }' | grep -xE "$(IFS='|'; echo "$*")"
}
# serve, end_server: it keeps what it accepts.
serve() {
	server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
}
end_server() {
	# shellcheck disable=SC2086 # words
	{ kill $servers && wait $servers; } 2>/dev/null
	servers=
}
# call NAME ROLE [HOLDS]: in that cgroup, until the storm is over.
callers=
call() {
	stormcall "$cgroups/$1" "$2" "$go" "${@:3}" >"$tmp/$1.calls" 2>&1 &
	callers="$callers $!"
}
# answers NAME: the number of wrong ones, and the first of them.
answers() {
	tail -n 1 "$tmp/$1.calls" | grep -o '[0-9]* wrong$' || tail -n 3 "$tmp/$1.calls"
	grep -m 5 '^wrong' "$tmp/$1.calls"
}
# number NAME WORDS: what stands behind these words.
number() {
	sed -n "s/^$2 //p" "$tmp/$1.calls"
}
# all_wrong CGROUP ROLE: each call of a round is one that the role does not allow.
all_wrong() {
	local last
	stormcall "$cgroups/$1" "$2" "$go" >"$tmp/once" 2>&1
	last=$(tail -n 1 "$tmp/once")
	[[ $last =~ ^([1-9][0-9]*)\ calls,\ ([0-9]+)\ wrong$ ]] &&
		[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] || { cat "$tmp/once"; false; }
}

# --- the checker, and what was there before the storm
serve
set_up load
true_that "without rules, each call of 'denied' is found to be wrong" all_wrong denied denied
sed -n 's/^skip: //p' "$tmp/once" >"$tmp/skips"
true_that "and each accept of 'mute'" all_wrong mute mute
sed -n 's/^skip: //p' "$tmp/once" >>"$tmp/skips"
set_up restore tables
true_that "with them, each call of 'free'" all_wrong denied free
set_up iptables-legacy -t accept -A INPUT -m container --id 60 -j DROP
set_up ip6tables-legacy -t accept -A INPUT -m container --id 60 -j DROP
true_that "and each accept of 'served'" all_wrong served served
while IFS= read -r line; do
	skip "${line%%: *}" "${line#*: }"
done <"$tmp/skips"
set_up restore tables
set_up turn_rules
for watchers in 0 1; do
	check "who watches learns of its end, way $watchers" "" turn_watchers
done
watchers=0
# shellcheck disable=SC2086 # words
unload $front $back
end_server
check "of what that took nothing is left" "" settles
ip netns add left && mkdir $cgroups/left && exec {left}<>/dev/udp/127.0.0.1/9
like_before >"$tmp/left"
for name in "network namespaces" "cgroups, nr_descendants" sockets "sockets of protocol UDP"; do
	has "what is left is noticed: $name" "$name: " cat "$tmp/left"
done
ip netns del left && rmdir $cgroups/left && exec {left}>&-
check "and when it goes" "" settles
slabs >"$tmp/slabs.before"
hold_memory 3000
slabs >"$tmp/slabs"
true_that "memory that is left is noticed" test "$(most_grown)" -ge 2000
give_memory

# --- the storm
serve
set_up load
set_up restore tables
: >"$tmp/taken"
loops="rules bindings cgroups others_rules devices namespaces watchers"
touch "$go"
for name in denied free either mute served; do
	call $name $name
done
for name in $loops; do
	looping "$name" &
	callers="$callers $!"
done
read -rt "$seconds" -u "$nothing"
rm "$go"
# shellcheck disable=SC2086 # words
wait $callers
for name in denied free either mute served; do
	check "calls of the role '$name': each answer is one that may be" "0 wrong" answers $name
	true_that "and they were many: $(tail -n 1 "$tmp/$name.calls")" \
		test "$(tail -n 1 "$tmp/$name.calls" | cut -d' ' -f1)" -ge 50
	true_that "each that this kernel has: at least $(number $name 'each at least') times" \
		test "$(number $name 'each at least')" -ge $least
done
true_that "the role 'either' was denied at times" grep -q EPERM "$tmp/either.calls"
true_that "and at others not" grep -q ': ok' "$tmp/either.calls"
echo "# served: $(number served 'asked again') requests were sent again"
for name in $loops; do
	check "no round of '$name' failed: $(cat "$tmp/$name.rounds")" "" head -n 5 "$tmp/$name.out"
	true_that "and there were some" test "$(cat "$tmp/$name.rounds")" -ge 1
done
for name in $front; do
	n=$(grep -cx "$name" "$tmp/taken")
	true_that "meanwhile $name went and came back: $n times" test "$n" -ge 1
done
check "the bindings are those of the beginning" "/denied /either /free /mute /served" sh -c \
	"ctid list --json | grep -o '\"path\":\"[^\"]*\"' | cut -d'\"' -f4 | sort | xargs"
# shellcheck disable=SC2086 # words
unload $front

# --- all of it goes, modules too, while calls are made. A number in $tmp/holds that is odd
# says that the rules are there.
echo 0 >"$tmp/holds"
touch "$go"
callers=
call denied denied "$tmp/holds"
call free free
call either either
call served served
rounds=0
begun=$SECONDS
while [ $rounds -lt 2 ] || [ $((SECONDS - begun)) -lt $((seconds / 4)) ]; do
	set_up load
	set_up restore tables
	echo $((rounds * 2 + 1)) >"$tmp/holds"
	set_up devices
	set_up restore no_tables
	echo $((rounds * 2 + 2)) >"$tmp/holds"
	# What has the hook points takes long to go.
	# shellcheck disable=SC2086 # words
	if [ $((rounds % 4)) -eq 1 ]; then unload $front $back; else unload $front; fi
	rounds=$((rounds + 1))
done
rm "$go"
# shellcheck disable=SC2086 # words
wait $callers
for name in denied free either served; do
	check "modules come and go $rounds times: calls in /$name end as without, or denied" "0 wrong" \
		answers $name
done
n=$(number denied 'must be denied')
true_that "while the rules were there, denied: $n" test "$n" -ge 50
true_that "else some passed" grep -q ': ok' "$tmp/denied.calls"

# --- and nothing is left
end_server
# shellcheck disable=SC2086 # words
rmmod $front $back 2>/dev/null
# shellcheck disable=SC2086 # words
check "no module is in use" "" loaded $front $back
check "what was not there before is gone" "" settles
# What is left once for each binding, cgroup, device, namespace or load of rules and modules is
# thousands; hundreds may be the kernel's own.
n=2000
if [ -e /sys/kernel/debug/kmemleak ]; then
	skip "no memory is left" "kmemleak looks for it here"
else
	slabs >"$tmp/slabs"
	grown | head -n 5 | sed 's/^/# more objects: /'
	true_that "no memory is left: less than $n objects of a kind" test "$(most_grown)" -lt $n
fi
finish
