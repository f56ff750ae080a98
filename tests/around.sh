#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ways around that were found, each closed: addresses that are misread, or that
# another thread makes mean something else, and packets led elsewhere.
. ./lib.sh

container web 7
set_up ip link set lo up
set_up ip addr add fd00::3/128 dev lo nodad
set_up ip link add dummy7 type dummy
set_up ip addr add 192.0.2.1/24 dev dummy7
set_up ip link set dummy7 up
modprobe -qa sctp smc
server sockcall socket tcp4 reuseaddr bind 0.0.0.0:80 listen serve
sockcall socket sctpm4 bind 0.0.0.0:84 listen pause >/dev/null 2>&1 &
servers="$servers $!"

# --- before there is a table for connect
echo '0 100000' >/proc/sys/net/ipv4/ping_group_range
sctp_any=$(in_web socket sctp4 connect 0.0.0.0:84)
sctp_any6=$(in_web socket sctp6 connect '[::]:84')
ping_any6=$(in_web socket ping6 sendto '[::]:0')
check "a routing header without rules" "rthdr ok" in_web socket udp6 rthdr '[fd00::3]:0'
send_rthdr=$(in_web socket udp6 send_rthdr '[::1]:9' '[fd00::3]:0')
true_that "a routing header by control message without rules is not EPERM" \
	test "$send_rthdr" != "send_rthdr EPERM"
check "a source route without rules" "lsrr ok" in_web socket udp4 lsrr 127.0.0.3:0
set_up unshare -n iptables-legacy -t connect -S
check "a source route while another namespace has a table" "lsrr ok" in_web socket udp4 lsrr 127.0.0.3:0
set_up iptables-legacy -t bind -S
check "a routing header with a table for bind only" "rthdr ok" in_web socket udp6 rthdr '[fd00::3]:0'

# --- what stands for the host itself
closed "connect: UDP sendto 0.0.0.0 with IP_UNICAST_IF" "sendto EPERM" "sendto ok" \
	iptables connect -d 192.0.2.1 -- in_web socket udp4 unicast_if dummy7 sendto 0.0.0.0:9
closed "connect: UDP connect to 0.0.0.0 with IP_UNICAST_IF" "connect EPERM" "connect ok" \
	iptables connect -d 192.0.2.1 -- in_web socket udp4 unicast_if dummy7 connect 0.0.0.0:9
closed "connect: TCP connect to 0.0.0.0 by a device" "connect EPERM" "connect ok" \
	iptables connect -d 192.0.2.1 -- in_web socket tcp4 device dummy7 connect 0.0.0.0:80
closed "connect: UDP with a control message that the kernel ignores" "send_mapped EPERM" "send_mapped ok" \
	iptables connect -d 127.0.0.1 -- in_web socket udp4 send_mapped 0.0.0.0:9 127.0.0.9:0
closed "connect: UDP with one that it takes" "send_mapped EPERM" "send_mapped ok" \
	iptables connect -d 127.0.0.9 -- in_web socket udp6 send_mapped 0.0.0.0:9 127.0.0.9:0
for kind in tcp6 udp6 mptcp6; do
	closed "connect: ::ffff:0.0.0.0 is 127.0.0.1, $kind" "connect EPERM" "connect ok" \
		iptables connect -d 127.0.0.1 -- in_web socket $kind connect '[::ffff:0.0.0.0]:80'
done
closed "connect: UDP sendto ::ffff:0.0.0.0" "sendto EPERM" "sendto ok" \
	iptables connect -d 127.0.0.1 -- in_web socket udp6 sendto '[::ffff:0.0.0.0]:9'
closed "connect: TCP Fast Open to ::ffff:0.0.0.0" "fastopen EPERM" "fastopen ok" \
	iptables connect -d 127.0.0.1 -- in_web socket tcp6 fastopen '[::ffff:0.0.0.0]:80'
closed "connect: raw UDP socket, v4-mapped" "sendto EPERM" "sendto ENETUNREACH" \
	ip6tables connect -d ::ffff:127.0.0.3 -- in_web socket rawudp6 sendto '[::ffff:127.0.0.3]:0'

# --- races
closed "connect: a thread binds to 127.0.0.1 while :: is connected to" "race_any ok" "race_any EFAULT" \
	iptables connect -d 127.0.0.1 -p tcp -- in_web race_any
rule iptables bind INPUT -m container --id web -p tcp --dport 0 -j DROP
check "bind: a thread disconnects a socket that is to listen" "race_listen ok" in_web race_listen
flush
check "without a rule that does listen" "race_listen EFAULT" in_web race_listen
rule iptables bind INPUT -m container --id web -d 0.0.0.0 -p sctp -j DROP
check "bind: SCTP's :: is judged in IPv4 even if V6ONLY" "bind EPERM" \
	in_web socket sctp6 v6only 1 bind '[::]:99'
check "bind: a thread clears IPV6_V6ONLY meanwhile, sctp6" "race_v6only ok" \
	in_web race_v6only sctp6 '[::]:99'
flush
check "without a rule SCTP's :: binds" "bind ok" in_web socket sctp6 v6only 1 bind '[::]:99'

# --- packets led elsewhere
check "connect: a routing header as an option is refused" "rthdr EPERM" \
	in_web socket udp6 rthdr '[fd00::3]:0'
check "it may be taken away" "no_rthdr ok" in_web socket udp6 no_rthdr
check "connect: a routing header as a control message is refused" "send_rthdr EPERM" \
	in_web socket udp6 send_rthdr '[::1]:9' '[fd00::3]:0'
check "connect: a routing header as a control message on a raw socket is refused" "send_rthdr EPERM" \
	in_web socket raw6 send_rthdr '[::1]:0' '[fd00::3]:0'
has "the log says why" "asks for a route of its own" dmesg
# What was said until now proves nothing about the next one.
set_up dmesg --clear
check "connect: an IPv4 source route is refused" "lsrr EINVAL" in_web socket udp4 lsrr 127.0.0.3:0
check "another IPv4 option is not" "router_alert ok" in_web socket udp4 router_alert
has "and of the source route, too" "asks for a route of its own" dmesg

# --- what stands for nothing else is left alone
check "SCTP's connect to 0.0.0.0 is as without a table" "$sctp_any" in_web socket sctp4 connect 0.0.0.0:84
check "and to ::" "$sctp_any6" in_web socket sctp6 connect '[::]:84'
check "and a ping of ::" "$ping_any6" in_web socket ping6 sendto '[::]:0'

# --- nft reads a packet's options by the function that reads a socket's
cat >"$tmp/options.nft" <<'EOF'
table ip options {
	chain out {
		type filter hook output priority 0
		ip option lsrr exists counter drop
	}
}
EOF
set_up nft -f "$tmp/options.nft"
cat >"$tmp/lsrr.py" <<'EOF'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
loop = socket.inet_aton("127.0.0.1")
try:
    s.sendto(bytes([0x47, 0, 0, 28, 0, 1, 0, 0, 64, 253, 0, 0]) + loop + loop +
             bytes([1, 131, 7, 4]) + loop, ("127.0.0.1", 0))
except PermissionError:
    print("dropped")
EOF
check "a host's rule about a packet's source route still drops" dropped python3 "$tmp/lsrr.py"
set_up nft delete table ip options

# --- SCTP: addresses beside the one of the call
closed "connect: SCTP, an address in a control message" "send_dst ENOMEM" "send_dst ok" \
	iptables connect -d 127.0.0.3 -- in_web socket sctpm4 send_dst 127.0.0.1:84 127.0.0.3:0
closed "bind: SCTP bindx with port 0 is one of the socket's port" "bind ok
bindx EPERM" "bind ok
bindx ok" iptables bind -d 127.0.0.3 -p sctp --dport 7090 -- \
	in_web socket sctp4 bind 127.0.0.1:7090 bindx 127.0.0.3:0
sockcall socket sctpm4 bindx 127.0.0.5:85,127.0.0.6:85 listen pause >"$tmp/two" 2>&1 &
servers="$servers $!"
wait_until grep -q listen "$tmp/two"
check "SCTP: a peer with two addresses" "bind ok
connect ok" in_web socket sctp4 bind 127.0.0.1:0 connect 127.0.0.5:85
rule iptables connect OUTPUT -m container --id web -d 127.0.0.6 -j DROP
has "connect: SCTP, an address that the peer lists" "connect E" \
	in_web socket sctp4 bind 127.0.0.1:0 connect 127.0.0.5:85
true_that "the rule counted it" test "$(packets iptables connect)" -ge 1
flush
check "SCTP: without the rule" "bind ok
connect ok" in_web socket sctp4 bind 127.0.0.1:0 connect 127.0.0.5:85

# Since 6.19 SCTP copies the socket that another is peeled off from, as TCP does.
set_up mkdir $cgroups/elsewhere
peel() { sockcall cgroup "$1" socket sctpm4 sendto 127.0.0.1:84 cgroup "$2" peeloff connect 127.0.0.3:80; }
peeled=$(peel /web /elsewhere)
denied=$(sed '$s/ .*/ EPERM/' <<<"$peeled")
maker=$peeled caller=$denied
! grep -q '\<sctp_clone_sock\>' /proc/kallsyms || { maker=$denied caller=$peeled; }
true_that "SCTP: it can be peeled off" test "$peeled" != "$denied"
rule iptables connect OUTPUT -m container --id web -d 127.0.0.3 -j DROP
check "SCTP: whose it is, peeled off by another" "$maker" peel /web /elsewhere
check "and from another's" "$caller" peel /elsewhere /web
flush
check "and without the rule" "$peeled" peel /elsewhere /web
set_up rmdir $cgroups/elsewhere

sockcall cgroup /web socket sctpm4 bind 127.0.0.1:87 listen pause >"$tmp/server" 2>&1 &
servers="$servers $!"
wait_until grep -q listen "$tmp/server"
two_homes() { sockcall socket sctp4 bindx 127.0.0.8:0,127.0.0.9:0 connect 127.0.0.1:87; }
check "without a rule a peer with two addresses comes to a container's server" "bindx ok
connect ok" two_homes
rule iptables connect OUTPUT -m container --id web -d 127.0.0.9 -j DROP
check "a rule about connect is not about who comes" "bindx ok
connect ok" two_homes
flush
rule iptables accept INPUT -m container --id web -s 127.0.0.9 -j DROP
check "accept: SCTP, an address that the peer lists" "bindx ok
connect ETIMEDOUT" two_homes
flush
check "after the rule it comes again" "bindx ok
connect ok" two_homes

# --- who has a say
rule iptables bind INPUT -m container --id web -p tcp --dport 0 -j DROP
if [ -z "$(sockcall socket ipsmc4)" ]; then
	check "SMC by its protocol number: listen after a bind is no bind" "bind ok
listen ok" in_web socket ipsmc4 bind 127.0.0.1:93 listen
	check "bind: SMC by its protocol number" "bind EPERM" in_web socket ipsmc4 bind 127.0.0.1:0
else
	skip "bind: SMC by its protocol number" "this kernel answers '$(sockcall socket ipsmc4)'"
fi
flush
finish
