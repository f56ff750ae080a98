#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# vm: -t 950
# As faults.sh: what hooks the calls, for the first device and the first table, and leaves
# them alone at the end. It is run in the directory above.
. ./lib.sh
# shellcheck source=fault.inc
. debug/fault.inc
container denied 7 /denied
modprobe -a iptable_sock sock_dev nf_tables
for kind in "${kinds[@]}"; do
	# shellcheck disable=SC2086 # words
	faulty $kind
	fault device-connect
	fault table-connect
	true_that "$what failed: ${injected[$what]}" [ "${injected[$what]}" -gt 0 ]
done
finish
