#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What is not judged, on purpose: the table in docs/coverage.md says why, and what
# to do about it. Here each is shown to pass under policies that deny everything,
# so that the table stays true.
. ./lib.sh

container web 7
set_up ip link set lo up
modprobe -qa vsock_loopback vxlan tipc can_raw 2>/dev/null

cat >"$tmp/call.py" <<'EOF'
"""call.py WHAT: makes a call in the container and prints its errno, or ok."""
import errno
import os
import socket
import struct
import sys

with open("/sys/fs/cgroup/web/cgroup.procs", "w") as procs:
    procs.write("0")


def header(to):
    """An IPv4 header and eight octets, for a socket with IP_HDRINCL."""
    return struct.pack("!BBHHHBBH4s4s8s", 0x45, 0, 28, 1, 0, 64, 253, 0,
                       socket.inet_aton("127.0.0.1"), socket.inet_aton(to), b"")


def packet():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    s.sendto(header("127.0.0.3"), ("lo", 0x0800, 0, 0, b""))


def hdrincl():
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    s.sendto(header("127.0.0.3"), ("127.0.0.1", 0))


def connect(*socket_args, to):
    socket.socket(*socket_args).connect(to)


def bind(*socket_args, to):
    socket.socket(*socket_args).bind(to)


def pair():
    a, b = socket.socketpair()
    a.send(b"x")
    b.recv(1)


CALLS = {
    "packet": packet,
    "hdrincl": hdrincl,
    "pair": pair,
    "unix-bind": lambda: bind(socket.AF_UNIX, to=b"\0uncovered"),
    "unix": lambda: connect(socket.AF_UNIX, to=b"\0nobody"),
    "netlink": lambda: bind(socket.AF_NETLINK, socket.SOCK_RAW, 0, to=(0, 0)),
    "vsock-bind": lambda: bind(socket.AF_VSOCK, socket.SOCK_STREAM, to=(0xffffffff, 5000)),
    "vsock": lambda: connect(socket.AF_VSOCK, socket.SOCK_STREAM, to=(1, 5001)),
    "tipc": lambda: bind(socket.AF_TIPC, socket.SOCK_RDM,
                         to=(socket.TIPC_ADDR_NAMESEQ, 5000, 0, 0, socket.TIPC_NODE_SCOPE)),
    "alg": lambda: bind(socket.AF_ALG, socket.SOCK_SEQPACKET, to=("hash", "sha256")),
}

try:
    CALLS[sys.argv[1]]()
    print("ok")
except OSError as e:
    print(errno.errorcode[e.errno])
EOF
call() { python3 "$tmp/call.py" "$1"; }

# passes NAME CALL: the call is as it was without the policies, and not EPERM.
passes() {
	case ${before[$2]} in
	EAFNOSUPPORT | EPROTONOSUPPORT)
		skip "$1" "this kernel answers ${before[$2]}"
		;;
	*EPERM*) not_ok "$1" "it is EPERM without any rule" ;;
	*) check "$1" "${before[$2]}" call "$2" ;;
	esac
}

declare -A before
for name in packet hdrincl pair unix-bind unix netlink vsock-bind vsock tipc alg; do
	before[$name]=$(call $name 2>&1)
done

# A connection from before the policies.
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
mkfifo "$tmp/go"
sockcall cgroup /web socket tcp4 connect 127.0.0.1:80 socket udp4 connect 127.0.0.1:81 >"$tmp/old" &&
	python3 - "$tmp/go" >"$tmp/sent" 2>&1 <<'EOF' &
import socket, sys
open("/sys/fs/cgroup/web/cgroup.procs", "w").write("0")
tcp = socket.create_connection(("127.0.0.1", 80))
print("connected", flush=True)
open(sys.argv[1]).read()
tcp.send(b"x")
print("sent")
EOF
set_up wait_until grep -q connected "$tmp/sent"

for family in iptables ip6tables; do
	set_up $family-legacy -t connect -P OUTPUT DROP
	set_up $family-legacy -t bind -P INPUT DROP
	set_up $family-legacy -t accept -P INPUT DROP
done
check "the policies deny an IP socket's connect" "connect EPERM" in_web socket udp4 connect 127.0.0.1:81
check "and its bind" "bind EPERM" in_web socket udp4 bind 127.0.0.1:81

passes "AF_PACKET sends" packet
passes "AF_UNIX socketpairs" pair
passes "AF_UNIX binds" unix-bind
passes "AF_UNIX connects" unix
passes "AF_NETLINK binds" netlink
passes "AF_VSOCK binds" vsock-bind
passes "AF_VSOCK connects" vsock
passes "AF_TIPC binds" tipc
passes "AF_ALG binds" alg

: >"$tmp/go"
true_that "a connection from before the rule sends on" wait_until grep -q sent "$tmp/sent"

# The UDP socket of a tunnel is the kernel's.
true_that "a kernel socket binds" sh -c "
	ip link add vx0 type vxlan id 5 remote 127.0.0.2 dstport 4790 dev lo &&
	ip link set vx0 up && ip link del vx0"

# So is that of an NFS mount, though it has a file as users' have.
set_up iptables-legacy -t bind -P INPUT ACCEPT
set_up iptables-legacy -t accept -P INPUT ACCEPT
server sockcall socket tcp4 bind 127.0.0.1:2049 listen serve
timeout -s KILL 100 mount -i -t nfs4 \
	-o vers=4.2,addr=127.0.0.1,clientaddr=127.0.0.1,soft,timeo=10,retrans=1 \
	127.0.0.1:/ /mnt >"$tmp/mount" 2>&1 &
true_that "a kernel socket with a file connects" wait_until sh -c \
	'ss -Htn state established dport = :2049 | grep -q .'
kill $!
wait $!
set_up iptables-legacy -t bind -P INPUT DROP

# --- a datagram socket's own choice of a port is no bind
set_up iptables-legacy -t connect -P OUTPUT ACCEPT
check "the port that a first send or connect picks is no bind" "sendto ok
connect ok" in_web socket udp4 sendto 127.0.0.1:9 socket tcp4 connect 127.0.0.1:80
check "a bind of port 0 is one" "bind EPERM" in_web socket udp4 bind 127.0.0.1:0

# --- the header that a raw socket's owner writes is a packet's affair
rule iptables connect OUTPUT -m container --id web -d 127.0.0.3 -j DROP
check "raw with IP_HDRINCL is judged by the address of the call" "sendto EPERM" \
	in_web socket raw4 hdrincl sendto 127.0.0.3:0
passes "not by that in the header" hdrincl
set_up iptables -A OUTPUT -m container --id web -d 127.0.0.3 -j DROP
check "for which there is -m container in OUTPUT" EPERM call hdrincl
set_up iptables -D OUTPUT -m container --id web -d 127.0.0.3 -j DROP
passes "and without that rule it goes out again" hdrincl
finish
