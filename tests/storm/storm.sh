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

seconds=${STORM_SECONDS:-16}
mods="sock_watch sock_dev iptable_sock ip6table_sock sock_tables sock_hooks sock_event xt_SOCKERR xt_container container_id"
go=$tmp/go
echo '0 100000' >/proc/sys/net/ipv4/ping_group_range
modprobe -qa sctp

# Denied at all times are 20 and 21, and requests to 30: by tables or by devices, and
# each replaces the other before that goes. 40 no rule is about; 50 and 51 some are, at
# times.
tables() {
	printf '%s\n' \
		'*connect' ':OUTPUT ACCEPT' '-A OUTPUT -m container --id 20-21 -j DROP' COMMIT \
		'*bind' ':INPUT ACCEPT' '-A INPUT -m container --id 20-21 -j DROP' COMMIT \
		'*accept' ':INPUT ACCEPT' '-A INPUT -m container --id 30 -j DROP' COMMIT
}
no_tables() {
	printf '%s\n' '*connect' ':OUTPUT ACCEPT' COMMIT '*bind' ':INPUT ACCEPT' COMMIT \
		'*accept' ':INPUT ACCEPT' COMMIT
}
# restore RULES: in both families.
restore() {
	"$1" >"$tmp/$1.rules" && iptables-legacy-restore -w <"$tmp/$1.rules" &&
		ip6tables-legacy-restore -w <"$tmp/$1.rules"
}
# The first two lines do no harm to a table that is there, and the third ends it.
devices() {
	nft -f - <<-'EOF'
	table inet storm
	delete table inet storm
	table inet storm {
		chain on_connect {
			type filter hook ingress device "storm-c" priority filter
			meta mark { 20, 21 } drop
		}
		chain on_bind {
			type filter hook ingress device "storm-b" priority filter
			meta mark { 20, 21 } drop
		}
		chain on_accept {
			type filter hook ingress device "storm-a" priority filter
			meta mark { 30 } drop
		}
	}
	EOF
}
no_devices() {
	nft delete table inet storm
}

register() {
	ctid add 20 && ctid add 21 && ctid add 30 && ctid add 40 && ctid add 50 && ctid add 51 &&
		ctid bind 20 /denied && ctid bind 30 /mute && ctid bind 40 /free && ctid bind 50 /either &&
		ip link add storm-c type sockconnect && ip link add storm-b type sockbind &&
		ip link add storm-a type sockaccept && ip link set storm-c up &&
		ip link set storm-b up && ip link set storm-a up
}
for name in denied mute free either; do
	set_up mkdir $cgroups/$name
done

# --- what changes. Each of these is a round of a loop; one that fails is told.
turn_rules() {
	devices && restore no_tables && devices && restore tables && no_devices && restore tables
}
turn_bindings() {
	python3 - "$cgroups" <<-'P'
	import os, sys
	sys.path.insert(0, ".")
	import genl
	family = genl.Family()
	fds = [os.open(f"{sys.argv[1]}/{name}", os.O_PATH) for name in ("denied", "either")]
	for i in range(200):
	    for fd, first in zip(fds, (20, 50)):
	        error, text = family.call(genl.CMDS["bind"], genl.bind_attrs(first + i % 2, fd) +
	                                  genl.attr(13, genl.u32(0)))
	        if error and error != 17:  # EEXIST: it had it
	            sys.exit(f"bind: {error} {text}")
	P
}
turn_cgroups() {
	local inner=/denied/n$RANDOM
	mkdir $cgroups$inner || return
	denied_there "$inner" && ctid bind 21 "$inner" && denied_there "$inner" &&
		ctid rebind 20 "$inner" && ctid unbind "$inner" && denied_there "$inner" &&
		ctid bind 20 "$inner" && rmdir "$cgroups$inner"
}
denied_there() {
	local answer
	answer=$(sockcall cgroup "$1" socket udp4 connect 127.0.0.1:9 socket tcp6 bind '[::]:0')
	[ "$answer" = $'connect EPERM\nbind EPERM' ] || echo "wrong: below /denied: $answer"
}
turn_others_rules() {
	iptables-legacy -w -t connect -A OUTPUT -m container --id 50 -j DROP &&
		ip6tables-legacy -w -t bind -A INPUT -m container --id 51 -j SOCKERR --errno EPERM &&
		ctid permit 50 connect udp 127.0.0.1:9 && ctid set 50 mark 5 priority 3 flow fixed &&
		ctid policy 50 default accept connect && ctid set 50 mark none priority none flow free &&
		ctid policy-flush
	# A restored table has them not.
	iptables-legacy -w -t connect -D OUTPUT -m container --id 50 -j DROP 2>/dev/null
	ip6tables-legacy -w -t bind -D INPUT -m container --id 51 -j SOCKERR --errno EPERM 2>/dev/null
	true
}
turn_devices() {
	ip link add storm-x type sockbind && ip link set storm-x up &&
		nft 'add table inet x; add chain inet x c { type filter hook ingress device "storm-x" priority 5; }
			add rule inet x c meta mark 50 drop' &&
		ip link del storm-x && nft delete table inet x
}
turn_namespaces() {
	ip netns add storm && nsenter --net=/run/netns/storm sh -c '
		ip link set lo up && ip link add ev type sockconnect && ip link set ev up &&
		ctid add 3 three && ctid bind three /either &&
		XTABLES_LOCKFILE=/run/storm.lock iptables-legacy -w -t connect -A OUTPUT -m container --id 3 -j DROP &&
		sockcall cgroup /either socket udp4 connect 127.0.0.1:9' >"$tmp/inner" &&
		{ grep -qx "connect EPERM" "$tmp/inner" || echo "wrong: in a namespace: $(cat "$tmp/inner")"; } &&
		ip netns del storm
}
turn_watchers() {
	ctid list >/dev/null && ctid sockets >/dev/null &&
		{ timeout -s INT 0.5 ctid watch >/dev/null 2>&1; true; } &&
		rmmod sock_watch 2>/dev/null
	true
}

# looping NAME: repeats a round while the storm goes on.
looping() {
	local n=0
	while [ -e "$go" ]; do
		"turn_$1" >>"$tmp/$1.out" 2>&1 || echo "failed" >>"$tmp/$1.out"
		n=$((n + 1))
	done
	echo "$n" >"$tmp/$1.rounds"
}
callers=

# --- the storm
set_up modprobe -a iptable_sock ip6table_sock xt_container xt_SOCKERR sock_dev
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
set_up register
set_up restore tables
loops="rules bindings cgroups others_rules devices namespaces watchers"
touch "$go"
for name in denied free either mute; do
	stormcall "$cgroups/$name" $name "$go" >"$tmp/$name.calls" 2>&1 &
	callers="$callers $!"
done
for name in $loops; do
	looping "$name" &
	callers="$callers $!"
done
read -rt "$seconds" -u "$nothing"
rm "$go"
# shellcheck disable=SC2086 # words
wait $callers
for name in denied free either mute; do
	check "calls of the role '$name': each answer is one that may be" "0 wrong" \
		sh -c "grep -o '[0-9]* wrong\$' $tmp/$name.calls; grep -m 5 '^wrong' $tmp/$name.calls"
	true_that "and they were many: $(tail -n 1 "$tmp/$name.calls")" \
		test "$(tail -n 1 "$tmp/$name.calls" | cut -d' ' -f1)" -ge 50
done
true_that "the role 'either' was denied at times" grep -q EPERM "$tmp/either.calls"
true_that "and at others not" grep -q ': ok' "$tmp/either.calls"
for name in $loops; do
	check "no round of '$name' failed: $(cat "$tmp/$name.rounds")" "" head -n 5 "$tmp/$name.out"
	true_that "and there were some" test "$(cat "$tmp/$name.rounds")" -ge 1
done
check "the bindings are those of the beginning" "/denied /either /free /mute" sh -c \
	"ctid list --json | grep -o '\"path\":\"[^\"]*\"' | cut -d'\"' -f4 | sort | xargs"

# --- all of it goes, modules too, while calls are made
touch "$go"
callers=
for name in denied free either; do
	stormcall "$cgroups/$name" either "$go" >"$tmp/$name.calls" 2>&1 &
	callers="$callers $!"
done
rounds=0
begun=$SECONDS
while [ $rounds -lt 2 ] || [ $((SECONDS - begun)) -lt $((seconds / 4)) ]; do
	rounds=$((rounds + 1))
	restore no_tables || not_ok "tables flushed"
	nft delete table inet storm 2>/dev/null
	for device in storm-c storm-b storm-a; do ip link del $device || not_ok "$device removed"; done
	# shellcheck disable=SC2086 # words
	rmmod $mods 2>/dev/null
	if lsmod | grep -qE '^(sock_|iptable_sock|ip6table_sock|xt_container|xt_SOCKERR|container_id)'; then
		not_ok "the modules go" "$(lsmod)"
	fi
	set_up modprobe -a iptable_sock ip6table_sock xt_container xt_SOCKERR sock_dev
	set_up register
	set_up restore tables
done
rm "$go"
# shellcheck disable=SC2086 # words
wait $callers
for name in denied free either; do
	check "modules come and go $rounds times: calls in /$name end as without, or denied" "0 wrong" \
		sh -c "grep -o '[0-9]* wrong\$' $tmp/$name.calls; grep -m 5 '^wrong' $tmp/$name.calls"
done
finish
