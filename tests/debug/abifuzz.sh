#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# Inputs that nobody would think of, for all of the kernel's ABI that is ours: netlink
# requests, tables of iptables, rules of nft, and socket calls, of which none may succeed
# that is denied. The log says whether the kernel minded (see vm/log-check). FUZZ_INPUTS
# is how many requests are made; there are half as many socket calls, each made twice, a
# thirty-second as many tables, which take longer, and fewer chains. FUZZ_SEED is what all
# inputs come of. It is run in the directory above; "make fuzz-kernel" takes millions.
. ./lib.sh
modprobe -a iptable_sock ip6table_sock sock_dev sock_watch xt_SOCKERR
modprobe -qa sctp l2tp_ip l2tp_ip6 nf_tables vsock_loopback 2>/dev/null
inputs=${FUZZ_INPUTS:-20000}
seed=${FUZZ_SEED:-1}
[ "$inputs" -ge 20000 ] || bail_out "FUZZ_INPUTS is 20000, or more"
calls=$((inputs / 4)) tables=$((inputs / 64)) chains=$((inputs / 256))
sysctl -qw net.ipv4.ping_group_range="0 0"
mkdir -p "$cgroups/free" "$cgroups/fuzz-a/b"
container denied 7 /denied
registry=$(ctid list --json)

# fuzz NAME COUNT COMMAND...: it must end well, and say that it made so many inputs.
fuzz() {
	local name=$1 count=$2
	shift 2
	if ! "$@" >"$tmp/out" 2>&1 </dev/null; then
		not_ok "$name" "$(head -n 20 "$tmp/out")"
	elif ! grep -q ": $count inputs " "$tmp/out"; then
		not_ok "$name: they are not $count" "$(tail -n 3 "$tmp/out")"
	else
		ok "$name"
	fi
	sed 's/^/# /' "$tmp/out" | tail -n 1
}
# In a network namespace of its own: what it makes and removes judges nobody else.
apart() {
	unshare -n sh -c 'ip link set lo up && exec "$@"' apart "$@"
}

for family in iptables ip6tables; do
	rule $family connect OUTPUT -m container --id denied -j DROP
	rule $family bind INPUT -m container --id denied -j DROP
done
fuzz "socket calls, denied by iptables" "$calls" \
	abifuzz calls "$seed" "$calls" 0 $cgroups/free $cgroups/denied
flush

devices
nft_load <<'END'
table inet t {
	chain connect { type filter hook ingress device "connect" priority 0; meta mark 7 drop; }
	chain bind { type filter hook ingress device "bind" priority 0; meta mark 7 reject; }
}
END
fuzz "socket calls, denied by nft" "$calls" \
	abifuzz calls "$((seed + 1))" "$calls" 0 $cgroups/free $cgroups/denied
set_up nft flush ruleset
# With nothing that denies, the calls that went through are no finding of the fuzzer's.
fails "which would notice" "was not denied" \
	abifuzz calls "$((seed + 1))" 2000 0 $cgroups/free $cgroups/denied

fuzz "netlink requests" "$inputs" apart abifuzz genl "$seed" "$inputs"
fuzz "tables of iptables" "$tables" apart abifuzz table4 "$seed" "$tables"
fuzz "tables of ip6tables" "$tables" apart abifuzz table6 "$seed" "$tables"
# shellcheck disable=SC2016
fuzz "chains of nft" "$chains" apart sh -c 'for event in connect bind accept; do
		ip link add $event type sock$event && ip link set $event up || exit; done
	exec "$@"' nft abifuzz nft "$seed" "$chains"

check "of which this registry has seen nothing" "$registry" ctid list --json
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
check "and calls still pass" "connect ok" in_denied socket tcp4 connect 127.0.0.1:80
rule iptables connect OUTPUT -m container --id denied -j DROP
check "or do not" "connect EPERM" in_denied socket tcp4 connect 127.0.0.1:80
finish
