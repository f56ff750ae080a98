#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Chains on event devices: what a rule can ask, what its verdict does to the call,
# and that the same call passes without it.
. ./lib.sh

container web 7
container db 8
out() { sockcall "$@"; }
as_user() { setpriv --reuid 1000 --regid 1001 --clear-groups sockcall "$@"; }
modprobe -qa sctp dummy
set_up ip link add dummy7 type dummy
set_up ip link set dummy7 up
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
server sockcall socket tcp6 v6only 1 reuseaddr bind '[::1]:80' listen serve
server sockcall cgroup /web socket tcp4 reuseaddr bind 127.0.0.1:8080 listen serve
server sockcall cgroup /web socket tcp6 v6only 1 reuseaddr bind '[::1]:8080' listen serve
devices

# tables FAMILY: table "events" with a chain on each device, without rules.
tables() {
	family=$1
	nft_load <<-X
	table $family events
	delete table $family events
	table $family events {
		set ports { type inet_service; flags interval; elements = { 70-79, 80 } }
		set fine { type mark . inet_proto . ipv4_addr . inet_service; flags interval
			elements = { 7 . tcp . 127.0.0.0/30 . 70-90, 7 . udp . 10.0.0.0/8 . 53 } }
		map fates { type mark . inet_proto . ipv4_addr . inet_service : verdict; flags interval
			elements = { 7 . tcp . 127.0.0.0/30 . 70-90 : drop } }
		map tenant { type mark : verdict; elements = { 7 : jump web } }
		set seen { type mark . ipv4_addr; flags dynamic; timeout 1h; }
		set often { type ipv4_addr; flags dynamic; }
		counter denials { }
		chain web { tcp dport 80 drop; }
		chain on_connect { type filter hook ingress device "connect" priority 0; }
		chain on_bind { type filter hook ingress device "bind" priority 0; }
		chain on_accept { type filter hook ingress device "accept" priority 0; }
	}
	X
}
# nft's library, in one process: most of what nft takes is to begin.
cat >"$tmp/nft.py" <<'P'
import ctypes, sys
lib = ctypes.CDLL("libnftables.so.1")
lib.nft_ctx_new.restype = ctypes.c_void_p
lib.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
nft = ctypes.c_void_p(lib.nft_ctx_new(0))
lib.nft_ctx_buffer_error(nft)
for line in sys.stdin:
    failed = lib.nft_run_cmd_from_buffer(nft, line.encode())
    error = lib.nft_ctx_get_error_buffer(nft).decode().replace("\n", " ")
    print((error or "failed") if failed else "ok", flush=True)
P
coproc NFT { exec python3 "$tmp/nft.py"; }
servers="$servers $NFT_PID"
nft_do() {
	local answer
	echo "$*" >&"${NFT[1]}"
	read -r answer <&"${NFT[0]}"
	[ "$answer" = ok ] || bail_out "nft failed: $*: $answer"
}
add() { nft_do "add rule $family events on_$1 ${*:2}"; }
clear() { nft_do flush chain "$family" events "on_$1"; }

# twins EVENT RULE DENIED PASSES CALL...: with and without the rule.
twins() {
	local event=$1 rule=$2 denied=$3 passes=$4
	shift 4
	check "$family $event, without: $rule" "$passes" "$@"
	add "$event" "$rule"
	check "$family $event: $rule" "$denied" "$@"
	clear "$event"
	check "$family $event, after: $rule" "$passes" "$@"
}
tcp() { twins connect "$1" "connect EPERM" "connect ok" in_web socket tcp4 connect 127.0.0.1:80; }
tcp6() { twins connect "$1" "connect EPERM" "connect ok" in_web socket tcp6 connect '[::1]:80'; }

fields() {
	tcp "meta mark 7 drop"
	tcp "meta protocol ip ip daddr 127.0.0.1 tcp dport 80 drop"
	tcp "meta mark . meta l4proto . ip daddr . th dport @fine drop"
	tcp "meta mark . meta l4proto . ip daddr . th dport vmap @fates"
	tcp "meta mark vmap @tenant"
	tcp "tcp dport @ports drop"
	tcp "tcp flags syn / fin,syn,rst,ack drop"
	tcp "meta iifname \"connect\" drop"
	tcp "meta skuid 0 drop"
	tcp6 "meta protocol ip6 ip6 daddr ::1 meta mark 7 tcp dport { 80, 443 } drop"
	tcp6 "meta mark vmap @tenant"
	twins connect "ip saddr 127.0.0.2 udp sport 7777 drop" "bind ok
connect EPERM" "bind ok
connect ok" in_web socket udp4 bind 127.0.0.2:7777 connect 127.0.0.1:80
	twins connect "meta l4proto udp th dport 53 drop" "sendto EPERM" "sendto ok" \
		in_web socket udp4 sendto 127.0.0.1:53
	twins connect "meta skuid 1000 meta skgid 1001 drop" "connect EPERM" "connect ok" \
		as_user socket tcp4 connect 127.0.0.1:80
	twins bind "ip daddr 127.0.0.1 udp dport 90 meta mark 7 drop" "bind EPERM" "bind ok" \
		in_web socket udp4 bind 127.0.0.1:90
	twins bind "ip6 daddr :: tcp dport 90 drop" "bind EPERM" "bind ok" in_web socket tcp6 bind '[::]:90'
	twins bind "ip daddr 0.0.0.0 tcp dport 90 drop" "bind EPERM" "bind ok" in_web socket tcp6 bind '[::]:90'
	twins bind "sctp dport 99 drop" "bind EPERM" "bind ok" in_web socket sctp4 bind 127.0.0.1:99
	twins bind "meta iifname \"bind\" drop" "bind EPERM" "bind ok" in_web socket tcp4 bind 127.0.0.1:90
	twins accept "meta iifname \"lo\" ip saddr 127.0.0.2 tcp dport 8080 meta mark 7 drop" "bind ok
connect ETIMEDOUT" "bind ok
connect ok" out socket tcp4 bind 127.0.0.2:0 connect 127.0.0.1:8080
	add connect "meta mark 8 drop"
	add connect "ip daddr 127.0.0.1 tcp dport 81 drop"
	add connect "meta skuid 1000 drop"
	add connect "meta iifname \"lo\" drop"
	check "$family: what is of others, elsewhere, by others passes" "connect ok" \
		in_web socket tcp4 connect 127.0.0.1:80
	check "$family: the other container is denied" "connect EPERM" in_db socket tcp4 connect 127.0.0.1:80
	clear connect
	add connect "meta skuid 0 drop"
	check "$family: a socket of another netns has no skuid" "connect ENETUNREACH" \
		unshare -n sockcall socket tcp4 connect 127.0.0.1:80
	clear connect
}

# Protocols that are IPv6 extension headers: what parses the packet goes on behind, but
# nft stops at an authentication header.
extension_headers() {
	local proto seen rule
	# Routing, fragment, destination options, authentication.
	for proto in 43 44 60 51; do
		seen=59
		[ $proto != 51 ] || seen=51
		for rule in "meta l4proto 0-255 drop" "meta l4proto $seen drop" "ip6 daddr ::1 drop" \
			"ip6 nexthdr $proto drop" "meta l4proto $seen th dport 0 drop" \
			"meta mark . meta l4proto . ip6 daddr . th dport { 7 . $seen . ::1 . 0 } drop"; do
			twins connect "$rule" "connect EPERM" "connect ok" in_web socket "$proto:6" connect '[::1]:0'
		done
		twins bind "meta l4proto 0-255 drop" "bind EPERM" "bind ok" in_web socket "$proto:6" bind '[::1]:0'
		twins connect "meta l4proto $proto drop" "connect EPERM" "connect ok" \
			in_web socket "$proto:4" connect 127.0.0.1:0
		add connect "meta l4proto != $seen drop"
		check "$family: in IPv6, protocol $proto is $seen" "connect ok" in_web socket "$proto:6" connect '[::1]:0'
		clear connect
	done
	for proto in 50 59 135 253; do
		twins connect "meta l4proto $proto th sport 0 th dport 0 drop" "connect EPERM" "connect ok" \
			in_web socket "$proto:6" connect '[::1]:0'
	done
}

state() {
	add connect "meta mark 7 tcp dport 80 counter name denials counter drop"
	check "$family: a counter's rule denies" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
	has "$family: it counts" "counter packets 1 bytes 40" nft list chain "$family" events on_connect
	has "$family: the named one, too" "packets 1 bytes 40" nft list counter "$family" events denials
	clear connect
	add connect "meta mark 7 limit rate over 1/hour burst 2 packets drop"
	add connect "meta mark 8 quota over 100 bytes drop"
	add connect "meta mark 0 add @often { ip daddr limit rate over 1/hour burst 1 packets } drop"
	add connect "add @seen { meta mark . ip daddr }"
	for who in web db; do
		check "$family: $who up to its limit" "connect ok
connect ok" in_$who socket tcp4 connect 127.0.0.1:80 socket tcp4 connect 127.0.0.1:80
		check "$family: and over it" "connect EPERM" in_$who socket tcp4 connect 127.0.0.1:80
	done
	check "$family: a limit for each address" "connect ok
connect EPERM
connect ok" out socket tcp4 connect 127.0.0.1:80 socket tcp4 connect 127.0.0.1:80 \
		socket udp4 connect 127.0.0.3:80
	has "$family: a rule fills a set" "0x00000007 . 127.0.0.1" nft list set "$family" events seen
	clear connect
	set_up dmesg --clear
	add connect "meta mark 7 tcp dport 80 log prefix \"to $family: \" drop"
	check "$family: what is logged is denied" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
	has "$family: the log has it" "to $family: IN=connect OUT=" dmesg
	has "$family: with its header" "SRC=0.0.0.0 DST=127.0.0.1 LEN=40" dmesg
	has "$family: and the container" "MARK=0x7" dmesg
	clear connect
	add connect "meta nftrace set 1"
	add connect "meta mark 7 drop"
	: >"$tmp/trace"
	nft monitor trace >"$tmp/trace" 2>&1 </dev/null &
	pid=$!
	traced() { out socket tcp4 connect 127.0.0.1:80; grep -q 'iif "connect"' "$tmp/trace"; }
	wait_until traced
	check "$family: what is traced is denied" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
	wait_until grep -q "verdict drop" "$tmp/trace"
	kill $pid
	has "$family: the trace shows the rule" "rule meta mark 0x00000007 drop (verdict drop)" cat "$tmp/trace"
	# nft reads headers behind an Ethernet header only, in family netdev.
	[ $family = netdev ] || has "$family: and the event" \
		"ip daddr 127.0.0.1" grep "tcp dport 80" "$tmp/trace"
	clear connect
}

errnos() {
	local name number
	while read -r _ name _ number; do
		add connect "meta mark 7 meta priority set $number drop"
		add bind "meta mark 7 meta priority set $number drop"
		check "$family: $name" "bind $name
connect $name" in_web socket tcp4 bind 127.0.0.1:90 connect 127.0.0.1:80
		clear connect
		clear bind
	done < <(grep ^define /etc/nftables/socket-errno.nft)
	twins connect "meta priority set 5 drop" "connect EPERM" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
	twins connect "meta priority set ffff:ffff drop" "connect EPERM" "connect ok" \
		in_web socket tcp4 connect 127.0.0.1:80
	add connect "meta mark 7 meta priority set 111"
	check "$family: an errno alone denies nothing" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
	clear connect
	twins accept "meta priority set 1 drop" "connect ECONNREFUSED" "connect ok" \
		out socket tcp4 connect 127.0.0.1:8080
	twins accept "drop" "connect ETIMEDOUT" "connect ok" out socket tcp6 connect '[::1]:8080'
}

policies() {
	local event
	for event in connect bind accept; do
		set_up nft "chain $family events on_$event { policy drop; }"
	done
	check "$family: policy drop denies" "connect EPERM
bind EPERM" in_web socket tcp4 connect 127.0.0.1:80 socket udp6 bind '[::1]:90'
	for event in connect bind accept; do
		add $event "meta mark { 0, 8 } accept"
	done
	check "$family: what a rule accepts passes it" "connect ok
bind ok" in_db socket tcp4 connect 127.0.0.1:80 socket udp6 bind '[::1]:90'
	set_up nft delete table "$family" events
	check "$family: without the table" "connect ok
bind ok" in_web socket tcp4 connect 127.0.0.1:80 socket udp6 bind '[::1]:90'
}

for family in inet netdev; do
	tables $family
	fields
	extension_headers
	state
	errnos
	policies
done

# --- such protocols in the table
for proto in 43 44 60 51; do
	for match in "" "-p 59" "-d ::1" "! -p 253"; do
		check "ip6tables, without: $match, protocol $proto" "connect ok" \
			in_web socket $proto:6 connect '[::1]:0'
		# shellcheck disable=SC2086 # words
		rule ip6tables connect OUTPUT -m container --id web $match -j DROP
		check "ip6tables: $match, protocol $proto" "connect EPERM" in_web socket $proto:6 connect '[::1]:0'
		flush
	done
	rule ip6tables connect OUTPUT -p 253 -j DROP
	check "ip6tables: another protocol than $proto" "connect ok" in_web socket $proto:6 connect '[::1]:0'
	flush
done

# --- all of it, once more as nft lists it
nft_load <<'X'
include "nftables/socket-errno.nft"
table inet events {
	map fates { type mark . inet_proto . ipv4_addr . inet_service : verdict; flags interval
		elements = { 7 . tcp . 127.0.0.0/30 . 70-80 : jump web, 8 . tcp . 127.0.0.1 . 80 : drop } }
	set often { type ipv4_addr; flags dynamic; }
	chain web { tcp dport 80 meta priority set $ENETUNREACH counter drop; }
	chain on_connect { type filter hook ingress device "connect" priority 0
		meta mark . meta l4proto . ip daddr . th dport vmap @fates
		udp dport 53 limit rate over 1/hour burst 1 packets reject
		ip6 daddr ::1 meta mark 7 reject with icmpv6 addr-unreachable
	}
	chain on_bind { type filter hook ingress device "bind" priority 0; policy drop
		meta mark != 7 accept
		tcp dport 90 meta priority set $EADDRINUSE drop
	}
}
table netdev more {
	chain on_connect { type filter hook ingress devices = { "bind", "connect" } priority 5
		udp dport 54 meta priority set $EACCES drop
		tcp dport 8080 drop
	}
}
X
enforced() {
	in_web socket tcp4 connect 127.0.0.1:80 socket tcp4 connect 127.0.0.1:81 \
		socket tcp6 connect '[::1]:80' socket tcp4 bind 127.0.0.1:90 \
		socket tcp4 bind 127.0.0.1:91 socket udp4 connect 127.0.0.1:54
	in_db socket tcp4 connect 127.0.0.1:80 socket tcp4 bind 127.0.0.1:90
	out socket tcp4 connect 127.0.0.1:8080
}
expected="connect ENETUNREACH
connect ECONNREFUSED
connect ECONNREFUSED
bind EADDRINUSE
bind EPERM
connect EACCES
connect EPERM
bind ok
connect EPERM"
check "a set of rules is enforced" "$expected" enforced
nft list ruleset >"$tmp/saved"
set_up nft flush ruleset
check "flushed, nothing is denied" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
true_that "what nft listed loads" nft -f "$tmp/saved"
same "to the same rules" "$(cat "$tmp/saved")" "$(nft list ruleset)"
check "they are enforced as before" "$expected" enforced
set_up nft flush ruleset
finish
