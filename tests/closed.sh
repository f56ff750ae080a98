#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Fail closed, and say so: what cannot be enforced is refused, and nothing that
# else happens to the hook points switches a policy off.
. ./lib.sh

container web 7
trace=/sys/kernel/tracing
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve

denied() {
	check "$1" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
}

# --- a hook point that cannot be attached
set_up sysctl -q kernel.ftrace_enabled=0
for table in connect bind accept; do
	fails "table $table is refused while ftrace is off" "" iptables-legacy -t $table -S
	fails "and again for IPv6" "" ip6tables-legacy -t $table -S
done
has "the log names the function" "ftrace does not attach to security_socket_connect" dmesg
has "and says what to look at" "kernel.ftrace_enabled" dmesg
check "the call passes: there is no policy" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
set_up ip link add sc type sockconnect
fails "an event device does not come up, either" "" ip link set sc up
set_up ip link del sc
set_up sysctl -q kernel.ftrace_enabled=1
true_that "with ftrace on the table is there" iptables-legacy -t connect -S

# --- ftrace cannot be switched off under a policy
check "without a rule" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
rule iptables connect OUTPUT -m container --id web -j DROP
denied "with a rule"
fails "kernel.ftrace_enabled=0 is refused" "busy" sysctl kernel.ftrace_enabled=0
denied "after the attempt"
true_that "tracing_on=0 is the tracer's own affair" sh -c "echo 0 >$trace/tracing_on"
denied "with tracing_on=0"
echo 1 >$trace/tracing_on

# --- others that watch the same functions
echo security_socket_connect >$trace/set_ftrace_filter
echo function >$trace/current_tracer
denied "with the function tracer on the hook point"
echo function_graph >$trace/current_tracer
denied "with the graph tracer on it"
true_that "the tracer saw the call" grep -q . $trace/trace
echo nop >$trace/current_tracer
echo >$trace/set_ftrace_filter
denied "after the tracers"
if echo 'p:closed security_socket_connect' >$trace/kprobe_events 2>/dev/null; then
	echo 1 >$trace/events/kprobes/closed/enable
	denied "with a kprobe on the hook point"
	true_that "the kprobe fired" grep -q closed $trace/trace
	echo 0 >$trace/events/kprobes/closed/enable
	echo >$trace/kprobe_events
else
	skip "with a kprobe on the hook point" "this kernel refuses the kprobe"
fi
if echo 'r:closedret security_socket_connect' >$trace/kprobe_events 2>/dev/null; then
	echo 1 >$trace/events/kprobes/closedret/enable
	denied "with a kretprobe on the hook point"
	echo 0 >$trace/events/kprobes/closedret/enable
	echo >$trace/kprobe_events
fi
echo function >$trace/current_tracer
denied "with the function tracer on everything"
echo nop >$trace/current_tracer

# --- after all that
iptables-legacy -t connect -F
check "without the rule the call passes" "connect ok" in_web socket tcp4 connect 127.0.0.1:80

# --- modules that have a function to watch
rule iptables connect OUTPUT -m container --id web -d 127.0.0.3 -j DROP
modprobe -q l2tp_ip
check "a module that comes later is watched" "sendto EPERM" in_web socket l2tp4 sendto 127.0.0.3:0
check "for what is denied only" "sendto ok" in_web socket l2tp4 sendto 127.0.0.1:0
true_that "it can go" modprobe -r l2tp_ip
modprobe -q l2tp_ip
check "and come again" "sendto EPERM" in_web socket l2tp4 sendto 127.0.0.3:0
modprobe -q can_raw
check "a raw_sendmsg() of another family is left alone" "sendto EPERM" in_web socket raw4 sendto 127.0.0.3:0
iptables-legacy -t connect -F
check "without the rule L2TP/IP sends" "sendto ok" in_web socket l2tp4 sendto 127.0.0.3:0
finish
