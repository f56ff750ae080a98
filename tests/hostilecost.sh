#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm forky
# A tenant's rules cost his calls, and no one else's: neither the host's, be it in his
# cgroup, nor another tenant's. In instructions, which the VM counts (see lookup.sh).
# vm: -i -t 1200
. ./lib.sh
modprobe -a iptable_sock sock_dev

container web 7
rule iptables connect OUTPUT -m container --id 8 -j DROP
devices
nft_load <<'X'
table inet t {
	chain c {
		type filter hook ingress device "connect" priority 0
		meta mark 8 drop
	}
}
X
tenant a 1000 /a
tenant b 1001 /b
rules() {
	echo '*connect'
	for ((i = 0; i < $1; i++)); do echo "-A OUTPUT -m container --id $((i + 10)) -j DROP"; done
	echo COMMIT
}
# chain FIRST LAST: a user may not send much at once.
chain() {
	echo 'add table inet t'
	echo 'add chain inet t c { type filter hook ingress device "connect" priority 0; }'
	for ((i = $1; i <= $2; i++)); do echo "add rule inet t c meta mark $((i + 10)) drop"; done
}
for name in a b; do
	set_up as_$name /$name sh -c "ctid add 3 && ctid bind 3 /$name &&
		ip link add connect type sockconnect && ip link set connect up"
	rules 1 >"$tmp/rules"
	chain 1 1 >"$tmp/chain"
	set_up as_$name /$name iptables-legacy-restore "$tmp/rules"
	set_up as_$name /$name nft -f "$tmp/chain"
done

# The kernel settles; this takes no real time.
settle() { sleep 8; }
# cost N COMMAND...: of one of N connects, the middle one of five such figures: a few
# instructions more or less are an interrupt's.
cost() {
	local n=$1
	shift
	for _ in 1 2 3 4 5; do "$@" sockcall socket udp4 cost "$n" 127.0.0.1:9; done | sort -n | sed -n 3p
}
measure() {
	settle
	host=$(cost 1000 inside /web)
	guest=$(cost 1000 inside /a)
	other=$(cost 1000 as_b /b)
	own=$(cost 100 as_a /a)
}
# same_cost NAME BEFORE AFTER
same_cost() {
	true_that "$1: $2 instructions before, $3 after" \
		test "$2" -gt 100 -a "$3" -le $(($2 * 101 / 100)) -a "$3" -ge $(($2 * 99 / 100))
}
measure
host0=$host guest0=$guest other0=$other own0=$own
rules 5000 >"$tmp/rules"
set_up as_a /a iptables-legacy-restore "$tmp/rules"
for ((first = 2; first < 5000; first += 250)); do
	chain $first $((first + 249)) >"$tmp/chain"
	set_up as_a /a nft -f "$tmp/chain"
done
measure
true_that "a connect of who has 10000 rules: $own0 before, $own after" test "$own" -gt $((own0 * 20))
same_cost "one of the host's" "$host0" "$host"
same_cost "one of the host's in his cgroup" "$guest0" "$guest"
same_cost "one of another tenant's" "$other0" "$other"
finish
