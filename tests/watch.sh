#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ctid watch: which events are told to whom, and what of them.
# shellcheck disable=SC2154 # what watcher() and tenant() set
. ./lib.sh
. ./watch.inc

container web 7
container db 8
modprobe -a sock_watch sock_dev || bail_out "no sock_watch"
hooks() {
	grep -c sock_hooks /sys/kernel/tracing/enabled_functions
}
[ -e /sys/kernel/tracing/enabled_functions ] || mount -t tracefs none /sys/kernel/tracing
probe_host() { in_web socket udp4 connect 127.0.0.1:65000; }

# --- who watches has the hook points attached, and nobody else
same "nobody watches: nothing is attached" 0 "$(hooks)"
set_up iptables-legacy -t connect -S
attached=$(hooks)
watcher host ctid watch
true_that "who watches has the hook points attached" [ "$(hooks)" -gt "$attached" ]

# --- each event, with what became of it
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
forget host
check "it changes nothing" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
same "a connect is told, and the accept at the other end" \
	"web connect tcp to 127.0.0.1:80 accepted program sockcall[PID] user root
- accept tcp from 127.0.0.1:PORT at 127.0.0.1:80 accepted user root" "$(told host)"
in_db socket tcp6 bind '[::]:81' >/dev/null
same "a bind of all addresses is told in both families" \
	"db bind tcp at [::]:81 accepted program sockcall[PID] user root
db bind tcp at 0.0.0.0:81 accepted program sockcall[PID] user root" "$(told host | sort -r)"
in_web socket udp4 sendto 127.0.0.1:53 >/dev/null
same "so is a send to an address" \
	"web connect udp to 127.0.0.1:53 accepted program sockcall[PID] user root" "$(told host)"
setpriv --reuid 1000 --regid 1000 --clear-groups sockcall socket tcp4 bind 127.0.0.1:8080 >/dev/null
same "of no container, and of which user" \
	"- bind tcp at 127.0.0.1:8080 accepted program sockcall[PID] user 1000" "$(told host)"
unshare -n sockcall cgroup /web socket udp4 bind 127.0.0.1:8081 >/dev/null
same "and those of other network namespaces" \
	"web bind udp at 127.0.0.1:8081 accepted program sockcall[PID] user root" "$(told host)"

# --- who denied it
rule iptables connect OUTPUT -m container --id web -p tcp --dport 81 -j DROP
forget host
check "a rule still denies" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:81
same "a denial is told with the table that it is of" \
	"web connect tcp to 127.0.0.1:81 denied EPERM by table connect program sockcall[PID] user root" \
	"$(told host)"
set_up ctid permit db connect tcp 127.0.0.1:80
forget host
in_db socket tcp4 connect 127.0.0.1:82 >/dev/null
same "or the device" \
	"db connect tcp to 127.0.0.1:82 denied EPERM by device ctid-connect program sockcall[PID] user root" \
	"$(told host)"
flush
set_up ctid policy-flush

# --- some containers only, and JSON
probe_one() { in_db socket udp4 connect 127.0.0.1:65000; }
watcher one ctid watch --json db
in_web socket udp4 connect 127.0.0.1:53 >/dev/null
in_db socket udp4 connect 127.0.0.1:54 >/dev/null
probe_one >/dev/null
wait_until grep -q 65000 "$tmp/one.told"
check "one container is watched, in JSON" \
	"connect 8 db accepted udp {'address': '127.0.0.1', 'port': 54} sockcall" \
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
	e = json.loads(line)
	if e["peer"]["port"] != 65000:
		print(e["event"], e["container"]["id"], e["container"]["name"], e["verdict"], e["protocol"],
			e["peer"], e["program"])' "$tmp/one.told"
kill -INT "$watcher_one"
wait "$watcher_one"
same "an interrupt ends it well" 0 $?

# --- tenants: their own events, with their own ids, and nothing of others
tenant guest 1000 /guest
tenant other 1001 /other
probe_guest() { as_guest /guest sockcall socket udp4 connect 127.0.0.1:65000; }
set_up as_guest /guest ctid add 5 mine
set_up as_guest /guest ctid bind mine /guest
watcher guest as_guest /guest ctid watch
in_web socket udp4 connect 127.0.0.1:53 >/dev/null
as_other /other sockcall socket udp4 connect 127.0.0.1:53 >/dev/null
sockcall cgroup /guest socket udp4 connect 127.0.0.1:53 >/dev/null
same "a tenant sees neither the host's events nor another tenant's, nor those of the host in his cgroup" \
	"" "$(told guest)"
as_guest /guest sockcall socket udp4 connect 127.0.0.1:54 >/dev/null
same "but his own, with his ids and users" \
	"mine connect udp to 127.0.0.1:54 accepted program sockcall[PID] user root" "$(told guest)"
forget host
as_guest /guest sockcall socket udp4 connect 127.0.0.1:54 >/dev/null
same "which the host sees with its own" \
	"- connect udp to 127.0.0.1:54 accepted program sockcall[PID] user 1000" "$(told host)"
forget guest
nsenter -t "$pid_guest" -n sockcall cgroup /guest socket udp4 connect 127.0.0.1:55 >/dev/null
same "who of the host makes a socket of his is not his to know" \
	"mine connect udp to 127.0.0.1:55 accepted user 65534" "$(told guest | sed 's/user nobody/user 65534/')"
forget host
rule iptables connect OUTPUT -p udp --dport 56 -j DROP
as_guest /guest sockcall socket udp4 connect 127.0.0.1:56 >/dev/null
same "what the host denies does not come to him" "" "$(told guest)"
flush
set_up as_guest /guest iptables-legacy -t connect -A OUTPUT -p udp --dport 57 -j DROP
forget host
forget guest
as_guest /guest sockcall socket udp4 connect 127.0.0.1:57 >/dev/null
same "what he denies he is told" \
	"mine connect udp to 127.0.0.1:57 denied EPERM by table connect program sockcall[PID] user root" \
	"$(told guest)"
same "and the host, without his rule" \
	"- connect udp to 127.0.0.1:57 denied EPERM by another registry program sockcall[PID] user 1000" \
	"$(told host)"
fails "a user may not watch" "needs root" setpriv --reuid 1000 --regid 1000 --clear-groups ctid watch
fails "nor may a tenant's root in another's namespace" "" \
	nsenter -t "$pid_guest" -U setpriv --clear-groups nsenter -t "$pid_other" -n -- ctid watch
# Root of a network namespace may send to any netlink socket there.
cat >"$tmp/forger.py" <<'P'
import errno, socket
said = set()
for line in open("/proc/net/netlink").readlines()[1:]:
    family, port = line.split()[1:3]
    if family != "16" or port == "0":	# NETLINK_GENERIC
        continue
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16) as s:
        try:
            s.sendto(b"\0" * 16, (int(port), 0))
            said.add("sent")
        except OSError as e:
            said.add(errno.errorcode[e.errno])
print(*sorted(said))
P
same "ctid takes nothing from him that looks like the kernel's" "ECONNREFUSED" \
	"$(as_guest /guest python3 "$tmp/forger.py")"
# To a group he may send what all who listen hear, which is no reason to believe him.
cat >"$tmp/forge.py" <<'P'
import os, socket, struct, sys
sys.path.insert(0, os.getcwd())
import genl

def forge(bus, group, kind, body):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, bus) as heard, \
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, bus) as s:
        heard.bind((0, 0))  # else it has no number, as the kernel has none
        heard.setsockopt(270, 1, group)  # NETLINK_ADD_MEMBERSHIP
        heard.settimeout(20)
        message = struct.pack("IHHII", 16 + len(body), kind, 0, 0, 0) + body
        s.sendto(message, (0, 1 << (group - 1)))
        while heard.recv(65536) != message:
            pass
    print("heard")

if sys.argv[1] == "change":	# a container was added
    f = genl.Family()
    forge(16, f.group, f.number, struct.pack("BBH", 9, 1, 0) +
          genl.attr(2, struct.pack("I", 66)) + genl.attr(3, b"forged\0"))
elif sys.argv[1] == "trace":	# one that has nothing of what the kernel's have
    forge(12, 9, 0x0a11, struct.pack("BBH", 1, 0, 0))
elif sys.argv[1] == "error":	# the rule set's changes end
    forge(12, 7, 2, struct.pack("i", -1) + bytes(16))
P
forged() {
	as_guest /guest python3 "$tmp/forge.py" "$1"
}
as_guest /guest ctid monitor >"$tmp/monitor.told" 2>&1 </dev/null &
monitors() {
	as_guest /guest ctid rename 5 "$1"
	as_guest /guest ctid rename 5 mine
	grep -q "$1" "$tmp/monitor.told"
}
set_up wait_until monitors before
check "a change of containers can be forged" heard forged change
set_up wait_until monitors after
same "ctid monitor does not tell of it" 0 "$(grep -c forged "$tmp/monitor.told")"
set_up as_guest /guest ctid policy mine default accept connect
probe_rules() { probe_guest; }
watcher rules as_guest /guest ctid watch --rule
check "so can a trace of nft's" heard forged trace
same "ctid watch --rule goes on" "" "$(told rules)"
true_that "and has not ended" kill -0 "$watcher_rules"
as_guest /guest ctid nftset sync --follow >"$tmp/follow.told" 2>&1 </dev/null &
# Of nf_tables' changes (group 7), how many bytes are yet to be read?
unread() {
	nsenter -t "$pid_guest" -n awk '$2 == 12 && and_40($4) { n++; left += $5 }
		function and_40(mask) { return substr(mask, length(mask) - 1, 1) ~ /[4-7c-f]/ }
		END { print n ? left : "nobody" }' /proc/net/netlink
}
all_read() {
	[ "$(unread)" = 0 ]
}
set_up wait_until all_read
check "so can changes of nft's rules" heard forged error
wait_until all_read
set_up as_guest /guest ctid policy mine default accept bind
true_that "ctid nftset sync goes on to read them" wait_until all_read
same "and has nothing to say" "" "$(cat "$tmp/follow.told")"

# --- more than the buffer holds
forget host
kill -STOP "$watcher_host"
words=()
for ((i = 0; i < 9000; i++)); do words+=(connect 127.0.0.1:53); done
in_web socket udp4 "${words[@]}" >"$tmp/calls"
same "no call waits or fails for who does not read" 9000 "$(grep -c 'connect ok' "$tmp/calls")"
kill -CONT "$watcher_host"
probes=0
is_told() {
	probe_host
	probes=$((probes + 1))
	grep -q 'events came too fast and were lost' "$tmp/host.err"
}
wait_until is_told
has "it is told that events were lost" "events came too fast and were lost" cat "$tmp/host.err"
lost=$(sed -n 's/^ctid: \([0-9]*\) events came too fast.*/\1/p' "$tmp/host.err" | awk '{ n += $1 } END { print n + 0 }')
kill -INT "$watcher_host"
wait "$watcher_host"
same "it ends well" 0 $?
same "and how many: with those that came it is all of them" $((9000 + probes)) \
	$((lost + $(grep -c . "$tmp/host.told") ))

# --- what ctid would never send
raw() {
	GENL_FAMILY=sock_watch python3 ./genl.py "$@"
}
check "what is no list of ids is refused" "EINVAL this is no list of container ids" raw 1 raw=0500020007000000
check "and an empty one" "EINVAL this is no list of container ids" raw 1 raw=04000200
has "and one that is too long" "ERANGE" raw 1 "raw=48000200$(printf '%0136d' 0)"
has "and what is no attribute of a start" "EINVAL" raw 1 4=1
has "there is no third command" "ENOTSUP" raw 3
check "who has not begun cannot stop" "ENOENT this socket is not told of events" raw 2
check "a user may do neither" "EPERM" setpriv --reuid 1000 --regid 1000 --clear-groups \
	env GENL_FAMILY=sock_watch python3 ./genl.py 1

# --- the end
kill "$pid_guest" "$pid_other"
pkill -x ctid
none_left() {
	[ "$(hooks)" -eq 0 ]
}
set_up wait_until rmmod iptable_sock
rmmod ip6table_sock 2>/dev/null
true_that "nobody watches any more: the hook points are detached" wait_until none_left
watcher host ctid watch
true_that "the module can be removed while somebody watches" rmmod sock_watch
wait_until sh -c "! kill -0 $watcher_host 2>/dev/null"
has "who is told so" "the module sock_watch is being removed" cat "$tmp/host.err"
true_that "and nothing is left attached" wait_until none_left
finish
