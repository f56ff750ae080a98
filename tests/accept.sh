#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every path to accept: a peer connects to a container's server before there is a
# table, under tables that allow all, under a rule that denies it, and after
# that. The third must be denied, the others must print the same.
. ./lib.sh

container web 7
set_up ip link set lo up
echo 3 >/proc/sys/net/ipv4/tcp_fastopen
modprobe -qa sctp smc dccp_ipv4 dccp_ipv6 2>/dev/null

names=() denied=() calls=()
port=8000

# with_cookies NAME: that of the test with SYN cookies, the family still the last word.
with_cookies() {
	case $1 in
	*", IPv"[46]) echo "${1%, IPv?}, with SYN cookies, ${1##*, }" ;;
	*) echo "$1, with SYN cookies" ;;
	esac
}

skip_both() {
	skip "$@"
	case $1 in
	*TCP*) skip "$(with_cookies "$1")" "$2" ;;
	esac
}

# path NAME RESULT CALL... -- OP... : the server is made by OPs in the container,
# with @ for its port, and CALL is its peer's. RESULT is what the denied peer's
# last operation prints.
path() {
	local name=$1 result=$2 call=() answer
	shift 2
	while [ "$1" != -- ]; do
		call+=("${1//@/$port}")
		shift
	done
	shift
	# Closing an SMC listener that has a connection waits for work that takes the lock it
	# holds, without any module of ours, too. Lockdep says so, and looks at nothing after.
	if [[ $name == *SMC* && -e /proc/lockdep ]]; then
		skip_both "$name" "lockdep ends here for a circle of SMC's own locks"
		return
	fi
	answer=$(sockcall "${@:1:2}")
	if [ "$answer" ]; then
		skip_both "$name" "this kernel answers '$answer'"
		return
	fi
	# Else the last one's words may be taken for this one's.
	: >"$tmp/server"
	sockcall cgroup /web "${@//@/$port}" >"$tmp/server" 2>&1 </dev/null &
	servers="$servers $!"
	if ! wait_until grep -q '^\(uring_\)\?listen' "$tmp/server" ||
		! grep -q 'listen ok' "$tmp/server"; then
		skip_both "$name" "this kernel answers '$(tail -n 1 "$tmp/server")'"
		return
	fi
	port=$((port + 1))
	names+=("$name")
	denied+=("$result")
	calls+=("${call[*]}")
}

reset='connect ECONNREFUSED' silence='connect ETIMEDOUT'
for v in 4 6; do
	if [ $v = 4 ]; then to=127.0.0.1:@ here=0.0.0.0:@; else to='[::1]:@' here='[::]:@'; fi
	path "accept: TCP, IPv$v" "$reset" socket tcp$v connect "$to" -- \
		socket tcp$v bind "$here" listen serve
	path "accept: TCP, port chosen by bind before, IPv$v" "$reset" \
		socket tcp$v connect "$to" -- socket tcp$v reuseport bind "$here" listen serve
	path "accept: TCP Fast Open, IPv$v" "fastopen ECONNREFUSED
recv ENOTCONN" socket tcp$v fastopen "$to" recv -- \
		socket tcp$v bind "$here" tfo_listen listen serve
	path "accept: TCP by io_uring, multishot, IPv$v" "$reset" \
		socket tcp$v connect "$to" -- socket tcp$v bind "$here" listen uring_serve
	path "accept: TCP listen by io_uring, IPv$v" "$reset" \
		socket tcp$v connect "$to" -- socket tcp$v bind "$here" uring_listen serve
	path "accept: MPTCP from MPTCP, IPv$v" "$reset" socket mptcp$v connect "$to" -- \
		socket mptcp$v bind "$here" listen serve
	path "accept: MPTCP from TCP, IPv$v" "$reset" socket tcp$v connect "$to" -- \
		socket mptcp$v bind "$here" listen serve
	path "accept: SMC from SMC, IPv$v" "$reset" socket smc$v connect "$to" -- \
		socket smc$v bind "$here" listen serve
	path "accept: SMC from TCP, IPv$v" "$reset" socket tcp$v connect "$to" -- \
		socket smc$v bind "$here" listen serve
	path "accept: SMC that fell back to TCP, IPv$v" "$reset" socket tcp$v connect "$to" -- \
		socket smc$v bind "$here" tfo_listen listen serve
	path "accept: DCCP, IPv$v" "connect EUSERS" socket dccp$v connect "$to" -- \
		socket dccp$v bind "$here" listen serve
	path "accept: SCTP, one-to-one, IPv$v" "$silence" socket sctp$v connect "$to" -- \
		socket sctp$v bind "$here" listen serve
	path "accept: SCTP, one-to-many, IPv$v" "$silence" socket sctp$v connect "$to" -- \
		socket sctpm$v bind "$here" listen pause
	path "accept: TCP, listener passed by SCM_RIGHTS, IPv$v" "$reset" \
		socket tcp$v connect "$to" -- socket tcp$v scm cgroup / bind "$here" listen serve
	path "accept: TCP, its process left the container, IPv$v" "$reset" \
		socket tcp$v connect "$to" -- socket tcp$v cgroup / bind "$here" listen serve
done
path "accept: TCP over IPv4 at a dual-stack listener" "$reset" \
	socket tcp4 connect 127.0.0.1:@ -- socket tcp6 bind '[::]:@' listen serve
path "accept: TCP at a listener that was bound by itself" "$reset" \
	socket tcp4 connect 127.0.0.1:@ -- socket tcp4 reuseaddr bind 127.0.0.1:@ listen shutdown listen serve

# Those to which the rule gives no answer wait for one, all at once, while the others
# are made.
run_all() {
	local -n into=$1
	local i waiting=()
	for ((i = 0; i < ${#calls[@]}; i++)); do
		[ "${denied[i]}" = "$silence" ] || continue
		# shellcheck disable=SC2086 # words
		sockcall ${calls[i]} >"$tmp/call$i" 2>&1 </dev/null &
		waiting+=($!)
	done
	for ((i = 0; i < ${#calls[@]}; i++)); do
		# shellcheck disable=SC2086 # words
		[ "${denied[i]}" = "$silence" ] || into[i]=$(sockcall ${calls[i]} 2>&1)
	done
	[ ${#waiting[@]} -eq 0 ] || wait "${waiting[@]}"
	for ((i = 0; i < ${#calls[@]}; i++)); do
		[ "${denied[i]}" != "$silence" ] || into[i]=$(<"$tmp/call$i")
	done
}

before=() allowed=() forbidden=() cookies=() after=()
run_all before
for family in iptables ip6tables; do
	set_up $family-legacy -t accept -S
done
run_all allowed
for family in iptables ip6tables; do
	rule $family accept INPUT -m container --id web -j SOCKERR --errno EACCES
done
run_all forbidden
sysctl -q net.ipv4.tcp_syncookies=2
# shellcheck disable=SC2034 # by name
run_all cookies
flush
run_all after
sysctl -q net.ipv4.tcp_syncookies=1

for ((i = 0; i < ${#calls[@]}; i++)); do
	name=${names[i]}
	if [ "${forbidden[i]}" != "${denied[i]}" ]; then
		not_ok "$name" "call: ${calls[i]}
it was not denied: ${forbidden[i]//$'\n'/ | }"
	elif [ "${before[i]}" = "${denied[i]}" ]; then
		not_ok "$name" "it is denied without a rule, too: ${before[i]//$'\n'/ | }"
	elif [ "${before[i]}" != "${allowed[i]}" ] || [ "${before[i]}" != "${after[i]}" ]; then
		not_ok "$name" "call: ${calls[i]}
without a table: ${before[i]//$'\n'/ | }
table without rules: ${allowed[i]//$'\n'/ | }
after the rule, with SYN cookies: ${after[i]//$'\n'/ | }"
	else
		ok "$name"
	fi
	case $name in
	*TCP*) same "$(with_cookies "$name")" "${denied[i]}" "${cookies[i]}" ;;
	esac
done
finish
