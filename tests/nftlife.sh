#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Event devices and their chains come, go and change while calls run: what is denied all
# the time, by rules, plain sets or plain maps, never passes, and what they permit never
# fails. (Not so with intervals, see socket-events(7); policyload.sh.) And users' devices.
. ./lib.sh

container web 7
container db 8
out() { sockcall "$@"; }
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
server sockcall cgroup /web socket tcp4 reuseaddr bind 127.0.0.1:8080 listen serve
modprobe -q dummy
devices

# load: calls in a loop, two processes, until calm. Those of web are denied, those of db
# are not.
worker() {
	while [ -e "$tmp/load" ]; do
		sockcall cgroup /web socket tcp4 connect 127.0.0.1:80 socket udp4 sendto 127.0.0.1:9 \
			socket udp4 sendto 127.0.0.1:9 socket tcp4 bind 127.0.0.1:0 \
			socket udp6 connect '[::1]:9' socket udp4 connect 127.0.0.2:9 | sed 's/^/web /'
		sockcall cgroup /db socket tcp4 connect 127.0.0.1:80 socket udp4 sendto 127.0.0.1:9 \
			socket tcp4 bind 127.0.0.1:0 socket udp6 connect '[::1]:9' \
			socket udp4 connect 127.0.0.2:9 | sed 's/^/db /'
		sockcall cgroup /db socket tcp4 connect 127.0.0.1:8080 | sed 's/^/peer /'
	done
}
load() {
	touch "$tmp/load"
	worker >"$tmp/calls1" 2>&1 &
	w1=$!
	worker >"$tmp/calls2" 2>&1 &
	w2=$!
	wait_until grep -q peer "$tmp/calls2"
}
# calm NAME: ends a load of which nothing but this may be said, and that often enough.
calm() {
	true_that "$1: calls were many" wait_until sh -c "[ \$(cat $tmp/calls1 $tmp/calls2 | wc -l) -gt 200 ]"
	rm "$tmp/load"
	wait $w1 $w2
	same "$1: each call ends as it should" "db bind ok
db connect ok
db sendto ok
peer connect ECONNREFUSED
web bind EPERM
web connect EPERM
web sendto EPERM" "$(sort -u "$tmp/calls1" "$tmp/calls2")"
}

rules() {
	cat <<-X
	table inet $1
	delete table inet $1
	table inet $1 {
		map connects { type mark : verdict; elements = { 7 : jump none, 8 : jump every } }
		set denied { type mark; elements = { 7 } }
		chain none { meta priority set 1 drop; }
		chain every { accept; }
		chain on_connect { type filter hook ingress device "connect" priority 0
			meta mark vmap @connects
		}
		chain on_bind { type filter hook ingress device "bind" priority 0
			meta mark @denied drop
		}
		chain on_accept { type filter hook ingress device "accept" priority 0
			meta mark 7 reject
		}
	}
	X
}
# a number of loads of one file of nft
reload() { for ((i = 0; i < $2; i++)); do nft -f "$1" </dev/null || echo "a load failed"; done; }

# --- rules are replaced by the same ones, while a chain before them takes its time
rules t >"$tmp/t.nft"
{
	echo 'table inet slow {'
	for event in connect bind; do
		echo "chain $event { type filter hook ingress device $event priority -20"
		for ((i = 0; i < 1500; i++)); do echo "meta mark 99 drop"; done
		echo "}"
	done
	echo "}"
} >"$tmp/slow.nft"
# What all its connects come to: most of the time it is before the rules.
cat >"$tmp/tight.py" <<'X'
import collections, errno, os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
seen = collections.Counter()
while os.path.exists(sys.argv[1]):
    for i in range(100):
        seen[errno.errorcode.get(s.connect_ex(("127.0.0.1", 9)), "ok")] += 1
print(*seen, "often" if seen.total() > 2000 else seen)
X
set_up nft -f "$tmp/t.nft"
set_up nft -f "$tmp/slow.nft"
touch "$tmp/load"
for who in web db; do
	sh -c "echo 0 >$cgroups/$who/cgroup.procs; exec python3 $tmp/tight.py $tmp/load" >"$tmp/$who" 2>&1 &
done
check "rules are replaced 40 times, a slow chain before them" "" reload "$tmp/t.nft" 40
rm "$tmp/load"
wait_until sh -c "grep -q . $tmp/web && grep -q . $tmp/db"
check "what is denied never passed" "EPERM often" cat "$tmp/web"
check "what is permitted never failed" "ok often" cat "$tmp/db"
set_up nft delete table inet slow
load
{ echo "flush ruleset"; cat "$tmp/t.nft"; } >"$tmp/flush.nft"
check "and with all others, as nftables.conf does, 12 times" "" reload "$tmp/flush.nft" 12
calm "rules replaced"

# --- others come and go beside them
cat >"$tmp/come.nft" <<'X'
table inet u {
	set s { type mark; flags dynamic; }
	chain c { type filter hook ingress device "connect" priority -10; meta mark 99 reject; add @s { meta mark }; }
	chain d { type filter hook ingress device "bind" priority 10; policy accept; counter; }
}
table netdev v {
	chain c { type filter hook ingress devices = { "connect", "bind" } priority 5; meta priority set 5; }
}
X
printf 'table inet u\ntable netdev v\ndelete table inet u\ndelete table netdev v\n' >"$tmp/go.nft"
come_and_go() {
	for ((i = 0; i < 12; i++)); do
		nft -f "$tmp/come.nft" && nft -f "$tmp/go.nft" || echo "a load failed"
	done </dev/null
}
load
check "chains are added and removed 12 times" "" come_and_go
calm "chains beside"

# --- other devices come and go, and tables
others() {
	for ((i = 0; i < 5; i++)); do
		ip link add more$i type sockconnect && ip link set more$i up || echo "no device"
		ip link set more$i down && ip link set more$i up || echo "not up again"
		iptables-legacy -t connect -A OUTPUT -m container --id 99 -j DROP
		echo "table netdev m$i { chain c { type filter hook ingress device more$i priority 0; meta mark 99 drop; }; }" \
			>"$tmp/more.nft"
		nft -f "$tmp/more.nft"
		ip link del more$i
		iptables-legacy -t connect -F
		nft delete table netdev m$i 2>/dev/null || nft list tables | grep m$i
	done </dev/null
}
load
check "devices come and go 5 times" "" others
calm "devices beside"

# --- what a device in use does not let be done to it
load
fails "a device that is up keeps its name" "" ip link set connect name other
ip netns add ns
fails "and its namespace" "" ip link set connect netns ns
fails "its module stays" "in use" rmmod sock_dev
fails "so do those below" "in use" rmmod sock_hooks
calm "attempts at the device"
true_that "its name is what it was" ip link show connect
check "and the kernel took nothing amiss" "" sh -c "dmesg | grep 'rollback failed'"

# --- devices that chains name are renamed, deleted, made again, without a promise
load
mess() {
	for ((i = 0; i < 4; i++)); do
		ip link set connect down && ip link set connect name renamed && ip link set renamed up
		ip link set renamed down && ip link set renamed name connect && ip link set connect up
		ip link del bind
		ip link add bind type sockbind && ip link set bind up
		ip link del accept
		ip link add accept type sockaccept && ip link set accept up
	done
}
check "devices are renamed, deleted, made again while calls run" "" mess
rm "$tmp/load"
wait $w1 $w2
check "each call ended in one way or the other" "" sh -c \
	"cat $tmp/calls1 $tmp/calls2 | grep -vE '^(web|db|peer) (bind|connect|sendto) (ok|EPERM)\$|^peer connect ECONNREFUSED\$'"
check "db's never failed" "" grep -hE '^db .*EPERM' "$tmp/calls1" "$tmp/calls2"
set_up nft -f "$tmp/t.nft"
check "with the rules loaded again they hold" "connect EPERM
bind EPERM" sockcall cgroup /web socket tcp4 connect 127.0.0.1:80 socket tcp4 bind 127.0.0.1:0
check "and for nobody else" "connect ok
bind ok" sockcall cgroup /db socket tcp4 connect 127.0.0.1:80 socket tcp4 bind 127.0.0.1:0

# --- network namespaces with devices die under load
load
# dying N: a namespace whose processes make calls until its last one is killed.
dying() {
	unshare -n sh -c "ip link set lo up
		for e in connect bind accept; do ip link add \$e type sock\$e; ip link set \$e up; done
		nft -f $tmp/t.nft
		ctid add 7 web; ctid bind web /web
		echo ready >$tmp/ready$1
		while :; do sockcall socket tcp4 connect 127.0.0.1:80 socket udp4 sendto 127.0.0.1:9 \
			socket tcp4 bind 127.0.0.1:0 >/dev/null; done" >/dev/null 2>&1 </dev/null &
	local pid=$!
	wait_until test -e "$tmp/ready$1" || echo "not ready"
	sleep 0.3
	kill -9 $pid
	wait $pid 2>/dev/null
}
die_often() { for n in 1 2 3; do dying $n; done; }
check "namespaces die while their devices judge" "" die_often
calm "namespaces that die"

# --- users
set_up nft delete table inet t
mkdir -p $cgroups/user
chown -R 1000 $cgroups/user
chmod 777 "$tmp"
cat >"$tmp/user.nft" <<'X'
table inet mine {
	chain c { type filter hook ingress device "mine" priority 0; tcp dport 81 meta priority set 101 drop; }
	chain permit { type filter hook ingress device "mine" priority -1; tcp dport { 80-89 } accept; }
}
X
cat >"$tmp/user" <<X
ip link set lo up
ip link add mine type sockconnect && ip link set mine up || exit
nft -f $tmp/user.nft || exit
echo \$\$ >$tmp/pid
echo ready
sleep 100
X
# shellcheck disable=SC2016
sh -c 'echo 0 >'$cgroups'/user/cgroup.procs
	exec setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn sh '"$tmp/user" >"$tmp/out" 2>&1 </dev/null &
servers="$servers $!"
wait_until grep -q ready "$tmp/out" || not_ok "a user has devices and rules in his namespace" "$(cat "$tmp/out")"
in_user() { nsenter -t "$(cat "$tmp/pid")" -U -n "$@"; }
user() { in_user sockcall socket tcp4 connect "127.0.0.1:$1"; }
check "a user's device judges his namespace's sockets" "connect ENETUNREACH" user 81
check "what he permits passes" "connect ECONNREFUSED" user 82
check "it judges none of the host's" "connect ECONNREFUSED" out socket tcp4 connect 127.0.0.1:81
nft_load <<'X'
table inet host {
	chain c { type filter hook ingress device "connect" priority 0; tcp dport 82 drop; }
}
X
check "he does not lift what the host denies" "connect EPERM" user 82
set_up nft flush ruleset
check "without that he is where he was" "connect ECONNREFUSED" user 82
fails "the host's device is not his" "" in_user ip link del connect
set_up in_user ip link del mine
check "without his device he is free" "connect ECONNREFUSED" user 81
finish
