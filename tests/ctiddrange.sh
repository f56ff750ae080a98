#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm
# ctidd: a range that has no id left, though ids are used again.
. ./lib.sh
. ./ctidd.inc
n=1000

bound() {
	ctid list | awk '$1 >= 1000 && $1 <= 1999 && NF > 1 { n++ } END { print n + 0 }'
}
all_bound() {
	[ "$(bound)" -eq "$1" ]
}
# busy: for how long the daemon had a processor until now, in hundredths of a second.
busy() {
	awk '{ print $14 + $15 }' "/proc/$ctidd/stat"
}
none_left() {
	grep -c "no id is left in the range 1000-1999" "$tmp/ctidd"
}

conf <<'END'
cgroup /r/* range 1000-1999 reuse
cgroup /other/* range 3000-3999
END
set_up mkdir $cgroups/r $cgroups/other

# --- whoever starts it hears that it goes on
cat >"$tmp/listen.py" <<'END'
import socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.bind(sys.argv[1])
    print("listens", flush=True)
    while True:
        print(s.recv(4096).decode(), flush=True)
END
python3 "$tmp/listen.py" "$tmp/notify" >"$tmp/heard" &
servers="$servers $!"
set_up wait_until grep -q listens "$tmp/heard"
NOTIFY_SOCKET=$tmp/notify start_ctidd
set_up wait_until grep -q READY=1 "$tmp/heard"
check "until it has looked at all that there is, systemd is told not to give up" \
	"EXTEND_TIMEOUT_USEC=60000000 READY=1" sh -c "grep -v listens '$tmp/heard' | paste -sd ' '"

# --- the range is full
before=$(busy)
# shellcheck disable=SC2046 # words
set_up mkdir $(seq -f "$cgroups/r/%g" $n)
set_up wait_until all_bound $n
given=$(($(busy) - before))
before=$(busy)
# shellcheck disable=SC2046 # words
set_up mkdir $(seq -f "$cgroups/r/more%g" 100)
set_up mkdir $cgroups/other/one
becomes "when none is left, others get theirs" 3000 /other/one
refused=$(($(busy) - before))
echo "# $n got one in ${given}0 ms, 100 got none in ${refused}0 ms"
true_that "a hundred that get none take no longer than $n that get one" [ $refused -le $((given + 5)) ]
same "that none is left is said once" 1 "$(none_left)"
check "who has none is nobody's" none of /r/more7

# --- one comes free
set_up rmdir $cgroups/r/17
of_more() {
	ctid list | grep -c /r/more
}
more_have() {
	[ "$(of_more)" -eq "$1" ]
}
true_that "one that comes free is given to one of them" wait_until more_have 1
true_that "and no other" all_bound $n
set_up rmdir $cgroups/r/{20..29}
true_that "ten of them to ten" wait_until more_have 11
true_that "and that none is left is said again then, but not for each" [ "$(none_left)" -le 4 ]

# --- some who come and go in turn
cat >"$tmp/turns.py" <<'END'
import os, sys, time
times = set()
names = [f"{sys.argv[1]}/turn{i}" for i in range(2)]
end = time.monotonic() + 4
while time.monotonic() < end:
    for name in names:
        os.mkdir(name)
        time.sleep(0.05)
        times.add(os.stat("/var/lib/ctid/ids").st_mtime_ns)
        os.rmdir(name)
print(len(times))
END
times=$(python3 "$tmp/turns.py" $cgroups/other)
echo "# in 4 seconds the ids were written $times times"
true_that "who comes and goes without end has the ids written once a second" [ "$times" -le 6 ]
finish
