#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The cases of the extensions' .t files, as iptables' own are run.
. ./lib.sh

# run FILE COMMAND: one test for all of a file's cases.
run() {
	local name=$1 cmd=$2
	if userspace/iptables-test.sh "../userspace/$name" "$cmd" >"$tmp/out" 2>&1 </dev/null; then
		ok "$name by $cmd, $(grep -c '^ok' "$tmp/out") cases"
	else
		not_ok "$name by $cmd" "$(grep -A 5 -v '^ok' "$tmp/out")"
	fi
}

run libxt_container.t iptables-legacy
run libxt_container.t ip6tables-nft
run libxt_SOCKERR.t iptables-legacy
run libxt_SOCKERR.t ip6tables-legacy
finish
