#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Registries of user namespaces: they have a say about their own, and nobody else.
. ./lib.sh
modprobe iptable_sock

# A user with a cgroup of his own, as systemd delegates them.
set_up mkdir -p $cgroups/user/inner
chown -R 1000 $cgroups/user
chmod 777 "$tmp"
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve

# as_user COMMAND...: uid 1000 in his cgroup, in a user and network namespace of his
# own.
as_user() {
	# shellcheck disable=SC2016
	XTABLES_LOCKFILE=$tmp/lock sh -c 'echo 0 >'$cgroups'/user/cgroup.procs
		exec setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn "$@"' sh "$@"
}

check "without a tenant's rule a program of the host connects" "connect ok" \
	sockcall cgroup /user socket tcp4 connect 127.0.0.1:80

# --- his rules are about his namespaces' sockets
cat >"$tmp/tenant" <<'EOF'
ip link set lo up
ctid add 5 mine && ctid bind mine /user || exit
iptables-legacy -t connect -A OUTPUT -m container --id 5 -j DROP || exit
iptables-legacy -t connect -A OUTPUT -d 127.0.0.1 -j DROP || exit
echo $$ >$(dirname $0)/pid
echo ready
sleep 60
EOF
as_user sh "$tmp/tenant" >"$tmp/out" 2>&1 &
servers="$servers $!"
if wait_until grep -q ready "$tmp/out"; then
	ok "a user may bind his cgroup and have rules in his namespaces"
else
	not_ok "a user may bind his cgroup and have rules in his namespaces" "$(cat "$tmp/out")"
fi
check "they deny a socket of his namespaces" "connect EPERM" \
	nsenter -t "$(cat "$tmp/pid")" -U -n sockcall socket tcp4 connect 127.0.0.1:80
check "but none of the host's, even in his cgroup" "connect ok" \
	sockcall cgroup /user socket tcp4 connect 127.0.0.1:80
check "nor of another namespace of the host's" "connect ENETUNREACH" \
	unshare -n sockcall cgroup /user socket tcp4 connect 127.0.0.1:80

# --- the host's are about all
set_up ctid add 9 tenant
set_up ctid bind tenant /user
rule iptables connect OUTPUT -m container --id tenant -j SOCKERR --errno ECONNREFUSED
check "the host's rules deny the tenant's socket" "connect ECONNREFUSED" \
	as_user sockcall socket tcp4 connect 127.0.0.1:80
check "the host's rules deny a socket in his cgroup" "connect ECONNREFUSED" \
	sockcall cgroup /user/inner socket tcp4 connect 127.0.0.1:80
flush
set_up ctid unbind tenant /user

# --- eight registries may have a binding; the host has its place beside them
for i in 1 2 3 4 5 6 7; do
	as_user sh -c "ctid add $i && ctid bind $i /user/inner && echo bound && sleep 60" >"$tmp/bind$i" 2>&1 &
	servers="$servers $!"
	wait_until grep -q bound "$tmp/bind$i" || not_ok "registry $i has a binding" "$(cat "$tmp/bind$i")"
done
fails "a ninth registry is refused" "as many registries" as_user sh -c "ctid add 9 && ctid bind 9 /user/inner"
true_that "the host is not" ctid bind tenant /user/inner
rule iptables connect OUTPUT -m container --id tenant -j DROP
check "and its rules hold there" "connect EPERM" sockcall cgroup /user/inner socket tcp4 connect 127.0.0.1:80
flush
check "without them it passes" "connect ok" sockcall cgroup /user/inner socket tcp4 connect 127.0.0.1:80
# --- more than fit: above a cgroup that has its eight, where nobody looks down
as_user sh -c "ctid add 9 && ctid bind 9 /user && echo bound && sleep 60" >"$tmp/bind9" 2>&1 &
servers="$servers $!"
set_up wait_until grep -q bound "$tmp/bind9"
check "nine users' registries do not deny a socket of root's" "connect ok" \
	sockcall cgroup /user/inner socket tcp4 connect 127.0.0.1:80
# shellcheck disable=SC2016
check "but one of a user's: not all can be asked" "connect EPERM" \
	sh -c 'echo 0 >'$cgroups'/user/inner/cgroup.procs
		exec setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn \
		sockcall socket tcp4 connect 127.0.0.1:80'

fails "a user cannot bind what is not his" "ermission" as_user sh -c "ctid add 5 && ctid bind 5 /"
finish
