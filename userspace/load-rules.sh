#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What xt-container.service runs: loads the ids of containers, then the rules about
# them, from those of the files in /etc/xtables that there are; see
# xt-container.service(8). A file that does not load keeps no other from being
# loaded: each rule that is in force denies something.
set -u
directory=/etc/xtables
status=0

# try FILE COMMAND...: an empty file, as is left by "save >FILE" that failed, would load.
try() {
	file=$1
	shift
	if [ ! -s "$directory/$file" ]; then
		echo "$directory/$file is empty: remove it if there is to be nothing" >&2
	elif "$@"; then
		return
	fi
	echo "$directory/$file is not in force: correct it, then run" \
		"'systemctl restart xt-container'" >&2
	status=1
}

# nft loads nothing of a file that names a device which is not there.
load_nft() {
	for event in connect bind accept; do
		[ -n "$(ip link show dev "$event" type "sock$event" 2>/dev/null)" ] ||
			ip link add "$event" type "sock$event" || return
		ip link set "$event" up || return
	done
	nft -f "$directory/container.nft"
}

# load_tables COMMAND FILE: what follows -w would be taken for seconds.
load_tables() {
	"$1" -w <"$directory/$2"
}

there() {
	[ -e "$directory/$1" ]
}

! there container.conf || try container.conf ctid load
! there container.rules ||
	try container.rules load_tables iptables-legacy-restore container.rules
! there container.rules6 ||
	try container.rules6 load_tables ip6tables-legacy-restore container.rules6
! there container.nft || try container.nft load_nft
! there container.policy ||
	try container.policy ctid policy-load "$directory/container.policy"
exit "$status"
