#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# MPTCP's further subflows: the kernel makes them on its own, by the path manager's
# rules, but for a container's socket. Each is a connect of that container, and
# at the server's side an accept.
. ./lib.sh

container web 7
set_up ip link set lo up
set_up ip mptcp limits set subflow 2 add_addr_accepted 2

# joins: subflows that came to be, as the server counts them.
joins() {
	local names values i
	while read -ra names && read -ra values; do
		[ "${names[0]}" = MPTcpExt: ] || continue
		for i in "${!names[@]}"; do
			[ "${names[i]}" != MPJoinAckRx ] || echo "${values[i]}"
		done
	done </proc/net/netstat
}

one_more_than() {
	[ "$(joins)" -gt "$1" ]
}

# subflows: of one connection of the container's, how many came to be.
subflows() {
	local before
	before=$(joins)
	in_web socket "mptcp$v" connect "$server" sendto "$server" \
		pause >"$tmp/client" &
	# It is made after the first data, by a worker.
	wait_a_while one_more_than "$before"
	kill $!
	wait $! 2>/dev/null
	echo "$(tr '\n' ' ' <"$tmp/client")$(($(joins) - before))"
}

# Nothing tells that a subflow will not come: give it two seconds.
wait_a_while() {
	local tries
	for ((tries = 0; tries < 40; tries++)); do
		"$@" && return
		read -rt 0.05 -u "$nothing"
	done
}

for v in 4 6; do
	if [ $v = 4 ]; then
		cmd=iptables net=10.9.0. server=10.9.0.1:84 any=0.0.0.0:84 mask=24
	else
		cmd=ip6tables net=fd09:: server='[fd09::1]:86' any='[::]:86' mask=64
	fi
	for i in 1 3 4; do
		set_up ip addr add $net$i/$mask dev lo
	done
	server sockcall cgroup /web socket mptcp$v bind "$any" listen serve
	case $(sockcall socket mptcp$v connect "$server") in
	"connect ok") ;;
	*) bail_out "MPTCP does not connect" ;;
	esac

	# --- from another local address
	set_up ip mptcp endpoint add ${net}3 subflow
	same "without a rule an MPTCP subflow comes, IPv$v" "connect ok sendto ok 1" "$(subflows)"
	rule $cmd connect OUTPUT -m container --id web -s ${net}3 -j DROP
	same "connect: MPTCP's further subflow, IPv$v" "connect ok sendto ok 0" "$(subflows)"
	true_that "and the rule counted it, IPv$v" test "$(packets $cmd connect)" -ge 1
	flush
	# With a reset: what is dropped is asked again, and may come later.
	rule $cmd accept INPUT -m container --id web -s ${net}3 -j SOCKERR --errno ECONNREFUSED
	same "accept: MPTCP's further subflow, IPv$v" "connect ok sendto ok 0" "$(subflows)"
	true_that "and the rule counted it, too, IPv$v" test "$(packets $cmd accept)" -ge 1
	flush
	same "without the rules it comes again, IPv$v" "connect ok sendto ok 1" "$(subflows)"
	set_up ip mptcp endpoint flush

	# --- to an address that the server announces
	set_up ip mptcp endpoint add ${net}4 signal
	same "without a rule an MPTCP subflow to an announced address comes, IPv$v" \
		"connect ok sendto ok 1" "$(subflows)"
	rule $cmd connect OUTPUT -m container --id web -d ${net}4 -j DROP
	same "connect: MPTCP's subflow to an announced address, IPv$v" \
		"connect ok sendto ok 0" "$(subflows)"
	true_that "the rule counted that one, IPv$v" test "$(packets $cmd connect)" -ge 1
	flush
	set_up ip mptcp endpoint flush

	# --- a port that the path manager takes for a container's process. Each time
	# another one: old connections may have got a subflow to the one before.
	endpoint() {
		ctid exec web --cgroup /web -- ip mptcp endpoint add ${net}1 signal port "$1"
	}
	true_that "without a rule MPTCP's path manager takes a port, IPv$v" endpoint 7070
	set_up ip mptcp endpoint flush
	rule $cmd bind INPUT -m container --id web -p tcp --dport 7070:7079 -j DROP
	fails "bind: MPTCP's path manager, IPv$v" "" endpoint 7071
	true_that "the rule counted that bind, IPv$v" test "$(packets $cmd bind)" -ge 1
	flush
	true_that "and again without a rule, IPv$v" endpoint 7072
	set_up ip mptcp endpoint flush
done
finish
