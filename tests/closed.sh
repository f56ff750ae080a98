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

# --- BPF on the same function, before the policy and after it
modprobe -r iptable_sock ip6table_sock
# The rule has the id as a number: to ask for that of a name, iptables connects to the kernel.
for type in fentry fmod_ret; do
	if [ ! -e /sys/kernel/btf/vmlinux ]; then
		skip "BPF $type and a policy" "this kernel does not describe its functions to BPF"
		continue
	fi
	check "BPF $type first, then a policy: denied" "connect ok
connect EPERM
runs 2" bpfattach $type security_socket_connect sh -c "
		sockcall cgroup /web socket tcp4 connect 127.0.0.1:80
		iptables-legacy -t connect -A OUTPUT -m container --id 7 -j DROP
		sockcall cgroup /web socket tcp4 connect 127.0.0.1:80"
	denied "after BPF $type"
	check "a policy first, then BPF $type: denied" "connect EPERM
runs 1" bpfattach $type security_socket_connect \
		sockcall cgroup /web socket tcp4 connect 127.0.0.1:80
	denied "after BPF $type on a policy"
	iptables-legacy -t connect -F
	check "BPF $type, no rule: the call passes" "connect ok
runs 1" bpfattach $type security_socket_connect \
		sockcall cgroup /web socket tcp4 connect 127.0.0.1:80
	modprobe -r iptable_sock
done

# --- no memory for the event packet
fault=/usr/libexec/container-tests/hookfault.ko
on_cpu0() { taskset -c 0 sockcall cgroup /web "$@"; }
set_up iptables-legacy -t connect -S
set_up iptables-legacy -t bind -S
check "with memory" "connect ok
bind ok" on_cpu0 socket tcp4 connect 127.0.0.1:80 socket tcp4 bind 127.0.0.1:81
set_up insmod $fault starve=1
check "without memory for the event packet calls fail with ENOMEM" "connect ok
connect ENOMEM
connect ENOMEM
bind ENOMEM
listen ENOMEM" on_cpu0 socket tcp4 connect 127.0.0.1:80 socket tcp4 connect 127.0.0.1:80 \
	socket udp4 connect 127.0.0.1:80 socket tcp4 bind 127.0.0.1:81 listen
set_up rmmod hookfault
check "with memory again" "connect ok
bind ok" on_cpu0 socket tcp4 connect 127.0.0.1:80 socket tcp4 bind 127.0.0.1:81

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

# --- each hook point in turn is somebody else's: no table, and the log names it
for family in iptables ip6tables; do
	for table in connect bind accept; do
		set_up $family-legacy -t $table -S
	done
done
held=$(awk '/ I /{ print $1 }' $trace/enabled_functions)
same "ftrace puts no guard before them that could skip one" 0 "$(awk '/ I /' $trace/enabled_functions | grep -c assist_func)"
true_that "there are hook points" test "$(wc -l <<<"$held")" -gt 15
set_up modprobe -r sock_dev iptable_sock ip6table_sock
set_up rmmod sock_hooks
set_up insmod $fault hold="$(paste -sd , <<<"$held")"
# tried TABLE: the table is made, or the log says what it lacks: $name. Of such lines it
# takes 50 in 5 seconds.
tried() {
	name=
	dmesg -C
	! iptables-legacy -t "$1" -S >"$tmp/err" 2>&1 || return 0
	name=$(dmesg | sed -n 's/.*ftrace does not attach to \([a-z0-9_]*\) (.*/\1/p' | tail -n 1)
	[ -n "$name" ]
}
# grab TABLE: makes the table, giving back what the log says it lacked.
grab() {
	local name
	while wait_until tried "$1"; do
		[ -n "$name" ] || return 0
		grep -qx "$name" <<<"$held" || return 1
		held=$(grep -vx "$name" <<<"$held")
		echo "$name" >/sys/module/hookfault/parameters/release || return 1
	done
	return 1
}
for table in connect bind accept; do
	if grab $table; then
		ok "table $table comes when all its hook points are free, and not before"
	else
		not_ok "table $table comes when all its hook points are free" "$(cat "$tmp/err"; dmesg | tail)"
	fi
done
same "each hook point was missed, and named" "" "$held"
set_up rmmod hookfault
rule iptables connect OUTPUT -m container --id web -j DROP
denied "after all that"
flush
check "and without the rule" "connect ok" in_web socket tcp4 connect 127.0.0.1:80

# --- no memory of each processor's own: since 6.10 the function has another name
set_up modprobe -r iptable_sock ip6table_sock xt_container
set_up rmmod sock_hooks sock_event container_id
for percpu in pcpu_alloc_noprof __alloc_percpu; do
	! grep -qx "$percpu" $trace/available_filter_functions || break
done
set_up insmod $fault percpu=$percpu
fails "without per-CPU memory there is no registry" "Cannot allocate memory" modprobe container_id
true_that "nor anything of it" test ! -e /sys/module/container_id
set_up rmmod hookfault
true_that "and with it there is" modprobe container_id
finish
