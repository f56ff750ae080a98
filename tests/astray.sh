#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ways around where the kernel goes elsewhere than to the address that rules were asked about:
# answers along a route, SCTP's two families and its cookies, PPP over L2TP, SMC's 0.0.0.0, raw
# sockets of any number; and what is shown of an event that is not its own.
. ./lib.sh

container web 7
set_up ip link set lo up
modprobe -qa sctp smc l2tp_ppp ip6_gre 2>/dev/null
# In the container, and out of it.
astray() {
	timeout 30 sh -c "echo 0 >$cgroups/web/cgroup.procs && exec python3 ./astray.py \"\$@\"" astray "$@"
}
# Empty tables are asked, too.
no_tables() {
	flush
	set_up modprobe -r iptable_sock ip6table_sock
}
outside() { timeout 30 python3 ./astray.py "$@"; }
# listener WORD...: a server that ss does not list; $tmp/server has what it says.
listener() {
	# Else the last one's words may be taken for this one's.
	: >"$tmp/server"
	sockcall "$@" listen pause >"$tmp/server" 2>&1 </dev/null &
	servers="$servers $!"
	wait_until grep -q 'listen ok' "$tmp/server"
}

# --- SCTP: 0.0.0.0 is :: for an IPv6 socket
if [ -z "$(sockcall socket sctp6)" ]; then
	listener socket sctpm6 bind 0.0.0.0:98 || bail_out "no listener at 98"
	check "without a rule, a peer comes by IPv6 to SCTP's 0.0.0.0" "connect ok" \
		sockcall socket sctp6 connect '[::1]:98'
	for any in 0.0.0.0 '[::ffff:0.0.0.0]'; do
		closed "a bind of SCTP to $any takes the port in IPv6, too" "bind EPERM" "bind ok" \
			ip6tables bind -d :: -p sctp --dport 99 -- in_web socket sctp6 bind "$any:99"
	done
	closed "so does a bindx" "bindx EPERM" "bindx ok" ip6tables bind -d :: -p sctp --dport 99 -- \
		in_web socket sctp6 bindx 0.0.0.0:99
	check "a bind before there is a rule, and a listen" "listen ok" astray listen true
	check "a rule that comes between them is asked about the port in IPv6" "listen EPERM" astray \
		listen "ip6tables-legacy -t bind -A INPUT -m container --id web -p sctp -j DROP"
	flush
	rule ip6tables bind INPUT -m container --id web -p sctp --dport 99 -j DROP
	check "an IPv4 address is IPv4's only" "bind ok" in_web socket sctp6 bind 127.0.0.1:99
	check "an IPv4 socket's 0.0.0.0, too" "bind ok" in_web socket sctp4 bind 0.0.0.0:99
	flush
else
	skip "SCTP's two families" "this kernel has no SCTP"
fi
rule ip6tables bind INPUT -m container --id web -j DROP
check "TCP's 0.0.0.0 is IPv4's only" "bind ok" in_web socket tcp6 bind '[::ffff:0.0.0.0]:99'
no_tables

# --- one address of IPv6, and what the kernel makes of it in IPv4
closed "a listener at one IPv6 address takes the port in IPv4, if it is not V6ONLY any more" EPERM ok \
	iptables bind -d 127.0.0.6 -p tcp -- astray v6only off
rule iptables bind INPUT -m container --id web -j DROP
check "one that still is does not" ok astray v6only
no_tables

# --- SYNPROXY answers no event
if modprobe -q xt_SYNPROXY; then
	check "without a rule, a bind sends nothing" "ok" astray synproxy
	rule iptables bind INPUT -p tcp --dport 87 -j SYNPROXY --wscale 7 --mss 1460
	check "SYNPROXY denies a bind, and sends nothing" "EPERM" astray synproxy
	no_tables
	check "without it, by IPv6 neither" "ok" astray synproxy ::1
	rule ip6tables bind INPUT -p tcp --dport 87 -j SYNPROXY --wscale 7 --mss 1460
	check "nor by IPv6 with it" "EPERM" astray synproxy ::1
	no_tables
else
	skip "SYNPROXY denies a bind, and sends nothing" "this kernel has no SYNPROXY"
fi

# --- a source route that came with a request
set_up sysctl -qw net.ipv4.conf.all.accept_source_route=1 net.ipv4.conf.lo.accept_source_route=1
server sockcall cgroup /web socket tcp4 bind 127.0.0.1:83 listen pause
check "without a rule, what is answered goes by the route of who asks" astray outside syn 83
rule iptables accept INPUT -m container --id web -s 127.0.0.9 -j DROP
check "a table for accept is not asked about that" astray outside syn 83
no_tables
rule iptables connect OUTPUT -m container --id web -d 127.0.0.9 -j DROP
set_up dmesg --clear
check "with a table for connect there is no connection" nothing outside syn 83
has "and the log says why" "packets would go by a route of their own" dmesg
check "a request without a route gets one" "connect ok" sockcall socket tcp4 connect 127.0.0.1:83
set_up sysctl -qw net.ipv4.tcp_syncookies=2
check "nor is there one by SYN cookie" nothing outside syn 83
set_up sysctl -qw net.ipv4.tcp_syncookies=1
no_tables
check "without it again, there is" astray outside syn 83

# --- a routing header that a listener has from before the rules
server sockcall cgroup /web socket tcp6 rthdr '[fd00::3]:0' bind '[::1]:86' listen pause
set_up ip -6 route add local fd00::/64 dev lo
check "without a rule, a listener's routing header leads its answers" astray outside header fd00::3
rule ip6tables connect OUTPUT -m container --id web -d fd00::9 -j DROP
check "with a table for connect there is no connection" nothing outside header fd00::3
no_tables
check "without it again, there is" astray outside header fd00::3

# --- the same of SCTP, which has addresses of both families
if listener cgroup /web socket sctpm6 rthdr '[fd00::3]:0' bind '[::]:89'; then
	by_ipv4() { outside sctp_init 89; }
	check "without a rule, SCTP accepts by IPv4 while it has a route by IPv6" answered by_ipv4
	check "and connects by it" "rthdr ok
connect ok" in_web socket sctp6 rthdr '[fd00::3]:0' connect 127.0.0.1:98
	rule iptables connect OUTPUT -m container --id web -d 127.0.0.9 -j DROP
	check "with a table for connect it does not accept" nothing by_ipv4
	no_tables
else
	skip "SCTP with a route" "this kernel answers '$(cat "$tmp/server")'"
fi

# --- SCTP's cookie, where it is not signed
if sysctl -qw net.sctp.cookie_hmac_alg=none 2>/dev/null; then
	listener cgroup /web socket sctpm4 bind 127.0.0.1:88 || bail_out "no listener at 88"
	check "without a rule, an unsigned cookie says where SCTP's peer is" astray outside cookie 88
	rule iptables accept INPUT -m container --id web -s 127.0.0.77 -j DROP
	check "the address in it is judged" nothing outside cookie 88
	true_that "by that rule" [ "$(packets iptables accept)" -ge 1 ]
	check "one that is the sender's is accepted" accepted outside cookie 88 plain
	no_tables
	rule iptables accept INPUT -m container --id web -s 127.0.0.77 -d 127.0.0.1 -j DROP
	check "a rule with the server's address is about it" nothing outside cookie 88
	no_tables
else
	skip "SCTP's unsigned cookie" "this kernel signs all"
fi

# --- PPP over L2TP, by a UDP socket
way=$(astray l2tp)
case $way in
"no socket"*) skip "PPP over L2TP" "this kernel answers '$way'" ;;
*)
	same "without a rule, PPP over L2TP goes to one peer's address and another's port" astray "$way"
	rule iptables connect OUTPUT -m container --id web -d 127.0.0.77 -p udp --dport 5001 -j DROP
	set_up dmesg --clear
	check "with a table for connect it is refused" "connect EPERM" astray l2tp
	has "and the log says why" "PPPoL2TP" dmesg
	no_tables
	rule iptables bind INPUT -m container --id web -p udp --dport 9 -j DROP
	check "with one for bind only it is not" astray astray l2tp
	no_tables
	;;
esac

# --- SMC's 0.0.0.0 is the address that it is bound to
if [ -z "$(sockcall socket smc4)" ]; then
	server sockcall socket tcp4 bind 127.0.0.5:84 listen serve
	closed "SMC to 0.0.0.0 connects to the address that it is bound to" "bind ok
connect EPERM" "bind ok
connect ok" iptables connect -d 127.0.0.5 -p tcp --dport 84 -- \
		in_web socket smc4 bind 127.0.0.5:0 connect 0.0.0.0:84
	rule iptables connect OUTPUT -m container --id web -d 127.0.0.1 -j DROP
	check "and to no other" "bind ok
connect ok" in_web socket smc4 bind 127.0.0.5:0 connect 0.0.0.0:84
	no_tables
else
	skip "SMC's 0.0.0.0" "this kernel has no SMC"
fi

# --- a raw socket is of no other kind, whatever its number
for number in 132 256 262; do
	closed "a raw socket of number $number connects to 0.0.0.0, which is 127.0.0.1" EPERM ok \
		iptables connect -d 127.0.0.1 -- astray raw $number 0.0.0.0
	closed "by IPv6 to ::, which is ::1" EPERM ok ip6tables connect -d ::1 -- astray raw $number ::
done
# Packets have the low byte.
closed "of 257 it is ICMP's" EPERM ok iptables connect -p icmp -- astray raw 257 127.0.0.1
rule iptables connect OUTPUT -m container --id web -p tcp -j DROP
check "and no TCP's" ok astray raw 257 127.0.0.1
no_tables

# --- NFLOG shows as much as a device's header is long
if ip link add gre9 type ip6gre local ::1 remote :: ikey 1 okey 1 ocsum oseq 2>/dev/null; then
	set_up ip link set gre9 up
	set_up ip addr add 10.9.0.1/24 dev gre9
	server sockcall socket tcp4 bind 10.9.0.1:87 listen pause
	rule ip6tables connect OUTPUT -j ACCEPT
	rule iptables accept INPUT -p tcp --dport 87 -i gre9 -j NFLOG --nflog-group 5
	shown=$(taskset -c 0 python3 ./astray.py nflog 5 10.9.0.2 10.9.0.1 2>&1)
	has "NFLOG shows nothing of another event" "bytes, zeros" echo "$shown"
	true_that "it shows more than the event has" [ "${shown%% *}" -gt 40 ]
	no_tables
else
	skip "NFLOG of a device with a long header" "this kernel has no ip6gre"
fi
finish
