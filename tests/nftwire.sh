#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What goes over wires when rules on event devices deny: nothing, but the reset to a
# peer that asked. And what tcpdump and tshark see on the devices: all.
. ./lib.sh

container web 7
out() { sockcall "$@"; }
modprobe -qa dummy sctp nf_dup_netdev nft_dup_netdev nft_fwd_netdev nft_queue
set_up ip link add dummy7 type dummy
set_up ip addr add 203.0.113.1/24 dev dummy7
set_up ip link set dummy7 up
ip netns add peer
set_up ip link add veth0 type veth peer name veth1 netns peer
set_up ip addr add 192.0.2.1/24 dev veth0
set_up ip -n peer addr add 192.0.2.2/24 dev veth1
set_up ip link set veth0 up
set_up ip -n peer link set veth1 up
# What IPv6 says by itself is not of interest.
for dev in veth0 dummy7; do echo 1 >/proc/sys/net/ipv6/conf/$dev/disable_ipv6; done
ip netns exec peer sh -c 'echo 1 >/proc/sys/net/ipv6/conf/veth1/disable_ipv6'
server sockcall socket tcp4 reuseaddr bind 0.0.0.0:80 listen serve
server sockcall cgroup /web socket tcp4 reuseaddr bind 0.0.0.0:8080 listen serve
server sockcall cgroup /web socket tcp6 v6only 1 reuseaddr bind '[::]:8080' listen serve
devices
nft_load <<'X'
table inet t {
	chain on_connect { type filter hook ingress device "connect" priority 0; }
	chain on_bind { type filter hook ingress device "bind" priority 0; }
	chain on_accept { type filter hook ingress device "accept" priority 0; }
}
table netdev t {
	chain on_connect { type filter hook ingress device "connect" priority 0; }
	chain on_accept { type filter hook ingress device "accept" priority 0; }
}
X
rule_on() { set_up nft "add rule ${*:2:1} t on_$1 ${*:3}"; }
clear() { nft 'flush table inet t; flush table netdev t'; }
# The first packets of a pair of addresses: no ARP later.
ping -c 1 -W 5 192.0.2.2 >/dev/null

# sniff DEVICE...: tcpdump on each, until heard DEVICE prints what it saw.
declare -A sniffers
sniff() {
	local dev
	for dev; do
		: >"$tmp/$dev.err"
		tcpdump -i "$dev" -Q inout -nn -t -l --immediate-mode >"$tmp/$dev" 2>"$tmp/$dev.err" </dev/null &
		sniffers[$dev]=$!
	done
	for dev; do
		wait_until listens "$dev" || bail_out "tcpdump: $(cat "$tmp/$dev.err")"
	done
}
listens() { [[ $(<"$tmp/$1.err") == *"listening on"* ]]; }
# An answer that a rule sends is sent before the call returns.
stop() {
	local dev
	sleep 0.2
	for dev; do kill -INT "${sniffers[$dev]}"; done
	for dev; do wait_until test ! -e "/proc/${sniffers[$dev]}/exe"; done
}
heard() {
	stop "$1"
	awk '/./ && !/ARP/' "$tmp/$1"
}
wires="lo veth0 dummy7"
# shellcheck disable=SC2086 # words
sniff_wires() { sniff $wires; }
heard_wires() {
	# shellcheck disable=SC2086 # words
	stop $wires
	# shellcheck disable=SC2086
	(cd "$tmp" && awk '/./ && !/ARP/ { print FILENAME ": " $0 }' $wires)
}

# --- the twin: the wires are heard
sniff_wires
check "a call that is not denied" "connect ok
connect ok
sendto ok" out socket tcp4 connect 127.0.0.1:80 socket tcp4 connect 192.0.2.1:80 socket udp4 sendto 203.0.113.9:9
heard_wires >"$tmp/all"
true_that "is heard on lo" grep -q "^lo: IP 127.0.0.1.* > 127.0.0.1.80: Flags \[S\]" "$tmp/all"

# --- connect and bind: nothing
# silent NAME DENIED FAMILY RULE: the calls are denied and nothing is heard.
calls() {
	in_web socket tcp4 connect 127.0.0.1:80 socket tcp4 connect 192.0.2.2:81 \
		socket udp4 sendto 203.0.113.9:9 socket tcp6 connect '[::1]:80'
	in_web socket tcp4 bind 192.0.2.1:90
}
silent() {
	local c=$2
	rule_on connect "$3" meta mark 7 "$4"
	[ "$3" = netdev ] || rule_on bind "$3" meta mark 7 "$4"
	sniff_wires
	check "$1 denies" "connect $c
connect $c
sendto $c
connect $c
bind $([ "$3" = netdev ] && echo ok || echo "$c")" calls
	check "$1 sends nothing" "" heard_wires
	clear
}
silent "reject" ECONNREFUSED inet reject
silent "reject with tcp reset" ECONNREFUSED inet "meta l4proto tcp reject with tcp reset; add rule inet t on_connect meta mark 7 reject; add rule inet t on_bind meta mark 7 reject"
silent "reject with an ICMP error" ECONNREFUSED inet "reject with icmpx host-unreachable"
silent "reject with an errno" ENETUNREACH inet "meta priority set 101 reject"
silent "drop" EPERM inet drop
silent "fwd" EPERM netdev 'fwd to "veth0"'
silent "dup and drop" EPERM netdev 'dup to "veth0" drop'
for family in inet netdev; do
	if nft add rule $family t on_connect queue num 5 2>/dev/null; then
		clear
		silent "queue, $family" EPERM $family "queue num 5"
	else
		fails "nft refuses queue, $family" "" nft add rule $family t on_connect queue num 5
	fi
done
fails "Debian's kernels have no reject in family netdev" "" nft add rule netdev t on_connect reject
rule_on connect netdev 'meta mark 7 dup to "veth0"'
sniff veth0
check "dup alone lets a call pass" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
check "and sends no copy" "" heard veth0
clear
rule_on connect netdev 'meta mark 7 fwd ip to 192.0.2.2 device "veth0"'
sniff veth0
check "fwd to a neighbour denies" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
check "and sends nothing" "" heard veth0
clear
# Since 7.2 nft makes room first, for a device that needs more than there is: one tunnel
# in another.
if modprobe -q vxlan; then
	set_up ip link add vx1 type vxlan id 1 local 192.0.2.1 remote 192.0.2.2 dstport 4789 dev veth0
	set_up ip link add vx2 type vxlan id 2 local 192.0.2.1 remote 192.0.2.2 dstport 4790 dev vx1
	for dev in vx1 vx2; do
		echo 1 >/proc/sys/net/ipv6/conf/$dev/disable_ipv6
		set_up ip link set $dev up
	done
	set_up ip neigh add 198.51.100.2 lladdr 02:00:00:00:00:02 dev vx2
	rule_on connect netdev 'meta mark 7 fwd ip to 198.51.100.2 device "vx2"'
	sniff vx2
	check "fwd to a device that needs much room denies" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
	check "and sends nothing" "" heard vx2
	clear
else
	skip "fwd to a device that needs much room" "this kernel has no vxlan"
fi

# --- accept: the reset, to who asked
ask() { out socket tcp4 connect 127.0.0.1:8080; }
ask6() { out socket tcp6 connect '[::1]:8080'; }
ask_peer() { nsenter --net=/run/netns/peer sockcall socket tcp4 connect 192.0.2.1:8080; }
strip() { sed -E 's/\.[0-9]{4,5} > / > /; s/> (\S+)\.[0-9]{4,5}: /> \1: /; s/(Flags \[[SR.]*\]).*/\1/; s/\.8080//'; }
check "without a rule a peer in another netns is accepted" "connect ok" ask_peer
check "and one here" "connect ok" ask
for verdict in reject "reject with tcp reset" "meta priority set 13 drop" "meta priority set 13 reject"; do
	rule_on accept inet meta mark 7 meta l4proto tcp "$verdict"
	sniff_wires
	check "accept, $verdict: the peer in another netns" "connect ECONNREFUSED" ask_peer
	same "accept, $verdict: its request and the reset, nothing else" \
		"veth0: IP 192.0.2.2 > 192.0.2.1: Flags [S]
veth0: IP 192.0.2.1 > 192.0.2.2: Flags [R.]" "$(heard_wires | strip)"
	sniff lo
	check "accept, $verdict: the peer here" "connect ECONNREFUSED" ask
	check "accept, $verdict: IPv6" "connect ECONNREFUSED" ask6
	same "accept, $verdict: their requests and resets, nothing else" \
		"IP 127.0.0.1 > 127.0.0.1: Flags [S]
IP 127.0.0.1 > 127.0.0.1: Flags [R.]
IP6 ::1 > ::1: Flags [S]
IP6 ::1 > ::1: Flags [R.]" "$(heard lo | strip | uniq)"
	clear
done
for deny in "inet drop" "netdev fwd to \"veth0\"" "netdev fwd to \"dummy7\""; do
	# shellcheck disable=SC2086 # words
	rule_on accept ${deny%% *} meta mark 7 "${deny#* }"
	sniff_wires
	check "accept, ${deny#* }: no answer" "connect ETIMEDOUT" ask_peer
	same "accept, ${deny#* }: nothing but requests" "veth0: IP 192.0.2.2 > 192.0.2.1: Flags [S]" \
		"$(heard_wires | strip | uniq)"
	clear
done
check "without a rule the peer is accepted again" "connect ok" ask_peer

# --- the devices: each event, whatever comes of it
rule_on connect inet meta mark 7 drop
rule_on bind inet meta mark 7 drop
rule_on accept inet tcp dport 8080 reject
sniff connect bind accept
out socket tcp4 connect 127.0.0.1:80 socket tcp4 bind 127.0.0.1:91 >/dev/null
in_web socket tcp4 connect 127.0.0.1:80 socket tcp6 connect '[::1]:80' socket udp4 sendto 127.0.0.1:53 \
	socket tcp4 bind 127.0.0.1:90 socket sctp4 bind 127.0.0.1:92 >/dev/null
ask_peer >/dev/null
same "tcpdump on connect: TCP that passed, TCP, IPv6, UDP that were denied" "IP 0.0.0.0.0 > 127.0.0.1.80: Flags [S]
IP 0.0.0.0.0 > 127.0.0.1.80: Flags [S]
IP6 ::.0 > ::1.80: Flags [S]
IP 0.0.0.0.0 > 127.0.0.1.53" \
	"$(heard connect | grep -v 8080 | sed -E 's/(Flags \[S\]).*/\1/; s/0\.[0-9]+ > (.*\.53).*/0.0 > \1/')"
same "tcpdump on bind" "IP 0.0.0.0.0 > 127.0.0.1.91: Flags [S]
IP 0.0.0.0.0 > 127.0.0.1.90: Flags [S]
IP 0.0.0.0.0 > 127.0.0.1.92: sctp (1) [INIT]" \
	"$(heard bind | sed -E 's/(Flags \[S\]|\[INIT\]).*/\1/')"
has "tcpdump on accept: the peer's address" "> 192.0.2.1.8080: Flags [S]" heard accept
if command -v tshark >/dev/null; then
	tshark -i connect -n -l -T fields -e ip.dst -e tcp.dstport -e udp.dstport >"$tmp/shark" 2>"$tmp/shark.err" </dev/null &
	pid=$!
	seen() { in_web socket tcp4 connect 127.0.0.1:80; grep -q . "$tmp/shark"; }
	wait_until seen
	check "what tshark is to see is denied" "connect EPERM
sendto EPERM" in_web socket tcp4 connect 127.0.0.5:80 socket udp4 sendto 127.0.0.6:53
	true_that "tshark on connect sees it" wait_until grep -q "^127.0.0.6[[:space:]]*53" "$tmp/shark"
	has "and the one before" "127.0.0.5	80" cat "$tmp/shark"
	kill -INT $pid
else
	skip "tshark on connect" "there is no tshark"
fi
set_up nft delete table inet t
sniff connect
check "without chains the device shows events as well" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
has "and they pass" "127.0.0.1.80" heard connect
set_up ip link set connect down
sniff accept
check "a device that is down" "connect ok" in_web socket tcp4 connect 127.0.0.1:8080
has "does not keep others from being heard" "127.0.0.1.8080" heard accept
finish
