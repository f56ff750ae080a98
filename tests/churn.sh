#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm
# Cgroups come, are bound to a container and are removed, a hundred thousand of them: what
# the registry kept for them is gone, too. On a kernel that is slow, as it looks for each object that
# is left, 5000 do.
. ./lib.sh
modprobe xt_container
container web 7
state=$(ctid list --json)

cat >"$tmp/many.py" <<'P'
import os, sys
sys.path.insert(0, ".")
import genl
f = genl.Family()
n = int(sys.argv[1])
base = "/sys/fs/cgroup/many"
os.mkdir(base)
for i in range(0, n, 100):
    paths = [f"{base}/{j}" for j in range(i, i + 100)]
    for path in paths:
        os.mkdir(path)
    fds = [os.open(path, os.O_PATH | os.O_DIRECTORY) for path in paths]
    result = f.call_all(genl.CMDS["bind"], [genl.bind_attrs(7, fd) for fd in fds])
    assert result == (0, 100), (i, result)
    for fd in fds:
        os.close(fd)
    for path in paths:
        os.rmdir(path)
os.rmdir(base)
P

memory() { awk '/^(kmalloc-|cgroup|Slab)/ { n += $2 * $4 } END { print int(n / 1024) }' /proc/slabinfo; }
true_that "2000 cgroups come, are bound and go" python3 "$tmp/many.py" 2000
wait_until sh -c "! ctid list --json | grep -q removed"
before=$(memory)
many=100000
[ "${SLOW:-1}" -eq 1 ] || many=5000
true_that "$many more" python3 "$tmp/many.py" $many
wait_until sh -c "! ctid list --json | grep -q removed"
same "no binding is left" "$state" "$(ctid list --json)"
after=$(memory)
true_that "and no memory: $before KiB in slabs before, $after after" test $((after - before)) -lt 4096
finish
