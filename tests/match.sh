#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# -m container on packets: all tables and chains that have a socket to look at,
# by iptables-legacy and iptables-nft, IPv4 and IPv6, TCP and UDP.
. ./lib.sh

container web 7
container db 8
next=8000

# listen_in CGROUP KIND ADDRESS: a server there; its port is in $port.
listen_in() {
	next=$((next + 1))
	port=$next
	case $2 in
	tcp*) server sockcall cgroup "$1" socket "$2" bind "$3:$port" listen serve ;;
	*)
		sockcall cgroup "$1" socket "$2" bind "$3:$port" pause >/dev/null &
		servers="$servers $!"
		wait_until sh -c "ss -Hlun sport = $port | grep -q $port" ||
			bail_out "no UDP server on port $port"
		;;
	esac
}

# count CMD TABLE CHAIN: packets that the chain's one rule matched.
count() {
	"$1" -t "$2" -nvxL "$3" | awk 'NR == 3 { print $1 }'
}

# traffic KIND ADDRESS: one connection or datagram, outside of all containers.
traffic() {
	case $1 in
	tcp*) sockcall socket "$1" connect "$2:$port" >/dev/null ;;
	*) sockcall socket "$1" sendto "$2:$port" >/dev/null ;;
	esac
}

for cmd in iptables-legacy iptables-nft ip6tables-legacy ip6tables-nft; do
	v=4 here=127.0.0.1
	[ "${cmd#ip6}" = "$cmd" ] || { v=6 here='[::1]'; }
	listen_in /web tcp$v "$here" && tcp_web=$port
	listen_in /db tcp$v "$here" && tcp_db=$port
	listen_in /web udp$v "$here" && udp_web=$port
	listen_in /db udp$v "$here" && udp_db=$port
	for table in filter mangle raw security; do
		case $table in
		filter | security) chains="OUTPUT INPUT" ;;
		mangle) chains="OUTPUT POSTROUTING INPUT PREROUTING" ;;
		raw) chains="OUTPUT PREROUTING" ;;
		esac
		for chain in $chains; do
			what="$cmd -t $table, $chain"
			set_up $cmd -t $table -A $chain -m container --id web
			for p in tcp udp; do
				# Out: the container's packets. In: those to its new
				# connections, whose packets have no socket yet.
				web_port=${p}_web db_port=${p}_db
				set_up $cmd -t $table -Z $chain
				port=${!db_port}
				case $chain in
				OUTPUT | POSTROUTING)
					in_db socket $p$v sendto "$here:$port" connect "$here:$port" >/dev/null
					;;
				*) traffic $p$v "$here" ;;
				esac
				same "$what: not another container's, $p" 0 "$(count $cmd $table $chain)"
				port=${!web_port}
				case $chain in
				OUTPUT | POSTROUTING)
					port=${!db_port}
					in_web socket $p$v sendto "$here:$port" connect "$here:$port" >/dev/null
					;;
				*) traffic $p$v "$here" ;;
				esac
				true_that "$what: the container's, $p" test "$(count $cmd $table $chain)" -ge 1
			done
			set_up $cmd -t $table -F $chain
		done
	done
	port=$tcp_web
	check "$cmd: without a rule a connection comes in" "connect ok" \
		sockcall socket tcp$v connect "$here:$tcp_web"
	set_up $cmd -A INPUT -m container --id web -p tcp -j DROP
	check "$cmd: DROP in INPUT keeps a new connection from it" "connect ETIMEDOUT" \
		sockcall socket tcp$v connect "$here:$tcp_web"
	check "$cmd: but not from another container" "connect ok" \
		sockcall socket tcp$v connect "$here:$tcp_db"
	set_up $cmd -F INPUT

	# --- lists
	for list in 7:yes web:yes 1-4294967295:yes 0:no 8:no db,web:yes 1-6:no 1-6,8-20:no 5,6-7:yes; do
		set_up $cmd -A OUTPUT -m container --id "${list%:*}"
		in_web socket udp$v sendto "$here:$udp_db" >/dev/null
		n=$(count $cmd filter OUTPUT)
		case $list:$n in
		*:yes:0 | *:no:[1-9]*) not_ok "$cmd: --id ${list%:*}" "counted $n" ;;
		*) ok "$cmd: --id ${list%:*}" ;;
		esac
		set_up $cmd -F OUTPUT
	done
	set_up $cmd -A OUTPUT -m container ! --id 7
	in_web socket udp$v sendto "$here:$udp_db" >/dev/null
	same "$cmd: ! --id 7, in 7" 0 "$(count $cmd filter OUTPUT)"
	in_db socket udp$v sendto "$here:$udp_db" >/dev/null
	true_that "$cmd: ! --id 7, in 8" test "$(count $cmd filter OUTPUT)" -ge 1
	set_up $cmd -F OUTPUT
	set_up $cmd -A OUTPUT -m container --id 0
	sockcall socket udp$v sendto "$here:$udp_db" >/dev/null
	true_that "$cmd: --id 0, in none" test "$(count $cmd filter OUTPUT)" -ge 1
	set_up $cmd -F OUTPUT

	# --- where no owner can be
	fails "$cmd: FORWARD is refused" "" $cmd -A FORWARD -m container --id 7
	set_up $cmd -N sub
	set_up $cmd -A sub -m container --id 7
	fails "$cmd: and a chain that FORWARD calls" "" $cmd -A FORWARD -j sub
	set_up $cmd -F sub
	set_up $cmd -X sub
	fails "$cmd: 17 separate ids are too many" "16" \
		$cmd -A OUTPUT -m container --id 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33
	fails "$cmd: a name that is not known" "" $cmd -A OUTPUT -m container --id nobody
	fails "$cmd: a range upside down" "" $cmd -A OUTPUT -m container --id 9-8

	# --- save and restore
	set_up $cmd -A OUTPUT -m container ! --id 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 -j ACCEPT
	set_up $cmd -A INPUT -m container --id web,100-200 -p tcp --dport 80 -j DROP
	"$cmd-save" -t filter >"$tmp/save"
	grep -v '^#' "$tmp/save" | sed 's/\[.*\]//' >"$tmp/before"
	true_that "$cmd: what was saved restores" sh -c "$cmd-restore <$tmp/save"
	same "$cmd: restore of save is the identity" "$(cat "$tmp/before")" \
		"$("$cmd-save" -t filter | grep -v '^#' | sed 's/\[.*\]//')"
	set_up $cmd -F
done

# --- what iptables would never send: badinfo puts it into the kernel itself
check "the kernel takes good match info, and no bad one" \
"good ok
good-inverted ok
good-16 ok
count-0 EINVAL
count-17 EINVAL
count-255 EINVAL
unsorted EINVAL
overlapping EINVAL
touching EINVAL
upside-down EINVAL
after-the-last EINVAL
unknown-flag EINVAL
padding EINVAL
unused-ranges EINVAL" badinfo container
check "the kernel takes good target info, and no bad one" \
"good ok
errno-0 EINVAL
errno-255 EINVAL
errno-2 EINVAL
padding EINVAL" badinfo SOCKERR
finish
