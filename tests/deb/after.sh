#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deb: after
# only: bookworm trixie forky
# suites: bookworm
# The Debian packages after an upgrade of the kernel: they work on the new one, what was
# saved is in force since before there was a network, and they can be removed.
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

# --- removed
apt="apt-get -y -o Dpkg::Options::=--force-unsafe-io"
true_that "they can be removed" $apt remove xt-container-dkms xt-container-tools
# Bookworm's says that it cannot say nothing.
check "DKMS has nothing any more" "" sh -c 'dkms status 2>/dev/null'
check "no kernel has a module" "" find /lib/modules /usr/src -name 'container_id*' -o -name 'xt-container*'
check "no service is left" "" sh -c 'systemctl list-unit-files | grep -E "ctidd|xt-container"'
said "what is loaded is in force" "$eperm" in_booted nc -v -z 127.0.0.1 8
true_that "files of the admin are there" test -e /etc/xtables/container.conf -a -e /etc/nftables/tenants.nft
true_that "they can be purged" $apt purge xt-container-dkms xt-container-tools
check "nothing is left" "" sh -c 'find / -xdev \( -path /tmp -o -path /srv -o -path /proc -o -path /sys -o -path /run \) -prune -o \
	\( -name "*ctid*" -o -name "xt-container*" -o -name "xt_container*" -o -name "container.*" -o -name tenants.nft \) \
	-print | grep -vE "^/(usr/(share/(doc|dpkg|perl)|lib/(systemd|modules|python))|var/(log|lib/(apt|systemd/deb-systemd)))"'
check "nor in dpkg" "" sh -c 'dpkg-query -W "xt-container-*" 2>/dev/null'
finish
