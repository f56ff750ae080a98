#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A tenant who looks for others: their names and ids by netlink, dump, multicast and
# rules; their calls by statistics, counters, tcpdump and log. He finds his own.
. ./lib.sh
modprobe -a iptable_sock ip6table_sock sock_dev xt_LOG nf_log_syslog nft_limit

server sockcall socket tcp4 reuseaddr bind 0.0.0.0:80 listen serve
container secret-web 7 /web
in_web() { sockcall cgroup /web "$@"; }
tenant a 1000 /a
tenant b 1001 /b
set_up ctid add 9 secret-a
set_up ctid bind secret-a /a
set_up as_b /b ctid add 5 secret-b
set_up as_b /b ctid bind secret-b /b
set_up as_a /a ctid add 3 mine
set_up as_a /a ctid bind mine /a
rule iptables connect OUTPUT -m container --id 7 -d 127.0.0.66 -j DROP
devices

# --- netlink
own="ID  NAME  CGROUPS
3   mine  /a"
genl=./genl.py
check "the list has his own" "$own" as_a /a ctid list
check "a container of the host's is not there, by id" "ENOENT no container has this id" as_a /a $genl get id=7
check "nor by name" "ENOENT no container has this name" as_a /a $genl get name=secret-web
check "nor the other tenant's" "ENOENT no container has this name" as_a /a $genl get name=secret-b
check "his own is" "ok" as_a /a $genl get name=mine
# The words of the netlink core differ.
cat >"$tmp/dump.py" <<'P'
import sys
sys.path.insert(0, "/tmp/tests")
import genl
f = genl.Family()
print(f.dump(genl.CMDS["get"])[0], f.dump(genl.CMDS["get_binding"])[0])
P
chmod 644 "$tmp/dump.py"
check "a dump has the ids of his containers and bindings" "[3] [3]" as_a /a python3 "$tmp/dump.py"
check "a cgroup of the host's has no owner that he sees" "none" as_a /a ctid of /web
check "nor has the other tenant's" "none" as_a /a ctid of /b
has "his own has" "3 mine" as_a /a ctid of /a
fails "a rule by another's name is none" "secret-web" \
	as_a /a iptables-legacy -t connect -A OUTPUT -m container --id secret-web -j DROP
true_that "by his own it is one" as_a /a iptables-legacy -t connect -A OUTPUT -m container --id mine -d 127.0.0.33 -j DROP

# --- notifications
cat >"$tmp/listen.py" <<'P'
# Listens in its network namespace and, by NETLINK_LISTEN_ALL_NSID, in all that have
# a number there; it gives one to those that its descriptors 7, 8 and 9 stand for.
import socket, struct, sys
sys.path.insert(0, "/tmp/tests")
import genl
rt = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
for fd in 7, 8, 9:
    attrs = genl.attr(1, struct.pack("i", fd)) + genl.attr(3, genl.u32(fd))
    rt.send(struct.pack("IHHIIB3x", 20 + len(attrs), 88, 5, 1, 0, 0) + attrs)
    error = struct.unpack_from("i", rt.recv(8192), 16)[0]
    assert not error, error
f = genl.Family()
f.sock.settimeout(None)
f.sock.setsockopt(270, 8, 1)
f.sock.setsockopt(270, 1, f.group)
print("listens", flush=True)
while True:
    data = f.sock.recv(65536)
    if struct.unpack_from("H", data, 4)[0] == f.number:
        print(struct.unpack_from("I", data, 24)[0], flush=True)
P
chmod 644 "$tmp/listen.py"
cat >"$tmp/join.py" <<'P'
import sys
sys.path.insert(0, "/tmp/tests")
import genl
f = genl.Family()
f.sock.setsockopt(270, 1, f.group)
P
chmod 644 "$tmp/join.py"
as_a /a unshare -n sh -c 'echo $$; exec sleep infinity' >"$tmp/below" &
wait_until grep -q . "$tmp/below"
below=$(cat "$tmp/below")
servers="$servers $below"
# shellcheck disable=SC2154 # tenant sets it
as_a /a python3 "$tmp/listen.py" >"$tmp/heard" 2>&1 7</proc/1/ns/net 8<"/proc/$pid_b/ns/net" 9<"/proc/$below/ns/net" &
servers="$servers $!"
wait_until grep -q listens "$tmp/heard" || bail_out "nobody listens: $(cat "$tmp/heard")"
set_up ctid add 71 hidden
set_up as_b /b ctid add 72 hidden
set_up nsenter -t "$below" -U -n ctid add 44
set_up as_a /a ctid add 45 seen
wait_until grep -q 45 "$tmp/heard"
same "he hears of changes in his namespaces, in none that he only knows" "listens
44
45" "$(cat "$tmp/heard")"
fails "who has no rights there may not listen" "Operation not permitted" \
	setpriv --reuid 1000 --regid 1000 --clear-groups python3 "$tmp/join.py"
true_that "as their root may" as_a /a python3 "$tmp/join.py"

# --- calls
set_up as_a /a sh -c 'ip link add connect type sockconnect && ip link set connect up'
set_up as_a /a nft 'add table inet t; add chain inet t c { type filter hook ingress device "connect" priority 0; }
	add rule inet t c meta mark 7 counter; add rule inet t c meta mark 9 counter
	add rule inet t c meta mark 3 counter; add rule inet t c counter log prefix "tenant-nft "'
set_up as_a /a iptables-legacy -t connect -A OUTPUT -j LOG --log-prefix "tenant-xt "
rule iptables connect OUTPUT -d 127.0.0.55 -j LOG --log-prefix "host-xt "
# By root in his namespace: Debian's tcpdump changes its user.
sniffers=
for device in connect any; do
	# shellcheck disable=SC2154 # tenant sets it
	nsenter -t "$pid_a" -n tcpdump -i $device -Q inout -nn -t -l --immediate-mode >"$tmp/sniff.$device" 2>"$tmp/sniff.err" </dev/null &
	wait_until grep -q "listening on $device" "$tmp/sniff.err" || bail_out "tcpdump: $(cat "$tmp/sniff.err")"
	sniffers="$sniffers $!"
done
# Denied ones, others that pass, and some in his cgroup that are none of his.
for address in 127.0.0.66 127.0.0.67; do
	in_web socket udp4 sendto $address:1001 >/dev/null
	as_b /b sockcall socket udp4 sendto $address:1002 >/dev/null
	as_b /a sockcall socket udp4 sendto $address:1003 >/dev/null
	inside /a sockcall socket udp4 sendto $address:1004 >/dev/null
done
set_up inside /a sockcall socket udp4 sendto 127.0.0.55:1004
check "his own calls are judged by his rules" "sendto ok
sendto EPERM" as_a /a sockcall socket udp4 sendto 127.0.0.34:1005 socket udp4 sendto 127.0.0.33:1005
for device in connect any; do
	wait_until grep -q 127.0.0.34.1005 "$tmp/sniff.$device"
done
for device in connect any; do
	has "tcpdump on $device shows his own calls" "127.0.0.34.1005" cat "$tmp/sniff.$device"
	check "and nobody else's" "" grep -E '\.100[1-4]' "$tmp/sniff.$device"
done
# shellcheck disable=SC2086 # words
kill $sniffers
# shellcheck disable=SC2154
check "counters count his own: by his id, by no other" "0
0
1
1" sh -c "nsenter -t $pid_a -n nft list chain inet t c | grep -o 'packets [0-9]*' | cut -d' ' -f2"
check "device statistics count nobody's" "0" \
	sh -c "nsenter -t $pid_a -n ip -s -j link show connect | grep -oE '\"(packets|bytes|dropped|errors)\":[1-9]' | wc -l"
check "what the log has is the host's" "host-xt" sh -c "dmesg | grep -oE '(host-xt|tenant-xt|tenant-nft)' | sort -u"
check "and no name" "" sh -c "dmesg | grep secret"

# --- tables and devices
set_up as_b /b iptables-legacy -t bind -nL
tables_of() { nsenter -t "$1" -n sh -c 'sort /proc/net/ip_tables_names | tr "\n" " "'; }
set_up iptables-legacy -t accept -nL
check "the host's tables are not his" "connect " tables_of "$pid_a"
check "nor the other tenant's" "bind " tables_of "$pid_b"
check "links" "connect lo " as_a /a sh -c "ip -br link | sed 's/[@ ].*//' | sort | tr '\n' ' '"
modprobe dummy
set_up ip link add dummy7 type dummy
fails "an event device of the host's is not moved to him" "" ip link set connect netns "$pid_a"
true_that "as an ordinary one is" ip link set dummy7 netns "$pid_a"
set_up nsenter -t "$pid_a" -n ip link set dummy7 netns 1
fails "nor one of his to the host" "" nsenter -t "$pid_a" -n ip link set connect netns 1
fails "nor to one below" "" as_a /a ip link set connect netns "$below"

# --- a flood of words
route_refusals() { dmesg | grep -c "asks for a route of its own"; }
# shellcheck disable=SC2046 # words
flood() { as_a /a sockcall $(yes 'socket udp4 lsrr 127.0.0.1:9' | head -n 100); }
flood >"$tmp/flood"
check "a route of his own is refused" "100 lsrr EINVAL" sh -c "uniq -c $tmp/flood | tr -s ' ' | sed 's/^ //'"
n=$(route_refusals)
true_that "a hundred times, and the log says so $n times" test "$n" -ge 1 -a "$n" -le 30
finish
