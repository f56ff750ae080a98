#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The tables connect, bind and accept: what a rule does to a call, and that the
# same call passes without it.
. ./lib.sh

container web 7
out() { sockcall "$@"; }

# A server outside of the container, and one in it, whose accepts are judged.
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
server sockcall socket tcp6 v6only 1 reuseaddr bind '[::1]:80' listen serve

# --- routes that a socket has from before there were rules
cat >"$tmp/routes.py" <<'P'
import errno, os, socket, sys, time
def say(name, call, *args):
    try:
        call(*args)
        print(name, "ok")
    except OSError as e:
        print(name, errno.errorcode[e.errno])
lsrr = b"\1\203\7\4" + socket.inet_aton("127.0.0.3")
rthdr = b"\0\2\2\1\0\0\0\0" + socket.inet_pton(socket.AF_INET6, "fd00::3")
socks = {}
for name in "connect", "send":
    s = socks[name + " by IPv4"] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, lsrr)
    s = socks[name + " by IPv6"] = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, rthdr)
plain = socks["connect with another option"] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
plain.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x94\4\0\0")
open(sys.argv[1], "w").close()
while os.path.exists(sys.argv[1]):
    time.sleep(0.05)
for name, s in socks.items():
    to = "127.0.0.1" if s.family == socket.AF_INET else "::1"
    call = s.connect if name.startswith("connect") else lambda a: s.sendto(b"x", a)
    say(name, call, (to, 9))
P
# routed [TABLE]: what such sockets can do, where TABLE came after them.
routed() {
	rm -f "$tmp/ready" "$tmp/routed"
	python3 "$tmp/routes.py" "$tmp/ready" >"$tmp/routed" 2>&1 </dev/null &
	wait_until test -e "$tmp/ready" || bail_out "$(cat "$tmp/routed")"
	[ -z "${1:-}" ] || set_up iptables-legacy -t "$1" -S
	rm "$tmp/ready"
	wait $!
	cat "$tmp/routed"
}
set_up ip addr add fd00::3/128 dev lo nodad
same "a source route is the kernel's affair while there are no rules" 5 \
	"$(routed | grep -vc EPERM)"
same "a route from before there were rules is not taken" "connect by IPv4 EPERM
connect by IPv6 EPERM
send by IPv4 EPERM
send by IPv6 EPERM
connect with another option ok" "$(routed connect)"

# --- tables come when they are named
true_that "naming table connect makes it" iptables-legacy -t connect -S
has "its one chain is OUTPUT" "-P OUTPUT ACCEPT" iptables-legacy -t connect -S
has "that of bind is INPUT" "-P INPUT ACCEPT" iptables-legacy -t bind -S
has "that of accept is INPUT" "-P INPUT ACCEPT" iptables-legacy -t accept -S
has "ip6tables has them, too" "-P INPUT ACCEPT" ip6tables-legacy -t accept -S
fails "a chain of another direction is refused" "No chain/target/match by that name" \
	iptables-legacy -t connect -A INPUT -j DROP

# --- connect
twins() {
	check "$1 connects TCP, IPv4" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
	check "$1 connects TCP, IPv6" "connect ok" in_web socket tcp6 connect '[::1]:80'
	check "$1 connects UDP, IPv4" "connect ok" in_web socket udp4 connect 127.0.0.1:53
	check "$1 connects UDP, IPv6" "connect ok" in_web socket udp6 connect '[::1]:53'
}
twins "without a rule a container"
rule iptables connect OUTPUT -m container --id web -p tcp --dport 80 -j DROP
rule iptables connect OUTPUT -m container --id web -p udp --dport 53 -j DROP
rule ip6tables connect OUTPUT -m container --id web -p tcp --dport 80 -j DROP
rule ip6tables connect OUTPUT -m container --id web -p udp --dport 53 -j DROP
check "DROP denies connect, TCP, IPv4" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
check "DROP denies connect, TCP, IPv6" "connect EPERM" in_web socket tcp6 connect '[::1]:80'
check "DROP denies connect, UDP, IPv4" "connect EPERM" in_web socket udp4 connect 127.0.0.1:53
check "DROP denies connect, UDP, IPv6" "connect EPERM" in_web socket udp6 connect '[::1]:53'
same "the rule counted one TCP connect" 1 "$(packets iptables connect 1)"
same "the rule counted one UDP connect" 1 "$(packets iptables connect 2)"
check "another port passes" "connect ECONNREFUSED" in_web socket tcp4 connect 127.0.0.1:81
check "another process passes" "connect ok" out socket tcp4 connect 127.0.0.1:80
check "a v4-mapped address is IPv4" "connect EPERM" in_web socket tcp6 connect '[::ffff:127.0.0.1]:80'
check "0.0.0.0 is loopback" "connect EPERM" in_web socket tcp4 connect 0.0.0.0:80
check ":: is loopback" "connect EPERM" in_web socket tcp6 connect '[::]:80'
rule iptables connect OUTPUT -m container --id web -d 127.0.0.1 -p tcp --dport 83 -j DROP
check "a rule about 127.0.0.1 means 0.0.0.0, too" "connect EPERM" in_web socket tcp4 connect 0.0.0.0:83
check "AF_UNSPEC takes a peer away and passes" \
	"connect ok
disconnect ok" in_web socket udp4 connect 127.0.0.1:54 disconnect
iptables-legacy -t connect -P OUTPUT DROP
check "a chain policy DROP denies" "connect EPERM" out socket tcp4 connect 127.0.0.1:81
check "disconnect passes it" "disconnect ok" out socket udp4 disconnect
check "a socket of another family passes it" "connect ENOENT" \
	sh -c 'echo "import socket,errno
try: socket.socket(socket.AF_UNIX).connect(\"/none\")
except OSError as e: print(\"connect\", errno.errorcode[e.errno])" | python3'
flush
twins "after a flush a container"

# --- errors of the kernel's own stay what they are
iptables-legacy -t connect -P OUTPUT DROP
iptables-legacy -t bind -P INPUT DROP
check "too short an address is EINVAL" "connect EINVAL" out socket tcp4 addrlen 8 connect 127.0.0.1:80
check "an absurd family is EAFNOSUPPORT" "connect EAFNOSUPPORT" out socket tcp4 family 77 connect 127.0.0.1:80
check "too short an address to bind is EINVAL" "bind EINVAL" out socket tcp4 addrlen 8 bind 127.0.0.1:90
flush

# --- bind
binds() {
	check "$1 binds TCP, IPv4" "bind ok" in_web socket tcp4 bind 127.0.0.1:90
	check "$1 binds TCP, IPv6" "bind ok" in_web socket tcp6 bind '[::1]:90'
	check "$1 binds UDP, IPv4" "bind ok" in_web socket udp4 bind 127.0.0.1:90
	check "$1 binds UDP, IPv6" "bind ok" in_web socket udp6 bind '[::1]:90'
	check "$1 binds ::" "bind ok" in_web socket tcp6 bind '[::]:90'
	check "$1 listens without a bind" "listen ok" in_web socket tcp4 listen
}
binds "without a rule a container"
rule iptables bind INPUT -m container --id web -p tcp --dport 90 -j DROP
rule iptables bind INPUT -m container --id web -p udp --dport 90 -j DROP
check "DROP denies bind, TCP, IPv4" "bind EPERM" in_web socket tcp4 bind 127.0.0.1:90
check "DROP denies bind, UDP, IPv4" "bind EPERM" in_web socket udp4 bind 127.0.0.1:90
check "another port binds" "bind ok" in_web socket tcp4 bind 127.0.0.1:91
check "another process binds" "bind ok" out socket tcp4 bind 127.0.0.1:90
check "a v4-mapped bind is IPv4" "bind EPERM" in_web socket tcp6 bind '[::ffff:127.0.0.1]:90'
check "a dual-stack bind of :: is IPv4, too" "bind EPERM" in_web socket tcp6 bind '[::]:90'
check "a V6ONLY one is not" "bind ok" in_web socket tcp6 v6only 1 bind '[::]:90'
check "AF_UNSPEC with 0.0.0.0 is AF_INET" "bind EPERM" in_web socket tcp4 family 0 bind 0.0.0.0:90
rule ip6tables bind INPUT -m container --id web -p tcp --dport 90 -j DROP
check "DROP denies bind, TCP, IPv6" "bind EPERM" in_web socket tcp6 bind '[::1]:90'
check "and the V6ONLY bind of ::" "bind EPERM" in_web socket tcp6 v6only 1 bind '[::]:90'
rule iptables bind INPUT -m container --id web -p tcp --dport 0 -j DROP
check "listen without a bind is a bind of port 0" "listen EPERM" in_web socket tcp4 listen
check "listen after a bind is none" "bind ok
listen ok" in_web socket tcp4 bind 127.0.0.1:92 listen
flush
binds "after a flush a container"

# --- accept
server sockcall cgroup /web socket tcp4 reuseaddr bind 127.0.0.1:8080 listen serve
server sockcall cgroup /web socket tcp6 v6only 1 reuseaddr bind '[::1]:8080' listen serve
check "without a rule a container accepts, IPv4" "connect ok" out socket tcp4 connect 127.0.0.1:8080
check "without a rule a container accepts, IPv6" "connect ok" out socket tcp6 connect '[::1]:8080'
rule iptables accept INPUT -m container --id web -p tcp --dport 8080 -j DROP
rule ip6tables accept INPUT -m container --id web -p tcp --dport 8080 -j DROP
check "DROP leaves the peer without an answer, IPv4" "connect ETIMEDOUT" \
	out socket tcp4 connect 127.0.0.1:8080
check "DROP leaves the peer without an answer, IPv6" "connect ETIMEDOUT" \
	out socket tcp6 connect '[::1]:8080'
true_that "the rule counted the requests" test "$(packets iptables accept)" -ge 1
check "a server outside of the container accepts" "connect ok" out socket tcp4 connect 127.0.0.1:80
flush
rule iptables accept INPUT -m container --id web ! -s 127.0.0.2 -j SOCKERR --errno ECONNREFUSED
rule ip6tables accept INPUT -m container --id web -j SOCKERR --errno EPERM
check "SOCKERR sends a reset, IPv4" "connect ECONNREFUSED" out socket tcp4 connect 127.0.0.1:8080
check "SOCKERR sends one whatever its errno, IPv6" "connect ECONNREFUSED" \
	out socket tcp6 connect '[::1]:8080'
check "another source is accepted" "bind ok
connect ok" out socket tcp4 bind 127.0.0.2:0 connect 127.0.0.1:8080
flush
check "after a flush a container accepts, IPv4" "connect ok" out socket tcp4 connect 127.0.0.1:8080
check "after a flush a container accepts, IPv6" "connect ok" out socket tcp6 connect '[::1]:8080'

# --- SOCKERR
for errno in EPERM EACCES EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH \
	ECONNRESET ETIMEDOUT ECONNREFUSED EHOSTUNREACH; do
	rule iptables connect OUTPUT -m container --id web -p tcp -j SOCKERR --errno $errno
	check "SOCKERR --errno $errno" "connect $errno" in_web socket tcp4 connect 127.0.0.1:80
	iptables-legacy -t connect -F
done
fails "SOCKERR in table filter is refused" "" iptables-legacy -A OUTPUT -j SOCKERR --errno EPERM
finish
