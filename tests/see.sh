#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What ctid shows of sockets: whose they are, across network namespaces.
. ./lib.sh

container web 7
container db 8
set_up mkdir -p "$cgroups/plain"

# list [CONTAINER...]: the columns that do not change from run to run, but for the ports
# that the kernel picks.
columns() {
	awk 'NR > 1 { print $1, $2, $3, $4, $5, $6, $7 }' | sed -E 's/:[3-6][0-9]{4} /:PORT /g'
}
list() {
	ctid sockets "$@" 2>&1 | columns
}

check "there are no sockets of web yet" "" list web
check "and this in JSON" "[
]" sh -c 'ctid sockets web --json | sed "s/^\[\]$/[\n]/"'

# --- a server, in namespaces with a name and without one
server sockcall cgroup /web socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
check "a listener has its container, state and address" \
	"web - tcp listen 127.0.0.1:80 - root" list web
has "and its program" "sockcall[" ctid sockets web
check "another container has none" "" list db
set_up ip netns add shop
set_up nsenter --net=/run/netns/shop ip link set lo up
nsenter --net=/run/netns/shop sockcall cgroup /db socket tcp6 v6only 1 reuseaddr bind '[::1]:81' listen serve \
	>/dev/null 2>&1 </dev/null &
servers="$servers $!"
listens_in_shop() {
	nsenter --net=/run/netns/shop ss -Htln | grep -q :81
}
set_up wait_until listens_in_shop
check "a named namespace is looked into" "db shop tcp listen [::1]:81 - root" list db
tenant guest 1000 /web/guest
as_guest /web/guest sockcall socket tcp4 reuseaddr bind 127.0.0.1:82 listen serve \
	>/dev/null 2>&1 </dev/null &
servers="$servers $!"
listens_in_guest() {
	# shellcheck disable=SC2154 # of tenant()
	nsenter -t "$pid_guest" -n ss -Htln | grep -q :82
}
set_up wait_until listens_in_guest
inode=$(stat -Lc %i "/proc/$pid_guest/ns/net")
check "and one without a name; a cgroup below belongs to the container" \
	"web - tcp listen 127.0.0.1:80 - root
web net:$inode tcp listen 127.0.0.1:82 - 1000" list web
check "two containers are asked for at once" 3 sh -c 'ctid sockets web 8 | tail -n +2 | wc -l'
fails "one that is not there is named" "no container \"nobody\"" ctid sockets nobody

# --- other protocols, and both ends of a connection
server sockcall cgroup /db socket tcp4 reuseaddr bind 127.0.0.1:90 listen serve
sockcall cgroup /web socket tcp4 bind 127.0.0.3:0 connect 127.0.0.1:90 socket udp4 bind 127.0.0.1:53 \
	socket raw4 bind 127.0.0.4:0 pause >/dev/null 2>&1 </dev/null &
servers="$servers $!"
has_raw() {
	ss -Hwan | grep -q 127.0.0.4
}
set_up wait_until has_raw
has "a client has its container" "web - tcp established 127.0.0.3:PORT 127.0.0.1:90 root" list web
has "and so has the other end" "db - tcp established 127.0.0.1:90 127.0.0.3:PORT root" list db
has "UDP sockets are listed" "web - udp unconnected 127.0.0.1:53 - root" list web
has "and raw ones, with their protocol" "web - 253 unconnected 127.0.0.4 - root" list web
mptcp=$(sockcall socket mptcp4)
if [ "$mptcp" = "" ]; then
	server sockcall cgroup /db socket mptcp4 reuseaddr bind 127.0.0.1:91 listen serve
	has "MPTCP sockets are listed" "db - mptcp listen 127.0.0.1:91 - root" list db
else
	skip "MPTCP sockets are listed" "no MPTCP in this kernel: $mptcp"
fi

# --- whose it cannot be known
server sockcall cgroup /plain socket tcp4 reuseaddr bind 127.0.0.1:83 listen serve
has "a socket of no container says so" "- - tcp listen 127.0.0.1:83 - root" list
set_up ctid bind db /plain
has "a binding is about sockets that are there already" "db - tcp listen 127.0.0.1:83 - root" list
set_up ctid unbind db /plain

# --- JSON
json() {
	ctid sockets "$@" --json 2>/dev/null | python3 -c '
import json, sys
for s in json.load(sys.stdin):
	print(s["container"]["id"], s["container"].get("name"), s["protocol"], s["state"],
		s["local"], s["netns"]["own"], s["user"]["uid"], s["programs"][0]["program"],
		s["cgroup"]["path"])'
}
json_of_db_ipv6() {
	json db | grep ::1
}
check "JSON has it all" \
	"8 db tcp listen {'address': '::1', 'port': 81} False 0 sockcall /db" \
	json_of_db_ipv6

cp "$(command -v sockcall)" "$tmp/"$'\xff\e[7m'
"$tmp/"$'\xff\e[7m' cgroup /db socket udp4 bind 127.0.0.9:53 pause >/dev/null 2>&1 </dev/null &
strange=$!
servers="$servers $strange"
set_up wait_until sh -c "ss -Huan | grep -q 127.0.0.9"
has "a program whose name is no text has one" '\377\033[7m[' ctid sockets db
json_of_strange() {
	json db | grep 127.0.0.9
}
check "in JSON, too" \
	"8 db udp unconnected {'address': '127.0.0.9', 'port': 53} True 0 \\377\\033[7m /db" json_of_strange
kill "$strange"

# Right-to-left, and a control character of its own: in UTF-8 these are text.
odd=$'\xe2\x80\xae\xc2\x9b7m'
set_up mkdir "$cgroups/db/$odd"
cp "$(command -v sockcall)" "$tmp/$odd"
"$tmp/$odd" cgroup "/db/$odd" socket udp4 bind 127.0.0.10:53 pause >/dev/null 2>&1 </dev/null &
strange=$!
servers="$servers $strange"
set_up wait_until sh -c "ss -Huan | grep -q 127.0.0.10"
set_up ctid bind db "/db/$odd"
has "JSON has no character that a terminal acts on: a path" '"path":"/db/\u202E\u009B7m"' ctid sockets db --json
has "a program" '"program":"\u202E\u009B7m"' ctid sockets db --json
has "a container's cgroups" '"path":"/db/\u202E\u009B7m"' ctid list --json
has "which is the same in the end" "8 db udp unconnected {'address': '127.0.0.10', 'port': 53} True 0 $odd /db/$odd" \
	json db
set_up ctid unbind db "/db/$odd"
kill "$strange"

# --- who hides
set_up mkdir "$cgroups/web/gone"
server sockcall cgroup /web/gone socket tcp4 reuseaddr bind 127.0.0.1:84 listen cgroup /web \
	rmdir "$cgroups/web/gone" serve
set_up wait_until [ ! -d "$cgroups/web/gone" ]
whispers() {
	"$@" >/dev/null 2>"$tmp/whispers"
	cat "$tmp/whispers"
}
has "a socket whose cgroup is removed is nobody's that is known" "? - tcp listen 127.0.0.1:84 - root" list
has "so it is said that web may have more" "1 socket is left out" whispers ctid sockets web
has "also in JSON" "1 socket is left out" whispers ctid sockets web --json
has "and that a graph lacks it" "1 socket is left out" whispers ctid graph
has "with their number" '"unknown":1}' ctid graph --json
check "where all are listed, nothing is left out" "" whispers ctid sockets
kill "${servers##* }"
check "and none is without it" "" whispers ctid sockets web

# --- a tenant sees his own, and is told of what is missing
set_up as_guest /web/guest ctid add 5 mine
set_up as_guest /web/guest ctid bind mine /web/guest
list_of_guest() {
	as_guest /web/guest ctid sockets 2>/dev/null | columns
}
check "a tenant sees his own sockets, by his own ids" "mine - tcp listen 127.0.0.1:82 - root" list_of_guest
has "and is told that he does not see others'" "may not be looked into" \
	as_guest /web/guest ctid sockets
# For who is not root in a PID namespace of two processes.
one_hidden() {
	unshare -pf --mount-proc sh -c "setpriv --reuid 1000 --regid 1000 --clear-groups \
		--inh-caps +net_admin --ambient-caps +net_admin ctid sockets; true"
}
has "of one process, it is one" "1 process may not be looked into, and what it alone has is missing" one_hidden
has "of one namespace, too" "1 network namespace may not be entered, and its sockets are missing" one_hidden
same "the visit ends where it began" "$(readlink /proc/self/ns/net)" \
	"$(ctid sockets >/dev/null; readlink /proc/self/ns/net)"

# --- who talks to whom
edges() {
	ctid graph --json 2>/dev/null | edges_of
}
edges_of() {
	python3 -c '
import json, sys
graph = json.load(sys.stdin)
name = lambda n: graph["nodes"][n].get("address") or graph["nodes"][n]["container"].get("name") or "-"
for e in graph["edges"]:
	print(name(e["from"]), name(e["to"]), e["protocol"], e["port"], e["connections"])'
}
check "the two ends of a connection are one edge" "web db tcp 90 1" edges
set_up ip link add out0 type veth peer name in0 netns shop
set_up ip addr add 192.0.2.1/24 dev out0
set_up ip link set out0 up
set_up nsenter --net=/run/netns/shop sh -c "ip addr add 192.0.2.2/24 dev in0 && ip link set in0 up"
nsenter --net=/run/netns/shop sockcall cgroup /db socket tcp4 bind 192.0.2.2:5432 listen serve >/dev/null 2>&1 </dev/null &
servers="$servers $!"
set_up wait_until nsenter --net=/run/netns/shop sh -c "ss -Htln | grep -q :5432"
sockcall cgroup /web socket tcp4 connect 192.0.2.2:5432 socket tcp4 connect 192.0.2.2:5432 \
	socket udp4 connect 198.51.100.7:53 socket udp4 connect 192.0.2.9:53 pause >/dev/null 2>&1 </dev/null &
servers="$servers $!"
set_up wait_until sh -c "ss -Huan | grep -q 192.0.2.9"
check "also in two network namespaces, and what is elsewhere is an address" "web db tcp 90 1
web db tcp 5432 2
web 192.0.2.9 udp 53 1" edges
has "the text is Graphviz's" '[label="tcp 5432"];' ctid graph
if command -v dot >/dev/null; then
	set_up ctid graph --svg "$tmp/graph.svg"
	has "which draws it" "web (7)" cat "$tmp/graph.svg"
	has "as SVG" "<svg" cat "$tmp/graph.svg"
	has "also on the standard output" "</svg>" ctid graph --svg -
	fails "a file that cannot be written is named" "cannot write /no/such/file: No such file" \
		ctid graph --svg /no/such/file
	fails "and one that is full" "cannot write /dev/full: No space left" ctid graph --svg /dev/full
	fails "or the standard output" "cannot write the output: No space left" \
		sh -c "ctid graph --svg - >/dev/full"
else
	skip "which draws it" "no dot in this suite"
fi
mkdir "$tmp/empty"
fails "without Graphviz it is said what to do" "install graphviz" \
	env PATH="$tmp/empty" "$(command -v ctid)" graph --svg "$tmp/no.svg"

# --- and who talked, while it watched
# watched COMMAND...: what is new in the graph after COMMAND was run meanwhile.
watched() {
	edges >"$tmp/before"
	ctid graph --for 2m --json >"$tmp/graph.json" 2>"$tmp/graph.err" &
	set_up wait_until grep -q watching "$tmp/graph.err"
	"$@" >/dev/null 2>&1 </dev/null
	kill -INT $!
	wait $! || bail_out "graph: $(cat "$tmp/graph.err")"
	edges_of <"$tmp/graph.json" | diff "$tmp/before" - | sed -n 's/^> //p'
}
short() {
	for _ in 1 2 3; do sockcall cgroup /web socket tcp4 connect 127.0.0.1:90; done
	sockcall cgroup /web socket tcp4 connect 192.0.2.2:5432
	sockcall cgroup /db socket udp4 sendto 127.0.0.1:99 sendto 198.51.100.9:53
	sockcall cgroup /web socket udp4 bind 127.0.0.1:99
	nsenter --net=/run/netns/shop sockcall socket tcp4 bind 192.0.2.2:0 connect 192.0.2.2:5432
	sockcall cgroup /web socket tcp4 connect 127.0.0.1:91
}
rule iptables connect OUTPUT -p tcp --dport 91 -j DROP
same "short connections are in a graph that watches, and what is sent, but not what is denied" \
	"- db tcp 5432 1
web db tcp 90 4
web db tcp 5432 3
db web udp 99 1" "$(watched short | sed '/198.51.100/d')"
if command -v dot >/dev/null; then
	set_up ctid graph --for 1s --svg "$tmp/for.svg"
	has "and as SVG" "<svg" cat "$tmp/for.svg"
else
	skip "and as SVG" "no dot in this suite"
fi
fails "a time is a time" '"soon" is no time to watch for' ctid graph --for soon

# --- who has the same open many times
# peak: how much memory looking takes, in KB.
peak() {
	python3 -c 'import resource, subprocess
subprocess.run(["ctid", "sockets"], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
}
before=$(peak)
(
	ulimit -n 40100
	exec python3 -c 'import os, socket, time
s = socket.socket()
s.bind(("127.0.0.1", 85))
for _ in range(40000): os.dup(s.fileno())
for _ in range(9): os.fork() or time.sleep(1000)
s.listen()
time.sleep(1000)' >/dev/null 2>&1 </dev/null
) &
servers="$servers $!"
set_up wait_until sh -c "ss -Htln | grep -q :85"
has "ten processes with one socket 40,000 times each have it" "and 9 more" ctid sockets
more=$(($(peak) - before))
if [ $more -lt 4000 ]; then
	ok "and that takes memory for one process at a time"
else
	not_ok "and that takes memory for one process at a time" "$more KB"
fi
finish
