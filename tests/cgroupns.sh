#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What a tenant sees of cgroups and which of them he may bind; and what he needs of the
# host before his tools work.
. ./lib.sh
chmod 777 "$tmp"
genl=$PWD/genl.py

# user COMMAND...: uid 1000, root in a user and network namespace of his own.
user() {
	XTABLES_LOCKFILE=$tmp/lock setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn "$@"
}
is_loaded() { grep -q "^$1 " /proc/modules; }

# --- modules come when a user's tools ask for them, but for ip_tables: that is loaded
# by iptables of the host's root
set_up rmmod xt_container container_id
for module in container_id sock_dev sock_hooks iptable_sock ip_tables nf_tables; do
	! is_loaded $module || bail_out "$module is loaded"
done
check "without ip_tables a user's iptables says what to do" \
	"(do you need to insmod?)" sh -c "XTABLES_LOCKFILE=$tmp/lock setpriv --reuid 1000 --regid 1000 \
	--clear-groups unshare -Urn iptables-legacy -t connect -S 2>&1 | grep -o '(do you.*)'"
true_that "and nothing is loaded by that" sh -c '! grep -q ^ip_tables /proc/modules'
true_that "the registry comes with ctid" user ctid add 7
true_that "it is there" is_loaded container_id
true_that "a device's module comes with ip link" user ip link add c type sockconnect
true_that "it is there" is_loaded sock_dev
set_up rmmod sock_dev sock_hooks sock_event container_id
true_that "all of them come with ctid permit" user sh -c 'ctid add 7 && ctid permit 7 connect tcp 443'
set_up iptables-legacy -t filter -S
true_that "with ip_tables there, a table's module comes with iptables" \
	user iptables-legacy -t connect -A OUTPUT -m container --id 7 -j SOCKERR --errno EPERM
true_that "and ip6tables" sh -c "ip6tables-legacy -t filter -S" 
true_that "for IPv6, too" user ip6tables-legacy -t bind -A INPUT -m container --id 7 -j DROP

# --- a tenant with a cgroup namespace; a cgroup of his user's beside it, and one of root's
set_up mkdir -p $cgroups/user/vps/inner $cgroups/user/beside $cgroups/secret
chown -R 1000 $cgroups/user
nest vps /user/vps setpriv --reuid 1000 --regid 1000 --clear-groups \
	unshare -Ur -n -C -m -p -f sh -c 'mkdir /tmp/outer && mount --bind /sys/fs/cgroup /tmp/outer &&
		mount -t proc none /proc && exec "$@"' sh
vps() { enter vps /user/vps "$@"; }
in_net() { nsenter -t "${nested[vps]}" -n "$@"; }
set_up vps ctid add 7 all
set_up vps ctid add 8 inner
vps ctid monitor >>"$tmp/monitor" 2>&1 &
servers="$servers $!"
wait_until sh -c "nsenter -t ${nested[vps]} -U -n ctid add 9; nsenter -t ${nested[vps]} -U -n ctid del 9; grep -q deleted $tmp/monitor"
: >"$tmp/monitor"

true_that "the root of a cgroup namespace is bound as /" vps ctid bind all /
true_that "what is below by its path there" vps ctid bind inner /inner
check "the tenant sees them so" "ID  NAME   CGROUPS
7   all    /
8   inner  /inner" vps ctid list
check "the host, with its own view, sees the paths of the host" "ID  NAME   CGROUPS
7   all    /user/vps
8   inner  /user/vps/inner" in_net ctid list
check "of a cgroup" "8 inner (bound at /inner)" vps ctid of /inner
check "of his own" "7 all (bound at /)" vps ctid of self
check "he saves what he sees" "7 all /
8 inner /inner" vps sh -c "ctid save - | grep -v '^#'"

# --- what the host's root binds in the tenant's registry from outside
set_up in_net ctid add 10 odd
set_up in_net ctid bind odd /secret
secret=$(stat -c %i $cgroups/secret)
root=$(stat -c %i $cgroups)
check "a cgroup outside is a number to the tenant" "container 10
	name odd
	cgroup id:$secret" vps ctid show odd
check "and in JSON" "{\"id\":10,\"name\":\"odd\",\"cgroups\":[{\"id\":$secret}]}" vps ctid show odd --json
has "he is told that it cannot be saved" "cgroup id:$secret cannot be seen below /sys/fs/cgroup and was not saved" \
	vps ctid save -
wait_until grep -q "bound 10" "$tmp/monitor"
check "he was told of each change" "bound 7 /
bound 8 /inner
added 10 odd
bound 10 id:$secret" cat "$tmp/monitor"
check "its name is nowhere" "" vps sh -c \
	"{ ctid list; ctid list --json; ctid show odd; ctid save -; cat $tmp/monitor; } 2>&1 | grep -E 'secret|user|vps'"
set_up vps ctid unbind all /
set_up in_net ctid bind all /
check "a binding of the host's root is a number, too" "7 all (bound at id:$root)" vps ctid of self
check "and the tenant may end it by that" "" vps ctid unbind all "id:$root"
set_up vps ctid unbind "id:$secret"
set_up vps ctid del odd

# --- what he cannot bind: outside of his namespace, though his user could
outside="this cgroup is outside of the caller's cgroup namespace"
true_that "his user can, without a cgroup namespace" user sh -c "ctid add 7 && ctid bind 7 /user/beside"
fails "up with .." "no cgroup \"/..\"" vps ctid bind all /..
fails "down and up with .." "no cgroup" vps ctid bind all /inner/../../beside
fails "by a mount of the outer namespace" "$outside" vps ctid bind all /tmp/outer/user/beside
fails "in one line, which says what to do" "$outside: name one at or below its root" \
	vps ctid bind all /tmp/outer/user/beside
fails "up from his own root in that mount" "$outside" vps ctid bind all /tmp/outer/user/vps/..
true_that "his own he binds by that, too" vps ctid bind all /tmp/outer/user/vps
set_up vps ctid unbind all /
fails "by /proc/1/root" "Permission denied" setpriv --reuid 1000 --regid 1000 --clear-groups unshare -UrnC \
	sh -c "ctid add 7 && ctid bind 7 /proc/1/root/sys/fs/cgroup/user/beside"
check "by a descriptor from before" "EXDEV $outside" sh -c "exec 9<$cgroups/user/beside
	exec nsenter -t ${nested[vps]} -U -n -C -m -p python3 $genl bind id=7 cgroup_fd=9"
check "and one of his user's, through unshare" "EXDEV $outside" sh -c "
	echo 0 >$cgroups/user/vps/cgroup.procs; exec 9<$cgroups/user/beside
	exec setpriv --reuid 1000 --regid 1000 --clear-groups unshare -UrnC sh -c \
		'ctid add 7; python3 $genl bind id=7 cgroup_fd=9'"
check "which is fine without a new cgroup namespace" "ok" sh -c "
	echo 0 >$cgroups/user/vps/cgroup.procs; exec 9<$cgroups/user/beside
	exec setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn sh -c \
		'ctid add 7; python3 $genl bind id=7 cgroup_fd=9'"
fails "he cannot ask whose it is" "$outside" vps ctid of /tmp/outer/user/beside
fails "nor root's" "$outside" vps ctid of /tmp/outer/secret
check "unbind by a descriptor is refused as well" "EXDEV $outside" vps python3 "$genl" unbind \
	cgroup_fd=/tmp/outer/secret
check "none of this bound anything" "ID  NAME   CGROUPS
7   all
8   inner  /inner" vps ctid list

# --- who may make cgroups there: also by capability over the owner, if that is mapped
set_up mkdir $cgroups/owned $cgroups/foreign
chown 100001:100001 $cgroups/owned
chown 200001:100001 $cgroups/foreign
unshare -U -n sleep 1000 &
mapped=$!
servers="$servers $mapped"
wait_until sh -c "[ \$(readlink /proc/$mapped/ns/user) != \$(readlink /proc/self/ns/user) ]"
echo "0 100000 65536" >/proc/$mapped/uid_map
echo "0 100000 65536" >/proc/$mapped/gid_map
mapped_root() { nsenter -t $mapped -U -n "$@"; }
set_up mapped_root ctid add 7 mine
true_that "root of a user namespace binds what one of its users owns" mapped_root ctid bind mine /owned
fails "but not what others own" "only who may create cgroups in this one may bind it" mapped_root ctid bind mine /foreign
fails "nor root's own" "only who may create cgroups" mapped_root ctid bind mine /secret
fails "nor does its user without the capability" "only who may create cgroups" \
	mapped_root setpriv --reuid 2 --bounding-set=-dac_override,-dac_read_search --inh-caps=+net_admin \
	--ambient-caps=+net_admin ctid bind mine /owned
true_that "its user does who owns it" mapped_root sh -c "ctid unbind /owned && exec setpriv --reuid 1 \
	--inh-caps=+net_admin --ambient-caps=+net_admin ctid bind mine /owned"
finish
