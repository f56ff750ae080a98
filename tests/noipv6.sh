#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel that was told to do without IPv6.
# vm: -a ipv6.disable=1
. ./lib.sh

container web 7
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
check "there is no IPv6" "socket EAFNOSUPPORT" sockcall socket tcp6
for event in connect bind accept; do
	true_that "an event device sock$event" sh -c "ip link add $event type sock$event && ip link set $event up"
	true_that "table $event" iptables-legacy -t $event -S
done
check "without a rule" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
rule iptables connect OUTPUT -m container --id web -j DROP
check "with a rule" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
iptables-legacy -t connect -F
check "and after it" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
finish
