#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# Each allocation of an operation fails in turn (failnth.py): it fails, too, cleanly, or
# did not need it; no call that is denied gets through; and it works the next time. It is
# run in the directory above.
. ./lib.sh
[ -e /proc/self/fail-nth ] || bail_out "this kernel injects no faults"
mkdir -p "$cgroups/fault"
setting() { echo "$2" >"/sys/kernel/debug/$1"; }
for fault in failslab fail_page_alloc; do
	set_up setting $fault/verbose 0
	set_up setting $fault/ignore-gfp-wait N
done

# What fails: slabs, or pages. A slab that gets no pages is the slab allocator's own.
kinds=("slabs N 20" "pages Y 0")
faulty() {
	what=$1
	set_up setting failslab/cache-filter "$2"
	set_up setting fail_page_alloc/min-order "$3"
}
# Who has slabs left wants no pages: not each operation needs some.
declare -A injected=()
fault() {
	local count
	PYTHONPATH=. debug/failnth.py "$1" >"$tmp/out" 2>&1
	count=$(sed -n 's/.*: \([0-9]*\) allocations failed: .*/\1/p' "$tmp/out")
	injected[$what]=$((${injected[$what]:-0} + ${count:-0}))
	if [ -z "$count" ] || { [ "$count" -eq 0 ] && [ "$what" = slabs ]; }; then
		not_ok "$1, $what" "$(tail -n 12 "$tmp/out")"
	else
		ok "$1, $what"
		sed 's/^/# /' "$tmp/out"
	fi
}
container denied 7 /denied
for kind in "${kinds[@]}"; do
	# shellcheck disable=SC2086 # words
	faulty $kind
	modprobe -a iptable_sock ip6table_sock sock_dev sock_watch xt_SOCKERR nf_tables
	modprobe -q sctp
	for operation in add set bind unbind del watch rules nft; do
		fault $operation
	done
	# These hook the calls, as nobody else does, and leave them alone at the end.
	for operation in device-connect device-bind device-accept table-connect table-bind \
		table-accept; do
		fault $operation
	done
	for family in iptables ip6tables; do
		rule $family connect OUTPUT -m container --id denied -j DROP
		rule $family bind INPUT -m container --id denied -j DROP
	done
	fault calls
	flush
	modprobe -r iptable_sock ip6table_sock sock_dev sock_watch xt_SOCKERR
	for module in sock_watch sock_dev iptable_sock ip6table_sock xt_SOCKERR; do
		fault "module-$module"
	done
done
# With nothing registered.
set_up ctid del denied
modprobe -r xt_container
for kind in "${kinds[@]}"; do
	# shellcheck disable=SC2086 # words
	faulty $kind
	fault module-xt_container
	true_that "$what failed: ${injected[$what]}" [ "${injected[$what]}" -gt 0 ]
done
finish
