#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# load-rules [reload]: what xt-container.service runs: loads the ids of containers, then
# the rules about them, from those of the files in /etc/xtables that there are; see
# xt-container.service(8). A file that does not load keeps no other from being
# loaded: each rule that is in force denies something.
set -u
directory=/etc/xtables
status=0

# Without the modules no file loads, and none is to blame.
have_modules() {
	if [ -d /sys/module/container_id ] || modprobe container_id; then
		return
	fi
	echo "nothing of $directory is in force: kernel $(uname -r) loads no module" \
		"container_id: if it has none, install its headers, then run 'dkms autoinstall';" \
		"with Secure Boot, enrol the key that signed it:" \
		"'mokutil --import /var/lib/dkms/mok.pub'" >&2
	status=1
	return 1
}

# try FILE COMMAND...: an empty file, as is left by "save >FILE" that failed, would load.
try() {
	file=$1
	shift
	if [ ! -e "$directory/$file" ]; then
		echo "$directory/$file is a link to nothing that this service can see (not below /home, /root or /run/user): remove it if there is to be nothing" >&2
	elif [ ! -s "$directory/$file" ]; then
		echo "$directory/$file is empty: remove it if there is to be nothing" >&2
	elif "$@"; then
		return
	fi
	echo "$directory/$file is not in force: correct it, then run" \
		"'systemctl reload-or-restart xt-container'" >&2
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
	[ -e "$directory/$1" ] || [ -L "$directory/$1" ]
}

# The ids come first: rules and policies may name containers. Then what is gone where
# nftables.service flushed; the tables wait for whoever has their lock.
load_all() {
	! there container.conf || try container.conf ctid load
	! there container.nft || try container.nft load_nft
	! there container.policy ||
		try container.policy ctid policy-load "$directory/container.policy"
	! there container.rules ||
		try container.rules load_tables iptables-legacy-restore container.rules
	! there container.rules6 ||
		try container.rules6 load_tables ip6tables-legacy-restore container.rules6
}

! have_modules || load_all
# A service stays active when its reload fails; this one then has to be failed, as after a
# restart, for those that ask whether all is in force.
[ "$status" -eq 0 ] || [ "${1:-}" != reload ] || systemctl --no-block restart xt-container
exit "$status"
