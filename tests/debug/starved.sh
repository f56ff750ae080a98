#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# vm: -a slub_debug=A,skbuff_head_cache -t 950
# As faults.sh: what is not asked for by who makes a call, but by a softirq or a worker, for
# event packets and for who is told of events and changes; what a new network namespace
# and a module that comes need; and modules that go, which is not to fail. It is run in
# the directory above.
. ./lib.sh
# shellcheck source=fault.inc
. debug/fault.inc
container denied 7 /denied
faulty slabs N 20
fault_module=/usr/libexec/container-tests/hookfault.ko
in_denied_connects() {
	check "$1" "$2" in_denied socket tcp4 connect 127.0.0.1:80 socket tcp6 connect '[::1]:81'
}

# --- removed, while nothing is there yet that uses them
set_up modprobe -a iptable_sock sock_dev sock_watch
for module in sock_watch sock_dev iptable_sock; do
	fault removed-$module
done
set_up modprobe -r sock_tables
fault removed-sock_hooks
fault flow-first

# --- told, or that something is missed
set_up modprobe -a iptable_sock ip6table_sock sock_dev sock_watch xt_SOCKERR nf_tables
fault reap
fault unwatch
for family in iptables ip6tables; do
	rule $family connect OUTPUT -m container --id denied -j DROP
done
fault told
fault watched-nf_dup_ipv4
flush
fault fix

# --- a copy for who sniffs; then the table keeps the packet before the device is asked
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
server sockcall socket tcp6 reuseaddr bind '[::1]:81' listen serve
in_denied_connects "without a rule" "connect ok
connect ok"
devices
nft_load <<'END'
table inet t {
	chain c { type filter hook ingress device "connect" priority 0; meta mark 7 drop; }
}
END
fault sniffed
set_up insmod $fault_module keep=1
fault refills
set_up nft flush ruleset
in_denied_connects "and without it again" "connect ok
connect ok"

# --- accepts, in softirqs. Of what a device is asked the packet is there for the next event.
for event in connect bind accept; do
	set_up ip link del $event
done
for family in iptables ip6tables; do
	rule $family accept INPUT -m container --id denied -j SOCKERR --errno EACCES
done
fault accepts
flush
set_up rmmod hookfault

fault netns
finish
