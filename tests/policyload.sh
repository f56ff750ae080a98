#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: forky
# Policies are changed and loaded while their container makes calls: none gets a
# wrong answer, not for a moment. And ctid may be killed at any point.
# vm: -t 1200
. ./lib.sh
container web 7

# caller.py DIRECTORY PORT...: connects to one port after the other as fast as it can,
# until stopped; then DIRECTORY/PORT has each answer that there was, once. It is one
# process, since what is to happen meanwhile wants the processor, too.
cat >"$tmp/caller.py" <<'P'
import errno, os, socket, sys
directory, ports = sys.argv[1], sys.argv[2:]
calls = [(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), ("127.0.0.1", int(port)), {})
         for port in ports]
open(directory + "/on", "w").close()
while os.path.exists(directory + "/on"):
    for i in range(100):
        for s, address, seen in calls:
            code = s.connect_ex(address)
            seen[code] = seen.get(code, 0) + 1
for port, (_, _, seen) in zip(ports, calls):
    with open(directory + "/" + port, "w") as f:
        for code in sorted(seen):
            f.write(errno.errorcode.get(code, "ok") + "\n")
        if sum(seen.values()) < 1000:
            f.write("but few calls: %d\n" % sum(seen.values()))
P
# call PORT...
call() {
	(cd "$tmp" && rm -f "$@")
	sh -c 'echo 0 >'$cgroups'/web/cgroup.procs; exec python3 "$@"' sh \
		"$tmp/caller.py" "$tmp" "$@" </dev/null &
	caller=$!
	servers="$servers $caller"
	set_up wait_until test -e "$tmp/on"
}
# hang_up: and the answers are there.
hang_up() {
	rm "$tmp/on"
	wait $caller
}
# during WHAT: what WHAT says while calls to the denied port 25 and the permitted 26
# are made.
during() {
	call 25 26
	"$1" >"$tmp/said" 2>&1 </dev/null
	hang_up
	same "$2: what is denied is denied all the time" EPERM "$(cat "$tmp/25")"
	same "$2: what is permitted is permitted all the time" ok "$(cat "$tmp/26")"
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
hang_up
same "a policy that comes and goes is seen" "ok
EPERM" "$(sort -r "$tmp/25")"

# shellcheck disable=SC2317 # called by name
few() {
	local i
	for ((i = 0; i < 8; i++)); do
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
	for ((i = 0; i < 8; i++)); do
		ctid permit 8 connect udp $((i * 3 + 15))
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

# microseconds COMMAND...: how long it takes, into $took.
microseconds() {
	local start=${EPOCHREALTIME/[.,]/}
	"$@"
	took=$((${EPOCHREALTIME/[.,]/} - start))
}
# kill_at PART PARTS MICROSECONDS COMMAND...: kills it at this part of its time.
kill_at() {
	local at=$(($3 * $1 / $2))
	timeout -s KILL "$((at / 1000000)).$(printf %06d $((at % 1000000)))" "${@:4}"
}
# From the first instruction on to the end, so that there is a kill in each step.
# shellcheck disable=SC2317
killed() {
	local i one all
	microseconds ctid deny web connect udp 24
	one=$took
	microseconds ctid policy-load "$tmp/policies"
	all=$took
	for ((i = 0; i < 20; i++)); do
		kill_at $((i + 1)) 21 $one ctid deny web connect udp 24
		kill_at $((20 - i)) 21 $one ctid permit web connect udp 24
		[ $((i % 7)) -ne 0 ] ||
			kill_at $((i / 7 + 1)) 4 $all ctid policy-load "$tmp/policies"
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
