#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm-debug trixie-debug
# vm: -t 950
# As faults.sh: devices and tables where the calls are hooked already, and the calls. It is
# run in the directory above.
. ./lib.sh
# shellcheck source=fault.inc
. debug/fault.inc
container denied 7 /denied
modprobe -a iptable_sock ip6table_sock sock_dev sock_watch xt_SOCKERR nf_tables
modprobe -q sctp
for kind in "${kinds[@]}"; do
	# shellcheck disable=SC2086 # words
	faulty $kind
	for operation in device-bind device-accept table-hooked table-bind table-accept table6; do
		fault $operation
	done
	for family in iptables ip6tables; do
		rule $family connect OUTPUT -m container --id denied -j DROP
		rule $family bind INPUT -m container --id denied -j DROP
	done
	# Who is denied needs none, but for a slab that is full by chance.
	fault calls 0
	flush
	true_that "$what failed: ${injected[$what]}" [ "${injected[$what]}" -gt 0 ]
done
finish
