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

# counters CMD: how many packets each rule of all tables matched, into the map
# "counted", as TABLE CHAIN NUMBER. One process tells them all.
declare -A counted=()
counters() {
	local line table='' chain
	local -A number=()
	counted=()
	"$1-save" -c >"$tmp/counters" || bail_out "$1-save -c fails"
	while read -r line; do
		case $line in
		'*'*) table=${line#?} ;;
		'['*)
			chain=${line#*-A }
			chain=$table\ ${chain%% *}
			number[$chain]=$((${number[$chain]:-0} + 1))
			line=${line#[}
			counted[$chain ${number[$chain]}]=${line%%:*}
			;;
		esac
	done <"$tmp/counters"
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
	hooks="filter OUTPUT:filter INPUT:mangle OUTPUT:mangle POSTROUTING:mangle INPUT"
	hooks+=":mangle PREROUTING:raw OUTPUT:raw PREROUTING:security OUTPUT:security INPUT"
	IFS=: read -r -a hooks <<<"$hooks"
	for hook in "${hooks[@]}"; do
		set_up $cmd -t ${hook% *} -A ${hook#* } -m container --id web
	done
	# What each of these rules counts of each kind of traffic. Out: the container's
	# packets. In: those to its new connections, whose packets have no socket yet.
	declare -A matched=()
	# TCP last: connections that end late would be counted among what comes after.
	counters $cmd
	for p in udp tcp; do
		for which in db web; do
			for way in out in; do
				declare -A before=()
				for hook in "${hooks[@]}"; do before[$hook]=${counted[$hook 1]}; done
				if [ $way = out ]; then
					port=${p}_db
					port=${!port}
					in_$which socket $p$v sendto "$here:$port" connect "$here:$port" >/dev/null
				else
					port=${p}_$which
					port=${!port}
					traffic $p$v "$here"
				fi
				counters $cmd
				for hook in "${hooks[@]}"; do
					matched[$hook $p $which $way]=$((${counted[$hook 1]} - ${before[$hook]}))
				done
			done
		done
	done
	for hook in "${hooks[@]}"; do
		what="$cmd -t ${hook% *}, ${hook#* }"
		case $hook in
		*OUTPUT | *POSTROUTING) way=out ;;
		*) way=in ;;
		esac
		for p in tcp udp; do
			same "$what: not another container's, $p" 0 "${matched[$hook $p db $way]}"
			true_that "$what: the container's, $p" test "${matched[$hook $p web $way]}" -ge 1
		done
		set_up $cmd -t ${hook% *} -F ${hook#* }
	done
	port=$tcp_web
	check "$cmd: without a rule a connection comes in" "connect ok" \
		sockcall socket tcp$v connect "$here:$tcp_web"
	set_up $cmd -A INPUT -m container --id web -p tcp -j DROP
	check "$cmd: DROP in INPUT keeps a new connection from it" "connect ETIMEDOUT" \
		sockcall socket tcp$v patience 1500 connect "$here:$tcp_web"
	check "$cmd: but not from another container" "connect ok" \
		sockcall socket tcp$v connect "$here:$tcp_db"
	set_up $cmd -F INPUT

	# --- lists
	lists="7:yes web:yes 1-4294967295:yes 0:no 8:no db,web:yes 1-6:no 1-6,8-20:no 5,6-7:yes"
	for list in $lists; do
		set_up $cmd -A OUTPUT -m container --id "${list%:*}"
	done
	set_up $cmd -A OUTPUT -m container ! --id 7
	set_up $cmd -A OUTPUT -m container --id 0
	in_web socket udp$v sendto "$here:$udp_db" >/dev/null
	counters $cmd
	i=0
	for list in $lists; do
		i=$((i + 1))
		n=${counted[filter OUTPUT $i]}
		case $list:$n in
		*:yes:0 | *:no:[1-9]* | *:) not_ok "$cmd: --id ${list%:*}" "counted $n" ;;
		*) ok "$cmd: --id ${list%:*}" ;;
		esac
	done
	not=$((i + 1)) none=$((i + 2))
	same "$cmd: ! --id 7, in 7" 0 "${counted[filter OUTPUT $not]}"
	in_db socket udp$v sendto "$here:$udp_db" >/dev/null
	counters $cmd
	true_that "$cmd: ! --id 7, in 8" test "${counted[filter OUTPUT $not]}" -ge 1
	zero=${counted[filter OUTPUT $none]}
	sockcall socket udp$v sendto "$here:$udp_db" >/dev/null
	counters $cmd
	true_that "$cmd: --id 0, in none" test $((${counted[filter OUTPUT $none]} - zero)) -ge 1
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
