#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Rules and containers come and go in any order, modules too.
. ./lib.sh

server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
mods="sock_dev iptable_sock ip6table_sock sock_tables sock_hooks sock_event xt_SOCKERR xt_container container_id"

# try CGROUP: what a connect from there returns.
try() {
	sockcall cgroup "$1" socket tcp4 connect 127.0.0.1:80
}
deny() {
	rule iptables connect OUTPUT -m container --id "$1" -j DROP
}
# unload: what can go of the modules. rmmod goes on after one that cannot.
unload() {
	# shellcheck disable=SC2086 # words
	rmmod $mods 2>/dev/null
}
flush_connect() {
	iptables-legacy -t connect -F
}

# --- order of rule and container
mkdir $cgroups/a
check "before rule and container" "connect ok" try /a
deny 5
check "a rule about an id that is not registered" "connect ok" try /a
set_up ctid add 5 five
check "registered, not bound" "connect ok" try /a
set_up ctid bind five /a
check "rule before container: denied once it is bound" "connect EPERM" try /a
flush_connect
check "without the rule" "connect ok" try /a
deny 5
check "container before rule" "connect EPERM" try /a
set_up ctid unbind five /a
check "unbound" "connect ok" try /a
set_up ctid bind five /a
check "bound again, rule untouched" "connect EPERM" try /a

# --- cgroup removed and made again
rmdir $cgroups/a
wait_until sh -c '! ctid show five | grep -q /a'
check "a removed cgroup takes its binding with it" "" \
	sh -c 'ctid list --json | grep -o "\"path\":\"/a\""'
mkdir $cgroups/a
check "a new cgroup of that name is not bound" "connect ok" try /a
set_up ctid bind five /a
check "bound, the rule holds again" "connect EPERM" try /a
set_up ctid rename five cinq
check "a renamed container keeps its rules" "connect EPERM" try /a
has "which say the new name" "container id 5" iptables-legacy -t connect -nL
set_up ctid del cinq
check "deleted" "connect ok" try /a
flush_connect

# --- another container for a cgroup
mkdir $cgroups/taken
set_up ctid add 20 first
set_up ctid add 21 second
set_up ctid bind first /taken
deny 20
deny 21
check "the first one's" "connect EPERM" try /taken
check "it is not given away without a word" \
	"ctid: cannot bind /taken to container 21: the cgroup is bound to another container: 'ctid of' tells which, 'ctid rebind' takes it from there" \
	sh -c 'ctid bind second /taken 2>&1'
set_up ctid rebind second /taken
has "with it, it is" "21 second" ctid of /taken
check "and that one's rules hold" "connect EPERM" try /taken
iptables-legacy -t connect -D OUTPUT -m container --id 21 -j DROP
check "they, and not the first one's" "connect ok" try /taken
deny 21
set_up ctid rebind second /taken
has "once more is no error" "21 second" ctid of /taken
# Without a rule a datagram socket connects to any port.
cat >"$tmp/taking.py" <<'P'
import os, socket, sys
sys.path.insert(0, ".")
import genl
path = sys.argv[1]
go_on, told = os.pipe(), os.pipe()
if not os.fork():
    open(path + "/cgroup.procs", "w").write("0")
    os.close(go_on[1])
    os.set_blocking(go_on[0], False)
    passed = denied = 0
    while True:
        try:
            if not os.read(go_on[0], 1):
                break
        except BlockingIOError:
            pass
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try:
                s.connect(("127.0.0.1", 9))
                passed += 1
            except PermissionError:
                denied += 1
        if denied == 1:
            os.write(told[1], b"x")
    os.write(told[1], f"{passed} passed, {'some' if denied > 100 else denied} denied".encode())
    os._exit(0)
os.close(go_on[0])
os.read(told[0], 1)
family = genl.Family()
fd = os.open(path, os.O_PATH)
taken = 0
for i in range(3000):
    error, text = family.call(genl.CMDS["bind"], genl.bind_attrs(20 + i % 2, fd) + genl.attr(13, genl.u32(0)))
    taken += not error
os.close(go_on[1])
print(f"{taken} taken,", os.read(told[0], 100).decode())
P
check "given back and forth, it is nobody's at no time" "3000 taken, 0 passed, some denied" \
	python3 "$tmp/taking.py" $cgroups/taken
flush_connect

# --- nested: the nearest wins
mkdir -p $cgroups/out/in/deep
set_up ctid add 10 outer
set_up ctid add 11 inner
set_up ctid bind outer /out
set_up ctid bind inner /out/in
deny outer
check "the outer one's own" "connect EPERM" try /out
check "below the inner binding the outer rule does not hold" "connect ok" try /out/in
check "nor further down" "connect ok" try /out/in/deep
flush_connect
deny inner
check "the inner rule does not hold above" "connect ok" try /out
check "it holds at the binding" "connect EPERM" try /out/in
check "and below" "connect EPERM" try /out/in/deep
set_up ctid unbind inner /out/in
check "without the inner binding" "connect ok" try /out/in/deep
flush_connect
deny outer
check "the outer one is the owner" "connect EPERM" try /out/in/deep
set_up ctid bind inner /out/in
check "until the inner one is back" "connect ok" try /out/in/deep

# --- the owner is who made the socket
check "a socket keeps its owner when the process leaves" "connect EPERM" \
	sockcall cgroup /out socket tcp4 cgroup / connect 127.0.0.1:80
check "and a process that enters has no part in an older socket's" "connect ok" \
	sockcall cgroup / socket tcp4 cgroup /out connect 127.0.0.1:80
check "a socket of a removed cgroup keeps its owner" "connect EPERM" sh -c "
	mkdir $cgroups/out/gone
	sockcall cgroup /out/gone socket tcp4 cgroup / rmdir $cgroups/out/gone connect 127.0.0.1:80"
flush_connect

# --- save and restore
deny outer,inner,20-30
rule iptables bind INPUT -m container ! --id inner -p tcp --dport 90 -j SOCKERR --errno EADDRINUSE
rule iptables accept INPUT -m container --id 0 -p tcp -m comment --comment "no one's" -j DROP
rule iptables accept INPUT -s 192.0.2.0/24 -j DROP
for table in connect bind accept; do
	iptables-legacy-save -c -t $table | grep -v '^#' >"$tmp/$table"
	true_that "table $table restores" sh -c "iptables-legacy-restore -c <$tmp/$table"
	same "table $table: restore of save is the identity, counters too" "$(cat "$tmp/$table")" \
		"$(iptables-legacy-save -c -t $table | grep -v '^#')"
done
has "a saved rule has ids, not names" "--id 10-11,20-30" cat "$tmp/connect"

# --- rmmod
fails "a module with rules stays" "in use" modprobe -r iptable_sock
flush
true_that "flushed, all of them go" sh -c "rmmod $mods 2>/dev/null; ! lsmod | grep -E '^(sock_|iptable_sock|ip6table_sock|xt_container|xt_SOCKERR|container_id)'"
check "without modules" "connect ok" try /out
for order in "$mods" "container_id xt_container iptable_sock" "iptable_sock container_id xt_container" \
	"sock_hooks ip6table_sock iptable_sock xt_container" "xt_SOCKERR sock_dev xt_container iptable_sock"; do
	# shellcheck disable=SC2086
	set_up modprobe -a $order
	set_up ctid add 10 outer
	set_up ctid bind outer /out
	check "loaded as $order: no rule" "connect ok" try /out
	deny outer
	check "loaded as $order: denied" "connect EPERM" try /out
	flush_connect
	unload
done
check "none is left" "" sh -c "lsmod | grep -E '^(sock_|iptable_sock|ip6table_sock|xt_container|xt_SOCKERR|container_id)'"

# --- unload under load of all paths: each call ends as it would without modules, or
# denied; and while the rules are there, it is denied
modprobe -qa sctp l2tp_ip
rules() {
	deny outer
	rule ip6tables connect OUTPUT -m container --id outer -j DROP
	rule iptables bind INPUT -m container --id outer -j DROP
	rule ip6tables bind INPUT -m container --id outer -j DROP
	rule iptables accept INPUT -m container --id outer -j SOCKERR --errno ECONNREFUSED
}
flush_rules() {
	for family in iptables ip6tables; do
		for table in connect bind; do $family-legacy -t $table -F; done
	done
	iptables-legacy -t accept -F
}
server sockcall cgroup /out socket tcp4 reuseaddr bind 127.0.0.1:8080 listen serve
# Every call of these is one that the rules deny, the peer's of an accept included.
# A round begins and ends with the time. What it prints is sorted out afterwards: a
# process here would be one that makes no call.
worker() {
	while [ -e "$tmp/load" ]; do
		echo "at $EPOCHREALTIME"
		sockcall cgroup /out socket tcp4 connect 127.0.0.1:80 socket udp4 sendto 127.0.0.1:9 \
			socket udp6 sendto '[::1]:9' socket tcp4 listen socket tcp6 bind '[::]:0' \
			socket udp4 bind 127.0.0.1:0 socket raw4 sendto 127.0.0.1:0 \
			socket raw6 sendto '[::1]:0' socket ping4 sendto 127.0.0.1:0 \
			socket mptcp4 connect 127.0.0.1:80 socket l2tp4 sendto 127.0.0.1:0 \
			socket sctp4 bind 127.0.0.1:0 socket sctpm4 sendto 127.0.0.1:9 \
			socket tcp4 fastopen 127.0.0.1:80 socket tcp6 connect '[::ffff:127.0.0.1]:80' \
			socket tcp4 uring_connect 127.0.0.1:80
		echo peer
		sockcall socket tcp4 connect 127.0.0.1:8080
	done
}
# sort_out FILE...: without what a kernel has not, and the peer's connect as an accept.
sort_out() {
	sed -i -e '/^uring_connect EINVAL$/d' -e '/^peer$/,/^at /s/^connect/accept/' -e '/^peer$/d' "$@"
}
echo '0 100000' >/proc/sys/net/ipv4/ping_group_range
touch "$tmp/load"
worker >"$tmp/calls1" 2>&1 &
w1=$!
worker >"$tmp/calls2" 2>&1 &
w2=$!
rounds() { grep -c '^at' "$1"; }
went_on() { [ "$(rounds "$tmp/calls1")" -gt "$1" ] && [ "$(rounds "$tmp/calls2")" -gt "$2" ]; }
for i in 1 2; do
	set_up modprobe -a iptable_sock ip6table_sock xt_container xt_SOCKERR sock_dev
	set_up ctid add 10 outer
	set_up ctid bind outer /out
	rules
	echo "$EPOCHREALTIME" >>"$tmp/from"
	set_up ip link add ev$i type sockbind
	set_up ip link set ev$i up
	before=$(rounds "$tmp/calls1") before2=$(rounds "$tmp/calls2")
	wait_until went_on $((before + 4)) $((before2 + 4))
	echo "$EPOCHREALTIME" >>"$tmp/to"
	flush_rules
	set_up ip link set ev$i down
	unload
done
rm "$tmp/load"
wait $w1 $w2
sort_out "$tmp/calls1" "$tmp/calls2"
check "calls under load ended well" "" sh -c \
	"cat $tmp/calls1 $tmp/calls2 | grep -vE '^at |^[a-z_]+ (ok|EPERM)\$|^accept ECONNREFUSED\$|^(sendto|connect) E(CONNREFUSED|TIMEDOUT)\$' | sort | uniq -c"
# Of the rounds that began after the rules came and ended before they went.
judged() {
	python3 - "$tmp" <<'P'
import sys
tmp = sys.argv[1]
spans = list(zip(*[[float(l) for l in open(f"{tmp}/{n}")] for n in ("from", "to")]))
rounds, passed = 0, []
for name in ("calls1", "calls2"):
    blocks = open(f"{tmp}/{name}").read().split("at ")[1:]
    starts = [float(b.split("\n", 1)[0]) for b in blocks]
    for block, start, end in zip(blocks, starts, starts[1:]):
        if not any(a < start and end < b for a, b in spans):
            continue
        rounds += 1
        passed += [l for l in block.split("\n")[1:]
                   if l and not l.endswith("EPERM") and l != "accept ECONNREFUSED"]
print("rounds" if rounds >= 6 else f"only {rounds} rounds", "passed:", passed)
P
}
check "and while the rules were there, not one passed" "rounds passed: []" judged
true_that "without them some did" grep -q '^connect ok' "$tmp/calls1"
check "the modules are gone" "" sh -c "lsmod | grep -E '^(sock_|iptable_sock|container_id)'"

# --- network namespaces that go away
set_up modprobe -a xt_container
rules_of_3() {
	printf '%s\n' "*$1" "-A $2 -m container --id 3 -j DROP" COMMIT
}
{ rules_of_3 connect OUTPUT && rules_of_3 bind INPUT && rules_of_3 accept INPUT; } >"$tmp/rules"
for i in 1 2 3 4 5 6 7 8 9 10; do
	ip netns add life
	ip netns exec life sh -c "iptables-legacy-restore <$tmp/rules && ip6tables-legacy-restore <$tmp/rules" ||
		not_ok "a rule in a network namespace"
	# ip netns exec would hide the cgroups.
	nsenter --net=/run/netns/life sh -c 'ip link add ev type sockconnect &&
		ip link set ev up &&
		ctid add 3 three &&
		ctid bind three /out' || not_ok "a device and a binding in a network namespace"
	ip netns del life
done
true_that "with them went tables, devices and registries: the modules go" wait_until sh -c \
	"rmmod $mods 2>/dev/null; ! lsmod | grep -qE '^(sock_|iptable_sock|container_id)'"
finish
