#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The files of nft/ as they are installed: they load, and do what they say.
. ./lib.sh

dir=/etc/nftables
container web 7
container db 8
container other 9
out() { sockcall "$@"; }
modprobe -q sctp
server sockcall socket tcp4 reuseaddr bind 127.0.0.8:5432 listen serve
server sockcall socket tcp6 v6only 1 reuseaddr bind '[::1]:5432' listen serve
server sockcall cgroup /web socket tcp4 reuseaddr bind 127.0.0.1:8080 listen serve
server sockcall cgroup /db socket tcp4 reuseaddr bind 127.0.0.1:5433 listen serve

# --- socket-errno.nft
header=/usr/include/linux/netfilter/xt_SOCKERR.h
known=$(sed -n 's/.*X(\(E[A-Z]*\)).*/\1/p' $header)
same "socket-errno.nft defines the errnos that SOCKERR knows, with the kernel's numbers" \
	"$(python3 -c 'import errno, sys
for name in sys.argv[1:]: print(name, getattr(errno, name))' $known)" \
	"$(sed -n 's/^define \(E[A-Z]*\) = /\1 /p' $dir/socket-errno.nft)"

# --- rules before devices: older kernels refuse them, newer ones have them wait
if nft -f $dir/tenants.nft 2>/dev/null </dev/null; then
	devices
	check "rules from before the devices hold once these are there" "connect EPERM" \
		in_db socket tcp4 connect 127.0.0.8:5432
	set_up nft delete table inet tenants
else
	check "without the devices nothing of a file is loaded" "" nft list ruleset
	devices
fi

# twice FILE: it loads, and again over itself, to the same.
twice() {
	local first
	true_that "$1 loads" nft -f $dir/"$1"
	first=$(nft -s list ruleset)
	true_that "$1 loads again" nft -f $dir/"$1"
	same "$1: to the same" "$first" "$(nft -s list ruleset)"
}

# calls EXPECTED: what each line of the table prints, in the order of the calls.
calls() {
	check "$1: web calls its database" "$2" in_web socket tcp4 connect 127.0.0.8:5432
	check "$1: web calls another port" "$3" in_web socket tcp4 connect 127.0.0.8:5433
	check "$1: web resolves names" "$4" in_web socket udp4 connect 127.0.0.53:53
	check "$1: web sends UDP elsewhere" "$5" in_web socket udp4 sendto 127.0.0.1:9
	check "$1: db calls somebody" "$6" in_db socket tcp4 connect 127.0.0.8:5432
	check "$1: web binds a port that it has" "$7" in_web socket tcp4 bind 127.0.0.1:8000
	check "$1: and in IPv6" "$7" in_web socket tcp6 bind '[::]:8000'
	check "$1: web binds another port" "$8" in_web socket tcp4 bind 127.0.0.1:7999
	check "$1: web binds UDP, port 0" "$9" in_web socket udp4 bind 127.0.0.1:0
	check "$1: db binds another port" "${10}" in_db socket tcp4 bind 127.0.0.8:5434
	check "$1: somebody asks web" "${11}" out socket tcp4 connect 127.0.0.1:8080
	check "$1: 127.0.0.66 asks web" "bind ok
${12}" out socket tcp4 bind 127.0.0.66:0 connect 127.0.0.1:8080
	check "$1: this host asks db" "${13}" out socket tcp4 connect 127.0.0.1:5433
	check "$1: somebody else connects" "connect ok" out socket tcp4 connect 127.0.0.8:5432
	check "$1: somebody else binds" "bind ok" out socket tcp4 bind 127.0.0.1:7999
}
free() {
	calls "$1" "connect ok" "connect ECONNREFUSED" "connect ok" "sendto ok" "connect ok" \
		"bind ok" "bind ok" "bind ok" "bind ok" "connect ok" "connect ok" "connect ok"
	check "$1: a container that is not listed" "connect ok" in_other socket tcp4 connect 127.0.0.8:5432
}

free "without rules"

# --- tenants.nft
twice tenants.nft
calls "tenants.nft" "connect ok" "connect ECONNREFUSED" "connect ok" "sendto ECONNREFUSED" \
	"connect EPERM" "bind ok" "bind EACCES" "bind ok" "bind EADDRINUSE" "connect ok" \
	"connect ECONNREFUSED" "connect ok"
check "tenants.nft: a container that is not listed" "connect ok" \
	in_other socket tcp4 connect 127.0.0.8:5432
has "tenants.nft: its counters say who was denied" "packets 4" nft list counter inet tenants web_denied
has "tenants.nft: and db" "packets 2" nft list counter inet tenants db_denied
set_up ip link set connect down
check "tenants.nft: a device that is down lets all pass" "connect ok" \
	in_db socket tcp4 connect 127.0.0.8:5432
set_up ip link set connect up
check "tenants.nft: up again" "connect EPERM" in_db socket tcp4 connect 127.0.0.8:5432
set_up nft delete table inet tenants
free "tenants.nft is gone"

# --- default-deny.nft
twice default-deny.nft
calls "default-deny.nft" "connect ECONNREFUSED" "connect ECONNREFUSED" "connect ok" \
	"sendto ECONNREFUSED" "connect ECONNREFUSED" "bind ok" "bind EPERM" "bind EPERM" \
	"bind EPERM" "connect ok" "connect ok" "connect ETIMEDOUT"
check "default-deny.nft: web calls an IPv6 address that it may" "connect ok" \
	in_web socket tcp6 connect '[::1]:5432'
check "default-deny.nft: and one that it may not" "connect ECONNREFUSED" \
	in_web socket tcp6 connect '[::1]:5433'
check "default-deny.nft: a container that is not listed" "connect ECONNREFUSED" \
	in_other socket tcp4 connect 127.0.0.8:5432
check "default-deny.nft: nor does it send" "sendto ECONNREFUSED" in_other socket udp4 sendto 127.0.0.1:9
check "default-deny.nft: raw, which has no port" "bind EPERM" in_other socket raw4 bind 127.0.0.1:0
echo '0 100000' >/proc/sys/net/ipv4/ping_group_range
check "default-deny.nft: ping" "connect ECONNREFUSED" in_other socket ping4 connect 127.0.0.1:0
check "default-deny.nft: ping in no container" "connect ok" out socket ping4 connect 127.0.0.1:0
has "default-deny.nft: the log says what was denied" "denied connect: IN=connect" dmesg
has "default-deny.nft: and whose it was" "MARK=0x9" dmesg
set_up nft add element inet default_deny connect4 '{ 7 . tcp . 127.0.0.8 . 5432 }'
check "default-deny.nft: permitted as its head says" "connect ok" in_web socket tcp4 connect 127.0.0.8:5432
set_up nft -f $dir/default-deny.nft
check "default-deny.nft: until the next load" "connect ECONNREFUSED" \
	in_web socket tcp4 connect 127.0.0.8:5432
set_up nft delete table inet default_deny
free "default-deny.nft is gone"

# --- socket-events.nft
nft_load <<'END'
include "nftables/socket-events.nft"
table inet events {
	chain on_bind {
		type filter hook ingress device "bind" priority filter
		meta mark $ANY_CONTAINER tcp dport $PICKED_PORT drop
		meta mark $ANY_CONTAINER ip daddr $ANY_ADDR tcp dport 7000 drop
		meta mark $ANY_CONTAINER ip6 daddr $ANY_ADDR6 tcp dport 7001 drop
		meta mark $NO_CONTAINER tcp dport 7002 drop
	}
	chain on_connect {
		type filter hook ingress device "connect" priority filter
		meta mark $ANY_CONTAINER ip saddr $NO_ADDR tcp dport 5432 drop
		meta mark $ANY_CONTAINER ip6 saddr $NO_ADDR6 tcp dport 5432 drop
	}
}
END
check "socket-events.nft: a port that the kernel picks" "bind EPERM" in_web socket tcp4 bind 127.0.0.1:0
check "socket-events.nft: one that it does not" "bind ok" in_web socket tcp4 bind 127.0.0.1:7000
check "socket-events.nft: any address" "bind EPERM" in_web socket tcp4 bind 0.0.0.0:7000
check "socket-events.nft: any address, IPv6" "bind EPERM" in_web socket tcp6 bind '[::]:7001'
check "socket-events.nft: in a container" "bind ok" in_web socket tcp4 bind 127.0.0.1:7002
check "socket-events.nft: in none" "bind EPERM" out socket tcp4 bind 127.0.0.1:7002
check "socket-events.nft: in none, all else" "bind ok" out socket tcp4 bind 0.0.0.0:7000
check "socket-events.nft: no address yet" "connect EPERM" in_web socket tcp4 connect 127.0.0.8:5432
check "socket-events.nft: no address yet, IPv6" "connect EPERM" in_web socket tcp6 connect '[::1]:5432'
check "socket-events.nft: an own address" "bind ok
connect ok" in_web socket tcp4 bind 127.0.0.1:7003 connect 127.0.0.8:5432
set_up nft delete table inet events
free "socket-events.nft is gone"

# --- both at once: each must accept
set_up nft -f $dir/tenants.nft
set_up nft -f $dir/default-deny.nft
check "both: what both permit" "connect ok" in_web socket udp4 connect 127.0.0.53:53
check "both: what one denies" "connect ECONNREFUSED" in_web socket tcp4 connect 127.0.0.8:5432
check "both: what the other denies" "connect ECONNREFUSED" in_web socket tcp6 connect '[::1]:5432'
set_up nft delete table inet tenants
set_up nft delete table inet default_deny

# --- as their heads say, by what xt-container.service runs
set_up mkdir -p /etc/xtables
for file in tenants:EPERM default-deny:ECONNREFUSED; do
	name=${file%:*}
	for event in connect bind accept; do set_up ip link del $event; done
	check "before $name.nft is loaded" "connect ok" in_db socket tcp4 connect 127.0.0.8:5432
	set_up cp $dir/"$name".nft /etc/xtables/container.nft
	true_that "$name.nft is loaded as container.nft, with the devices" /usr/libexec/xt-container/load-rules
	check "and holds" "connect ${file#*:}" in_db socket tcp4 connect 127.0.0.8:5432
	true_that "and is loaded again" /usr/libexec/xt-container/load-rules
	set_up nft delete table inet "${name//-/_}"
done
check "neither says another way" "" grep -l "nftables\.service" $dir/*.nft
finish
