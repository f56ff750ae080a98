#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# vm: -c ../kernel -t 950
# Each allocation of an operation fails in turn (failnth.py): it fails, too, cleanly, or
# did not need it; no call that is denied gets through; and it works the next time. The
# calls' hook points are in faulthooks.sh. It is run in the directory above.
. ./lib.sh
# shellcheck source=fault.inc
. debug/fault.inc

true_that "each call that asks for memory is in an operation" \
	debug/fault_sites.py debug/fault_sites.txt ../kernel debug/fault{s,hooks}.sh debug/starved.sh
container denied 7 /denied
for kind in "${kinds[@]}"; do
	# shellcheck disable=SC2086 # words
	faulty $kind
	modprobe -a iptable_sock ip6table_sock sock_dev sock_watch xt_SOCKERR nf_tables
	modprobe -q sctp
	for operation in add set bind unbind del rebind get of dump watch rules nft; do
		fault $operation
	done
	modprobe -r iptable_sock ip6table_sock sock_dev sock_watch xt_SOCKERR
	for module in sock_watch sock_dev iptable_sock ip6table_sock xt_SOCKERR; do
		fault "module-$module"
	done
done
# Those that others need, with nothing registered: each while only those that it needs
# are loaded.
set_up ctid del denied
unload() {
	modprobe -qra xt_container sock_tables sock_hooks sock_event container_id
	same "nothing of ours is loaded" 0 \
		"$(lsmod | grep -c '^container_id\|^sock_\|^xt_container')"
}
for kind in "${kinds[@]}"; do
	unload
	# shellcheck disable=SC2086 # words
	faulty $kind
	for module in container_id sock_event sock_hooks sock_tables xt_container; do
		fault "module-$module"
	done
	fault probed-sock_hooks
	unload
	fault removed-container_id
	true_that "$what failed: ${injected[$what]}" [ "${injected[$what]}" -gt 0 ]
done
finish
