#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# vm: -t 950
# As faults.sh: the modules that others need, with nothing registered, each while only those
# that it needs are loaded. It is run in the directory above.
. ./lib.sh
# shellcheck source=fault.inc
. debug/fault.inc
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
