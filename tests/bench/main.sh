#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# main.sh count|wall: measures everything on this machine, which has the project
# installed (`make install install-tests`), and prints a JSON object a line.
#   count   its nanoseconds are instructions (tests/vm/run -i)
#   wall    they are nanoseconds; what is printed means something in ratios only
# It makes cgroups /t1, /t2, ..., and takes the iptables tables filter, connect, bind
# and accept for its own: do not run it where they are in use.
# BENCH_TENANTS: how many tenants, from few to many. BENCH_PARTS: what to measure.
mode=$1
here=$(dirname "$0")
# shellcheck source=lib.inc
. "$here/lib.inc"
# shellcheck source=tuples.inc
. "$here/tuples.inc"
# shellcheck source=columns.inc
. "$here/columns.inc"
# shellcheck source=scale.inc
. "$here/scale.inc"

tenants=${BENCH_TENANTS:-1 10 100 1000 10000}
parts=${BENCH_PARTS:-peers ours scale}
fewest=${tenants%% *}
most=${tenants##* }
last_cgroup=10001

# Nothing of somebody else's may be lost, and nothing of it may be measured.
if [ -s /proc/net/ip_tables_names ]; then
	say "iptables-legacy is in use here: $(tr '\n' ' ' </proc/net/ip_tables_names)"
	exit 1
elif [ -e /sys/module/container_id ]; then
	say "the project's modules are in use here: first remove containers and rules, then modprobe -r them"
	exit 1
fi
command -v sockbench >/dev/null || {
	say "sockbench is not here: make install-tests installs it"
	exit 1
}

clean_up() {
	seq -f "$cgroups/t%.0f" 1 $last_cgroup | xargs rmdir 2>/dev/null
	rm -rf "$tmp"
}
trap clean_up EXIT

say "making $last_cgroup cgroups"
seq -f "$cgroups/t%.0f" 1 $last_cgroup | xargs mkdir

# Before anything of ours is there.
peers() {
	local n
	measure bare 0 "$all_rows"
	column_filter_empty
	measure bpf_pass 0 "$all_rows" bpfpeer pass
	column_bpf_lsm
	column_landlock
	for n in $tenants; do
		column_bpf_tuples "$n"
		columns_cgroup "$n"
		column_owner "$n"
		columns_nft_cgroup "$n"
	done
}

ours() {
	local n
	quietly modprobe -a container_id xt_container iptable_sock sock_dev
	for n in $tenants; do
		say "registering $((n + 1)) containers"
		conf 1 $((n + 1)) /t@ >"$tmp/conf"
		quietly ctid load "$tmp/conf"
		measure modules "$n" "$(call_rows "$n")"
		column_iptables "$n"
		column_nft_device "$n"
		columns_container "$n"
		column_permitted "$n"
	done
}

scale() {
	memory
	many_containers
	nested
}

for part in $parts; do
	"$part"
done
