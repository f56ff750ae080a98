#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Policies are changed and loaded while their container makes calls: none gets a
# wrong answer, not for a moment. And ctid may be killed at any point.
# vm: -t 1200
. ./lib.sh
container web 7

# caller PORT FILE: connects as fast as it can, until stopped; then FILE has each
# answer that there was, once.
cat >"$tmp/caller.py" <<'P'
import errno, os, socket, sys
seen = {}
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
open(sys.argv[2] + ".on", "w").close()
while os.path.exists(sys.argv[2] + ".on"):
    for i in range(100):
        code = s.connect_ex(("127.0.0.1", int(sys.argv[1])))
        seen[code] = seen.get(code, 0) + 1
with open(sys.argv[2], "w") as f:
    for code in sorted(seen):
        f.write(errno.errorcode.get(code, "ok") + "\n")
    if sum(seen.values()) < 1000:
        f.write("but few calls: %d\n" % sum(seen.values()))
P
call() {
	rm -f "$tmp/$1"
	sh -c 'echo 0 >'$cgroups'/web/cgroup.procs; exec python3 "$@"' sh \
		"$tmp/caller.py" "$1" "$tmp/$1" </dev/null &
	servers="$servers $!"
	set_up wait_until test -e "$tmp/$1.on"
}
# answers PORT
answers() {
	rm "$tmp/$1.on"
	set_up wait_until test -s "$tmp/$1"
	cat "$tmp/$1"
}
# during WHAT: what WHAT says while calls to the denied port 25 and the permitted 26
# are made.
during() {
	call 25
	call 26
	"$1" >"$tmp/said" 2>&1 </dev/null
	same "$2: what is denied is denied all the time" EPERM "$(answers 25)"
	same "$2: what is permitted is permitted all the time" ok "$(answers 26)"
	same "$2: and it works" "" "$(cat "$tmp/said")"
}

# The twin: the caller sees both.
both() {
	ctid deny web connect udp 25 &&
		ctid policy web flush
}
call 25
both
sleep 1
same "a policy that comes and goes is seen" "ok
EPERM" "$(answers 25 | sort -r)"

# shellcheck disable=SC2317 # called by name
few() {
	local i
	for ((i = 0; i < 25; i++)); do
		ctid deny web connect udp 24
		ctid permit web connect udp 24
	done
}
set_up ctid deny web connect udp 25
during few "cut and joined"
set_up ctid policy web default deny connect
set_up ctid permit web connect udp 26
during few "cut and joined, the rest denied"

# shellcheck disable=SC2317
neighbours() {
	local i
	for ((i = 0; i < 25; i++)); do
		ctid permit 8 connect udp $((i * 3))
		ctid policy 9 default deny
		ctid deny 9 connect udp 20-30
		ctid policy 9 flush
	done
}
during neighbours "its neighbours in the same maps"

{
	echo "deny 7 connect udp 25"
	echo "permit 7 connect udp 26"
	for ((i = 0; i < 2000; i++)); do
		echo "deny $((i + 100)) connect tcp 10.0.$((i / 250)).$((i % 250)):80"
	done
} >"$tmp/policies"
# shellcheck disable=SC2317
loads() {
	local i
	for ((i = 0; i < 4; i++)); do
		ctid policy-load "$tmp/policies"
	done
}
set_up ctid policy-load "$tmp/policies"
during loads "all loaded again"
true_that "of the loads only the last has left something" \
	sh -c '[ "$(nft -t list table inet ctid | grep -o "connect_[0-9]*_[0-9]*" | cut -d_ -f3 | sort -u | wc -l)" -eq 1 ]'

# shellcheck disable=SC2317
killed() {
	local i
	for ((i = 0; i < 60; i++)); do
		timeout -s KILL "0.0$((RANDOM % 10))$((RANDOM % 10))" ctid deny web connect udp 24
		timeout -s KILL "0.0$((RANDOM % 10))$((RANDOM % 10))" ctid permit web connect udp 24
		[ $((i % 20)) -ne 0 ] ||
			timeout -s KILL "0.$((RANDOM % 10))" ctid policy-load "$tmp/policies"
	done 2>/dev/null
}
during killed "ctid is killed"
set_up ctid permit web connect udp 24
check "and goes on after that" "" sh -c 'ctid policy web 2>&1 >/dev/null'
set_up ctid policy-load "$tmp/policies"
true_that "what was left over is gone after a load" \
	sh -c '[ "$(nft -t list table inet ctid | grep -o "connect_[0-9]*_[0-9]*" | cut -d_ -f3 | sort -u | wc -l)" -eq 1 ]'
same "all policies are there" 2001 "$(ctid policy-save | grep -c '^policy')"
finish
