#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Flow ids: a container's sockets carry them from their first packet on, and where
# they are fixed, programs cannot change them. Each with its twin: db, a container
# that has none, or what it was before.
. ./lib.sh

container web 7
container db 8
set_up ip link set lo up
echo '0 100000' >/proc/sys/net/ipv4/ping_group_range
modprobe -qa sctp smc dccp_ipv4 dccp_ipv6 2>/dev/null
watched=/sys/kernel/tracing/enabled_functions
marked=0x10 ids="ids 0x10 5" none="ids 0x0 0"

# --- the words
check "nothing is watched without flow ids" "" cat $watched
fails "a word that is none" "none of mark, priority, classid, flow" ctid set web marc 1
fails "a bad value" 'mark "x" is neither a number' ctid set web mark x
fails "a bad class id" "neither MAJOR:MINOR as tc writes it" ctid set web classid 10
fails "a container that is none" "no container" ctid set nobody mark 1
check "both given and taken" "EINVAL a flow id cannot be both set and unset" \
	python3 ./genl.py set id=7 mark=1 flow_unset=1
check "an id that is none" "EINVAL" sh -c \
	'python3 ./genl.py set id=7 flow_unset=8 | cut -d" " -f1'
check "nothing to do" "EINVAL the request has no name, nor any flow id" \
	python3 ./genl.py set id=7
check "flow ids of another command" "EINVAL" sh -c \
	'python3 ./genl.py add id=70 mark=1 | cut -d" " -f1'
check "none was set" "container 7
	name web
	cgroup /web" ctid show web

ctid monitor >"$tmp/monitor" &
servers="$servers $!"
wait_until sh -c "grep -q $! /proc/net/netlink && ctid add 9 && ctid del 9 && grep -q deleted '$tmp/monitor'"
set_up ctid set web mark 0x10 priority 5 classid 1:10
check "list" "ID  NAME  FLOW                               CGROUPS
7   web   mark 0x10 priority 5 classid 1:10  /web
8   db    -                                  /db" ctid list
set_up ctid set web flow fixed priority 6
check "what is not named stays" "container 7
	name web
	mark 0x10 priority 6 classid 1:10 flow fixed
	cgroup /web" ctid show web
has "as JSON" '"name":"web","mark":16,"priority":6,"classid":"1:10","flow":"fixed","cgroups"' \
	ctid show web --json
set_up ctid save "$tmp/conf"
has "saved" "7 web mark 0x10 priority 6 classid 1:10 flow fixed /web" cat "$tmp/conf"
set_up ctid set web mark none priority none classid none flow free
check "taken away" "ID  NAME  CGROUPS
7   web   /web
8   db    /db" ctid list
set_up ctid load "$tmp/conf"
has "loaded" "mark 0x10 priority 6 classid 1:10 flow fixed" ctid show web
fails "a bad line of the file" "1: mark \"x\" is neither" sh -c 'echo 7 web mark x | ctid load -'
wait_until grep -q 'fixed$' "$tmp/monitor"
check "notifications" "set 7 web mark 0x10 priority 5 classid 1:10
set 7 web mark 0x10 priority 6 classid 1:10 flow fixed
set 7 web
set 7 web mark 0x10 priority 6 classid 1:10 flow fixed" grep ^set "$tmp/monitor"
set_up ctid rename web www
has "a new name takes nothing away" "mark 0x10 priority 6" ctid show www
set_up ctid rename www web
set_up ctid set web mark 0x10 priority 5 flow free
has "functions are watched now" security_socket_post_create cat $watched
fails "and their module stays" "in use" rmmod sock_hooks

# --- every kind of socket
kinds="tcp4 tcp6 udp4 udp6 udplite4 udplite6 mptcp4 mptcp6 sctp4 sctp6 sctpm4 dccp4
	ping4 ping6 raw4 raw6 smc4"
for kind in $kinds; do
	if [ "$(in_db socket "$kind" ids)" != "$none" ]; then
		skip "$kind" "this kernel has none"
		continue
	fi
	check "$kind" "$ids" in_web socket "$kind" ids
done
check "packet socket" "$ids" in_web packet ids
check "of a container without, none" "$none" in_db packet ids
check "of none, none" "$none" sockcall socket tcp4 ids
check "of a cgroup below" "$ids" sh -c "mkdir -p $cgroups/web/below && sockcall cgroup /web/below socket tcp4 ids"
check "a socket that another container made" "$none" in_db socket tcp4 cgroup /web ids
check "one that was passed" "$ids" in_web socket tcp4 cgroup /db scm ids
check "a program may choose where they are free" "setopt ok
ids 0x1 5
setopt ok
ids 0x1 3" in_web socket tcp4 setopt mark 1 ids setopt priority 3 ids
set_up ctid set web mark 0x11
check "a change is one for new sockets" "ids 0x11 5" in_web socket tcp4 ids
set_up ctid set web priority none
check "an id alone" "ids 0x11 0" in_web socket tcp4 ids
set_up ctid set web mark "$marked" priority 5

# --- accepted ones; web's listener is older than the ids. As others have some, too, to set them
# does not take as long as who accepts waits.
container held 98
set_up ctid set held mark 1
# accepted KIND ADDRESS: what an accepted socket carries.
accepted() {
	local pid
	set_up ctid set web mark none priority none
	# Else the last one's words may be taken for this one's.
	: >"$tmp/server"
	in_web socket "$1" reuseaddr bind "$2" listen accept ids >"$tmp/server" 2>&1 &
	pid=$!
	if ! wait_until grep -q listen "$tmp/server"; then
		cat "$tmp/server"
		return
	fi
	set_up ctid set web mark "$marked" priority 5
	sockcall socket "$1" connect "$2" >/dev/null
	wait "$pid"
	grep ids "$tmp/server"
}
port=8100
for kind in tcp4 tcp6 mptcp4 mptcp6 sctp4 sctp6 dccp4; do
	port=$((port + 1))
	at=127.0.0.1:$port
	[ $kind = "${kind%6}" ] || at='[::1]':$port
	if [ "$(in_db socket "$kind" ids)" != "$none" ]; then
		skip "accepted, $kind" "this kernel has none"
		continue
	fi
	check "accepted, $kind" "$ids" accepted $kind "$at"
	case $kind in
	tcp*|mptcp*)
		echo 2 >/proc/sys/net/ipv4/tcp_syncookies
		check "accepted, $kind, with SYN cookies" "$ids" accepted $kind "$at"
		echo 1 >/proc/sys/net/ipv4/tcp_syncookies ;;
	esac
done
echo 1 >/proc/sys/net/ipv4/tcp_fwmark_accept
check "accepted, where packets' marks would be" "$ids" accepted tcp4 127.0.0.1:8180
echo 0 >/proc/sys/net/ipv4/tcp_fwmark_accept

set_up ctid del held

# --- on packets. seen EXPRESSION CALL...: are there packets of port 4000 to which an
# expression of nft applies?
seen() {
	local expression=$1 protocols='{ tcp, udp, sctp }'
	shift
	[ "$expression" = "${expression#*tcp}" ] || protocols=tcp
	nft_load <<-X
		flush ruleset
		table inet t {
			counter hits {}
			chain out { type filter hook output priority 0
				meta l4proto $protocols th dport 4000 $expression counter name hits
			}
			chain in { type filter hook input priority 0
				meta l4proto $protocols th dport 4001 $expression counter name hits
			}
		}
	X
	"$@" >/dev/null 2>&1
	nft list table inet t | awk '/packets/ { print ($2 ? "seen" : "not seen") }'
}
class='meta cgroup 0x10010'
check "the class id, of TCP's first packet" seen \
	seen "$class tcp flags & (syn|ack) == syn" in_web socket tcp4 connect 127.0.0.1:4000
check "of a container without, not" "not seen" seen "$class" in_db socket tcp4 connect 127.0.0.1:4000
for kind in udp4 udp6 sctp4 mptcp4 smc4; do
	if [ "$(in_db socket "$kind" ids)" != "$none" ]; then
		skip "packets of $kind" "this kernel has none"
		continue
	fi
	at=127.0.0.1:4000
	[ $kind = "${kind%6}" ] || at='[::1]':4000
	call=connect
	[ $kind = "${kind#udp}" ] || call=sendto
	check "the class id, $kind" seen seen "$class" in_web socket $kind $call "$at"
	check "the mark, $kind" seen seen "meta mark $marked" in_web socket $kind $call "$at"
	check "not without it, $kind" "not seen" seen "meta mark != $marked" in_web socket $kind $call "$at"
	check "the priority, $kind" seen seen "meta priority 0:5" in_web socket $kind $call "$at"
done
check "the class id of a socket that came by SCM_RIGHTS" seen \
	seen "$class" in_web socket udp4 scm sendto 127.0.0.1:4000
check "of one taken by pidfd_getfd" seen seen "$class" in_web socket udp4 pidfd sendto 127.0.0.1:4000
check "received by another container" seen seen "$class" in_web socket udp4 cgroup /db scm sendto 127.0.0.1:4000
check "received by the container, not" "not seen" seen "$class" in_db socket udp4 cgroup /web scm sendto 127.0.0.1:4000
server in_web socket tcp4 reuseaddr bind 127.0.0.1:4001 listen serve
check "on INPUT the socket's mark, of the first packet" seen \
	seen "socket mark $marked tcp flags & (syn|ack) == syn" sockcall socket tcp4 connect 127.0.0.1:4001
server sockcall cgroup /db socket tcp6 reuseaddr bind '[::1]:4001' listen serve
check "not of another's" "not seen" seen "socket mark $marked" sockcall socket tcp6 connect '[::1]:4001'
check "on OUTPUT the socket's mark" seen \
	seen "socket mark $marked" in_web socket tcp4 connect 127.0.0.1:4000

# MPTCP's path manager makes a subflow from another address, in a worker.
set_up ip addr add 10.8.0.1/24 dev lo
set_up ip addr add 10.8.0.3/24 dev lo
set_up ip mptcp limits set subflow 2 add_addr_accepted 2
set_up ip mptcp endpoint add 10.8.0.3 subflow
server sockcall socket mptcp4 bind 10.8.0.1:4000 listen serve
seen "ip saddr 10.8.0.3 $class meta mark $marked meta priority 0:5" true >/dev/null
in_web socket mptcp4 connect 10.8.0.1:4000 sendto 10.8.0.1:4000 pause >/dev/null &
servers="$servers $!"
true_that "a further subflow of MPTCP has all of them" wait_until sh -c \
	'nft list table inet t | grep -q "packets [1-9]"'

# --- fixed. both NAME CALL...: it passes while free, and in db. Fixed, it is EPERM.
settings=()
both() {
	local name=$1 free
	shift
	free=$(in_db "$@")
	same "$name, free" "$free" "$(in_web "$@")"
	settings+=("$name" "$free" "$#" "$@")
}
for kind in tcp4 udp4 udplite4 mptcp4 sctp4 dccp4 ping4 raw4; do
	[ "$(in_db socket "$kind" ids)" = "$none" ] || continue
	both "$kind" socket $kind setopt mark 1 setopt priority 1 setopt tos 8
done
for kind in tcp6 udp6 udplite6 mptcp6 sctp6 ping6 raw6; do
	[ "$(in_db socket "$kind" ids)" = "$none" ] || continue
	both "$kind" socket $kind setopt mark 1 setopt priority 1 setopt tclass 8
done
both "packet socket" packet setopt mark 1 setopt priority 1
both "what is not known, too" socket udp4 setopt tclass 8
both "a class as SCTP has it" socket sctp4 sctp_dscp 8
for kind in udp4 raw4 ping4; do
	both "$kind, sent" socket $kind sendopt tos 8 127.0.0.1:4000 sendopt mark 1 127.0.0.1:4000 \
		sendopt priority 1 127.0.0.1:4000
done
for kind in udp6 raw6 ping6; do
	at='[::1]:4000'
	# A port would be the protocol.
	[ $kind != raw6 ] || at='[::1]:0'
	both "$kind, sent" socket $kind sendopt tclass 8 "$at" sendopt mark 1 "$at" \
		sendopt priority 1 "$at"
done
both "udp6 to an IPv4 address, sent" socket udp6 sendopt tos 8 '[::ffff:127.0.0.1]:4000'
both "packet socket, sent" packet packet_sendopt mark 1
both "a socket that was passed" socket udp4 cgroup /db scm setopt mark 1
both "io_uring" socket udp4 uring_setopt mark 1

set_up ctid set web flow fixed
i=0
while [ $i -lt ${#settings[@]} ]; do
	name=${settings[i]} free=${settings[i + 1]} n=${settings[i + 2]}
	call=("${settings[@]:i + 3:n}")
	i=$((i + 3 + n))
	case $name:$free in
	io_uring:*EOPNOTSUPP*|io_uring:*EINVAL*)
		skip "$name, fixed" "this kernel's io_uring sets no options" ;;
	"a socket that was passed":*)
		check "$name, fixed" "setopt EPERM" in_web "${call[@]}" ;;
	*)
		# shellcheck disable=SC2001 # of each line
		same "$name, fixed" "$(sed 's/ [^ ]*$/ EPERM/' <<<"$free")" "$(in_web "${call[@]}")"
		same "$name, of another container" "$free" "$(in_db "${call[@]}")" ;;
	esac
done
# TCP has none by message, and older kernels' says EINVAL of all errors.
check "on a connected socket" "connect ok
writeopt EPERM" sh -c "sockcall cgroup /web socket tcp4 connect 127.0.0.1:4001 writeopt mark 1 |
	sed s/EINVAL/EPERM/"
check "its twin" "connect ok
writeopt ok" in_db socket tcp4 connect 127.0.0.1:4001 writeopt mark 1
check "other options pass" "setopt ok
setopt ok
sendopt ok" in_web socket udp4 setopt ttl 9 setopt keepalive 1 sendopt ttl 9 127.0.0.1:4000
check "and on IPv6" "sendopt ok" in_web socket udp6 sendopt hoplimit 9 '[::1]:4000'
check "the socket's container counts, not the program's" "setopt ok" \
	in_db socket udp4 cgroup /web setopt mark 1
set_up ctid set web mark none priority none classid none
check "fixed without ids" "ids 0x0 0
setopt EPERM" in_web socket tcp4 ids setopt mark 1
set_up ctid set web flow free
check "free again" "setopt ok" in_web socket tcp4 setopt mark 1

# --- sockets that are older than their cgroup's binding
set_up ctid set web mark "$marked" priority 5
set_up mkdir $cgroups/late
bind_late="ctid bind web /late >/dev/null"
# late KIND CALL...: a socket that had a priority and a class before it was web's.
late() {
	local kind=$1 class=tos
	shift
	[ "$kind" = "${kind%6}" ] || class=tclass
	sockcall cgroup /late socket "$kind" setopt $class 184 setopt priority 3 \
		run "$bind_late" "$@" ids class | grep -v ^setopt
	ctid unbind web /late 2>/dev/null
}
check "an older socket keeps what it has, where ids are free" "sendto ok
ids 0x0 3
class 184" late udp4 sendto 127.0.0.1:4003
set_up ctid set web flow fixed
check "where they are fixed it has them with its next send" "sendto ok
ids $marked 5
class 0" late udp4 sendto 127.0.0.1:4003
check "by IPv6" "sendto ok
ids $marked 5
class 0" late udp6 sendto '[::1]:4003'
check "or connect" "connect ECONNREFUSED
ids $marked 5
class 0" late tcp4 connect 127.0.0.1:8189
check "or listen" "listen ok
ids $marked 5
class 0" late tcp6 listen
# The server is older than "fixed", and its class. The peer's is 0x20.
reflected() {
	ctid set web flow free
	: >"$tmp/server"
	in_web socket "$1" setopt "$2" 184 reuseaddr bind "$3" listen accept ids class \
		>"$tmp/server" 2>&1 &
	wait_until grep -q listen "$tmp/server"
	[ "$4" = free ] || ctid set web flow fixed
	sockcall socket "$1" setopt "$2" 32 connect "$3" >/dev/null
	wait $!
	grep class "$tmp/server"
}
check "a connection has its listener's class" "class 184" reflected tcp4 tos 127.0.0.1:8190 free
check "unless it is fixed" "class 0" reflected tcp4 tos 127.0.0.1:8191 fixed
check "by IPv6" "class 0" reflected tcp6 tclass '[::1]:8192' fixed
echo 1 >/proc/sys/net/ipv4/tcp_reflect_tos
check "or its peer's, by tcp_reflect_tos" "class 32" reflected tcp4 tos 127.0.0.1:8193 free
check "unless it is fixed, then, too" "class 0" reflected tcp4 tos 127.0.0.1:8194 fixed
echo 0 >/proc/sys/net/ipv4/tcp_reflect_tos
set_up ctid set web mark none priority none flow free

# --- several registries
tenant joe 1000 /joe
set_up ctid add 9 joe
set_up ctid bind joe /joe
set_up as_joe /joe ctid add 5 mine
set_up as_joe /joe ctid bind mine /joe
set_up as_joe /joe ctid set mine mark 0x20 priority 3
check "a tenant's registry gives ids to his sockets" "ids 0x20 3" as_joe /joe sockcall socket udp4 ids
check "to none of the host's, even in his cgroup" "$none" sockcall cgroup /joe socket udp4 ids
check "nor of another namespace of the host's" "$none" unshare -n sockcall cgroup /joe socket udp4 ids
fails "no class ids" "class ids are seen by the host's queues" as_joe /joe ctid set mine classid 1:1
set_up ctid set joe mark 0x30
check "the host's comes first, for what it gives" "ids 0x30 3" as_joe /joe sockcall socket udp4 ids
set_up as_joe /joe ctid set mine flow fixed
check "a tenant fixes his" "setopt EPERM" as_joe /joe sockcall socket udp4 setopt priority 1
check "not the host's" "setopt ok" sockcall cgroup /joe socket udp4 setopt priority 1
set_up as_joe /joe ctid set mine flow free
check "and frees them" "setopt ok" as_joe /joe sockcall socket udp4 setopt priority 1
set_up ctid set joe flow fixed
check "not what the host has fixed" "setopt EPERM" as_joe /joe sockcall socket udp4 setopt priority 1
check "where the host fixes them, a tenant's registry gives none" "ids 0x30 0" \
	as_joe /joe sockcall socket udp4 ids

# --- and nothing stays behind
set_up ctid del joe
set_up as_joe /joe ctid del mine
check "a container that is gone gives none" "$none" as_joe /joe sockcall socket udp4 ids
wait_until sh -c "! grep -q . $watched"
check "nothing is watched after the last" "" cat $watched
true_that "its module may go" sh -c 'nft flush ruleset; rmmod sock_hooks'
set_up ctid set web mark 1
check "and comes back when it is needed" "ids 0x1 0" in_web socket tcp4 ids
finish
