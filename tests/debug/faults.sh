#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# vm: -c ../kernel -t 950
# Each allocation of an operation fails in turn (failnth.py): it fails, too, cleanly, or
# did not need it; no call that is denied gets through; and it works the next time. The
# calls' hook points are in faulthooks.sh, the calls in faultcalls.sh, and the modules that
# others need in faultmodules.sh. It is run in the directory above.
. ./lib.sh
# shellcheck source=fault.inc
. debug/fault.inc

true_that "each call that asks for memory is in an operation" \
	debug/fault_sites.py debug/fault_sites.txt ../kernel debug/fault{s,modules,hooks,calls}.sh debug/starved.sh
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
finish
