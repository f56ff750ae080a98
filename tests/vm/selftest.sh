#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# selftest.sh [SUITE]: does tests/vm/run do what its users rely on? TAP output.
# Takes a minute and a half, and ends within the time limits of the runs it makes.
set -u
cd "$(dirname "$0")" || exit
suite=${1:-bookworm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failed=0

# run_vm OPTION-OR-WORD...: sets status; out and err are what it printed.
run_vm() {
	./run -q -s "$suite" -t 60 "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	out=$(cat "$work/out"; echo .)
	out=${out%.}
	err=$(cat "$work/err")
}

# ok DESCRIPTION COMMAND...: one test.
ok() {
	local description=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $description"
	else
		echo "not ok $number - $description"
		echo "# status $status; last of stderr:"
		tail -n 5 "$work/err" | sed 's/^/#   /'
		failed=$((failed + 1))
	fi
}
is() { [ "$1" = "$2" ]; }
has() { [[ $1 == *"$2"* ]]; }
fails() { ! "$@" >/dev/null; }
gone() { [ -n "$1" ] && ! kill -0 "$1" 2>/dev/null; }

# Without the project (-n), so that the harness can be tested without it.
run_vm -n true
ok "status 0 comes through" is "$status" 0

run_vm -n sh -c 'echo to stdout; echo to stderr >&2; exit 3'
ok "status 3 comes through" is "$status" 3
ok "stdout has what went to stdout" is "$out" $'to stdout\n'
ok "stderr has what went to stderr" is "$err" "to stderr"

run_vm -n sh -c 'kill -TERM $$'
ok "a signal's status comes through" is "$status" 143

run_vm -n no-such-command
ok "a command that is not there is status 127" is "$status" 127

words=("two words" "" $'a\nline' "\$HOME 'quoted' \"twice\" \\ *" "-n")
run_vm -n -e $'WITH=a b\n"c"' sh -c 'printf "<%s>" "$WITH" "$@"' name "${words[@]}"
ok "words and variables arrive as they were" \
	is "$out" "$(printf '<%s>' $'a b\n"c"' "${words[@]}")"

printf '#!/bin/sh\necho "ran as $0"\n' >"$work/a script"
chmod 755 "$work/a script"
mkdir -p "$work/tree/sub"
echo plain >"$work/tree/sub/file"
run_vm -n -c "$work/a script" -c "$work/tree/" sh -c \
	'"/tmp/a script" && cat tree/sub/file && test ! -x tree/sub/file'
ok "-c keeps run bits and copies directories" \
	is "$status $out" $'0 ran as /tmp/a script\nplain\n'

run_vm -n sh -c 'head -c 3000000 /dev/zero | tr "\0" x; sleep 300 & setsid sleep 300 &'
ok "3 MB of output come whole, and a left-over process holds nothing up" \
	is "$status ${#out}" "0 3000000"

run_vm -n sh -c 'set -e; : >/etc/new; : >/usr/bin/new; : >/dev/stdout
	test "$HOME" = /root; ping -c 1 localhost >/dev/null; test -w /sys/fs/cgroup
	ls /proc/1/ns /sys/kernel/tracing/trace /sys/kernel/debug/sched /sys/fs/bpf \
		/sys/kernel/security/lsm /dev/pts/ptmx /dev/shm >/dev/null; modprobe dummy
	unshare -Urn true'
ok "the guest looks like a usual machine" is "$status" 0

run_vm -n sh -c 'echo "WARNING: CPU: 0 PID: 1 at selftest" >/dev/kmsg'
ok "a warning in the kernel's log fails the run" is "$status" 125
ok "and the log is printed" has "$err" "at selftest"

# The kernel logs its command line.
run_vm -n -a x=WARNING: true
ok "trouble before the command has a status of its own" is "$status" 122

printf '6,1,1,-;fine\n' >"$work/log"
ok "a log without its end is not a clean one" fails ./log-check token "$work/log"
printf '6,2,2,-;CANARY token\n' >>"$work/log"
ok "a log with its end is" ./log-check token "$work/log"
# oom CONSTRAINT: what the kernel says when it kills for want of memory.
oom() {
	printf '4,1,1,-;%s\n' "sh invoked oom-killer: gfp_mask=0xcc0" "Call Trace:" "${2:-Mem-Info:}" \
		"oom-kill:constraint=$1,nodemask=(null)" "Memory cgroup out of memory: Killed process 9" \
		"CANARY token" >"$work/log"
}
oom CONSTRAINT_MEMCG
ok "one of a memory cgroup that is full, too" ./log-check token "$work/log"
oom CONSTRAINT_NONE
ok "one of a machine without memory is not" fails ./log-check token "$work/log"
oom CONSTRAINT_MEMCG "WARNING: CPU: 0 PID: 1 at selftest"
ok "nor one with another trouble meanwhile" fails ./log-check token "$work/log"

# race FUNCTION CALLER [WORDS]: what KCSAN says of an access in FUNCTION.
race() {
	printf '4,1,1,-;%s\n' "=====" "BUG: KCSAN: data-race in $1 / tick" "" \
		"write to 0xffff888000000000 of 8 bytes by interrupt on cpu 0:" " tick+0x1/0x9" \
		" judge+0x1/0x9" " judge+0x1/0x9 [sock_hooks]" "" \
		"read to 0xffff888000000000 of 8 bytes by task 9 on cpu 1:" " $1+0x1/0x9" \
		" $2+0x1/0x9" "${3:-Reported by Kernel Concurrency Sanitizer on:}" "=====" \
		"CANARY token" >"$work/log"
}
race timer run_timers
ok "a race of the kernel's own is not ours" ./log-check token "$work/log"
race "judge [sock_hooks]" run_timers
ok "one of which an access is, is" fails ./log-check token "$work/log"
race memcpy "judge [sock_hooks]"
ok "as where a function of the kernel made it for us" fails ./log-check token "$work/log"
race timer run_timers "WARNING: CPU: 0 PID: 1 at selftest"
ok "and another trouble meanwhile is one" fails ./log-check token "$work/log"

run_vm -n sh -c 'echo before; sleep 1; echo c >/proc/sysrq-trigger'
ok "a panic fails the run" is "$status" 125
ok "what was printed before it came through" is "$out" $'before\n'
ok "and the log is printed" has "$err" "sysrq triggered crash"

export VM_BOOT_SECONDS=5
run_vm -n -a "rdinit=/bin/busybox -- sleep 1000" true
unset VM_BOOT_SECONDS
ok "a machine that does not boot is tried twice" is "$status" 124
ok "and both times told of" is "$(grep -c 'did not boot in 5 seconds' <<<"$err")" 2

run_vm -n -t 20 sh -c 'echo started; sleep 1000'
ok "the time limit is status 124" is "$status" 124
ok "what was printed before it came through" is "$out" $'started\n'

./run -n -q -s "$suite" -t 60 sh -c 'echo up; sleep 1000' >"$work/out" 2>"$work/err" &
run=$!
for ((tries = 0; tries < 300; tries++)); do
	grep -q up "$work/out" && break
	sleep 0.1
done
qemu=$(pgrep -P "$run" -f qemu-system-x86)
kill -TERM "$run"
wait "$run"
status=$?
ok "TERM ends the run" is "$status" 143
ok "and leaves no QEMU" gone "$qemu"

run_vm -n
ok "no command is a usage error" is "$status" 2
run_vm -n -c "$work/missing" true
ok "a missing file is a usage error" is "$status" 2

if [ -f "${VM_SOURCE:-../..}/Makefile" ]; then
	run_vm sh -c 'set -e; cd "/lib/modules/$(uname -r)"
		modules=$(find . -path ./kernel -prune -o -name "*.ko" -print)
		for module in $modules; do
			module=${module##*/}
			modprobe "${module%.ko}"
			echo "${module%.ko}"
		done'
	ok "the project's modules load with modprobe (${out//$'\n'/ })" \
		eval '[ "$status" -eq 0 ] && [ -n "$out" ]'
else
	number=$((number + 1))
	echo "ok $number - the project's modules load # SKIP no Makefile yet"
fi

echo "1..$number"
[ "$failed" -eq 0 ]
