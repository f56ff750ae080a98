#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The registry in the kernel: what each command refuses, with which errno and
# words; what tenants may; how it bears numbers. (ctid's own: userspace/ctid-test.sh.)
. ./lib.sh

mkdir -p $cgroups/one $cgroups/two
set_up ctid add 7 web
set_up ctid bind web /one
# One process for all that nl() is asked.
coproc python3 ./genl.py
servers="$servers $COPROC_PID"
exec 7>&"${COPROC[1]}" 8<&"${COPROC[0]}"
nl() {
	local answer
	printf '%s\0' "$@" '' >&7
	IFS= read -r -t 60 answer <&8 || answer="no answer"
	echo "$answer"
}
state=$(ctid list --json)

# refuses NAME WORDS CMD ATTR...: the errno and the message, and nothing changed.
refuses() {
	local name=$1 words=$2
	shift 2
	check "$name" "$words" nl "$@"
	[ "$(ctid list --json)" = "$state" ] ||
		not_ok "$name: changed the registry" "$(ctid list --json)"
}

# The words of the netlink core differ between kernels; the errno does not.
refuses_errno() {
	local name=$1 errno=$2 answer
	shift 2
	answer=$(nl "$@" 2>&1)
	same "$name" "$errno" "${answer%% *}"
	[ "$(ctid list --json)" = "$state" ] ||
		not_ok "$name: changed the registry" "$(ctid list --json)"
}

long=$(printf 'x%.0s' $(seq 64))
refuses "a duplicate id" "EEXIST a container with this id exists" add id=7
refuses "a duplicate name" "EEXIST another container has this name" add id=9 name=web
refuses_errno "id 0" ERANGE add id=0
refuses "no id" "EINVAL the request names no container id" add name=x
refuses "no name" "EINVAL the request has no name, nor any flow id" set id=7
refuses "no cgroup" "EINVAL the request has no file descriptor of a cgroup" bind id=7
refuses "an empty name" "EINVAL a container name has 1 to 63 characters" add id=9 name=
refuses_errno "a name of 64 characters" EINVAL add id=9 name=$long
refuses "a name of digits" "EINVAL a container name of digits only would read as an id" add id=9 name=12
refuses "a name like a range" "EINVAL this container name would read as a range of ids" add id=9 name=1-2
refuses "a name that is a directory's" "EINVAL this container name would read as a directory" \
	add id=9 name=..
refuses "a name with a leading -" "EINVAL a container name must not begin with '-'" add id=9 name=-x
refuses "a name with a space" \
	"EINVAL a container name is made of letters, digits, '.', '_' and '-'" add id=9 "name=a b"
refuses "a name with a newline" \
	"EINVAL a container name is made of letters, digits, '.', '_' and '-'" add id=9 $'name=a\nb'
refuses "del of an unknown id" "ENOENT no container has this id" del id=9
refuses "set of an unknown id" "ENOENT no container has this id" set id=9 name=x
refuses "get of an unknown name" "ENOENT no container has this name" get name=nobody
refuses "get by id and name" "EINVAL name the container by id or by name, not both" get id=7 name=web
refuses "get by neither" "EINVAL name the container by id or by name, not both" get
refuses "bind to an unknown id" "ENOENT no container has this id" bind id=9 cgroup_fd=$cgroups/two
refuses "bind twice" "EEXIST the cgroup is bound to this container already" bind id=7 cgroup_fd=$cgroups/one
refuses "bind of what is no cgroup" "EBADF not open on a cgroup v2 directory that exists" bind id=7 cgroup_fd=/tmp
refuses "bind of a file in a cgroup" "EBADF not open on a cgroup v2 directory that exists" \
	bind id=7 cgroup_fd=$cgroups/one/cgroup.procs
refuses "bind of no descriptor" "EBADF not open on a cgroup v2 directory that exists" bind id=7 cgroup_fd=999
refuses "bind of a negative descriptor" "EBADF not open on a cgroup v2 directory that exists" bind id=7 cgroup_fd=-1
refuses "unbind of what is not bound" "ENOENT the cgroup is not bound" unbind cgroup_fd=$cgroups/two
refuses "unbind from another" "ENOENT the cgroup is bound to another container" unbind id=9 cgroup_fd=$cgroups/one
refuses "unbind by nothing" "EINVAL name the cgroup by file descriptor or by id, not both" unbind id=7
refuses_errno "an attribute that the command does not take" EINVAL del id=7 name=web
refuses_errno "an unknown attribute" EINVAL add id=9 77=1
refuses_errno "an attribute that is cut off" EINVAL add id=9 raw=10000300
refuses_errno "a short id" EINVAL add raw=0600020001000000
refuses_errno "an unknown command" ENOTSUP 99
refuses_errno "a notification as a command" ENOTSUP 9
check "bind of a cgroup that another has" "EBUSY the cgroup is bound to another container" \
	sh -c "ctid add 8 && python3 ./genl.py bind id=8 cgroup_fd=$cgroups/one; ctid del 8"
refuses "taking from one that has it not" "ENOENT the cgroup is not bound to the container that it is to be taken from" \
	bind id=7 from=9 cgroup_fd=$cgroups/one
refuses "taking what is not bound" "ENOENT the cgroup is not bound to the container that it is to be taken from" \
	bind id=7 from=7 cgroup_fd=$cgroups/two
refuses "taking from itself" "EEXIST the cgroup is bound to this container already" bind id=7 from=0 cgroup_fd=$cgroups/one
refuses "taking for an unknown id" "ENOENT no container has this id" bind id=9 from=7 cgroup_fd=$cgroups/one
check "the highest id" "ok" nl add id=4294967295 name=last
check "a name of 63 characters" "ok" nl set id=4294967295 name="${long:1}"
set_up ctid del 4294967295

cat >"$tmp/dumpname.py" <<'P'
import sys
sys.path.insert(0, ".")
import genl
f = genl.Family()
print(*f.call(genl.CMDS["get"], genl.attr(3, b"web\0"), genl.NLM_F_DUMP))
P
# Not all kernels pass on the words where a dump is refused.
check "a dump by name is refused" "22" sh -c "python3 $tmp/dumpname.py | cut -d' ' -f1"

# --- tenants
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"; }
check "a user may not" "EPERM only with CAP_NET_ADMIN in the user namespace that owns this network namespace" nobody python3 ./genl.py add id=99
check "nor look" "EPERM only with CAP_NET_ADMIN in the user namespace that owns this network namespace" nobody python3 ./genl.py get id=7
check "root of a user namespace may, in its own network namespace" "ok" \
	unshare -Urn python3 ./genl.py add id=7 name=mine
check "where the host's containers are not" "ENOENT no container has this id" \
	unshare -Urn python3 ./genl.py get id=7
check "it may not in the host's" "EPERM only with CAP_NET_ADMIN in the user namespace that owns this network namespace" unshare -Ur python3 ./genl.py add id=99
cat >"$tmp/full.py" <<'P'
import sys
sys.path.insert(0, ".")
import genl
f = genl.Family()
for i in range(1, 20000):
    error, text = genl.add(f, i)
    if error:
        print(i - 1, error, text)
        break
P
check "a tenant's registry is full at some time" "16384 28 the registry of this network namespace is full" \
	unshare -Urn python3 "$tmp/full.py"
tenant="python3 ./genl.py add id=5 >/dev/null; python3 ./genl.py bind id=5"
check "nor bind a cgroup that it cannot write" \
	"EACCES only who may create cgroups in this one may bind it" \
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn sh -c "$tenant cgroup_fd=$cgroups/two"
chown 65534 $cgroups/two
check "one that it can, it binds" "ok" \
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn sh -c "$tenant cgroup_fd=$cgroups/two"
check "none of this touched the host's registry" "$state" ctid list --json

# --- notifications
ctid monitor >"$tmp/monitor" &
monitor=$!
servers="$servers $monitor"
wait_until sh -c "ctid add 50 probe; ctid del 50; grep -q probe $tmp/monitor"
: >"$tmp/monitor"
set_up ctid add 60 told
set_up ctid bind told /two
set_up ctid rename told again
set_up ctid add 61 other
set_up ctid rebind other /two
set_up ctid unbind other /two
set_up ctid del again
wait_until grep -q deleted "$tmp/monitor"
check "each change is told" "added 60 told
bound 60 /two
renamed 60 again
added 61 other
unbound 60 /two
bound 61 /two
unbound 61 /two
deleted 60 again" sh -c "tr -s '\t ' '  ' <$tmp/monitor | tr -d '\0'"
# It has not to tell of what follows.
kill $monitor
set_up ctid del other

# --- numbers
cat >"$tmp/many.py" <<'P'
import os, sys
sys.path.insert(0, ".")
import genl
f = genl.Family()
what, n = sys.argv[1], int(sys.argv[2])
if what == "add":
    result = f.call_all(genl.CMDS["add"], [genl.add_attrs(1000 + i, f"c{i}") for i in range(n)])
    assert result == (0, n), result
elif what == "del":
    result = f.call_all(genl.CMDS["del"], [genl.attr(2, genl.u32(1000 + i)) for i in range(n)])
    assert result == (0, n), result
elif what in ("dump", "dump-add", "dump-del"):
    # Ids below and above of where the dump is, so that a place that is counted
    # instead of named would slip.
    writer = genl.Family()
    def write():
        for i in (1, 2, 3, 4000000000):
            if what == "dump-add":
                assert not genl.add(writer, i)[0]
            else:
                assert not writer.call(genl.CMDS["del"], genl.attr(2, genl.u32(i)))[0]
    ids, interrupted = f.dump(genl.CMDS["get"], meanwhile=None if what == "dump" else write)
    ours = [i for i in ids if 1000 <= i < 1000 + n]
    print("each once and in order" if ours == list(range(1000, 1000 + n)) and
          ids == sorted(set(ids)) else f"{len(ours)} of {n} in {len(ids)}",
          "interrupted" if interrupted else "whole")
elif what in ("bindings", "bindings-unbind"):
    def write():
        fd = os.open("/sys/fs/cgroup/dumped/0", os.O_PATH)
        assert not f2.call(genl.CMDS["unbind"], genl.attr(4, genl.u32(fd)))[0]
    f2 = genl.Family()
    ids, interrupted = f.dump(genl.CMDS["get_binding"], genl.attr(2, genl.u32(7)),
                              write if what == "bindings-unbind" else None)
    print(len(ids), "interrupted" if interrupted else "whole")
elif what == "churn":
    # As fast as can be, until this is killed: first of the list, then last.
    fd = os.open(f"/sys/fs/cgroup/dumped/{n}", os.O_PATH)
    while True:
        assert not f.call(genl.CMDS["unbind"], genl.attr(4, genl.u32(fd)))[0]
        assert not f.call(genl.CMDS["bind"], genl.bind_attrs(7, fd))[0]
elif what == "bind":
    os.mkdir("/sys/fs/cgroup/dumped")
    for i in range(n):
        path = f"/sys/fs/cgroup/dumped/{i}"
        os.mkdir(path)
        assert not genl.bind(f, 7, path)[0]
else:
    sys.exit(f"many.py: {what}?")
P
true_that "100000 containers are registered" python3 "$tmp/many.py" add 100000
ctid list >"$tmp/list"
same "and listed, all of them" 100001 "$(grep -c '^[0-9]' "$tmp/list")"
true_that "in order" sh -c "grep '^[0-9]' $tmp/list | cut -d' ' -f1 | sort -nc"
many() { python3 "$tmp/many.py" "$@"; }
check "a dump of them in many parts" "each once and in order whole" many dump 100000
check "a dump tells of ids that came meanwhile" "each once and in order interrupted" many dump-add 100000
check "and of ids that went" "each once and in order interrupted" many dump-del 100000
check "one of them is found by its name" "c99999" sh -c "ctid show c99999 | grep -o c99999"
true_that "and deleted" python3 "$tmp/many.py" del 100000
same "none is left" "$state" "$(ctid list --json)"

true_that "4000 cgroups are bound to one container" many bind 4000
check "a dump of the bindings" "4001 whole" many bindings 0
check "a dump tells of one that went, and misses none of the others" "4001 interrupted" \
	many bindings-unbind 0
# --- by somebody who does not stop, as whose cgroups come and go
set_up sh -c "ctid save >$tmp/conf"
many churn 1 2>"$tmp/churn" &
churn=$!
servers="$servers $churn"
dumped() { ctid show 7 --json | grep -o '/dumped/[0-9]*"' | grep -vx '/dumped/1"' | sort | uniq -c | awk '$1 == 1' | wc -l; }
for n in 1 2 3; do
	check "changed all the time, the others are listed, each once ($n)" 3998 dumped
done
true_that "the file of containers is loaded meanwhile" ctid load "$tmp/conf"
true_that "nobody stopped" kill "$churn"
wait "$churn"
same "nor was refused" "" "$(cat "$tmp/churn")"
rmdir $cgroups/dumped/* $cgroups/dumped
true_that "the bindings of removed cgroups go" wait_until sh -c '! ctid list --json | grep -q removed'
same "none is left" "$state" "$(ctid list --json)"
finish
