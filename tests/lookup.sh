#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm forky
# What it costs to find a socket's container does not grow with their number. In
# instructions, which the VM counts: the same in each run, whatever the host does.
# vm: -i -t 1200
. ./lib.sh

container web 7
rule iptables connect OUTPUT -m container --id 8 -j DROP

# The kernel settles; this takes no real time.
sleep 8
# A few instructions more or less are an interrupt's.
cost() {
	local i
	for i in 1 2 3 4 5; do in_web socket udp4 cost 1000 127.0.0.1:9; done | sort -n | sed -n 3p
}

cat >"$tmp/many.py" <<'P'
import sys
sys.path.insert(0, "/tmp/tests")
import genl
f = genl.Family()
for i in range(int(sys.argv[1]), int(sys.argv[2])):
    error, text = genl.add(f, i)
    assert not error, (i, error, text)
P
set_up python3 "$tmp/many.py" 1000 1010
few=$(cost)
set_up python3 "$tmp/many.py" 1010 101000
many=$(cost)
true_that "a judged UDP connect: $few instructions with 10 containers, $many with 100000" \
	test "$few" -gt 100 -a "$many" -le $((few * 102 / 100))
# The twin: what does grow is seen, here the rules of a chain.
for i in 1 2 3 4 5; do
	rule iptables connect OUTPUT -m container --id $((8 + i)) -j DROP
done
rules=$(cost)
true_that "five rules more are seen: $rules" test "$rules" -gt $((many * 102 / 100))
finish
