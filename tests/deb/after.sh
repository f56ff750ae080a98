#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deb: after
# only: bookworm trixie forky
# suites: bookworm
# The Debian packages after an upgrade of the kernel: they work on the new one, what was
# saved is in force since before there was a network, the old kernel goes with its modules,
# and they can be upgraded, with rules in force, and removed.
. ./lib.sh
. ./deb/lib.inc
mkdir $cgroups/booted.slice

# --- what xt-container.service loaded
check "the service is active" active systemctl is-active xt-container
since() {
	systemctl show -P ActiveEnterTimestampMonotonic "$1"
}
true_that "since before there is a network" test "$(since xt-container)" -le "$(since network-pre.target)"
has "it loaded the ids" "77  booted" ctid list
set_up ctid bind booted /booted.slice
eacces="Permission denied" eperm="Operation not permitted" refused="Connection refused"
# all_hold NAME
all_hold() {
	wait_until sh -c '! systemctl list-jobs | grep -q xt-container'
	said "$1: iptables' rules" "$eacces" in_booted nc -v -z 127.0.0.1 7
	said "$1: ip6tables'" "$eacces" in_booted nc -v -z ::1 7
	said "$1: nft's" "$eperm" in_booted nc -v -z 127.0.0.1 8
	said "$1: tuples" "$eperm" in_booted nc -v -z 127.0.0.1 10
}
all_hold "after the boot"
said "another port is nobody's business" "$refused" in_booted nc -v -z 127.0.0.1 9
for port in 7 8 10; do
	said "port $port is not, outside of the container" "$refused" nc -v -z 127.0.0.1 $port
done
set_up systemctl stop xt-container
all_hold "the service stopped"
set_up systemctl start xt-container
# /etc/nftables.conf begins with: flush ruleset.
set_up systemctl start nftables
set_up systemctl restart nftables
all_hold "nftables restarted"
set_up systemctl reload nftables
all_hold "nftables reloaded"
iptables-legacy -t connect -F
set_up cp /etc/xtables/container.rules6 "$tmp/good"
echo "-A OUTPUT -m container --id" >/etc/xtables/container.rules6
ip link set connect down
fails "a bad file fails the service" "xt-container.service" systemctl restart xt-container
has "and is told of" "container.rules6 is not in force" journalctl -u xt-container
said "the others are loaded" "$eacces" in_booted nc -v -z 127.0.0.1 7
said "nft's, too" "$eperm" in_booted nc -v -z 127.0.0.1 8
set_up systemctl restart nftables
# This one's start is not waited for.
denied_again() { in_booted nc -v -z 127.0.0.1 8 2>&1 | grep -q "$eperm"; }
wait_until denied_again
said "and again when nftables restarts" "$eperm" in_booted nc -v -z 127.0.0.1 8

true_that "a connect is denied on the new kernel" ./connect

# --- the old kernel removed
apt="apt-get -y -o Dpkg::Options::=--force-unsafe-io"
second=$(uname -r)
first=$(printf '%s\n' /lib/modules/* | sed 's|.*/||' | grep -vxF "$second")
of_kernel() {
	find "/lib/modules/$1/updates" -name '*.ko*' 2>/dev/null
	dkms status 2>/dev/null | grep "$1"
}
has "the old kernel has modules" container_id.ko of_kernel "$first"
true_that "it can be removed" $apt remove "linux-image-$first" "linux-headers-$first"
check "none of its modules is left" "" of_kernel "$first"
has "those of the new one are there" container_id.ko of_kernel "$second"

# --- upgraded, with services that run and rules that are in force. No headers are here, so
# that DKMS builds nothing: what it builds, and what that does on a host, are in before.sh.
set_up cp "$tmp/good" /etc/xtables/container.rules6
set_up systemctl restart xt-container
mkdir $cgroups/given.slice
echo "unit given.slice id 78 name given" >/etc/ctid/ctid.conf
set_up systemctl start ctidd
given() { ctid of /given.slice | grep -q given; }
wait_until given || bail_out "ctidd gives nothing"
all_hold "before the upgrade"
# probe: what is denied, by one after the other of four ways, for as long as there is a file.
probe() {
	while [ -e "$tmp/probe" ]; do
		in_booted nc -v -z 127.0.0.1 7
		in_booted nc -v -z ::1 7
		in_booted nc -v -z 127.0.0.1 8
		in_booted nc -v -z 127.0.0.1 10
		given || echo "this failed: given.slice is nobody's"
	done 2>&1 | sed -u 's/.* failed: //' >"$tmp/probed"
}
upgrade() {
	$apt install /srv/later/*.deb >"$tmp/upgrade" 2>&1 || { cat "$tmp/upgrade"; return 1; }
}
touch "$tmp/probe"
probe &
prober=$!
echo "units typo.slice id 79" >>/etc/ctid/ctid.conf
loaded=$(cat /sys/module/container_id/version)
daemon=$(systemctl show -P MainPID ctidd)
began=$(since xt-container)
true_that "they can be upgraded" upgrade
true_that "many connects were made meanwhile" test "$(wc -l <"$tmp/probed")" -ge 20
rm "$tmp/probe"
wait $prober
has "it tells which rule is refused" "ctid.conf:2: " cat "$tmp/upgrade"
has "and what holds instead" "the rules that were good last" cat "$tmp/upgrade"
same "each was denied, and each container known" "$eperm
$eacces" "$(sort -u "$tmp/probed")"
all_hold "after the upgrade"
said "another port is nobody's business" "$refused" in_booted nc -v -z 127.0.0.1 9
same "ctid is the new one" "ctid $(version xt-container-tools)" "$(ctid --version)"
true_that "which is another" test "$(version xt-container-tools)" != "$loaded"
check "ctidd, too" active systemctl is-active ctidd
true_that "which was restarted" test "$(systemctl show -P MainPID ctidd)" != "$daemon"
same "xt-container was not, which would load its rules once more" "$began" "$(since xt-container)"
check "the modules are those that were loaded" "$loaded" cat /sys/module/container_id/version

# --- removed
dpkg -L xt-container-dkms xt-container-tools >"$tmp/files"
true_that "they have files: $(wc -l <"$tmp/files")" grep -qx /usr/sbin/ctid "$tmp/files"
true_that "they can be removed" $apt remove xt-container-dkms xt-container-tools
# Bookworm's says that it cannot say nothing.
check "DKMS has nothing any more" "" sh -c 'dkms status 2>/dev/null'
check "no kernel has a module" "" find /lib/modules -path '*/updates/*' -name '*.ko*'
check "nor are there sources of any" "" find /usr/src -name 'xt-container*'
check "no service is left" "" sh -c 'systemctl list-unit-files | grep -E "ctidd|xt-container"'
said "what is loaded is in force" "$eperm" in_booted nc -v -z 127.0.0.1 8
true_that "files of the admin are there" test -e /etc/xtables/container.conf -a -e /etc/nftables/tenants.nft
true_that "they can be purged" $apt purge xt-container-dkms xt-container-tools
check "nothing is left" "" sh -c 'find / -xdev \( -path /tmp -o -path /srv -o -path /proc -o -path /sys -o -path /run \) -prune -o \
	\( -name "*ctid*" -o -name "xt-container*" -o -name "xt_container*" -o -name "container.*" -o -name tenants.nft \) \
	-print | grep -vE "^/(usr/(share/(dpkg|perl)|lib/(systemd|modules|python))|var/(log|lib/(apt|systemd/deb-systemd)))"'
# Directories can be others', too.
check "no file of theirs is" "" sh -c 'while read -r file; do
	[ -d "$file" ] || ! [ -e "$file" -o -L "$file" ] || echo "$file"; done <"$0"' "$tmp/files"
check "nor anything in dpkg" "" sh -c 'dpkg-query -W "xt-container-*" 2>/dev/null'
finish
