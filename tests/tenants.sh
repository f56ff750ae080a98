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
sleep 1000
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

# --- who has no say takes no place
for i in 1 2 3 4 5 6 7 8 9; do
	as_user sh -c "ctid add $i && ctid bind $i /user/inner && echo bound && sleep 1000" >"$tmp/bind$i" 2>&1 &
	servers="$servers $!"
	set_up wait_until grep -q bound "$tmp/bind$i"
done
ok "nine registries beside each other have a binding"
true_that "the host has one, too" ctid bind tenant /user/inner
rule iptables connect OUTPUT -m container --id tenant -j DROP
check "and its rules hold there" "connect EPERM" sockcall cgroup /user/inner socket tcp4 connect 127.0.0.1:80
flush
check "without them it passes" "connect ok" sockcall cgroup /user/inner socket tcp4 connect 127.0.0.1:80
check "nine users' registries do not deny a socket of root's" "connect ok" \
	sockcall cgroup /user/inner socket tcp4 connect 127.0.0.1:80
# shellcheck disable=SC2016
check "nor one of a user's that none of them may judge" "connect ENETUNREACH" \
	sh -c 'echo 0 >'$cgroups'/user/inner/cgroup.procs
		exec setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn \
		sockcall socket tcp4 connect 127.0.0.1:80'

# --- eight judge a socket; those inside cannot keep an outer one out
cat >"$tmp/inside" <<'EOF'
ctid add $1 && ctid bind $1 /user/full && echo bound >>$2
sleep 1000
EOF
cat >"$tmp/outside" <<'EOF'
cd "$(dirname "$0")"
ip link set lo up
unshare -Ur sh -c '
	for i in 1 2 3 4 5 6 7 8; do
		unshare -n sh inside $i full &
	done
	until [ "$(cat full | wc -l)" = 8 ]; do sleep 0.1; done
	unshare -n sh -c "ctid add 9 && ctid bind 9 /user/full"
	echo $$ >holder
	sleep 1000' >ninth 2>&1 &
until [ -e holder ]; do sleep 0.1; done
cat ninth
inner() {
	nsenter -t "$(cat holder)" -U --preserve-credentials unshare -n \
		sockcall cgroup /user/full socket udp4 connect 127.0.0.1:9
}
inner
ctid add 10 && ctid bind 10 /user/full && echo outer bound
sockcall cgroup /user/full socket udp4 connect 127.0.0.1:9
inner
ctid unbind 10 /user/full
inner
EOF
set_up mkdir $cgroups/user/full
set_up chown -R 1000 $cgroups/user/full
set_up modprobe -a sock_watch sock_dev
ctid watch >"$tmp/watched" 2>&1 </dev/null &
servers="$servers $!"
watched() {
	sockcall socket udp4 connect 127.0.0.1:65000 >/dev/null
	grep -q :65000 "$tmp/watched"
}
set_up wait_until watched
same "nine of one user's are too many; an outer one has its place, and those inside pay" \
	"ctid: cannot bind /user/full to container 9: as many registries as can judge one socket have a binding above this cgroup
connect ENETUNREACH
outer bound
connect ok
connect EPERM
connect ENETUNREACH" "$(touch "$tmp/full" && chmod 666 "$tmp/full" && as_user sh "$tmp/outside" 2>&1)"
denied_inside() {
	grep 'udp to 127.0.0.1:9 ' "$tmp/watched" | grep -q 'denied EPERM by another registry'
}
true_that "no rule of the host's is said to have denied that" wait_until denied_inside

# --- a crowd of namespaces beside each other makes each look-up long
cat >"$tmp/crowd.py" <<'P'
import ctypes, os, signal, sys
sys.path.insert(0, "/tmp/tests")
import genl
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
said = {}
children = []
for i in range(70):
    r, w = os.pipe()
    child = os.fork()
    if not child:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
            os.write(w, b"no namespaces")
            os._exit(1)
        f = genl.Family()
        genl.add(f, 5)
        error, text = genl.bind(f, 5, "/sys/fs/cgroup/user/crowd")
        os.write(w, (text or "bound").encode())
        signal.pause()
    children.append(child)
    answer = os.read(r, 200).decode()
    said[answer] = said.get(answer, 0) + 1
for answer in sorted(said):
    print(said[answer], answer)
sys.stdout.flush()
for child in children:
    os.kill(child, 9)
P
set_up mkdir $cgroups/user/crowd
set_up chown -R 1000 $cgroups/user/crowd
# With the first tenant's, which is above.
same "64 of such a crowd may have a binding above a cgroup" "63 bound
7 too many registries have a binding above this cgroup" "$(as_user python3 "$tmp/crowd.py" 2>&1)"

fails "a user cannot bind what is not his" "ermission" as_user sh -c "ctid add 5 && ctid bind 5 /"
finish
