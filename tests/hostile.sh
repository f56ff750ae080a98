#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A tenant who wants more than is his: cgroups of others, the host's denials lifted,
# other namespaces' registries and rules, other programs' rights. After each attempt
# the registries of the host and of both tenants are what they were. (tenants.sh: what
# tenants may; hostilelook.sh, hostilememory.sh, hostilecost.sh: other attempts.)
. ./lib.sh
modprobe -a iptable_sock ip6table_sock sock_dev

server sockcall socket tcp4 reuseaddr bind 0.0.0.0:80 listen serve
container web 7
tenant a 1000 /a
tenant b 1001 /b
set_up mkdir -p $cgroups/a/in $cgroups/a/lost $cgroups/b/in
chown 1000 $cgroups/a/in $cgroups/a/lost
chown 1001 $cgroups/b/in
set_up as_a /a ctid add 3 mine
set_up as_a /a ctid bind mine /a/in
set_up as_b /b ctid add 5 other
set_up as_b /b ctid bind other /b
# shellcheck disable=SC2154 # tenant sets it
on_a="nsenter -t $pid_a -n"	# with the host's rights, in his network namespace

genl=./genl.py
foreign="EACCES only who may create cgroups in this one may bind it"
stale="EBADF not open on a cgroup v2 directory that exists"
no_admin="EPERM only with CAP_NET_ADMIN in the user namespace that owns this network namespace"
registries() {
	ctid list --json
	as_a /a ctid list --json
	as_b /b ctid list --json
}
kept=$(registries)
# nothing_changed NAME: else a failure.
nothing_changed() {
	local now
	now=$(registries)
	[ "$now" = "$kept" ] || not_ok "$1: changed a registry" "$now"
}
# refused NAME WORDS COMMAND...: exactly these words, and nothing changed.
refused() {
	check "$@"
	nothing_changed "$1"
}
# with_fd PATH COMMAND...: PATH, as root opens it, is its descriptor 9.
with_fd() {
	local path=$1
	shift
	"$@" 9<"$path"
}
install -d -m 777 "$tmp/pass"
# passed OPENER USER CMD ATTR...: the netlink socket of one in the hands of another;
# both are commands that run what follows them.
passed() {
	local opener=$1 user=$2 path=$tmp/pass/socket
	shift 2
	rm -f "$path"
	# shellcheck disable=SC2086 # words
	$user python3 ./passed.py use "$path" "$@" &
	wait_until test -S "$path" || bail_out "nobody waits for the socket"
	# shellcheck disable=SC2086 # words
	$opener python3 ./passed.py open "$path"
	wait $!
}

# --- cgroups that are not his
a_binds() { as_a /a "$genl" bind id=3 "$@"; }
refused "another tenant's cgroup" "$foreign" a_binds cgroup_fd=$cgroups/b
refused "a cgroup below it" "$foreign" a_binds cgroup_fd=$cgroups/b/in
refused "the ancestor of his" "$foreign" a_binds cgroup_fd=$cgroups
refused "a container of the host's" "$foreign" a_binds cgroup_fd=$cgroups/web
fails "ctid says so in a line" "cannot bind /b to container 3" as_a /a ctid bind mine /b
refused "by a descriptor that root opened" "$foreign" with_fd $cgroups/b a_binds cgroup_fd=9
check "such a one of his own binds" "ok" with_fd $cgroups/a/lost a_binds cgroup_fd=9
check "and unbinds" "ok" as_a /a $genl unbind "cgroup_fd=$cgroups/a/lost"
late() {
	rm -f "$tmp/a/open"
	as_a /a sh -c "exec 9<$cgroups/a/lost; touch $tmp/a/open; until [ -e $tmp/a/go ]; do sleep 0.1; done
		$genl bind id=3 cgroup_fd=9"
}
late >"$tmp/late" &
set_up wait_until test -e "$tmp/a/open"
chown 0 $cgroups/a/lost
touch "$tmp/a/go"
wait $!
same "by one that he opened while it was his" "$foreign" "$(cat "$tmp/late")"
nothing_changed "one that he opened while it was his"
chown 1000 $cgroups/a/lost
late >"$tmp/late"
same "which binds while it is" "ok" "$(cat "$tmp/late")"
set_up as_a /a $genl unbind cgroup_fd=$cgroups/a/lost
# What is read-only here is somebody else's, whoever root is. As in a container that
# shows the host's cgroups.
ro() { unshare -mn sh -c "mount -o remount,bind,$1 $cgroups && $genl add id=3 && $genl bind id=3 cgroup_fd=$cgroups"; }
refused "by a read-only mount, as real root of a namespace" "ok
EROFS cgroups are mounted read-only here: only who may create cgroups in this one may bind it" ro ro
check "which binds by a writable one" "ok
ok" ro rw

# --- cgroups that are gone, or none of v2
refused "one that was removed and made again" "$stale" \
	as_a /a sh -c "exec 9<$cgroups/a/lost; rmdir $cgroups/a/lost; mkdir $cgroups/a/lost
		$genl bind id=3 cgroup_fd=9"
mkdir "$tmp/v1"
if mount -t cgroup -o none,name=hostile none "$tmp/v1" 2>/dev/null; then
	chown 1000 "$tmp/v1"
	refused "one of a v1 hierarchy" "$stale" a_binds "cgroup_fd=$tmp/v1"
	umount "$tmp/v1"
else
	skip "one of a v1 hierarchy" "this kernel has none"
fi

# --- netlink sockets that change hands or namespaces
refused "a socket of his as some root program's output binds nothing of root's" "$foreign" \
	passed "as_a /a" "" bind id=3 cgroup_fd=$cgroups
check "one that the program opened does" "ok" passed "$on_a" "" bind id=3 cgroup_fd=$cgroups
check "and unbinds" "ok" passed "$on_a" "" unbind cgroup_fd=$cgroups
refused "a socket of root's in his hands changes no registry of the host's" "$no_admin" \
	passed "" "as_a /a" add id=99
refused "nor a user's in root's" "$no_admin" passed "setpriv --reuid 1000 --clear-groups" "" add id=99
check "root's own does" "ok" passed "" "" add id=99
set_up ctid del 99
refused "a socket of his does nothing for the other tenant" "$no_admin" \
	passed "as_a /a" "as_b /b" add id=99
# Into his own, one namespace further down.
check "an old socket changes the namespace that it was opened in" "ok" \
	passed "as_a /a" "as_a /a unshare -n" add id=99
check "not the one that its user is in now" "ENOENT no container has this id" \
	as_a /a unshare -n $genl del id=99
check "where it changed it" "ok" as_a /a $genl del id=99

# --- namespaces that are not his
as_host_net() { setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Ur "$@"; }
# What the host has: tables, links, and watched functions.
host() {
	sort /proc/net/ip_tables_names
	ip -br link
	nft list ruleset
	grep -c sock_hooks /sys/kernel/tracing/enabled_functions
}
before=$(host)
foreign_net() {
	local where=$1
	shift
	fails "$where: no table" "Permission denied (you must be root)" \
		"$@" env "XTABLES_LOCKFILE=$tmp/a/lock" iptables-legacy -t connect -A OUTPUT -j DROP
	fails "$where: no IPv6 table" "Permission denied (you must be root)" \
		"$@" env "XTABLES_LOCKFILE=$tmp/a/lock" ip6tables-legacy -t accept -A INPUT -j DROP
	fails "$where: no event device" "Operation not permitted" "$@" ip link add x type sockconnect
	fails "$where: no policy" "ctid: nft: needs root (CAP_NET_ADMIN)" "$@" ctid permit 3 connect tcp 80
	refused "$where: no container" "$no_admin" "$@" $genl add id=99
}
foreign_net "in the host's network namespace" as_host_net
foreign_net "in one that the user namespace above owns" as_a /a unshare -Ur
same "the host's tables, links, rules and hook points are what they were" "$before" "$(host)"
# shellcheck disable=SC2086 # words
check "nor has his namespace a table" "" $on_a cat /proc/net/ip_tables_names
# shellcheck disable=SC2154
fails "no entry into the other tenant's, though root opened it" "Operation not permitted" \
	with_fd "/proc/$pid_b/ns/net" as_a /a nsenter --net=/proc/self/fd/9 true
fails "no link into it" "Operation not permitted" \
	with_fd "/proc/$pid_b/ns/net" as_a /a ip link add x netns /proc/self/fd/9 type sockconnect
check "so there is none" "" sh -c "nsenter -t $pid_b -n ip -br link | grep -v ^lo"
true_that "a table in his own" as_a /a iptables-legacy -t connect -A OUTPUT -d 127.0.0.9 -j DROP
true_that "a link in his own" as_a /a ip link add x type sockconnect
true_that "and into that from another one of his" \
	with_fd "/proc/$pid_a/ns/net" as_a /a unshare -n ip link add y netns /proc/self/fd/9 type sockconnect
check "they hold" "connect EPERM" as_a /a sockcall socket tcp4 connect 127.0.0.9:80

# --- the host's denials
container of_a 9 /a
kept=$(registries)
denied="connect ECONNREFUSED"
as_a_connect() { as_a "$@" sockcall socket udp4 connect 127.0.0.1:9; }
check "without a denial" "connect ok" as_a_connect /a
rule iptables connect OUTPUT -m container --id of_a -j SOCKERR --errno ECONNREFUSED
set_up as_a /a iptables-legacy -t connect -I OUTPUT -j ACCEPT
check "his table's ACCEPT" "$denied" as_a_connect /a
set_up as_a /a ip link set x up
set_up as_a /a nft 'add table inet t; add chain inet t c { type filter hook ingress device "x" priority 0; }
	add rule inet t c meta mark set 0 meta priority set 0 accept'
check "his device's accept" "$denied" as_a_connect /a
check "a cgroup that he bound, below" "$denied" as_a_connect /a/in
check "a network namespace below" "$denied" as_a_connect /a unshare -n
check "a user namespace below" "$denied" as_a_connect /a unshare -Urn
check "the container's removal from his registry" "ENOENT no container has this id" as_a /a $genl del id=9
refused "the binding's" "ENOENT the cgroup is not bound" as_a /a $genl unbind cgroup_fd=$cgroups/a
refused "by number" "ENOENT the cgroup is not bound" as_a /a $genl unbind "cgroup_id=$(stat -c %i $cgroups/a)"
fails "the way out of the cgroup" "ermission denied" as_a /a sh -c "echo 0 >$cgroups/cgroup.procs"
check "after all this" "$denied" as_a_connect /a
nothing_changed "lifting a denial"
# A process of the host's that comes to his network namespace.
# shellcheck disable=SC2086 # words
visitor() { inside "$1" $on_a sockcall socket udp4 connect "$2"; }
rule iptables connect OUTPUT -m container --id web -d 127.0.0.8 -j SOCKERR --errno EACCES
check "a program of the host's keeps the host's rules in his namespace" "connect EACCES" visitor /web 127.0.0.8:9
set_up as_a /a iptables-legacy -t connect -F
set_up as_a /a iptables-legacy -t connect -A OUTPUT -d 127.0.0.10 -j DROP
check "and has his, whose packets pass his tables, too" "connect EPERM" visitor /web 127.0.0.10:9
check "for no other" "connect ok" visitor /web 127.0.0.11:9
flush
check "without the denial he connects" "connect ok" as_a_connect /a

# --- a cgroup of his with a process of another user's
set_up mkdir $cgroups/a/shared
chown 1000 $cgroups/a/shared
set_up as_a /a ctid bind mine /a/shared
set_up as_a /a iptables-legacy -t connect -A OUTPUT -m container --id mine -j DROP
set_up as_a /a nft 'add rule inet t c meta mark 3 counter drop'
connect() { "$@" sockcall socket udp4 connect 127.0.0.1:9; }
check "his rules deny his own" "connect EPERM" connect as_a /a/shared
check "and one of a user namespace below" "connect EPERM" connect as_a /a/shared unshare -Urn
check "but not the other tenant's" "connect ok" connect as_b /a/shared
check "nor root's" "connect ok" connect inside /a/shared

# --- more registries than may judge one socket, over another's process
holds() {
	as_a /a unshare "$2" sh -c "ctid add 1 && ctid bind 1 $1 && echo bound && exec sleep infinity" \
		>"$tmp/holder" 2>&1 </dev/null &
	servers="$servers $!"
	wait_until grep -q bound "$tmp/holder" || bail_out "no binding: $(cat "$tmp/holder")"
	: >"$tmp/holder"
}
set_up as_a /a ctid unbind mine /a/shared
set_up mkdir $cgroups/a/shared/in
chown 1000 $cgroups/a/shared/in
for _ in 1 2 3 4 5 6 7 8; do holds /a/shared/in -n; done
set_up as_a /a iptables-legacy -t connect -F
set_up as_a /a nft flush ruleset
check "eight registries do not deny" "connect ok" connect as_a /a/shared/in
holds /a/shared -n
check "nine registries deny his own there" "connect EPERM" connect as_a /a/shared/in
check "but not the other tenant's" "connect ok" connect as_b /a/shared/in
# Those of namespaces below his do not hide from his packets' rules whose socket it is.
set_up mkdir -p $cgroups/a/packets/in
chown -R 1000 $cgroups/a/packets
for _ in 1 2 3 4 5 6 7 8; do holds /a/packets/in -Urn; done
set_up as_a /a ctid bind mine /a/packets
set_up as_a /a iptables-legacy -A OUTPUT -m container --id mine -p udp --dport 9
sends() {
	as_a "$1" bash -c 'echo x >/dev/udp/127.0.0.1/9'
	as_a /a iptables-legacy -nvxL OUTPUT | awk 'NR == 3 { print $1 }'
}
check "a packet from his cgroup is his container's" "1" sends /a/packets
check "one from below their bindings, too" "2" sends /a/packets/in
finish
