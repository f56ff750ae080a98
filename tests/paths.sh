#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every path to connect and bind (accept.sh has those to accept): each call is
# made before there is a table, under tables that allow all, under a rule that
# denies it, and after that rule is gone. The third must be denied, the others
# must print the same, word for word.
#
# The names of the tests are what docs/coverage.md's table is made from.
. ./lib.sh

container web 7
set_up ip link set lo up
set_up ip addr add fd00::3/128 dev lo nodad
set_up ip route add 224.0.0.0/4 dev lo
set_up ip route add ff02::9/128 dev lo table local
echo '0 100000' >/proc/sys/net/ipv4/ping_group_range
echo 3 >/proc/sys/net/ipv4/tcp_fastopen
modprobe -qa sctp l2tp_ip l2tp_ip6 smc dccp_ipv4 dccp_ipv6 rxrpc 2>/dev/null
set_up ip link add dummy7 type dummy
set_up ip link set dummy7 up
set_up ip addr add fe80::5/64 dev dummy7 nodad

server sockcall socket tcp4 reuseaddr bind 0.0.0.0:80 tfo_listen listen serve
server sockcall socket tcp6 v6only 1 reuseaddr bind '[::]:80' tfo_listen listen serve
server sockcall socket mptcp4 reuseaddr bind 0.0.0.0:82 listen serve
# RxRPC says at times what the peer's host says of a closed port.
for sink in "udp4 bind 127.0.0.3:86" "udp6 bind [fd00::3]:86"; do
	# shellcheck disable=SC2086 # words
	sockcall socket $sink pause >/dev/null 2>&1 &
	servers="$servers $!"
done
sockcall socket sctpm6 bind '[::]:84' listen pause >/dev/null 2>&1 &
servers="$servers $!"

# Where the rules say no: an address that everything else stays away from.
no4=127.0.0.3 no6='[fd00::3]'
yes4=127.0.0.1 yes6='[::1]'

names=() denied=() calls=()

# path NAME DENIED CALL...: DENIED is the operation that the rule denies.
path() {
	names+=("$1")
	denied+=("$2")
	shift 2
	calls+=("$*")
}

for v in 4 6; do
	if [ $v = 4 ]; then no=$no4 yes=$yes4 any=0.0.0.0; else no=$no6 yes=$yes6 any='[::]'; fi
	path "connect: TCP connect, IPv$v" connect socket tcp$v connect $no:80
	path "connect: TCP non-blocking connect, IPv$v" connect socket tcp$v nonblock connect $no:80
	path "connect: TCP reconnect after AF_UNSPEC, IPv$v" connect \
		socket tcp$v connect $yes:80 disconnect connect $no:80
	path "connect: TCP_FASTOPEN_CONNECT, IPv$v" connect socket tcp$v tfo_connect connect $no:80
	path "connect: TCP sendto MSG_FASTOPEN, IPv$v" fastopen socket tcp$v fastopen $no:80
	path "connect: TCP sendmsg MSG_FASTOPEN, IPv$v" fastopen_msg socket tcp$v fastopen_msg $no:80
	path "connect: TCP sendmmsg MSG_FASTOPEN, IPv$v" fastopen_mmsg socket tcp$v fastopen_mmsg $no:80
	path "connect: TCP by io_uring, IPv$v" uring_connect socket tcp$v uring_connect $no:80
	path "connect: TCP bound with IP_BIND_ADDRESS_NO_PORT, IPv$v" connect \
		socket tcp$v bind_no_port bind $any:0 connect $no:80
	path "connect: MPTCP connect, IPv$v" connect socket mptcp$v connect $no:80
	path "connect: MPTCP sendto MSG_FASTOPEN, IPv$v" fastopen socket mptcp$v fastopen $no:80
	path "connect: SMC connect, IPv$v" connect socket smc$v connect $no:80
	path "connect: DCCP connect, IPv$v" connect socket dccp$v connect $no:80
	for kind in udp udplite; do
		path "connect: $kind connect, IPv$v" connect socket $kind$v connect $no:80
		path "connect: $kind second connect, IPv$v" connect \
			socket $kind$v connect $yes:80 connect $no:80
		path "connect: $kind sendto, IPv$v" sendto socket $kind$v sendto $no:80
		path "connect: $kind sendto on a connected socket, IPv$v" sendto \
			socket $kind$v connect $yes:81 sendto $no:80
		path "connect: $kind sendmsg, IPv$v" sendmsg socket $kind$v sendmsg $no:80
		path "connect: $kind sendmsg with PKTINFO, IPv$v" sendmsg \
			socket $kind$v pktinfo $yes:0 sendmsg $no:80
		path "connect: $kind sendmmsg, IPv$v" sendmmsg socket $kind$v sendmmsg $no:80
		path "connect: $kind send with MSG_MORE, IPv$v" sendmore socket $kind$v sendmore $no:80
		path "connect: $kind send corked, IPv$v" sendto socket $kind$v cork 1 sendto $no:80
		path "connect: $kind sendmsg by io_uring, IPv$v" uring_sendmsg \
			socket $kind$v uring_sendmsg $no:80
		path "connect: $kind send with address by io_uring, IPv$v" uring_send \
			socket $kind$v uring_send $no:80
	done
	path "connect: ping connect, IPv$v" connect socket ping$v connect $no:0
	path "connect: ping sendto, IPv$v" sendto socket ping$v sendto $no:0
	path "connect: raw connect, IPv$v" connect socket raw$v connect $no:0
	path "connect: raw sendto, IPv$v" sendto socket raw$v sendto $no:0
	path "connect: L2TP/IP connect, IPv$v" connect socket l2tp$v connect $no:0
	path "connect: L2TP/IP sendto, IPv$v" sendto socket l2tp$v sendto $no:0
	path "connect: SCTP connect, IPv$v" connect socket sctp$v connect $no:80
	path "connect: SCTP connectx, IPv$v" connectx socket sctp$v connectx $no:80
	path "connect: SCTP connectx, second address, IPv$v" connectx \
		socket sctp$v connectx $yes:80,$no:80
	path "connect: SCTP implicit by sendto, IPv$v" sendto socket sctpm$v sendto $no:80
	path "connect: SCTP implicit by sendmsg, IPv$v" sendmsg socket sctpm$v sendmsg $no:80
	path "connect: SCTP on a socket that was peeled off, IPv$v" connect \
		socket sctpm$v sendto $yes:84 peeloff connect $no:80
	path "connect: RxRPC connect, IPv$v" connect socket rxrpc$v connect $no:80
	path "connect: RxRPC sendmsg, IPv$v" sendmsg socket rxrpc$v sendmsg $no:86
	path "connect: TCP port 0, IPv$v" connect socket tcp$v connect $no:0
	path "connect: UDP port 0, IPv$v" connect socket udp$v connect $no:0
	path "connect: address longer than need be, IPv$v" connect \
		socket tcp$v addrlen 128 connect $no:80

	path "bind: TCP bind, IPv$v" bind socket tcp$v bind $no:90
	path "bind: TCP bind port 0, IPv$v" bind socket tcp$v bind $no:0
	path "bind: TCP bind by io_uring, IPv$v" uring_bind socket tcp$v uring_bind $no:90
	path "bind: TCP bind with IP_BIND_ADDRESS_NO_PORT, IPv$v" bind \
		socket tcp$v bind_no_port bind $no:0
	path "bind: TCP bind with IP_FREEBIND, IPv$v" bind socket tcp$v freebind bind $no:90
	path "bind: TCP bind with IP_TRANSPARENT, IPv$v" bind socket tcp$v transparent bind $no:90
	path "bind: TCP bind in a SO_REUSEPORT group, IPv$v" bind socket tcp$v reuseport bind $no:90
	path "bind: TCP listen without a port, IPv$v" listen socket tcp$v listen
	path "bind: TCP listen by io_uring without a port, IPv$v" uring_listen socket tcp$v uring_listen
	path "bind: MPTCP bind, IPv$v" bind socket mptcp$v bind $no:90
	path "bind: MPTCP listen without a port, IPv$v" listen socket mptcp$v listen
	path "bind: SMC bind, IPv$v" bind socket smc$v bind $no:90
	path "bind: SMC listen without a port, IPv$v" listen socket smc$v listen
	path "bind: UDP bind, IPv$v" bind socket udp$v bind $no:90
	path "bind: UDP-Lite bind, IPv$v" bind socket udplite$v bind $no:90
	path "bind: ping bind, IPv$v" bind socket ping$v bind $no:0
	path "bind: raw bind, IPv$v" bind socket raw$v bind $no:0
	path "bind: L2TP/IP bind, IPv$v" bind socket l2tp$v bind $no:0
	path "bind: DCCP bind, IPv$v" bind socket dccp$v bind $no:90
	path "bind: SCTP bind, IPv$v" bind socket sctp$v bind $no:90
	path "bind: SCTP bindx, IPv$v" bindx socket sctp$v bindx $no:90
	path "bind: SCTP bindx, second address, IPv$v" bindx socket sctp$v bindx $yes:90,$no:90
	path "bind: SCTP listen without a port, IPv$v" listen socket sctp$v listen
	path "bind: RxRPC bind, IPv$v" bind socket rxrpc$v bind $no:90
	path "bind: address longer than need be, IPv$v" bind socket tcp$v addrlen 128 bind $no:90
done
path "connect: TCP v4-mapped" connect socket tcp6 connect '[::ffff:127.0.0.3]:80'
path "connect: UDP v4-mapped" connect socket udp6 connect '[::ffff:127.0.0.3]:80'
path "connect: UDP sendto v4-mapped" sendto socket udp6 sendto '[::ffff:127.0.0.3]:80'
path "connect: UDP AF_INET address on an AF_INET6 socket" sendto socket udp6 sendto 127.0.0.3:80
path "connect: UDP AF_UNSPEC means AF_INET in sendto" sendto socket udp4 family 0 sendto 127.0.0.3:80
path "connect: raw AF_UNSPEC means AF_INET in sendto" sendto socket raw4 family 0 sendto 127.0.0.3:0
path "connect: raw with IP_HDRINCL" sendto socket raw4 hdrincl sendto 127.0.0.3:0
path "connect: raw with IPV6_HDRINCL" sendto socket raw6 hdrincl6 sendto '[fd00::3]:0'
path "connect: TCP to an alias in 127.0.0.0/8" connect socket tcp4 connect 127.77.1.2:80
path "connect: TCP to a link-local address with a scope" connect \
	socket tcp6 connect '[fe80::5%dummy7]:80'
path "connect: UDP sendto a link-local address with a scope" sendto \
	socket udp6 sendto '[fe80::5%dummy7]:80'
path "connect: UDP after IPV6_ADDRFORM" sendto \
	socket udp6 connect '[::ffff:127.0.0.1]:81' addrform sendto 127.0.0.3:80
path "connect: UDP multicast, IPv4" sendto socket udp4 sendto 224.0.0.9:80
path "connect: UDP multicast, IPv6" sendto socket udp6 sendto '[ff02::9%lo]:80'
path "connect: UDP broadcast" sendto socket udp4 broadcast sendto 127.255.255.255:80
path "connect: exactly short IPv6 address" connect socket tcp6 addrlen 24 connect '[fd00::3]:80'
path "connect: TCP from a socket passed by SCM_RIGHTS" connect socket tcp4 scm cgroup / connect 127.0.0.3:80
path "connect: TCP from a socket taken by pidfd_getfd" connect socket tcp4 cgroup / pidfd connect 127.0.0.3:80
path "connect: TCP from an inherited socket" connect socket tcp4 fork cgroup / connect 127.0.0.3:80
path "connect: TCP from a socket inherited over exec, in another cgroup" connect \
	socket tcp4 cgroup / exec connect 127.0.0.3:80
path "connect: TCP from an accepted socket, its process elsewhere" connect \
	socket tcp4 reuseaddr bind 127.0.0.1:8999 listen peer accept cgroup / disconnect connect 127.0.0.3:80
path "connect: TCP from a process that left after socket()" connect socket tcp4 cgroup / connect 127.0.0.3:80
path "bind: TCP v4-mapped" bind socket tcp6 bind '[::ffff:127.0.0.3]:90'
path "bind: TCP AF_UNSPEC with 0.0.0.0" bind socket tcp4 family 0 bind 0.0.0.0:90
path "bind: TCP dual-stack :: denied in IPv4" bind socket tcp6 bind '[::]:91'
path "bind: UDP dual-stack :: denied in IPv4" bind socket udp6 bind '[::]:91'
path "bind: raw with an absurd family" bind socket raw4 family 9 bind 127.0.0.3:0
path "bind: exactly short IPv6 address" bind socket tcp6 addrlen 24 bind '[fd00::3]:90'

run_all() {
	local -n into=$1
	local i
	for ((i = 0; i < ${#calls[@]}; i++)); do
		# shellcheck disable=SC2086 # words
		into[i]=$(sockcall cgroup /web ${calls[i]} 2>&1)
	done
}

deny() {
	local family table chain
	for family in iptables ip6tables; do
		for table in connect bind; do
			chain=INPUT
			[ $table != connect ] || chain=OUTPUT
			local no=127.0.0.3
			[ $family = iptables ] || no=fd00::3
			rule $family $table $chain -m container --id web -d $no -j DROP
		done
		rule $family bind INPUT -m container --id web -p tcp --dport 0 -j DROP
	done
	rule ip6tables bind INPUT -m container --id web -p sctp --dport 0 -j DROP
	rule iptables bind INPUT -m container --id web -p sctp --dport 0 -j DROP
	rule iptables connect OUTPUT -m container --id web -d 224.0.0.9 -j DROP
	rule ip6tables connect OUTPUT -m container --id web -d ff02::9 -j DROP
	rule iptables connect OUTPUT -m container --id web -d 127.255.255.255 -j DROP
	rule iptables connect OUTPUT -m container --id web -d 127.77.0.0/16 -j DROP
	rule ip6tables connect OUTPUT -m container --id web -d fe80::/10 -j DROP
	rule iptables bind INPUT -m container --id web -d 0.0.0.0 -p tcp --dport 90:91 -j DROP
	rule iptables bind INPUT -m container --id web -d 0.0.0.0 -p udp --dport 90:91 -j DROP
}

# last_of OPERATION TEXT: the last line about it, in $REPLY.
last_of() {
	local line
	REPLY=
	while IFS= read -r line; do
		[[ $line != "$1 "* ]] || REPLY=$line
	done <<<"$2"
}

before=() allowed=() forbidden=() after=()
run_all before
for family in iptables ip6tables; do
	for table in connect bind accept; do
		set_up $family-legacy -t $table -S
	done
done
run_all allowed
deny
run_all forbidden
flush
# shellcheck disable=SC2034 # by name
run_all after

for ((i = 0; i < ${#calls[@]}; i++)); do
	name=${names[i]}
	case ${before[i]} in
	*"socket E"* | \
		"${denied[i]} EOPNOTSUPP" | "${denied[i]} ENOTSUP" | \
		"uring_"*" EINVAL")
		skip "$name" "this kernel answers '${before[i]%%$'\n'*}'"
		continue
		;;
	esac
	# The steps before the denied one, and after it, are none of the rule's.
	last_of "${denied[i]}" "${forbidden[i]}"
	last=$REPLY
	last_of "${denied[i]}" "${before[i]}"
	good=$REPLY
	if [ "$last" != "${denied[i]} EPERM" ]; then
		not_ok "$name" "call: ${calls[i]}
it was not denied: ${forbidden[i]//$'\n'/ | }"
	elif [ "$good" = "${denied[i]} EPERM" ]; then
		not_ok "$name" "it is denied without a rule, too: ${before[i]//$'\n'/ | }"
	elif [ "${before[i]}" != "${allowed[i]}" ]; then
		not_ok "$name" "call: ${calls[i]}
without a table: ${before[i]//$'\n'/ | }
tables without rules: ${allowed[i]//$'\n'/ | }"
	elif [ "${before[i]}" != "${after[i]}" ]; then
		not_ok "$name" "call: ${calls[i]}
without a table: ${before[i]//$'\n'/ | }
after the rules: ${after[i]//$'\n'/ | }"
	else
		ok "$name"
	fi
done

# --- no time between check and use
rule iptables connect OUTPUT -m container --id web -d 127.0.0.3 -j DROP
check "connect: a thread rewrites the address meanwhile" "race_connect ok" \
	in_web socket udp4 race_connect 127.0.0.1:80 127.0.0.3:80
flush
check "and without the rule it does get through" "race_connect EFAULT" \
	in_web socket udp4 race_connect 127.0.0.1:80 127.0.0.3:80
rule iptables connect OUTPUT -m container --id web -d 127.0.0.3 -j DROP
check "connect: a thread makes an IPv6 socket IPv4 meanwhile (IPV6_ADDRFORM)" "race_addrform ok" \
	in_web race_addrform 127.0.0.1:85 127.0.0.3:85
flush
check "and without the rule the datagram arrives" "race_addrform EFAULT" \
	in_web race_addrform 127.0.0.1:85 127.0.0.3:85
for kind in tcp6 udp6; do
	rule iptables bind INPUT -m container --id web -d 0.0.0.0 -j DROP
	check "bind: a thread clears IPV6_V6ONLY meanwhile, $kind" "race_v6only ok" \
		in_web race_v6only $kind '[::]:99'
	flush
	check "and without the rule it is bound in both families, $kind" "race_v6only EFAULT" \
		in_web race_v6only $kind '[::]:99'
done
rule iptables bind INPUT -m container --id web -p tcp --dport 98
in_web socket tcp6 bind '[::]:98' listen >/dev/null
same "bind: a dual-stack bind and listen is judged once in IPv4" 1 "$(packets iptables bind)"
flush
finish
