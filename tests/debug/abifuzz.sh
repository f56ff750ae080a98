#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# vm: -c ../kernel
# Inputs that nobody would think of, for all of the kernel's ABI that is ours: netlink
# requests, tables of iptables, rules of nft, and socket calls, alone and in sequences, of
# which none may succeed that is denied. The log says whether the kernel minded (see
# vm/log-check). What is kept of inputs (fuzz/abi/kept) goes first. FUZZ_INPUTS is how many
# requests are made; there are half as many socket calls, each made twice, a thirty-second
# as many sequences and tables, which take longer, and fewer chains. FUZZ_SEED is what all
# inputs come of. It is run in the directory above; "make fuzz-kernel" takes millions.
. ./lib.sh
. debug/abi.inc
inputs=${FUZZ_INPUTS:-20000}
seed=${FUZZ_SEED:-1}
[ "$inputs" -ge 20000 ] || bail_out "FUZZ_INPUTS is 20000, or more"
calls=$((inputs / 4)) sequences=$((inputs / 32)) tables=$((inputs / 64)) chains=$((inputs / 128))

replay
# All that is ever attached, is.
devices
registry=$(ctid list --json)
set_up ctid set denied mark 5 flow fixed
count_hits
fuzz "sequences" "$sequences" \
	abifuzz sequences "$seed" "$sequences" 0 $cgroups/free $cgroups/denied
set_up ctid set denied mark none flow free
flush
fails "which would notice" "was not denied" \
	abifuzz sequences "$seed" 200 0 $cgroups/free $cgroups/denied

for family in iptables ip6tables; do
	rule $family connect OUTPUT -m container --id denied -j DROP
	rule $family bind INPUT -m container --id denied -j DROP
done
fuzz "socket calls, denied by iptables" "$calls" \
	abifuzz calls "$seed" "$calls" 0 $cgroups/free $cgroups/denied
flush

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
fuzz "chains of nft" "$chains" apart abifuzz nft "$seed" "$chains"
echo "# $(wc -l <"$tmp/hooks") hook points"
check "each hook point was come to" "" not_hit

check "of which this registry has seen nothing" "$registry" ctid list --json
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
check "and calls still pass" "connect ok" in_denied socket tcp4 connect 127.0.0.1:80
rule iptables connect OUTPUT -m container --id denied -j DROP
check "or do not" "connect EPERM" in_denied socket tcp4 connect 127.0.0.1:80
finish
