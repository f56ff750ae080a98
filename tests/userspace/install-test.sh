#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# install-test.sh BUILD_DIR: what units start is where "make install" puts it, wherever
# that is, and so are the drop-ins that manuals name. Prints TAP.
set -u
build=$1
userspace=$(cd "$(dirname "$0")/../../userspace" && pwd)
count=0
failed=0
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

# check PREFIX
check() {
	count=$((count + 1))
	problem=$(make -s --no-print-directory -C "$userspace" install O="$build" DESTDIR="$tmp$1" PREFIX="$1" 2>&1)
	# But for those of the system.
	programs=$(sed -n 's/^Exec[A-Za-z]*=\([^ ]*\).*/\1/p' \
		"$tmp$1$1"/lib/systemd/system/*.service | grep -vx /bin/kill | sort -u)
	[ -n "$programs" ] || problem="$problem no unit starts anything"
	for program in $programs; do
		case $program in
		"$1"/*) ;;
		*) problem="$problem $program is not below $1" ;;
		esac
		[ -x "$tmp$1$program" ] || problem="$problem $program is not there"
	done
	for unit in xt-container ctidd; do
		[ -s "$tmp$1$1/share/xt-container/needs-$unit.conf" ] ||
			problem="$problem needs-$unit.conf is not there"
	done
	if [ -z "$problem" ]; then
		echo "ok $count - PREFIX=$1"
	else
		failed=$((failed + 1))
		echo "not ok $count - PREFIX=$1"
		printf '%s\n' "$problem" | sed 's/^/# /'
	fi
}

check /usr
check /usr/local
echo "1..$count"
[ "$failed" -eq 0 ]
