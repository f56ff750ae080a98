#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A tenant who wants the host's memory, or its locks: what he makes is charged to his
# memory cgroup, has a limit, and waits for memory without keeping others waiting.
# (registry.sh: how many ids a tenant's registry holds.)
. ./lib.sh
modprobe -a iptable_sock sock_dev

echo +memory >$cgroups/cgroup.subtree_control
container web 7
tenant a 1000 /a
tenant b 1001 /b
genl=./genl.py
cat >"$tmp/many.py" <<'P'
# many.py ids FIRST N, many.py mkdir N, many.py bind N: bound to container 3.
import os, sys
sys.path.insert(0, "/tmp/tests")
import genl
what, *numbers = sys.argv[1:]
f = genl.Family()
if what == "ids":
    first, n = map(int, numbers)
    for i in range(first, first + n):
        error = genl.add(f, i, f"name-{i}-" + "x" * 50)
        assert not error[0], error
for i in range(int(numbers[0])):
    path = f"/sys/fs/cgroup/a/many/{i}"
    if what == "mkdir":
        os.mkdir(path)
    if what == "bind":
        error, text = genl.bind(f, 3, path)
        if error:
            print(i, error, text)
            break
P
chmod 644 "$tmp/many.py"
many() { python3 "$tmp/many.py" "$@"; }

# --- what is charged
# What the kernel keeps for a cgroup's processes and cannot take back. It adds the
# figures up when somebody reads them, but only if much has changed since: pages that
# somebody takes there are that. (Or every two seconds.)
kept() {
	inside "$1" dd if=/dev/zero of=/dev/null bs=8M count=1 2>/dev/null
	awk '$1 == "slab_unreclaimable" || $1 == "vmalloc" { n += $2 } END { print int(n / 1024) }' \
		"$cgroups$1/memory.stat"
}
# from CGROUP COMMAND...: sets before, then does it, and sets after.
from() {
	before=$(kept "$1")
	set_up "${@:2}"
	after=$(kept "$1")
}
# charged NAME CGROUP KIB COMMAND...: to this cgroup, at least so much. That it shows at
# once is what not_charged rests on.
charged() {
	from "$2" "${@:4}"
	true_that "$1: $before KiB before, $after after" test $((after - before)) -ge "$3"
}
# not_charged NAME CGROUP KIB COMMAND...: to this cgroup, less than that.
not_charged() {
	from "$2" "${@:4}"
	true_that "$1: $before KiB before, $after after" test $((after - before)) -lt "$3"
}
set_up as_a /a python3 "$tmp/many.py" ids 1 9
set_up as_b /b python3 "$tmp/many.py" ids 1 9
charged "8000 containers are charged to who made them" /a 1000 as_a /a python3 "$tmp/many.py" ids 1000 8000
not_charged "not to another tenant" /b 500 as_a /a python3 "$tmp/many.py" ids 9000 7000
not_charged "the host's are no tenant's" /a 500 many ids 1000 8000
set_up as_a /a mkdir $cgroups/a/many
set_up as_a /a python3 "$tmp/many.py" mkdir 16385
charged "4000 bindings" /a 300 as_a /a python3 "$tmp/many.py" bind 4000
set_up as_a /a $genl del id=3
set_up as_a /a $genl add id=3
seq -f 'link add x%.0f type sockconnect' 0 299 >"$tmp/links"
charged "300 event devices" /a 900 as_a /a ip -batch "$tmp/links"
rules() {
	echo '*connect'
	seq -f '-A OUTPUT -m container --id %.0f -j DROP' 10 3009
	echo COMMIT
}
rules >"$tmp/rules"
charged "3000 rules" /a 700 as_a /a iptables-legacy-restore "$tmp/rules"

# --- what has a limit of its own
check "bindings" "16384 28 the registry of this network namespace has no room for another binding" \
	as_a /a python3 "$tmp/many.py" bind 16385
set_up ctid bind web /a/many/16384
seq -f 'link set x%.0f up' 0 63 >"$tmp/up"
true_that "64 event devices of a kind are up" as_a /a ip -batch "$tmp/up"
fails "not one more" "As many event devices of this kind as may be are up in this network namespace: set one down first" \
	as_a /a ip link set x64 up
check "it is down" "DOWN" as_a /a sh -c "ip -br link show x64 | awk '{ print \$2 }'"
true_that "one of another kind" as_a /a sh -c "ip link add y type sockbind && ip link set y up"
true_that "one of another namespace" sh -c "ip link add x type sockconnect && ip link set x up"
true_that "and, when one is down, another" as_a /a sh -c "ip link set x0 down && ip link set x64 up"

# --- who waits for memory
tracing=/sys/kernel/tracing
lock=$(awk '$3 == "container_lock" { print $1 }' /proc/kallsyms)
echo 'p:hostile/lock mutex_lock lock=%di:x64' >$tracing/kprobe_events
echo 'p:hostile/unlock mutex_unlock lock=%di:x64' >>$tracing/kprobe_events
for event in lock unlock; do echo "lock == 0x$lock" >$tracing/events/hostile/$event/filter; done
# shellcheck disable=SC2086 # a path without blanks
# order COMMAND...: what it does of allocating in the module, for its cgroup, and of
# locking the registries.
order() {
	echo >$tracing/trace
	echo 1 >$tracing/events/hostile/enable
	echo 1 >$tracing/events/kmem/kmalloc/enable
	sh -c "echo \$\$ >$tracing/set_event_pid; exec \"\$@\"" sh "$@" >/dev/null
	echo 0 >$tracing/events/kmem/kmalloc/enable
	echo 0 >$tracing/events/hostile/enable
	sed -n 's/.* lock: (.*/lock/p; s/.* unlock: (.*/unlock/p
		s/.* kmalloc: .*container_id\].*GFP_KERNEL_ACCOUNT.*/alloc/p' $tracing/trace | tr '\n' ' '
}
check "a container is allocated before the registries are locked" "alloc lock unlock " order $genl add id=50
check "a binding, too" "alloc lock unlock " order $genl bind id=50 cgroup_fd=$cgroups/b

# --- no memory
seq 16000 | sed 's/.*/& name-&-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/' >"$tmp/conf"
tenant c 1002 /c
set_up as_c /c ctid list
host=$(ctid list | md5sum)
echo $(($(cat $cgroups/c/memory.current) + (4 << 20))) >$cgroups/c/memory.max
as_c /c ctid load "$tmp/conf" >"$tmp/load" 2>&1
status=$?
true_that "a load that needs more than his cgroup has fails: $status" test $status -ne 0
true_that "in his cgroup" grep -q 'oom_kill [1-9]' $cgroups/c/memory.events
same "the host's registry is what it was" "$host" "$(ctid list | md5sum)"
true_that "and takes containers" ctid add 60
true_that "so does another tenant's" as_b /b ctid add 60
echo max >$cgroups/c/memory.max
# shellcheck disable=SC2154 # tenant sets it
if ! kill -0 "$pid_c" 2>/dev/null; then tenant c 1002 /c; fi
true_that "with memory it succeeds" as_c /c ctid load "$tmp/conf"
check "whatever was there of it before" "16000" sh -c "nsenter -t $pid_c -n ctid list | grep -c name-"
finish
