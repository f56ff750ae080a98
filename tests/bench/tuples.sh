#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tuples.sh load|cost: what permitted tuples cost, run in a VM by ../benchmark.
#   load   time and memory of loading the policies of 10,000 containers with 20
#          tuples each, and of "nft -f" with the same rules, which is the measure
#   cost   instructions of a UDP connect, with policies of 1 to 10,000 containers;
#          needs a VM that counts them
# Prints lines of a Markdown table.
set -eu
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/libexec/container-tests
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# policies N: 20 tuples for each, as a service may have: 10 to connect to, 5 to
# bind, 5 to accept.
policies() {
	awk -v n="$1" 'BEGIN {
		for (i = 1; i <= n; i++) {
			net = "10." int(i / 256) "." i % 256
			print "permit", i, "connect tcp", net ".0/24:443",
				net ".7:5432", net ".0-" net ".99:8000-8100",
				"10.0.0.0/8:53", "192.0.2." i % 250 ":80",
				"198.51.100.0/24:22", "203.0.113." i % 250 ":25",
				net ".9:6379"
			print "permit", i, "connect udp 127.0.0.1:9", net ".0/24:123"
			print "permit", i, "bind tcp 0.0.0.0:8000-8100", net ".1:9000",
				"0.0.0.0:80 10.0.0.0/8:443"
			print "permit", i, "bind udp 0.0.0.0:5353"
			print "permit", i, "accept tcp 10.0.0.0/8:8000-8100",
				net ".0/24:9000 192.0.2.0/24:80 198.51.100.7:443",
				"127.0.0.1"
		}
	}'
}

# timed COMMAND...: sets seconds and its largest resident set in MB.
timed() {
	read -r seconds megabytes < <(python3 -c '
import resource, subprocess, sys, time
begin = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print("%.1f" % (time.monotonic() - begin),
      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$@")
}

slab() {
	awk '/^Slab:/ { print int($2 / 1024) }' /proc/meminfo
}

row() {
	printf '|'
	printf ' %s |' "$@"
	echo
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'
}

load() {
	local n=10000 before after ours
	policies $n >"$tmp/policies"
	before=$(slab)
	timed ctid policy-load "$tmp/policies"
	after=$(slab)
	ours=$seconds/$megabytes
	{ echo "delete table inet ctid"; nft list table inet ctid; } >"$tmp/nft"
	timed nft -f "$tmp/nft"
	row "$(uname -r)" "ctid policy-load" "$(ratio "${ours%/*}" "$seconds")" \
		"${ours#*/} MB" "$((after - before)) MB"
	row "$(uname -r)" "nft -f, the same rules" 1.0 "$megabytes MB" "the same"
	ours=$seconds
	timed ctid permit 77 connect tcp 10.9.9.9:99
	row "$(uname -r)" "ctid permit, one tuple more" "$(ratio "$seconds" "$ours")" \
		"$megabytes MB" "0 MB"
}

connect_cost() {
	local i
	for i in 1 2 3 4 5; do
		sockcall cgroup /web socket udp4 cost 1000 127.0.0.1:9
	done | sort -n | sed -n 3p
}

cost() {
	local n bare cost
	ctid add 1 web
	mkdir /sys/fs/cgroup/web
	ctid bind web /web
	sleep 8
	bare=$(connect_cost)
	row "$(uname -r)" 0 "$bare" ""
	for n in 1 10 100 1000 10000; do
		policies $n >"$tmp/policies"
		ctid policy-load "$tmp/policies"
		sleep 8
		cost=$(connect_cost)
		row "$(uname -r)" $n "$cost" "+$((cost - bare))"
	done
}

modprobe -a container_id
"$1"
