#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ctid-test.sh: ctid against the kernel. Needs root, cgroup v2 and the module
# container_id; makes a network namespace, for a registry of its own, and cgroups
# below /ctid-test. Prints TAP.
set -u

if [ -z "${CTID_TEST_NETNS:-}" ]; then
	CTID_TEST_NETNS=1 exec unshare --net "$0" "$@"
fi
ctid=${CTID:-ctid}
mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
top=$mount/ctid-test
count=0
failed=0
newline='
'
scratch=$(mktemp -d) || exit
conf=$scratch/container.conf

# The registry goes with its network namespace.
clean() {
	for directory in "$top" "$mount/ctid.slice/t-web" "$mount/ctid.slice/8"; do
		[ ! -d "$directory" ] ||
			find "$directory" -depth -type d -exec rmdir {} +
	done
	rmdir "$mount/ctid.slice" 2>/dev/null
	rm -rf "$scratch"
}

report() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
		echo "not ok $count - $2"
		shift 2
		printf '%s\n' "$@" | sed 's/^/# /'
	fi
}

# is NAME HAVE WANT
is() {
	[ "$2" = "$3" ]
	report $? "$1" "have: $2" "want: $3"
}

# expect STATUS WORDS ARGUMENT...: all of the output is WORDS, or with a * in
# front has WORDS in it. A failure is told in one line.
expect() {
	want_status=$1
	want=$2
	shift 2
	have=$("$ctid" "$@" 2>&1 </dev/null)
	status=$?
	[ "$status" -eq "$want_status" ] && case $want in
	'*'*) case $have in *"${want#?}"*) true ;; *) false ;; esac ;;
	*) [ "$have" = "$want" ] ;;
	esac && case $status:$have in 0:*) true ;; *"$newline"*) false ;; esac
	report $? "ctid $*" "status: $status, not $want_status, or" \
		"have: $have" "want: $want"
}

json() {
	python3 -c 'import json, sys
value = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"
}

test_names() {
	expect 0 "ID  NAME  CGROUPS" list
	expect 0 "[]" list --json
	expect 0 "" add 7 t-web
	expect 1 "*cannot add container 7" add 7
	expect 1 "*cannot add container 9 t-web" add 9 t-web
	expect 2 "*out of range" add 0
	expect 2 "*out of range" add 4294967296
	expect 0 "" add 4294967295
	expect 0 "" add 8
	expect 1 "*no container 9: add it first with 'ctid add 9 [NAME]'" show 9
	expect 1 "*no container \"t-db\": add it first" show t-db
	expect 1 "*cannot rename container 8 to t-web" rename 8 t-web
	expect 0 "" rename 8 t-db
	expect 0 "container 8
	name t-db" show t-db
	expect 0 "" rename t-db -
	expect 0 "container 8" show 8
	expect 0 "" del 4294967295
	expect 1 "*no container 4294967295" del 4294967295
	expect 0 "ID  NAME   CGROUPS
7   t-web
8   -" list
}

test_bindings() {
	mkdir -p "$top/a/below" "$top/b" "$top/c d"
	expect 0 none of /ctid-test/a
	expect 0 "" bind t-web /ctid-test/a
	expect 0 "" bind 7 "$top/a" "/ctid-test/c d"
	expect 1 "*cannot bind /ctid-test/a to container 8" bind 8 /ctid-test/a
	expect 1 "*no cgroup \"/ctid-test/none\" below $mount" bind 8 /ctid-test/none
	expect 1 "*must begin with '/'" bind 8 ctid-test
	expect 1 "*the directory of that name is none" bind 8 /etc
	expect 0 "7 t-web (bound at /ctid-test/a)" of /ctid-test/a/below
	expect 0 "" bind 8 /ctid-test/a/below
	expect 0 "8 (bound at /ctid-test/a/below)" of "$top/a/below"
	expect 0 none of /ctid-test/b
	is "list --json" "$("$ctid" list --json | json \
		'[(c["id"], c.get("name"), [g["path"] for g in c["cgroups"]]) for c in value]')" \
		"[(7, 't-web', ['/ctid-test/a', '/ctid-test/c d']), (8, None, ['/ctid-test/a/below'])]"
	is "of --json" "$("$ctid" of /ctid-test/a --json | json \
		'value["id"], value["name"], value["bound"]["path"]')" \
		"(7, 't-web', '/ctid-test/a')"
	is "a cgroup's id is its inode number" \
		"$("$ctid" show 8 --json | json 'value["cgroups"][0]["id"]')" \
		"$(stat -c %i "$top/a/below")"
	expect 1 "*cannot unbind /ctid-test/a" unbind 8 /ctid-test/a
	expect 0 "" unbind 8 /ctid-test/a/below
	expect 1 "*cannot unbind /ctid-test/a/below" unbind /ctid-test/a/below
	expect 2 '*"id:5x" is no cgroup id' unbind "id:$(stat -c %i "$top/c d")" id:5x
	expect 2 '*"id:0" is no cgroup id' unbind id:0
	expect 0 "" unbind "id:$(stat -c %i "$top/c d")"
	expect 0 "container 7
	name t-web
	cgroup /ctid-test/a" show 7
}

test_exec() {
	expect 0 "7 t-web (bound at /ctid.slice/t-web)" exec t-web -- "$ctid" of self
	expect 0 "8 (bound at /ctid.slice/8)" exec 8 -- "$ctid" of self
	expect 0 "7 t-web (bound at /ctid-test/new/er)" \
		exec 7 --cgroup /ctid-test/new/er -- "$ctid" of self
	expect 0 "7 t-web (bound at /ctid-test/a/x/y)" \
		exec 7 --cgroup /ctid-test/a/x/y -- "$ctid" of self
	expect 1 "*is bound to container 7 t-web" \
		exec 8 --cgroup /ctid-test/a -- true
	expect 3 "" exec 7 -- sh -c 'exit 3'
	# From its first word on, all are the command's.
	expect 0 "--cgroup -h -- x" exec 7 echo --cgroup -h -- x
	expect 0 "-- x" exec 7 -- echo -- x
	expect 0 "-- x" exec -- 7 -- echo -- x
	expect 0 "7 t-web (bound at /ctid-test/new/er)" \
		exec 7 --cgroup /ctid-test/new/er "$ctid" of self
	expect 126 "*cannot run \"/\"" exec 7 -- /
	expect 127 "*cannot run \"t-none\"" exec 7 -- t-none
	expect 1 "*no container \"t-none\"" exec t-none -- true
	is "POSIXLY_CORRECT" "$(POSIXLY_CORRECT=1 "$ctid" exec 7 -- echo -n x)" x
	# shellcheck disable=SC2012
	is "nothing is left open" \
		"$("$ctid" exec 7 -- sh -c 'ls /proc/$$/fd' | tr '\n' ' ')" "0 1 2 "
	is "this process was not moved" \
		"$(grep -c '/ctid' /proc/self/cgroup)" 0
}

test_file() {
	rmdir "$top/b"
	printf '%s\n' '# tenants' '7 t-web /ctid-test/a /ctid-test/b' \
		'11 t-old /ctid-test/c\040d' >"$conf"
	expect 0 "*cgroup /ctid-test/b does not exist yet" load "$conf"
	expect 0 "11 t-old (bound at /ctid-test/c\\040d)" of "$top/c d"
	expect 0 "" unbind 7 /ctid.slice/t-web /ctid-test/new/er /ctid-test/a/x/y
	expect 0 "" del 8
	expect 0 "" save "$conf"
	is "the saved file" "$(grep -v '^#' "$conf")" \
		'7 t-web /ctid-test/a /ctid-test/b
11 t-old /ctid-test/c\040d'
	before=$("$ctid" list)
	"$ctid" del 7
	"$ctid" del 11
	expect 0 "*cgroup /ctid-test/b does not exist yet" load "$conf"
	is "what was saved is loaded" "$("$ctid" list)" "$before"
	mkdir "$top/b"
	expect 0 "*cgroup /ctid-test/b was in the file but is not bound" save "$conf"
	is "and left out" "$(grep -c /ctid-test/b "$conf")" 0

	printf '%s\n' '7 t-old /ctid-test/a' '11 t-web' >"$conf"
	expect 0 "" load "$conf"
	is "names are swapped" "$("$ctid" show t-web | head -1)" "container 11"
	before=$("$ctid" list)
	printf '%s\n' '20 t-new' '21 21' >"$conf"
	"$ctid" load "$conf" 2>/dev/null
	is "a file with a bad line changes nothing: status" $? 1
	is "a file with a bad line changes nothing" "$("$ctid" list)" "$before"
	printf '%s\n' '20 t-old' >"$conf"
	expect 1 "*the name \"t-old\" is that of container 7" load "$conf"
	is "a name of another changes nothing" "$("$ctid" list)" "$before"
	expect 1 "*is no regular file" save /dev/null
	expect 1 "*cannot save to $scratch/none/x" save "$scratch/none/x"
}

test_monitor() {
	"$ctid" monitor >"$scratch/changes" &
	monitor=$!
	tries=100
	# It has subscribed when it tells of a change.
	until [ -s "$scratch/changes" ] || [ "$tries" -eq 0 ]; do
		"$ctid" add 30
		"$ctid" del 30
		tries=$((tries - 1))
	done
	"$ctid" add 31 t-mon
	"$ctid" rename 31 t-mon2
	"$ctid" bind 31 /ctid-test/b
	"$ctid" unbind /ctid-test/b
	"$ctid" del 31
	tries=100
	until grep -q '^deleted 31' "$scratch/changes" || [ "$tries" -eq 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	kill "$monitor"
	wait "$monitor" 2>/dev/null
	is "monitor" "$(grep -v ' 30$' "$scratch/changes")" "added 31 t-mon
renamed 31 t-mon2
bound 31 /ctid-test/b
unbound 31 /ctid-test/b
deleted 31 t-mon2"
}

# More than fits into one netlink message, while others write.
test_many() {
	i=1000
	: >"$conf"
	while [ "$i" -lt 3000 ]; do
		echo "$i t-$i"
		i=$((i + 1))
	done >"$conf"
	expect 0 "" load "$conf"
	is "2000 containers are listed" "$("$ctid" list | grep -c ' t-[12]...$')" 2000
	(
		while :; do
			"$ctid" add 99999
			"$ctid" del 99999
		done
	) >/dev/null 2>&1 &
	writer=$!
	good=0
	for i in 1 2 3 4 5; do
		[ "$("$ctid" list 2>&1 | grep -c ' t-[12]...$')" -ne 2000 ] ||
			good=$((good + 1))
	done
	kill "$writer"
	wait "$writer" 2>/dev/null
	is "2000 containers are listed while others change" "$good" 5
}

test_privileges() {
	if ! command -v setpriv >/dev/null; then
		count=$((count + 1))
		echo "ok $count - without privileges # SKIP no setpriv"
		return
	fi
	have=$(setpriv --reuid 65534 --clear-groups --bounding-set -all \
		"$ctid" add 77 2>&1)
	is "without privileges: status" $? 1
	is "without privileges" "$have" \
		"ctid: cannot add container 77: needs root (CAP_NET_ADMIN)"
}

if [ -z "$mount" ]; then
	echo "1..0 # SKIP no cgroup v2"
	exit 4
fi
trap clean EXIT
test_names
test_bindings
test_exec
test_file
test_monitor
test_privileges
test_many
echo "1..$count"
[ "$failed" -eq 0 ]
