#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Event devices as links: made by their kind alone, they judge while they are up, and
# nothing can be sent by them, received, or stacked upon them.
. ./lib.sh

container web 7
out() { sockcall "$@"; }
connects() { in_web socket tcp4 connect 127.0.0.1:80; }
modprobe -qa dummy bonding team vrf bridge macvlan ipvlan 8021q
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
server sockcall socket tcp4 reuseaddr bind 0.0.0.0:82 listen serve

# chain DEVICE RULE: a table of the device's name, with a chain that has the rule.
chain() {
	nft_load <<-X
	table inet $1
	delete table inet $1
	table inet $1 {
		chain on_event {
			type filter hook ingress device "$1" priority 0
			$2
		}
	}
	X
}

# --- they come, and go
true_that "no module is loaded by hand" test ! -e /sys/module/sock_dev
for event in connect bind accept; do
	true_that "a link of kind sock$event comes" ip link add $event type sock$event
	has "ip says its kind" "sock$event" ip -d link show $event
done
fails "there is no kind for others" "" ip link add x type socklisten
chain connect "meta mark 7 drop"
check "while it is down a device does not judge" "connect ok" connects
for event in connect bind accept; do
	set_up ip link set $event up
done
check "up, it does" "connect EPERM" connects
set_up ip link set connect down
check "down again" "connect ok" connects
set_up ip link set connect up
check "up again" "connect EPERM" connects
set_up ip link add anything-at-all type sockconnect
set_up ip link set anything-at-all up
check "another one without a chain adds nothing" "connect ECONNREFUSED" out socket tcp4 connect 127.0.0.1:81
chain anything-at-all "meta mark 0 tcp dport 81 drop"
check "each of two may deny: one" "connect EPERM" connects
check "each of two may deny: the other" "connect EPERM" out socket tcp4 connect 127.0.0.1:81
check "what both accept passes" "connect ok" out socket tcp4 connect 127.0.0.1:80
set_up ip link del anything-at-all
check "without the other" "connect ECONNREFUSED" out socket tcp4 connect 127.0.0.1:81

# --- with tables: both must accept
rule iptables connect OUTPUT -m container --id 0 -p tcp --dport 81 -j DROP
check "a table denies beside a device" "connect EPERM" out socket tcp4 connect 127.0.0.1:81
check "a device denies beside a table" "connect EPERM" connects
check "what both accept" "connect ok" out socket tcp4 connect 127.0.0.1:80
flush
check "without the table's rule" "connect ECONNREFUSED" out socket tcp4 connect 127.0.0.1:81
rule iptables connect OUTPUT -m container --id web -j SOCKERR --errno EACCES
check "the device came before the table and is asked first" "connect EPERM" connects
same "the table was not asked" 0 "$(packets iptables connect)"
set_up ip link set connect down
set_up ip link set connect up
check "the device came up after it and is asked after it" "connect EACCES" connects
same "the table was asked" 1 "$(packets iptables connect)"
flush

# --- network namespaces
ip netns add ns
true_that "one can be made in another namespace" ip link add there netns ns type sockconnect
set_up ip -n ns link set there up
set_up ip -n ns link set lo up
nft_load_ns() { cat >"$tmp/ns.nft"; set_up ip netns exec ns nft -f "$tmp/ns.nft"; }
nft_load_ns <<'X'
table inet t {
	chain c { type filter hook ingress device "there" priority 0; tcp dport 81 drop; }
}
X
check "it judges that one's sockets" "connect EPERM" \
	ip netns exec ns sockcall socket tcp4 connect 127.0.0.1:81
check "and not ours" "connect ECONNREFUSED" out socket tcp4 connect 127.0.0.1:81
check "ours judges all, with the owner's id" "connect EPERM" \
	nsenter --net=/run/netns/ns sockcall cgroup /web socket tcp4 connect 127.0.0.1:82
check "what both accept passes there" "connect ECONNREFUSED" \
	ip netns exec ns sockcall socket tcp4 connect 127.0.0.1:82
fails "none moves to another namespace" "" ip link set connect netns ns
check "it judges where it was" "connect EPERM" connects
set_up ip netns del ns

# --- nothing but events
true_that "IPv6 has settings for a link" test -e /proc/sys/net/ipv6/conf/lo
true_that "it has none for this one" test ! -e /proc/sys/net/ipv6/conf/connect
check "no link-local address" "" ip -6 addr show dev connect
fails "and no other" "" ip -6 addr add fd00::1/64 dev connect
fails "its MTU stays" "" ip link set connect mtu 1500
fails "and is not chosen" "" ip link add big mtu 9000 type sockconnect
fails "it has no hardware address" "" ip link set connect address 02:00:00:00:00:01
true_that "promiscuity is harmless" ip link set connect promisc on
for upper in "bond0 type bond" "team0 type team" "vrf0 type vrf table 10" "br0 type bridge"; do
	# shellcheck disable=SC2086 # words
	if ! ip link add $upper 2>/dev/null; then
		skip "${upper##* type } does not enslave it" "this kernel has none"
		continue
	fi
	set_up ip link set connect down
	fails "$upper does not enslave it while down" "" ip link set connect master "${upper%% *}"
	set_up ip link set connect up
	fails "$upper does not enslave it while up" "" ip link set connect master "${upper%% *}"
	set_up ip link del "${upper%% *}"
done
fails "VRF says why" "carries no packets" sh -c "ip link add vrf0 type vrf table 10 && ip link set connect master vrf0"
fails "no VLAN on it" "" ip link add link connect name v0 type vlan id 5
fails "no macvlan" "" ip link add link connect name v0 type macvlan
fails "no ipvlan" "" ip link add link connect name v0 type ipvlan
check "after all that it judges" "connect EPERM" connects

dropped() { ip -s -j link show connect | python3 -c '
import json, sys
s = json.load(sys.stdin)[0]["stats64"]
print(s["'"$1"'"]["dropped"], s["'"$1"'"]["packets"])'; }
check "it has sent nothing" "0 0" dropped tx
check "nor received" "0 0" dropped rx
set_up ip addr add 192.0.2.1/24 dev connect
check "an address on it is one of the host's" "connect ok" out socket tcp4 connect 192.0.2.1:82
check "and judged as any" "connect EPERM" in_web socket tcp4 connect 192.0.2.1:82
check "who sends by it is not heard" "sendto ok" out socket udp4 sendto 192.0.2.9:9
check "the device drops it" "1 0" dropped tx
set_up ip route add 198.51.100.0/24 dev connect
check "a route by it leads nowhere" "sendto ok" out socket udp4 sendto 198.51.100.1:9
check "the device drops that, too" "2 0" dropped tx
raw_frame='import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("connect", 0x800))
s.send(bytes.fromhex("45000028000040004006bbcf000000007f000001000000500000000000000000500200ff00000000"))'
true_that "AF_PACKET sends by it" python3 -c "$raw_frame"
check "and it drops that" "3 0" dropped tx

# --- tc and XDP
set_up ip link add dummy7 type dummy
set_up ip link set dummy7 up
set_up ip addr add 203.0.113.1/24 dev dummy7
set_up tc qdisc add dev dummy7 clsact
for way in egress ingress; do
	tc filter del dev dummy7 egress 2>/dev/null
	set_up tc filter add dev dummy7 egress prio 1 matchall action mirred $way redirect dev connect
	before=$(dropped tx)$(dropped rx)
	sockcall socket udp4 sendto 203.0.113.9:9 >"$tmp/out"
	ping -c 1 -W 1 203.0.113.9 >/dev/null 2>&1
	true_that "what tc redirects there ($way) is dropped" test "$before" != "$(dropped tx)$(dropped rx)"
done
set_up ip link del dummy7
true_that "tc may have filters on it" tc qdisc add dev connect clsact
set_up tc filter add dev connect ingress matchall action drop
set_up tc filter add dev connect egress matchall action drop
check "no event runs through them" "connect ok" out socket tcp4 connect 127.0.0.1:80
check "but through its chain" "connect EPERM" connects
has "they have seen nothing" "Sent 0 bytes 0 pkt" tc -s filter show dev connect ingress
for qdisc in "root handle 1: prio" "root pfifo" "ingress"; do
	tc qdisc del dev connect clsact 2>/dev/null
	# shellcheck disable=SC2086 # words
	true_that "a qdisc: $qdisc" tc qdisc replace dev connect $qdisc
	check "with it, the chain denies" "connect EPERM" connects
done
# A program that drops all: r0 = XDP_DROP; exit.
cat >"$tmp/xdp.py" <<'P'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
def bpf(cmd, attr):
    buf = ctypes.create_string_buffer(attr, 128)
    fd = libc.syscall(321, cmd, buf, 128)
    if fd < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return fd
code = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xb7, 0, 0, 1, 0x95, 0, 0, 0))
gpl = ctypes.create_string_buffer(b"GPL")
fd = bpf(5, struct.pack("<IIQQ", 6, 2, ctypes.addressof(code), ctypes.addressof(gpl)))
path = ctypes.create_string_buffer(b"/sys/fs/bpf/drop")
bpf(6, struct.pack("<QI", ctypes.addressof(path), fd))
P
set_up python3 "$tmp/xdp.py"
fails "XDP in a driver is refused" "" ip link set connect xdpdrv pinned /sys/fs/bpf/drop
true_that "generic XDP is harmless" ip link set connect xdpgeneric pinned /sys/fs/bpf/drop
check "no event runs through it" "connect ok" out socket tcp4 connect 127.0.0.1:80
check "but through its chain, as ever" "connect EPERM" connects
has "it is listed as any link" "connect" ip -s -s link show

# --- other hooks of nft
nft_load <<'X'
table netdev other {
	chain ingress_two { type filter hook ingress devices = { "connect", "lo" } priority 10; udp dport 53 drop; }
}
X
check "a chain on it and on a real device: events" "connect EPERM" out socket udp4 connect 127.0.0.1:53
check "and others pass" "connect ok" out socket udp4 connect 127.0.0.1:54
set_up nft delete table netdev other
check "without it" "connect ok" out socket udp4 connect 127.0.0.1:53
nft_load <<'X'
table netdev other {
	chain out { type filter hook egress device "connect" priority 0; counter drop; }
}
table inet flows {
	flowtable f { hook ingress priority 0; devices = { "connect", "lo" }; }
	chain forwarded { type filter hook forward priority 0; flow add @f; }
}
X
check "hook egress and a flowtable see no event" "connect ok" out socket tcp4 connect 127.0.0.1:80
has "the counter there says so" "packets 0" nft list chain netdev other out
check "and leave the chain alone" "connect EPERM" connects
set_up nft flush ruleset

# --- a device that a chain is given later
set_up ip link add second type sockconnect
set_up ip link set second up
nft_load <<'X'
table netdev late {
	chain c { type filter hook ingress devices = { "connect" } priority 0; meta mark 7 drop; }
}
X
if nft 'add chain netdev late c { type filter hook ingress devices = { "second" } priority 0; }' 2>/dev/null; then
	set_up ip link set connect down
	check "a chain judges on a device that it was given later" "connect EPERM" connects
	set_up ip link set connect up
else
	skip "a chain judges on a device that it was given later" "this nft, or kernel, gives it none"
fi
set_up nft flush ruleset
check "and without it all passes" "connect ok" connects
set_up ip link del second

# --- a flow that is another way's, and has an event's addresses
flow_event() { in_web socket udp4 freebind bind 10.8.0.9:53 connect 10.9.0.2:5000; }
set_up ip netns add far
set_up ip link add near type veth peer name away netns far
set_up ip addr add 10.9.0.1/24 dev near
set_up ip link set near up
set_up ip -n far addr add 10.9.0.2/24 dev away
set_up ip -n far link set away up
set_up ip -n far route add default via 10.9.0.1
set_up sysctl -qw net.ipv4.ip_forward=1
set_up ip addr add 10.8.0.1/24 dev connect
before=$(flow_event)
nft_load <<'X'
table inet flows {
	flowtable f { hook ingress priority 0; devices = { "connect", "near" }; }
	chain forwarded { type filter hook forward priority 0; flow add @f; }
}
X
for _ in 1 2 3; do
	set_up nsenter --net=/run/netns/far sockcall socket udp4 bind 10.9.0.2:5000 sendto 10.8.0.9:53
done
has "packets are forwarded to the device, and make a flow" "OFFLOAD" cat /proc/net/nf_conntrack
check "an event of the flow's addresses is not sent on" "$before" flow_event
chain connect "meta mark 7 drop"
check "and is denied by the chain" "bind ok
connect EPERM" flow_event
set_up nft flush ruleset
set_up ip netns del far
set_up sysctl -qw net.ipv4.ip_forward=0
set_up ip addr del 10.8.0.1/24 dev connect

# --- the module
fails "it stays while a device is up" "in use" rmmod sock_dev
for event in connect bind accept; do
	set_up ip link set $event down
done
true_that "it may go when all are down" rmmod sock_dev
check "and they with it" "" ip -br link show type sockconnect
finish
