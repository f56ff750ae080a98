#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What flow ids are for: two containers share a link 3:1 by tc's classifiers cgroup and
# fw, and "ip rule fwmark" routes one of them by another table.
. ./lib.sh

container web 7
container db 8
for name in web db; do
	eval "iperf_$name() { inside /$name iperf3 \"\$@\"; }"
done

# Two links to a peer, which has an address of its own behind them.
set_up ip netns add peer
in_peer() { nsenter --net=/run/netns/peer "$@"; }
# peer_server PORT COMMAND...: as server, of the peer.
peer_server() {
	local port=$1
	shift
	in_peer "$@" >/dev/null 2>&1 </dev/null &
	servers="$servers $!"
	wait_until sh -c "nsenter --net=/run/netns/peer ss -Hltn | grep -q ':$port '" ||
		bail_out "no listener came of: $*"
}
for i in 1 2; do
	set_up ip link add veth$i type veth peer name peer$i netns peer
	set_up ip addr add 10.9.$i.1/24 dev veth$i
	set_up ip link set veth$i up
	set_up in_peer ip addr add 10.9.$i.2/24 dev peer$i
	set_up in_peer ip link set peer$i up
done
set_up ip link set lo up
set_up in_peer ip link set lo up
set_up in_peer ip addr add 10.9.9.9/32 dev lo
set_up ip route add 10.9.9.9 via 10.9.1.2
for where in "" in_peer; do
	# shellcheck disable=SC2016
	$where sh -c 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done'
done

# --- a link shared. The rates are such that the shaper is what limits, not the CPU;
# bursts and queues, such that it makes up for the time that an emulated one is
# elsewhere. None borrows, since the two do not begin and end as one.
set_up tc qdisc add dev veth1 root handle 1: htb default 30
# class MINOR RATE BURST PACKETS
class() {
	set_up tc class add dev veth1 parent 1: classid "1:$1" htb rate "$2" burst "$3" cburst "$3"
	set_up tc qdisc add dev veth1 parent "1:$1" pfifo limit "$4"
}
class 10 192kbit 12k 60
class 20 64kbit 4k 20
class 30 64kbit 4k 20
peer_server 5201 iperf3 -s -p 5201
peer_server 5202 iperf3 -s -p 5202

# arrived FILE: how many packets the peer had of a run.
arrived() {
	python3 -c 'import json, sys
end = json.load(open(sys.argv[1]))["end"]
sums = end.get("sum_received", end["sum"])
print(sums["packets"] - sums["lost_packets"])' "$1"
}

# shared NAME: each sends as much as the link can have, at once; of what arrives web has
# to have three times what db has, within 10%. By UDP: TCP would have to find out first.
shared() {
	local web db pids=()
	iperf_web -c 10.9.1.2 -p 5201 -u -l 300 -b 500k -t 6 -J >"$tmp/web.json" 2>&1 &
	pids+=($!)
	iperf_db -c 10.9.1.2 -p 5202 -u -l 300 -b 500k -t 6 -J >"$tmp/db.json" 2>&1 &
	pids+=($!)
	wait "${pids[@]}"
	web=$(arrived "$tmp/web.json") db=$(arrived "$tmp/db.json")
	echo "# web $web, db $db packets"
	if [ "$web" -gt $((db * 27 / 10)) ] && [ "$web" -lt $((db * 33 / 10)) ]; then
		ok "$1"
	else
		not_ok "$1" "web $web, db $db: not 3:1
$(tc -s class show dev veth1)"
	fi
}

# sent CLASS: packets of a class so far.
sent() {
	tc -s class show dev veth1 | awk -v class="1:$1" \
		'/^class/ { mine = $3 == class } mine && /Sent/ { print $4 }'
}

set_up ctid set web classid 1:10
set_up ctid set db classid 1:20
set_up tc filter add dev veth1 parent 1: protocol ip prio 1 handle 1: cgroup
shared "3:1 by the cgroup classifier"
same "and nothing that is no container's" 0 "$(($(sent 30) > 20))"
set_up tc filter del dev veth1 parent 1: prio 1
set_up ctid set web classid none mark 0x10
set_up ctid set db classid none mark 0x20
set_up tc filter add dev veth1 parent 1: protocol ip prio 1 handle 0x10 fw classid 1:10
set_up tc filter add dev veth1 parent 1: protocol ip prio 1 handle 0x20 fw classid 1:20
shared "3:1 by the fw classifier"
set_up tc filter del dev veth1 parent 1: prio 1
before=$(sent 10)
set_up ctid set web mark none priority 0x10010
true_that "a priority is a class of HTB" in_web socket udp4 sendto 10.9.1.2:9
same "and its packet is there" 1 $(($(sent 10) - before))
set_up tc qdisc del dev veth1 root

# --- another route. Without the mark it is the link 1.
set_up ip route add default via 10.9.2.2 table 100
set_up ip rule add fwmark 0x10 lookup 100
peer_server 80 sockcall socket tcp4 reuseaddr bind 10.9.9.9:80 listen serve

# counted: the counters of table t that have counted.
counted() {
	nft list table inet t | awk '/counter/ { name = $2 } /packets/ && $2 { print name }'
}
# leaves CALL...: the links that packets of port 80 leave by, the first one first.
leaves() {
	nft_load <<-X
		flush ruleset
		table inet t {
			counter link1 {}
			counter link2 {}
			chain out { type filter hook postrouting priority 0
				oifname veth1 th dport 80 counter name link1
				oifname veth2 th dport 80 counter name link2
				oifname veth1 th sport 81 counter name link1
				oifname veth2 th sport 81 counter name link2
			}
		}
	X
	"$@" >/dev/null 2>&1
	counted
}
check "a container without a mark goes by the main table" link1 \
	leaves in_web socket tcp4 connect 10.9.9.9:80 send
set_up ctid set web mark 0x10 priority none
check "one with it goes by another one" link2 leaves in_web socket tcp4 connect 10.9.9.9:80 send
check "UDP, too" link2 leaves in_web socket udp4 sendto 10.9.9.9:80
check "and another container by the main one" link1 leaves in_db socket udp4 sendto 10.9.9.9:80
server in_web socket tcp4 reuseaddr bind 0.0.0.0:81 listen serve
check "connections that come in are answered by it" link2 \
	leaves in_peer sockcall socket tcp4 connect 10.9.1.1:81 send
set_up ctid set web mark 0x11
check "or not, when the container's mark is another one by then" link1 \
	leaves in_peer sockcall socket tcp4 connect 10.9.1.1:81 send

# --- and on INPUT, where the kernel knows the socket of a packet that comes in early
set_up ctid set web mark none classid 1:10
server in_web socket tcp4 reuseaddr bind 0.0.0.0:82 listen serve
server in_db socket tcp4 reuseaddr bind 0.0.0.0:83 listen serve
nft_load <<X
flush ruleset
table inet t {
	counter web {}
	counter db {}
	chain in { type filter hook input priority 0
		tcp dport 82 meta cgroup 0x10010 counter name web
		tcp dport 83 meta cgroup 0x10010 counter name db
	}
}
X
for port in 82 83; do
	set_up in_peer sockcall socket tcp4 connect 10.9.1.1:$port send
done
check "meta cgroup on INPUT knows a container's connection" web counted
finish
