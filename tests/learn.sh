#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ctid policy audit, which denies nothing but tells what would be denied, and
# ctid learn, whose permits are what was seen and no more.
. ./lib.sh

container web 7
container db 8
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:443 listen serve

# text CONTAINER: what is said about it, in one line.
text() {
	ctid policy "$1" | sed 1,2d | tr '\n\t' ';\0' | tr -d '\0'
}

# --- audit
set_up ctid permit web connect tcp 127.0.0.1:80
set_up ctid deny web connect udp 53
set_up ctid permit db connect tcp 127.0.0.1:80
check "without audit another port is denied" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
set_up ctid policy web audit
check "with it, it is not" "connect ok" in_web socket tcp4 connect 127.0.0.1:443
check "nor what a statement denies" "sendto ok" in_web socket udp4 sendto 127.0.0.1:53
check "what is permitted is as before" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
check "another container in the same maps is denied as before" "connect EPERM" \
	in_db socket tcp4 connect 127.0.0.1:443
same "what would be denied is counted" \
	"connect permit tcp 127.0.0.1:80;connect deny udp 53;connect default deny;connect audit, 2 passed that would be denied;bind audit, 0 passed that would be denied;accept audit, 0 passed that would be denied;" \
	"$(text web)"
has "and logged" "ctid audit connect: " sh -c "dmesg | grep 'DST=127.0.0.1 .*DPT=443 .*MARK=0x7'"
check "JSON has it, too" "False 2" sh -c \
	"ctid policy web --json | python3 -c 'import json, sys; c = json.load(sys.stdin)[\"connect\"]; print(c[\"enforced\"], c[\"audited\"])'"
ctid policy-save >"$tmp/saved"
has "it is saved" "policy 7 audit connect" cat "$tmp/saved"
set_up ctid permit web connect tcp 127.0.0.1:81
check "more permits do not end it" "connect ok" in_web socket tcp4 connect 127.0.0.1:443
set_up ctid policy-flush
set_up ctid policy-load "$tmp/saved"
check "it is loaded" "connect ok" in_web socket tcp4 connect 127.0.0.1:443
same "and what is loaded is what was saved" "$(cat "$tmp/saved")" "$(ctid policy-save)"
set_up ctid policy web enforce bind
set_up ctid policy web enforce connect
check "and ended" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
check "with what a statement denies" "sendto EPERM" in_web socket udp4 sendto 127.0.0.1:53
set_up ctid policy db audit bind
set_up ctid permit db bind tcp 9000
check "a container can be audited before its first permit" "bind ok" in_db socket tcp4 bind 127.0.0.1:9001
same "so that none ever denies" \
	"connect permit tcp 127.0.0.1:80;connect default deny;bind permit tcp 9000;bind default deny;bind audit, 1 passed that would be denied;" \
	"$(text db)"
set_up ctid policy db flush
same "a flush ends it" "" "$(text db)"
set_up ctid policy-flush
check "nothing is left" "connect ok" in_web socket tcp4 connect 127.0.0.1:443

# --- learn
# lesson NAME TRAFFIC ARGS...: learns web from a function, into $tmp/NAME.
lesson() {
	local name=$1 traffic=$2 learner
	shift 2
	ctid learn web "$@" >"$tmp/$name" 2>"$tmp/$name.err" </dev/null &
	learner=$!
	wait_until grep -q 'watching web' "$tmp/$name.err" || bail_out "no lesson: $(cat "$tmp/$name.err")"
	$traffic >/dev/null
	kill -INT "$learner"
	wait "$learner" || not_ok "a lesson ends well" "$(cat "$tmp/$name.err")"
}
server sockcall cgroup /web socket tcp4 reuseaddr bind 127.0.0.1:9000 listen serve
serve_web() {
	sockcall socket tcp4 patience 1500 bind 127.0.0.9:0 connect 127.0.0.1:9000
}
traffic() {
	in_web socket tcp4 connect 127.0.0.1:80
	in_web socket tcp4 connect 127.0.0.1:80
	in_web socket udp4 sendto 127.0.0.1:53 sendto 127.0.0.1:55 sendto 127.0.0.3:53
	in_web socket udp6 connect '[::1]:53'
	in_web socket tcp4 bind 127.0.0.1:0
	in_web socket tcp4 bind 127.0.0.1:8000
	serve_web
	in_db socket udp4 sendto 127.0.0.1:99
}
in_words() {
	traffic | sort | uniq -c | sed 's/^ *//'
}
before=$(in_words)
lesson exactly traffic
check "what was seen is printed as commands, and no more" \
	"ctid permit web connect tcp 127.0.0.1:80
ctid permit web connect udp 127.0.0.1:53
ctid permit web connect udp 127.0.0.1:55
ctid permit web connect udp 127.0.0.3:53
ctid permit web connect udp [::1]:53
ctid permit web bind tcp 127.0.0.1:0
ctid permit web bind tcp 127.0.0.1:8000
ctid permit web accept tcp 127.0.0.9:9000" cat "$tmp/exactly"
lesson wider traffic --net-prefix 24 --port-range 3
check "prefixes and ranges are as small as they can be" \
	"ctid permit web connect tcp 127.0.0.1:80
ctid permit web connect udp 127.0.0.0/30:53-55
ctid permit web connect udp [::1]:53
ctid permit web bind tcp 127.0.0.1:0
ctid permit web bind tcp 127.0.0.1:8000
ctid permit web accept tcp 127.0.0.9:9000" cat "$tmp/wider"
lesson nft traffic --nft
# others HOW: what was not seen is denied.
others() {
	check "$1, another port is denied" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
	check "$1, and another address" "sendto EPERM" in_web socket udp4 sendto 127.0.0.2:53
	check "$1, and a port between" "sendto EPERM" in_web socket udp4 sendto 127.0.0.1:54
	check "$1, and another bind" "bind EPERM" in_web socket tcp4 bind 127.0.0.1:8001
	check "$1, and another peer" "connect ETIMEDOUT" \
		sockcall socket tcp4 patience 1500 connect 127.0.0.1:9000
	check "$1, but not to others" "connect ok" in_db socket tcp4 connect 127.0.0.1:443
}
set_up sh -e "$tmp/exactly"
same "with what was learned, the same passes" "$before" "$(in_words)"
others "with commands"
learned=$(ctid policy-save)
set_up ctid policy-flush
true_that "policy-load reads these commands, too" ctid policy-load "$tmp/exactly"
same "and makes the same of them" "$learned" "$(ctid policy-save)"
set_up ctid policy-flush
devices
set_up nft -f "$tmp/nft"
same "with what was learned for nft, the same passes" "$before" "$(in_words)"
others "with nft"
more() {
	traffic
	in_web socket tcp4 connect 127.0.0.1:443
}
lesson denied more
same "what is denied is not learned" "$(cat "$tmp/exactly")" "$(cat "$tmp/denied")"
has "which is said" "1 more was denied, and is not permitted" cat "$tmp/denied.err"
set_up nft delete table inet learned_7

# --- how long, and what not
check "in the time that is given, nothing was seen: nothing is permitted" \
	"ctid policy db default deny connect
ctid policy db default deny bind
ctid policy db default deny accept" sh -c 'ctid learn db --for 1s 2>/dev/null'
fails "a time is a time" '"soon" is no time to watch for' ctid learn web --for soon
fails "a prefix is no longer than an address" "no length of a prefix" ctid learn web --net-prefix 33
fails "nor is that of IPv6" '"24,129" has no length of an IPv6 prefix' ctid learn web --net-prefix 24,129
fails "nor is it nothing" '"24," has no length of an IPv6 prefix' ctid learn web --net-prefix 24,
fails "there are 65536 ports" "no number of ports" ctid learn web --port-range 65537
finish
