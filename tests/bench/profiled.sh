#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# profiled.sh: what profile.py follows, run by it in a VM. Prints the kernel's symbols,
# waits until it follows, and then makes calls; before each kind it sets the name of
# the machine to "ROW COLUMN".
mode=count
here=$(dirname "$0")
# shellcheck source=lib.inc
. "$here/lib.inc"
# shellcheck source=tuples.inc
. "$here/tuples.inc"
# shellcheck source=columns.inc
. "$here/columns.inc"
# shellcheck source=scale.inc
. "$here/scale.inc"

seq -f "$cgroups/t%.0f" 1 11 | xargs mkdir
modprobe -a container_id xt_container iptable_sock sock_dev iptable_filter xt_cgroup \
	nf_tables nft_fib_inet nft_socket
conf 1 11 /t@ >"$tmp/conf"
quietly ctid load "$tmp/conf"
# All modules that the columns need must be where they stay.
modprobe() { :; }
load_cost() { :; }
most=""
fewest=1

# name WORDS: what follows, to who follows.
name() {
	python3 -c 'import socket, sys; socket.sethostname(sys.argv[1])' "$1"
}

# measure COLUMN TENANTS ROWS [WORD...]: in place of lib.inc's.
measure() {
	local column=$1
	[ "$2" = "${only_tenants:-$2}" ] || return 0
	shift 3
	settle
	name "$row $column"
	"$@" sockbench -g /t1 -b 9 -n 20 "$row" >"$tmp/rows"
}

row=udp_connect
quietly ip link add d1 type sockconnect
quietly ip link set d1 up
quietly nft add table inet warm
quietly nft add chain inet warm c "{ type filter hook ingress device d1 priority 0; }"
quietly nft add rule inet warm c ip daddr 203.0.113.1 drop
quietly nft delete table inet warm
quietly ip link del d1
policies 1 >"$tmp/policies"
quietly ctid policy-load "$tmp/policies"
quietly ctid policy-flush

grep -i '^[^ ]* [tw] ' /proc/kallsyms
echo "end"
until [ "$(hostname)" = go ]; do
	name wait
done

measure bare 0 udp_connect
column_nft_device 1
column_permitted 10
# Last, because its tables stay.
column_iptables 1
row=udp_sendto
measure bare 0 udp_sendto
filter out_cgroup 1 OUTPUT -m cgroup --path t@
filter out_container 1 OUTPUT -m container --id @
name "done"
