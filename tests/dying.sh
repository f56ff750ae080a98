#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: -a slub_debug=P
# Network namespaces die while others' sockets are being judged by them, and leave
# nothing behind. What is freed is overwritten (slub_debug), so that use of it shows.
. ./lib.sh

# In the order in which namespaces leave, the registry before nft, so that its chains
# are asked as long as a look-up can lead to them.
set_up rmmod xt_container container_id
set_up modprobe nf_tables
set_up modprobe container_id
set_up modprobe -a sock_dev iptable_sock ip6table_sock xt_container xt_SOCKERR
mods="sock_dev iptable_sock ip6table_sock sock_tables sock_hooks sock_event xt_SOCKERR xt_container container_id"
chmod 777 "$tmp"
set_up mkdir -p $cgroups/load $cgroups/user/load
chown -R 1000 $cgroups/user
server sockcall cgroup /load socket tcp4 reuseaddr bind 127.0.0.5:80 listen serve

# --- who calls meanwhile: on the host, in /load; and in /user/load, in a network
# namespace beside the one that dies, of the same user.
cat >"$tmp/caller.py" <<'P'
import collections, errno, os, socket, sys
seen = collections.Counter()
def call(kind, what, *address):
    with socket.socket(socket.AF_INET, kind) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        error = getattr(s, what)(*address) if what == "connect_ex" else bind(s, *address)
    seen[address[0][0] + " " + errno.errorcode.get(error, "ok")] += 1
def bind(s, address):
    try:
        s.bind(address)
    except OSError as e:
        return e.errno
while os.path.exists(sys.argv[1]):
    for i in range(20):
        call(socket.SOCK_DGRAM, "connect_ex", ("127.0.0.1", 9))
        call(socket.SOCK_DGRAM, "connect_ex", ("127.0.0.2", 9))
        call(socket.SOCK_DGRAM, "bind", ("127.0.0.3", 0))
        call(socket.SOCK_DGRAM, "bind", ("127.0.0.4", 0))
    call(socket.SOCK_STREAM, "connect_ex", ("127.0.0.5", 80))
for what in sorted(seen):
    print(what, *([seen[what]] if len(sys.argv) > 2 else []))
P
# What a dying namespace denies: 127.0.0.2 to connects, 127.0.0.4 to binds.
rules() {
	local table chain=OUTPUT
	for table in connect bind accept; do
		echo "*$table"
		echo "-A $chain -m container --id 99 -j DROP"
		[ "$table $1" != "connect iptables" ] ||
			echo "-A $chain -m container --id 4000000000 -d 127.0.0.2 -j DROP"
		echo COMMIT
		chain=INPUT
	done
}
for family in iptables ip6tables; do rules $family >"$tmp/$family"; done
for event in connect bind accept; do
	echo "link add $event type sock$event"
	echo "link set $event up"
done >"$tmp/links"
cat >"$tmp/t.nft" <<'X'
table inet t {
	chain c { type filter hook ingress device "connect" priority 0; meta rtclassid != 0 drop; }
	chain b { type filter hook ingress device "bind" priority 0; meta rtclassid != 0 drop;
		ip daddr 127.0.0.4 drop; }
	chain a { type filter hook ingress device "accept" priority 0; meta rtclassid != 0 drop; }
}
X
# Ids enough that the registry is long in dying (100 ms), the bound one last.
many() { { seq -f '%.0f -' 1 "$1" && echo 4000000000 last; } >"$tmp/many.conf"; }
many 16000
cat >"$tmp/life" <<X
ip link set lo up
mount -t tmpfs none /run
ip -batch $tmp/links || exit
ctid load $tmp/many.conf && ctid bind last \$1 || exit
nft -f $tmp/t.nft || exit
iptables-legacy-restore $tmp/iptables && ip6tables-legacy-restore $tmp/ip6tables || exit
ctid permit 99 connect tcp 10.0.0.0/8:443 && ctid deny 99 bind udp || exit
ctid monitor >/dev/null &
tcpdump -Uni connect -w /dev/null 2>/dev/null &
nice sh -c 'while :; do ctid list --json >/dev/null; ctid rename 97 one; ctid rename 97 two; done' &
echo ready >$tmp/ready
exec sleep 1000
X
# Programs, so that a signal to them is one to unshare.
cat >"$tmp/as_root" <<'X'
#!/bin/sh
exec unshare -n -m -p -f --kill-child "$@"
X
cat >"$tmp/as_user" <<X
#!/bin/sh
echo 0 >$cgroups/user/load/cgroup.procs
exec nsenter -t \$(cat $tmp/beside) -U unshare -n -m -p -f --kill-child "\$@"
X
chmod +x "$tmp/as_root" "$tmp/as_user"
# die WHO CGROUP: a life that ends at its best.
die() {
	rm -f "$tmp/ready"
	"$tmp/as_$1" sh "$tmp/life" "$2" >"$tmp/life.out" 2>&1 </dev/null &
	local pid=$!
	wait_until test -e "$tmp/ready" || echo "not ready: $(cat "$tmp/life.out")"
	sleep "${3:-0.5}"
	kill -9 $pid
	wait $pid 2>/dev/null
}
# gone: are there no namespaces but the one beside? The kernel counts them, by user, and
# takes one off the count when all of it is freed.
gone() {
	local status
	sysctl -qw user.max_net_namespaces=1 && unshare -n true &&
		sysctl -qw user.max_net_namespaces=2 && nsenter -t $beside -U unshare -n true
	status=$?
	sysctl -qw user.max_net_namespaces=1000
	return $status
}

# The user's namespace beside: lasts.
sh -c "echo 0 >$cgroups/user/load/cgroup.procs; exec setpriv --reuid 1000 --regid 1000 --clear-groups \
	unshare -Urn sh -c 'ip link set lo up; echo \$\$ >$tmp/beside; exec sleep 1000'" >/dev/null 2>&1 </dev/null &
beside=$!
servers="$servers $beside"
wait_until test -s "$tmp/beside" || bail_out "no namespace beside"
caller() {
	case $1 in
	root) sh -c "echo 0 >$cgroups/load/cgroup.procs; exec nice python3 $tmp/caller.py $tmp/load" ;;
	user) sh -c "echo 0 >$cgroups/user/load/cgroup.procs; exec nice nsenter -t $beside -U -n \
		python3 $tmp/caller.py $tmp/load" ;;
	esac
}
true_that "there is one namespace" wait_until gone

touch "$tmp/load"
for who in root user; do
	caller $who >"$tmp/$who" 2>&1 </dev/null &
	callers+=($!)
done
for who in root user; do
	cgroup=/load
	[ $who = root ] || cgroup=/user/load
	for i in 1 2; do
		check "namespace $i of $who's dies under load" "" die $who $cgroup
	done
done
rm "$tmp/load"
wait "${callers[@]}"
for who in root user; do
	expected="127.0.0.1 ok
127.0.0.2 EPERM
127.0.0.2 ok
127.0.0.3 ok
127.0.0.4 EPERM
127.0.0.4 ok
127.0.0.5 "
	[ $who = root ] && expected+=ok || expected+=ECONNREFUSED
	same "$who's calls: judged as long as there was a rule, and as it says" "$expected" \
		"$(cat "$tmp/$who")"
done

# --- what is left
true_that "the namespaces that died are gone" wait_until gone
# A binding that was left would count.
fill() {
	for ((n = 1; n <= 8; n++)); do
		rm -f "$tmp/bound"
		"$tmp/as_$1" sh -c "ctid add 1 && ctid bind 1 $2 && touch $tmp/bound && exec sleep 1000" >"$tmp/fill" 2>&1 </dev/null &
		filling+=($!)
		wait_until test -e "$tmp/bound" || cat "$tmp/fill"
	done
}
for who in root user; do
	cgroup=/load
	[ $who = root ] || cgroup=/user/load
	filling=()
	fill $who $cgroup >"$tmp/filled"
	same "there is room for as many registries as ever, of $who's" "" "$(cat "$tmp/filled")"
	fails "but one" "as many registries" "$tmp/as_$who" sh -c "ctid add 1 && ctid bind 1 $cgroup"
	kill -9 "${filling[0]}"
	wait "${filling[0]}" 2>/dev/null
	true_that "when one has died, there is room again" wait_until \
		"$tmp/as_$who" sh -c "ctid add 1 && ctid bind 1 $cgroup"
	kill -9 "${filling[@]}" 2>/dev/null
	wait "${filling[@]}" 2>/dev/null
done

true_that "the hook points are released" wait_until sh -c "! grep -q . /sys/kernel/tracing/enabled_functions"

# --- memory: of slabs, per CPU and vmalloc (the tables)
memory() {
	awk '/^(Slab|Percpu|VmallocUsed):/ { n += $2 } END { print n }' /proc/meminfo
}
lives() { for ((n = 0; n < $1; n++)); do die root /load 0; done; }
settle() {
	wait_until gone
	sleep 1
	sync
	echo 3 >/proc/sys/vm/drop_caches
}
many 300
check "lives without load" "" lives 1
settle
before=$(memory)
check "and more of them" "" lives 4
settle
after=$(memory)
true_that "took no memory with them: $before KiB before, $after after" test $((after - before)) -lt 1024
true_that "and the modules go" wait_until sh -c \
	"rmmod $mods 2>/dev/null; ! lsmod | grep -qE '^(sock_|iptable_sock|ip6table_sock|container_id)'"
finish
