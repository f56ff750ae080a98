#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: trixie
# vm: -S -m 3G
# Three levels with rules of their own: the host, a customer's LXC container with
# root in a user namespace, and a Podman container in that.
. ./lib.sh
. ./runtimes.inc
modprobe -a iptable_sock sock_dev

network

# The customer's system has the host's /usr, and the rest of its own.
vps=$tmp/vps
chmod 755 "$tmp"
set_up mkdir -p "$vps"/{usr,etc,var/lib,var/tmp,var/cache,var/log,tmp,run,proc,sys,dev,root,mnt}
for name in bin sbin lib lib64; do
	set_up ln -s usr/$name "$vps/$name"
done
set_up cp -a /etc/. "$vps/etc/"
set_up rm -f "$vps/etc/mtab"
set_up chown -R -h 200000:200000 "$vps"
echo root:200000:131072 >>/etc/subuid
echo root:200000:131072 >>/etc/subgid
set_up ctid add 7 vps
set_up systemctl start vps.slice
set_up ctid bind vps /vps.slice
lxc_start vps "$vps" sleep infinity <<END
lxc.idmap = u 0 200000 131072
lxc.idmap = g 0 200000 131072
lxc.mount.auto = proc:rw sys:rw cgroup:rw
lxc.mount.entry = /usr usr none bind,ro 0 0
lxc.mount.entry = tmpfs run tmpfs rw,mode=755 0 0
lxc.mount.entry = tmpfs tmp tmpfs rw,mode=1777 0 0
lxc.mount.entry = shm dev/shm tmpfs rw,create=dir 0 0
lxc.mount.entry = mqueue dev/mqueue mqueue rw,create=dir 0 0
lxc.mount.entry = proc dev/.lxc/proc proc create=dir 0 0
lxc.mount.entry = sys dev/.lxc/sys sysfs create=dir 0 0
lxc.cgroup.dir = vps.slice/vps
END
in_vps() {
	lxc-attach -n vps -- "$@"
}
# There is no systemd in it.
vps_podman() {
	in_vps podman --cgroup-manager=cgroupfs "$@"
}

# --- the customer's own containers and rules
has "the customer has root in a user namespace" 200000 in_vps cat /proc/self/uid_map
check "his registry is empty" "ID  NAME  CGROUPS" in_vps ctid list
true_that "he adds a container" in_vps ctid add 7 shop
# A cgroup with processes cannot hand controllers on, and Podman wants some.
set_up in_vps mkdir /sys/fs/cgroup/init /sys/fs/cgroup/shop
set_up in_vps sh -c 'echo 1 >/sys/fs/cgroup/init/cgroup.procs'
true_that "binds a cgroup to it" in_vps ctid bind shop /shop
check "and sees both, by the paths that are his" "ID  NAME  CGROUPS
7   shop  /shop" in_vps ctid list
check "the host sees its own" "ID  NAME  CGROUPS
7   vps   /vps.slice" ctid list

# --- a container in his container, with a user namespace of its own
set_up in_vps mkdir -p /mnt/app/{usr,etc,proc,sys,dev,tmp,run}
for name in bin sbin lib lib64; do
	set_up in_vps ln -s usr/$name /mnt/app/$name
done
set_up in_vps chown -R -h 65536:65536 /mnt/app
set_up vps_podman run -d --name app --cgroup-parent /shop \
	--uidmap 0:65536:65536 --gidmap 0:65536:65536 -p 9001:9000 \
	--cap-add NET_ADMIN,NET_RAW --systemd=always -v /usr:/usr:ro --rootfs /mnt/app \
	sleep infinity
in_app() {
	vps_podman exec app "$@"
}
has "a container in it has root in one of its own" 65536 in_app cat /proc/self/uid_map
true_that "which adds a container, too" in_app ctid add 7 app
true_that "binds its own cgroup" in_app ctid bind app /
check "and sees that one only" "ID  NAME  CGROUPS
7   app   /" in_app ctid list
has "the same socket is the customer's shop" "7 shop (bound at /shop)" \
	in_vps sh -c "ctid of \$(podman --cgroup-manager=cgroupfs inspect -f '{{.State.Pid}}' app)"

# --- each level forbids what the others do not
# calls_at RUN...: from the innermost to the outermost level's port.
calls_at() {
	"$@" "$sockcall" socket tcp4 connect 192.0.2.2:8080 socket tcp4 connect 192.0.2.2:8081 \
		socket tcp4 connect 192.0.2.2:8082 socket tcp4 connect 192.0.2.2:8083
}
nothing="connect ok
connect ok
connect ECONNREFUSED
connect ECONNREFUSED"
check "without rules all connects of the innermost pass" "$nothing" calls_at in_app
rule iptables connect OUTPUT -m container --id vps -p tcp --dport 8081 -j DROP
true_that "the customer has a rule" in_vps \
	iptables-legacy -t connect -A OUTPUT -m container --id shop -p tcp --dport 8082 -j DROP
true_that "so has the innermost" in_app \
	iptables-legacy -t connect -A OUTPUT -m container --id app -p tcp --dport 8083 -j DROP
check "the innermost is asked of all three" "connect ok
connect EPERM
connect EPERM
connect EPERM" calls_at in_app
check "the customer's other processes of the host" "connect ok
connect EPERM
connect ECONNREFUSED
connect ECONNREFUSED" calls_at in_vps
check "the host's of nobody" "$nothing" calls_at env

# --- none lifts what another forbids
true_that "the customer permits all" in_vps iptables-legacy -t connect -I OUTPUT -j ACCEPT
true_that "so does the innermost" in_app iptables-legacy -t connect -I OUTPUT -j ACCEPT
check "the host's rule stands" "connect ok
connect EPERM
connect ECONNREFUSED
connect ECONNREFUSED" calls_at in_app
set_up in_vps iptables-legacy -t connect -D OUTPUT 1
check "the customer's stands" "connect ok
connect EPERM
connect EPERM
connect ECONNREFUSED" calls_at in_app
set_up in_vps iptables-legacy -t connect -F
set_up in_app iptables-legacy -t connect -F
flush
check "without rules they pass again" "$nothing" calls_at in_app

# --- permitted tuples and event devices at each level
true_that "the customer permits a tuple" in_vps ctid permit shop connect tcp 192.0.2.2:8080-8082
true_that "so does the innermost" in_app ctid permit app connect tcp 192.0.2.2:8080-8081
set_up ctid permit vps connect tcp 192.0.2.2:8080
check "what all three permit passes" "connect ok
connect EPERM
connect EPERM
connect EPERM" calls_at in_app
check "the customer sees his policy, and no other" "container 7
	name shop
	connect permit tcp 192.0.2.2:8080-8082
	connect default deny" in_vps ctid policy
set_up ctid policy-flush
check "without the host's the others' stand" "connect ok
connect ok
connect EPERM
connect EPERM" calls_at in_app
set_up in_vps ctid policy-flush
set_up in_app ctid policy-flush
check "without any all pass" "$nothing" calls_at in_app

# --- bind and accept
binds() {
	in_app "$sockcall" socket tcp4 bind 0.0.0.0:9100 socket tcp4 bind 0.0.0.0:9200 \
		socket tcp4 bind 0.0.0.0:9300 socket tcp4 bind 0.0.0.0:9400
}
check "without rules the innermost binds" "bind ok
bind ok
bind ok
bind ok" binds
rule iptables bind INPUT -m container --id vps -p tcp --dport 9200 -j DROP
set_up in_vps iptables-legacy -t bind -A INPUT -m container --id shop -p tcp --dport 9300 -j DROP
set_up in_app iptables-legacy -t bind -A INPUT -m container --id app -p tcp --dport 9400 -j DROP
check "all three limit its binds" "bind ok
bind EPERM
bind EPERM
bind EPERM" binds
# shellcheck disable=SC2086 # words
set_up vps_podman exec -d app $serve
set_up wait_until sockcall socket tcp4 connect 10.7.0.2:9001
refuse="iptables-legacy -t accept -A INPUT -p tcp --dport 9000 -s 192.0.2.2 -j SOCKERR --errno ECONNREFUSED"
comes() {
	check "$1" "connect $2" outside sockcall socket tcp4 connect 10.7.0.2:9001
}
comes "without rules its server takes who is outside" ok
# shellcheck disable=SC2086 # words
set_up $refuse
comes "the host refuses him" ECONNREFUSED
set_up iptables-legacy -t accept -F
# shellcheck disable=SC2086
set_up in_vps $refuse
comes "the customer refuses him" ECONNREFUSED
set_up in_vps iptables-legacy -t accept -F
# shellcheck disable=SC2086
set_up in_app $refuse
comes "the innermost refuses him" ECONNREFUSED
set_up in_app iptables-legacy -t accept -F
comes "without these he is taken again" ok

# --- the customer goes, and all of his with him
set_up in_vps iptables-legacy -t connect -A OUTPUT -j DROP
set_up vps_podman rm -f -t 0 app
set_up lxc-stop -k -n vps
flush
true_that "nothing of his tables is left" wait_until modprobe -r iptable_sock sock_dev
finish
