# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the test scripts, which run in the VM: TAP, containers, rules, waiting.
#
#   . ./lib.sh
#   container web 7
#   rule iptables connect OUTPUT -m container --id web -j DROP
#   check "a denied connect" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:80
#   finish
#
# Each script runs in a VM of its own, so nothing is cleaned up unless a test is
# about that.
set -u
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/libexec/container-tests
cgroups=/sys/fs/cgroup

tests=0
failures=0
tmp=$(mktemp -d)
servers=
planned=
# Nothing ever comes here: for wait_until, which would else begin a process each time.
exec {nothing}<> <(:)

# A script that ends without its plan has failed, whatever it did last.
on_exit() {
	local status=$?
	# shellcheck disable=SC2086 # words
	[ -z "$servers" ] || kill $servers 2>/dev/null
	rm -rf "$tmp"
	[ -n "$planned" ] || [ "$status" -ne 0 ] || status=1
	exit "$status"
}
trap on_exit EXIT

echo "TAP version 13"

ok() {
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

# not_ok NAME [DIAGNOSIS]
not_ok() {
	tests=$((tests + 1))
	failures=$((failures + 1))
	echo "not ok $tests - $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

# skip NAME REASON
skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# finish: the plan. A script that does not get here has failed.
finish() {
	planned=1
	echo "1..$tests"
	[ "$failures" -eq 0 ]
	exit
}

# A stage that cannot be set: no test after it means anything.
bail_out() {
	echo "Bail out! $*"
	exit 1
}

# same NAME EXPECTED ACTUAL
same() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "expected: ${2//$'\n'/ | }
actual:   ${3//$'\n'/ | }"
	fi
}

# check NAME EXPECTED COMMAND...: compares what it prints, errors included.
check() {
	local name=$1 expected=$2
	shift 2
	same "$name" "$expected" "$("$@" 2>&1 </dev/null)"
}

# has NAME TEXT COMMAND...: TEXT (a fixed string) is somewhere in what it prints.
has() {
	local name=$1 text=$2 output
	shift 2
	output=$("$@" 2>&1 </dev/null)
	case $output in
	*"$text"*) ok "$name" ;;
	*) not_ok "$name" "expected in it: $text
actual: $output" ;;
	esac
}

# true_that NAME COMMAND...
true_that() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1 </dev/null); then
		ok "$name"
	else
		not_ok "$name" "this failed: $*
$output"
	fi
}

# fails NAME TEXT COMMAND...: it must fail, and say TEXT in one line.
fails() {
	local name=$1 text=$2 output
	shift 2
	if output=$("$@" 2>&1 </dev/null); then
		not_ok "$name" "this succeeded: $*
$output"
		return
	fi
	case $output in
	*"$text"*) ok "$name" ;;
	*) not_ok "$name" "expected in its message: $text
actual: $output" ;;
	esac
}

# wait_until COMMAND...: tries it for up to 20 seconds, or SLOW times that.
wait_until() {
	local tries
	for ((tries = 0; tries < 400 * ${SLOW:-1}; tries++)); do
		"$@" >/dev/null 2>&1 </dev/null && return
		read -rt 0.05 -u "$nothing"
	done
	return 1
}

# set_up COMMAND...: the stage; ends the script if it fails.
set_up() {
	local output
	output=$("$@" 2>&1 </dev/null) || bail_out "this failed: $*: $output"
}

# container NAME ID [CGROUP]: registers one, with a cgroup. Then calls to
# sockcall in it are: in_NAME OP...
container() {
	local name=$1 id=$2 cgroup=${3:-/$1}
	set_up ctid add "$id" "$name"
	set_up mkdir -p "$cgroups$cgroup"
	set_up ctid bind "$name" "$cgroup"
	eval "in_$name() { sockcall cgroup '$cgroup' \"\$@\"; }"
}

# rule FAMILY TABLE CHAIN RULE...: FAMILY is iptables or ip6tables.
rule() {
	local family=$1 table=$2
	shift 2
	set_up "$family-legacy" -t "$table" -A "$@"
}

# tenant NAME UID CGROUP: a user with a cgroup of his own, as systemd delegates them,
# and with a user and a network namespace. Then what their root does is:
# as_NAME CGROUP COMMAND..., with the cgroup that it is done in. $pid_NAME is a
# process there, $tmp/NAME his directory.
tenant() {
	local name=$1 uid=$2 cgroup=$3
	set_up mkdir -p "$cgroups$cgroup" "$tmp/$name"
	set_up chown -R "$uid" "$cgroups$cgroup" "$tmp/$name"
	chmod 711 "$tmp"
	# shellcheck disable=SC2016
	inside "$cgroup" setpriv --reuid "$uid" --regid "$uid" --clear-groups unshare -Urn \
		sh -c 'ip link set lo up && echo $$ && exec sleep infinity' \
		>"$tmp/$name.pid" 2>&1 </dev/null &
	wait_until grep -q . "$tmp/$name.pid" || bail_out "no tenant $name"
	servers="$servers $(cat "$tmp/$name.pid")"
	eval "pid_$name=$(cat "$tmp/$name.pid")
		as_$name() { as '$name' \$pid_$name \"\$@\"; }"
}

# inside CGROUP COMMAND...: a command that starts in a cgroup.
inside() {
	# shellcheck disable=SC2016
	sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$cgroups$1" "${@:2}"
}
as() {
	local name=$1 pid=$2 cgroup=$3
	shift 3
	XTABLES_LOCKFILE=$tmp/$name/lock inside "$cgroup" \
		setpriv --clear-groups nsenter -t "$pid" -U -n -- "$@"
}

# flush: no rules in the event tables, and their policies ACCEPT.
flush() {
	local family
	for family in iptables ip6tables; do
		printf '%s\n' '*connect' ':OUTPUT ACCEPT' COMMIT '*bind' ':INPUT ACCEPT' COMMIT \
			'*accept' ':INPUT ACCEPT' COMMIT | "$family-legacy-restore" -w
	done
}

# packets FAMILY TABLE [N]: how often the Nth rule of a table matched.
packets() {
	"$1-legacy" -t "$2" -nvxL | awk -v n="${3:-1}" 'NR == n + 2 { print $1 }'
}

# devices: the event devices connect, bind and accept, up.
devices() {
	local event
	for event in connect bind accept; do
		set_up ip link add $event type sock$event
		set_up ip link set $event up
	done
}

# nft_load: has nft read what stands on standard input.
nft_load() {
	cat >"$tmp/load.nft"
	set_up nft -f "$tmp/load.nft"
}

# closed NAME DENIED PASSES FAMILY TABLE MATCH... -- COMMAND...: what it does as the
# container web prints DENIED under the rule, and PASSES without it, before and after.
closed() {
	local name=$1 denied=$2 passes=$3 family=$4 table=$5 match=() chain=INPUT
	shift 5
	[ "$table" != connect ] || chain=OUTPUT
	while [ "$1" != -- ]; do match+=("$1"); shift; done
	shift
	check "without a rule, $name" "$passes" "$@"
	rule "$family" "$table" $chain -m container --id web "${match[@]}" -j DROP
	check "$name" "$denied" "$@"
	"$family-legacy" -t "$table" -F
	check "after the rule, $name" "$passes" "$@"
}

# server COMMAND...: runs it until the script ends; waits for a listener that
# was not there before.
server() {
	local before
	before=$(ss -Hltn | wc -l)
	"$@" >/dev/null 2>&1 </dev/null &
	servers="$servers $!"
	# shellcheck disable=SC2016
	wait_until sh -c '[ "$(ss -Hltn | wc -l)" -gt '"$before"' ]' ||
		bail_out "no listener came of: $*"
}

# nest NAME CGROUP COMMAND...: COMMAND, begun in CGROUP, gives namespaces (all that
# unshare has, -p with -f) to a process that holds them. They get their own view of
# cgroups, and a /run that their root may write to. Then: enter NAME CGROUP COMMAND...
declare -A nested=()
nest() {
	local name=$1 cgroup=$2 child holder
	shift 2
	inside "$cgroup" "$@" sh -c "
		mount -t tmpfs none /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && mount -t tmpfs none /run &&
			ip link set lo up && echo ready >'$tmp/$name' && exec sleep 1000" \
		>"$tmp/$name.out" 2>&1 </dev/null &
	holder=$!
	servers="$servers $holder"
	wait_until test -e "$tmp/$name" || bail_out "no namespaces $name: $(cat "$tmp/$name.out")"
	while child=$(pgrep -P "$holder"); do holder=$child; done
	nested[$name]=$holder
	servers="$servers $holder"
}

# enter NAME CGROUP COMMAND...: CGROUP as the host sees it.
enter() {
	local name=$1 cgroup=$2
	shift 2
	inside "$cgroup" nsenter -t "${nested[$name]}" -U -n -C -m -p "$@"
}

modprobe -a container_id xt_container || bail_out "the modules do not load"
