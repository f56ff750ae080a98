#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# load-rules-test.sh: what load-rules runs in which order, and what it says of what fails,
# with programs in place of ctid and the like that only say that they were called. Prints
# TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.inc"
script=$here/../../userspace/load-rules.sh
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin" "$tmp/xtables"

# program NAME [STATUS]
program() {
	printf '#!/bin/sh\necho "%s $*" >>%s/calls\nexit %s\n' "$1" "$tmp" "${2:-0}" >"$tmp/bin/$1"
	chmod 755 "$tmp/bin/$1"
}
for name in ctid ip nft iptables-legacy-restore ip6tables-legacy-restore modprobe systemctl; do
	program $name
done
for name in conf nft policy rules rules6; do
	echo "# $name" >"$tmp/xtables/container.$name"
done
# This machine's modules do not matter.
sed "s,/etc/xtables,$tmp/xtables,; s,/sys/module/,$tmp/module/," "$script" >"$tmp/load-rules"

# run [WORD]: what was called is in $calls, one a line, what it said in $said.
run() {
	rm -f "$tmp/calls"
	said=$(PATH="$tmp/bin:$PATH" sh "$tmp/load-rules" "$@" 2>&1)
	status=$?
	calls=$(sed "s,$tmp/,,g" "$tmp/calls")
}
# With the devices' options left out.
order() {
	printf '%s\n' "$calls" | grep -v '^ip ' | cut -d' ' -f1,2 | paste -sd, -
}

run
is "the ids come first, and last what may wait for a lock" \
	"modprobe container_id,ctid load,nft -f,ctid policy-load,iptables-legacy-restore -w,ip6tables-legacy-restore -w" \
	"$(order)"
is "it succeeds" "0 " "$status $said"

program nft 1
run
is "one that fails keeps none from being loaded" \
	"modprobe container_id,ctid load,nft -f,ctid policy-load,iptables-legacy-restore -w,ip6tables-legacy-restore -w" \
	"$(order)"
is "and is named, with what to do" \
	"1 $tmp/xtables/container.nft is not in force: correct it, then run 'systemctl reload-or-restart xt-container'" \
	"$status $said"
run reload
is "a reload that fails has the service restarted, to be failed" \
	"1 systemctl --no-block restart xt-container" "$status $(printf '%s\n' "$calls" | grep systemctl)"
program nft
run reload
is "one that does not, does not" "0 " "$status $(printf '%s\n' "$calls" | grep systemctl)"

rm "$tmp/xtables/container.rules"
ln -s nothing "$tmp/xtables/container.rules"
rm "$tmp/xtables/container.rules6"
run
is "a link to nothing is named, and the others are loaded" \
	"1 modprobe container_id,ctid load,nft -f,ctid policy-load
$tmp/xtables/container.rules is a link to nothing that this service can see (not below /home, /root or /run/user): remove it if there is to be nothing
$tmp/xtables/container.rules is not in force: correct it, then run 'systemctl reload-or-restart xt-container'" \
	"$status $(order)
$said"
rm "$tmp/xtables/container.rules"
run
is "a file that is not there is no failure" "0 modprobe container_id,ctid load,nft -f,ctid policy-load" \
	"$status $(order)$said"

program modprobe 1
run
is "without the modules nothing is tried" "1 modprobe container_id" "$status $(order)"
is "no file is blamed" "" "$(printf '%s\n' "$said" | grep 'correct it')"
is "and it is told what to do, in one line" 1 "$(printf '%s\n' "$said" |
	grep "install its headers, then run 'dkms autoinstall'" | grep -c 'mokutil --import')"
mkdir -p "$tmp/module/container_id"
run
is "where the module is there already, it is not asked for" "0 ctid load" \
	"$status $(order | cut -d, -f1)"
tap_done
