#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In-tree matches and targets in event tables: each is shown to match, and not to.
. ./lib.sh

container web 7
set_up ip link set lo up
set_up ip link add dummy7 type dummy
set_up ip addr add 192.0.2.1/24 dev dummy7
set_up ip link set dummy7 up
set_up ip addr add fd00::3/128 dev lo nodad
server sockcall socket tcp4 reuseaddr bind 0.0.0.0:80 listen serve
server sockcall socket tcp6 v6only 1 reuseaddr bind '[::]:80' listen serve

# denies NAME FAMILY TABLE MATCH... -- DENIED-CALL -- PASSING-CALL: under one rule
# with MATCH the first call is denied and the second not; without it, neither.
denies() {
	local name=$1 family=$2 table=$3 chain=INPUT match=() yes=() result
	shift 3
	[ "$table" != connect ] || chain=OUTPUT
	while [ "$1" != -- ]; do match+=("$1"); shift; done
	shift
	while [ "$1" != -- ]; do yes+=("$1"); shift; done
	shift
	result=$(in_web "${yes[@]}" 2>&1 | tail -n 1)
	case $result in
	*EPERM) not_ok "$name: denied without a rule" "$result" ;;
	*) ok "$name: passes without a rule" ;;
	esac
	rule "$family" "$table" $chain -m container --id web "${match[@]}" -j DROP
	result=$(in_web "${yes[@]}" 2>&1 | tail -n 1)
	case $result in
	*EPERM) ok "$name: matches" ;;
	*) not_ok "$name: matches" "${yes[*]}: $result" ;;
	esac
	result=$(in_web "$@" 2>&1 | tail -n 1)
	case $result in
	*EPERM | "") not_ok "$name: does not match others" "$*: $result" ;;
	*) ok "$name: does not match others" ;;
	esac
	"$family-legacy" -t "$table" -F
}

tcp80=(socket tcp4 connect 127.0.0.1:80)
tcp81=(socket tcp4 connect 127.0.0.1:81)
udp80=(socket udp4 sendto 127.0.0.1:80)
tcp80v6=(socket tcp6 connect '[::1]:80')
tcp81v6=(socket tcp6 connect '[::1]:81')

denies "-p tcp --dport" iptables connect -p tcp --dport 80 -- "${tcp80[@]}" -- "${tcp81[@]}"
denies "-p tcp is not udp" iptables connect -p tcp -- "${tcp80[@]}" -- "${udp80[@]}"
denies "-p udp --dport FROM:TO" iptables connect -p udp --dport 70:80 -- "${udp80[@]}" -- \
	socket udp4 sendto 127.0.0.1:81
denies "-p udp --sport" iptables connect -p udp --sport 1234 -- \
	socket udp4 bind 127.0.0.1:1234 sendto 127.0.0.1:80 -- "${udp80[@]}"
denies "--syn" iptables connect -p tcp --syn -- "${tcp80[@]}" -- "${udp80[@]}"
denies "-s" iptables connect -s 127.0.0.2 -- socket tcp4 bind 127.0.0.2:0 connect 127.0.0.1:80 -- "${tcp80[@]}"
denies "-d" iptables connect -d 127.0.0.0/31 -- "${tcp80[@]}" -- socket tcp4 connect 127.0.0.2:80
denies "multiport" iptables connect -p tcp -m multiport --dports 22,80,90:99 -- "${tcp80[@]}" -- "${tcp81[@]}"
denies "multiport, bind" iptables bind -p tcp -m multiport --dports 22,90:99 -- \
	socket tcp4 bind 127.0.0.1:95 -- socket tcp4 bind 127.0.0.1:100
denies "iprange" iptables connect -m iprange --dst-range 127.0.0.1-127.0.0.5 -- \
	socket tcp4 connect 127.0.0.5:80 -- socket tcp4 connect 127.0.0.6:80
set_up ipset create nets hash:net
set_up ipset add nets 127.0.0.0/30
denies "set hash:net" iptables connect -m set --match-set nets dst -- "${tcp80[@]}" -- \
	socket tcp4 connect 127.0.0.4:80
set_up ipset create pairs hash:ip,port
set_up ipset add pairs 127.0.0.1,tcp:80
denies "set hash:ip,port" iptables connect -m set --match-set pairs dst,dst -- "${tcp80[@]}" -- "${tcp81[@]}"
denies "set hash:ip,port, protocol" iptables connect -m set --match-set pairs dst,dst -- "${tcp80[@]}" -- "${udp80[@]}"
denies "owner --uid-owner" iptables connect -m owner --uid-owner 0 -p tcp -- "${tcp80[@]}" -- "${udp80[@]}"
rule iptables connect OUTPUT -m container --id web -m owner ! --uid-owner 0 -j DROP
check "owner of another user" "connect ok" in_web "${tcp80[@]}"
iptables-legacy -t connect -F
denies "comment" iptables connect -p tcp --dport 80 -m comment --comment "no web" -- "${tcp80[@]}" -- "${tcp81[@]}"
denies "mark is the container id" iptables connect -m mark --mark 7 -p tcp -- "${tcp80[@]}" -- "${udp80[@]}"
rule iptables connect OUTPUT -m container --id web -m mark --mark 8 -j DROP
check "another mark" "connect ok" in_web "${tcp80[@]}"
iptables-legacy -t connect -F
denies "addrtype" iptables connect -m addrtype --dst-type LOCAL -- "${tcp80[@]}" -- \
	socket udp4 sendto 192.0.2.77:80
# What a socket is bound to is not what it sends by: a message names another device.
for options in "connect -A OUTPUT -o lo" "connect -A OUTPUT ! -o lo" "bind -A INPUT -i lo"; do
	for words in "-m container --id web -j DROP" "-j SOCKERR --errno EPERM"; do
		set_up dmesg --clear
		# shellcheck disable=SC2086 # words
		fails "$options $words is refused" "Invalid argument" iptables-legacy -t $options $words
		has "and the log says why" "events of the table ${options%% *} have no device" dmesg
	done
done
set_up iptables-legacy -t connect -A OUTPUT -o lo -j DROP
check "where it is not, it matches nothing" "sendto ok" in_web socket udp4 device lo sendto 127.0.0.1:80
iptables-legacy -t connect -F
set_up iptables-legacy -t connect -A OUTPUT ! -o lo -j DROP
check "and with ! everything" "sendto EPERM" in_web socket udp4 device lo sendto 127.0.0.1:80
iptables-legacy -t connect -F
denies "u32 on the headers" iptables connect -p tcp --dport 80 -m u32 --u32 "0&0xFFFF=40" -- "${tcp80[@]}" -- "${tcp81[@]}"
denies "time" iptables connect -p tcp --dport 80 -m time --timestart 00:00 --timestop 23:59:59 -- \
	"${tcp80[@]}" -- "${tcp81[@]}"
rule iptables connect OUTPUT -m container --id web -m time --datestop 2001-01-01 -j DROP
check "another time" "connect ok" in_web "${tcp80[@]}"
iptables-legacy -t connect -F

# --- limits: the first passes by RETURN, what is over is dropped
rule iptables connect OUTPUT -m container --id web -p tcp -m limit --limit 1/hour --limit-burst 2 -j RETURN
rule iptables connect OUTPUT -m container --id web -p tcp -j DROP
check "limit: two, and no more" "connect ok
connect ok
connect EPERM" in_web "${tcp80[@]}" "${tcp80[@]}" "${tcp80[@]}"
iptables-legacy -t connect -F
rule iptables connect OUTPUT -m container --id web -p tcp -m hashlimit --hashlimit-upto 1/hour \
	--hashlimit-burst 1 --hashlimit-mode dstip --hashlimit-name events -j RETURN
rule iptables connect OUTPUT -m container --id web -p tcp -j DROP
check "hashlimit: one for each destination" "connect ok
connect EPERM
connect ok" in_web "${tcp80[@]}" "${tcp80[@]}" socket tcp4 connect 127.0.0.2:80
iptables-legacy -t connect -F

# --- LOG, NFLOG
rule iptables connect OUTPUT -m container --id web -p tcp --dport 80 -j LOG --log-prefix "event: "
in_web "${tcp81[@]}" >/dev/null
check "LOG: not others" "" sh -c 'dmesg | grep "event: "'
check "LOG lets the call pass" "connect ok" in_web "${tcp80[@]}"
has "LOG: the line" "DST=127.0.0.1" sh -c 'dmesg | grep "event: "'
has "LOG: the mark" "MARK=0x7" sh -c 'dmesg | grep "event: "'
iptables-legacy -t connect -F
rule ip6tables connect OUTPUT -m container --id web -p tcp --dport 80 -j LOG --log-prefix "event6: "
check "LOG, IPv6, lets the call pass" "connect ok" in_web "${tcp80v6[@]}"
has "LOG, IPv6" "DPT=80" sh -c 'dmesg | grep "event6: "'
ip6tables-legacy -t connect -F
rule iptables connect OUTPUT -m container --id web -p tcp -j NFLOG --nflog-group 5
tcpdump -i nflog:5 -c 1 -n >"$tmp/nflog" 2>&1 &
servers="$servers $!"
wait_until grep -q "listening on" "$tmp/nflog"
check "NFLOG lets the call pass" "connect ok" in_web "${tcp80[@]}"
true_that "NFLOG: a listener sees the event" wait_until grep -q "127.0.0.1.80" "$tmp/nflog"
iptables-legacy -t connect -F

# --- accept knows the device that the request came in by, if it is this namespace's
server sockcall cgroup /web socket tcp4 reuseaddr bind 0.0.0.0:8080 listen serve
check "accept: without a rule" "connect ok" sockcall socket tcp4 connect 127.0.0.1:8080
rule iptables accept INPUT -m container --id web -i lo -j SOCKERR --errno ECONNREFUSED
check "accept -i" "connect ECONNREFUSED" sockcall socket tcp4 connect 127.0.0.1:8080
iptables-legacy -t accept -F
rule iptables accept INPUT -m container --id web -i dummy7 -j SOCKERR --errno ECONNREFUSED
check "accept -i of another device" "connect ok" sockcall socket tcp4 connect 127.0.0.1:8080
iptables-legacy -t accept -F
# Whoever is root in another one chooses what devices are called there.
set_up ip netns add other
set_up ip -n other link set lo up
nsenter --net=/run/netns/other sockcall cgroup /web socket tcp4 reuseaddr bind 0.0.0.0:8080 listen serve >/dev/null 2>&1 </dev/null &
servers="$servers $!"
wait_until sh -c 'nsenter --net=/run/netns/other ss -Hltn | grep -q 8080'
rule iptables accept INPUT -m container --id web -i lo -j SOCKERR --errno ECONNREFUSED
check "accept -i is of no other namespace's device" "connect ok" \
	nsenter --net=/run/netns/other sockcall socket tcp4 connect 127.0.0.1:8080
iptables-legacy -t accept -F
rule iptables accept INPUT -m container --id web ! -i lo -j SOCKERR --errno ECONNREFUSED
check "so that accept ! -i is" "connect ECONNREFUSED" \
	nsenter --net=/run/netns/other sockcall socket tcp4 connect 127.0.0.1:8080
iptables-legacy -t accept -F

# --- IPv6
denies "-p tcp --dport, IPv6" ip6tables connect -p tcp --dport 80 -- "${tcp80v6[@]}" -- "${tcp81v6[@]}"
denies "multiport, IPv6" ip6tables connect -p tcp -m multiport --dports 80,90 -- "${tcp80v6[@]}" -- "${tcp81v6[@]}"
set_up ipset create nets6 hash:net family inet6
set_up ipset add nets6 fd00::/64
denies "set, IPv6" ip6tables connect -m set --match-set nets6 dst -- \
	socket tcp6 connect '[fd00::3]:80' -- "${tcp80v6[@]}"
denies "iprange, IPv6" ip6tables connect -m iprange --dst-range fd00::1-fd00::5 -- \
	socket tcp6 connect '[fd00::3]:80' -- "${tcp80v6[@]}"

# --- targets that are of no use here
fails "REJECT is refused" "" iptables-legacy -t connect -A OUTPUT -j REJECT
rule iptables connect OUTPUT -m container --id web -p tcp -j NFQUEUE --queue-num 1
check "NFQUEUE denies: a call does not wait" "connect EPERM" in_web "${tcp80[@]}"
flush
check "after all that" "connect ok" in_web "${tcp80[@]}"
finish
