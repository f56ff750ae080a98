#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ctid watch --rule: which rule denied an event, never another one.
# shellcheck disable=SC2154 # what watcher() and tenant() set
. ./lib.sh
. ./watch.inc

container web 7
container db 8
modprobe -a sock_watch sock_dev || bail_out "no sock_watch"
tables() {
	cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null
}
traced() {
	nft list tables | grep -o 'ctid_watch'
}
probe_host() { in_web socket udp4 connect 127.0.0.1:65000; }
# denied NAME: what denied the events that it was told of.
denied() {
	told "$1" | sed -n 's/.* denied \(.*\) program .*/\1/p; s/.* denied \(.*\) user .*/\1/p'
}
# handle TABLE CHAIN WORDS: of the rule that has them.
handle() {
	# shellcheck disable=SC2086 # family and name
	nft -a list chain $1 "$2" | sed -n "s/.*$3.*# handle //p"
}

# --- who watches rules changes nothing
watcher host ctid watch --rule
same "no event table is made by it" "" "$(tables)"
same "and nothing is traced where there is no event device" "" "$(traced)"

# --- iptables: the only rule, and one of several
rule iptables connect OUTPUT -m container --id web -p tcp --dport 81 -j DROP
in_web socket tcp4 connect 127.0.0.1:81 >/dev/null
same "a rule that was made while we watch" "EPERM by table connect rule OUTPUT 1" "$(denied host)"
set_up iptables-legacy -t connect -I OUTPUT -p udp --dport 82 -j LOG
set_up iptables-legacy -t connect -N later
rule iptables connect later -p udp --dport 83 -j SOCKERR --errno ECONNREFUSED
rule iptables connect later -p udp --dport 84 -j DROP
rule iptables connect OUTPUT -p udp -j later
rule iptables connect OUTPUT -m container --id web -p udp --dport 82 -j DROP
for port in 82 83 84; do in_web socket udp4 connect 127.0.0.1:$port >/dev/null; done
in_web socket tcp4 connect 127.0.0.1:81 >/dev/null
same "each of several, in chains of their own, too" \
	"EPERM by table connect rule OUTPUT 4
ECONNREFUSED by table connect rule later 1
EPERM by table connect rule later 2
EPERM by table connect rule OUTPUT 2" "$(denied host)"
set_up iptables-legacy -t bind -P INPUT DROP
in_db socket tcp4 bind 127.0.0.1:90 >/dev/null
same "a chain's policy" "EPERM by table bind policy INPUT" "$(denied host)"
set_up iptables-legacy -t bind -A INPUT -p tcp --dport 89 -j ACCEPT
in_db socket tcp4 bind 127.0.0.1:90 >/dev/null
same "but not when its counter may have been set back" "EPERM by table bind" "$(denied host)"
set_up iptables-legacy -t bind -P INPUT ACCEPT
rule ip6tables connect OUTPUT -d ::1 -p udp --dport 81 -j DROP
rule ip6tables connect OUTPUT -d ::2 -p udp --dport 81 -j DROP
# iptables itself has looked for a name of port 81, which connects.
told host >/dev/null
in_db socket udp6 connect '[::2]:81' connect '[::1]:81' >/dev/null
same "ip6tables" "EPERM by table connect rule OUTPUT 2
EPERM by table connect rule OUTPUT 1" "$(denied host)"
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
rule iptables accept INPUT -p tcp --dport 80 -s 127.0.0.2 -j DROP
rule iptables accept INPUT -p tcp --dport 80 -s 127.0.0.3 -j DROP
forget host
sockcall socket tcp4 bind 127.0.0.3:0 nonblock connect 127.0.0.1:80 >/dev/null
wait_until grep -q "accept.*denied" "$tmp/host.told"
same "an accept" "EPERM by table accept rule INPUT 2" "$(denied host | sort -u)"
flush

# --- several at once, which is told as it is
rule iptables connect OUTPUT -m container --id web -d 127.0.0.1 -p udp --dport 81 -j DROP
rule iptables connect OUTPUT -m container --id db -p udp --dport 81 -j DROP
rule iptables connect OUTPUT -m container --id db -p udp --dport 82 -j DROP
in_web socket udp4 connect 127.0.0.1:81 >/dev/null
wait_until sh -c "grep -q :81 '$tmp/host.told'"
# Rules were removed: what was denied before that is not known, for a while.
known() {
	in_web socket udp4 connect 127.0.0.1:81 >/dev/null
	denied host | grep -q rule
}
true_that "after rules were removed it is known again soon" wait_until known
kill -STOP "$watcher_host"
in_db socket udp4 connect 127.0.0.2:81 connect 127.0.0.1:82 >/dev/null
in_web socket udp4 connect 127.0.0.1:81 >/dev/null
in_db socket udp4 connect 127.0.0.1:81 >/dev/null
kill -CONT "$watcher_host"
same "which of two it was is not known if both denied and would; but if only one could" \
	"EPERM by table connect rule OUTPUT 2
EPERM by table connect rule OUTPUT 3
EPERM by table connect one of OUTPUT 1, OUTPUT 2
EPERM by table connect one of OUTPUT 1, OUTPUT 2" "$(denied host)"
known_again() {
	in_db socket udp4 connect 127.0.0.1:81 >/dev/null
	[ "$(denied host)" = "EPERM by table connect rule OUTPUT 2" ]
}
true_that "and soon it is known again" wait_until known_again
kill -STOP "$watcher_host"
in_web socket udp4 connect 127.0.0.1:81 >/dev/null
set_up iptables-legacy -t connect -D OUTPUT 1
in_db socket udp4 connect 127.0.0.1:81 >/dev/null
kill -CONT "$watcher_host"
same "a rule that is gone has no number, nor does another one have its" \
	"EPERM by table connect
EPERM by table connect" "$(denied host)"
kill "$watcher_host"
flush

# --- nft
devices
for family in inet netdev; do
	nft_load <<-EOF2
		table $family events {
			map by_container { type mark : verdict; }
			chain one { tcp dport 81 drop; tcp dport 82 meta priority set 0:6f drop; }
			chain on_connect { type filter hook ingress device "connect" priority filter; policy accept
				meta mark vmap @by_container
				udp dport { 81, 82 } counter drop
				udp dport 83 numgen inc mod 2 0 drop
				udp dport 83 drop
			}
			chain on_bind { type filter hook ingress device "bind" priority filter; policy drop
				udp dport 85 accept
			}
			chain on_accept { type filter hook ingress device "accept" priority filter; policy accept
				tcp dport 80 drop
			}
		}
		add element $family events by_container { 7 : jump one }
	EOF2
	: >"$tmp/host.told"
	watcher host ctid watch --rule
	same "$family: events are traced" "ctid_watch" "$(traced)"
	in_web socket tcp4 connect 127.0.0.1:81 >/dev/null
	in_web socket tcp4 connect 127.0.0.1:82 >/dev/null
	in_db socket udp4 connect 127.0.0.1:82 >/dev/null
	same "$family: rules by table, chain and handle" \
		"EPERM by device connect rule $family events one handle $(handle "$family events" one 81)
ECONNREFUSED by device connect rule $family events one handle $(handle "$family events" one 82)
EPERM by device connect rule $family events on_connect handle $(handle "$family events" on_connect '81, 82')" \
		"$(denied host)"
	in_web socket udp4 bind 127.0.0.1:84 bind 127.0.0.1:85 >/dev/null
	same "$family: a policy" "EPERM by device bind policy $family events on_bind" "$(denied host)"
	sockcall socket tcp4 nonblock connect 127.0.0.1:80 >/dev/null
	wait_until grep -q "accept.*denied" "$tmp/host.told"
	same "$family: an accept" \
		"EPERM by device accept rule $family events on_accept handle $(handle "$family events" on_accept 'dport 80')" \
		"$(denied host | sort -u)"
	in_db socket udp6 connect '[::1]:81' >/dev/null
	same "$family: IPv6" \
		"EPERM by device connect rule $family events on_connect handle $(handle "$family events" on_connect '81, 82')" \
		"$(denied host)"
	kill -STOP "$watcher_host"
	in_db socket udp4 connect 127.0.0.1:83 connect 127.0.0.1:83 connect 127.0.0.1:81 >/dev/null
	kill -CONT "$watcher_host"
	first=$(handle "$family events" on_connect numgen)
	second=$(handle "$family events" on_connect 'dport 83 drop')
	same "$family: two that look alike and were denied at once are not told apart" \
		"EPERM by device connect one of $family events on_connect handle $first, $family events on_connect handle $second
EPERM by device connect one of $family events on_connect handle $first, $family events on_connect handle $second
EPERM by device connect rule $family events on_connect handle $(handle "$family events" on_connect '81, 82')" \
		"$(denied host)"
	kill -KILL "$watcher_host"
	set_up wait_until sh -c "! nft list tables | grep -q ctid_watch"
	ok "$family: nothing is traced any more, however it ends"
	set_up nft delete table $family events
done

# --- what ctid was told, and one container only, in JSON
for event in connect bind accept; do set_up ip link del $event; done
set_up ctid permit db connect tcp 127.0.0.1:80
set_up ctid deny web connect udp 127.0.0.1:81
rule iptables connect OUTPUT -m container --id db -p udp --dport 82 -j DROP
probe_one() { in_db socket tcp4 nonblock connect 127.0.0.1:65000; }
watcher host ctid watch --rule
in_db socket tcp4 connect 127.0.0.1:82 >/dev/null
in_web socket udp4 connect 127.0.0.1:81 >/dev/null
same "what was permitted and denied by ctid" \
	"EPERM by device ctid-connect policy db default deny connect
EPERM by device ctid-connect deny web connect" "$(denied host)"
watcher one ctid watch --rule --json db
in_web socket udp4 connect 127.0.0.1:81 >/dev/null
in_db socket udp4 connect 127.0.0.1:82 >/dev/null
in_db socket tcp4 connect 127.0.0.1:82 >/dev/null
probe_one >/dev/null
wait_until sh -c "[ \$(grep -c 65000 '$tmp/one.told') -gt 1 ]"
check "in JSON" "connect {'chain': 'OUTPUT', 'number': 1} None
ctid-connect inet ctid connect_denied default deny" \
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
	e = json.loads(line)
	if e["peer"]["port"] == 65000:
		continue
	by = e["denied"]
	rule = by["rule"]
	if "table" in by:
		print(by["table"], rule, rule.get("ctid"))
	else:
		assert rule["handle"] > 0
		print(by["device"], rule["family"], rule["table"], rule["chain"], rule["ctid"])' "$tmp/one.told"
kill "$watcher_one" "$watcher_host"
flush
set_up ctid policy-flush

# --- tenants: their own rules, and nobody else's
tenant guest 1000 /guest
probe_guest() { as_guest /guest sockcall socket udp4 connect 127.0.0.1:65000; }
set_up as_guest /guest ip link add connect type sockconnect
set_up as_guest /guest ip link set connect up
set_up as_guest /guest iptables-legacy -t connect -A OUTPUT -p udp --dport 57 -j DROP
set_up as_guest /guest nft "table inet mine { chain c { type filter hook ingress device connect priority 0; udp dport 58 drop; }; }"
rule iptables connect OUTPUT -p udp --dport 56 -j DROP
rule iptables connect OUTPUT -p udp --dport 59 -j DROP
: >"$tmp/host.told"
watcher host ctid watch --rule
watcher guest as_guest /guest ctid watch --rule
for port in 56 57 58 59; do as_guest /guest sockcall socket udp4 connect 127.0.0.1:$port >/dev/null; done
same "a tenant is told of his rules" "EPERM by table connect rule OUTPUT 1
EPERM by device connect rule inet mine c handle $(as_guest /guest nft -a list chain inet mine c | sed -n 's/.*dport 58.*# handle //p')" \
	"$(denied guest)"
same "and the host of its own" "EPERM by table connect rule OUTPUT 1
EPERM by another registry
EPERM by another registry
EPERM by table connect rule OUTPUT 2" "$(denied host)"
finish
