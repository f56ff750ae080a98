#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Rules about processes that run already: ctid classify --follow, and the race that
# is left.
. ./lib.sh
. ./classify.inc
set_up mkdir $cgroups/db
set_up ctid bind db /db

# in_container PID TEXT
in_container() {
	case $(ctid of "$1") in
	"$2"*) ;;
	*) return 1 ;;
	esac
}
# follow: begins to.
follow() {
	ctid classify --follow >"$tmp/follow" 2>&1 </dev/null &
	follower=$!
	servers="$servers $follower"
}
# as_user USER COMMAND...: leaves it running; $pid is it.
as_user() {
	local user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --init-groups "$@" >/dev/null 2>&1 </dev/null &
	pid=$!
	servers="$servers $pid"
}
# moved NAME CONTAINER [PID]
moved() {
	if wait_until in_container "${3:-$pid}" "$2"; then
		ok "$1"
	else
		not_ok "$1" "$(ctid of "${3:-$pid}"; ctid classify "${3:-$pid}"; tail "$tmp/follow")"
	fi
}
# settled: all that happened before was handled, since events come in order.
settled() {
	as_user alice sleep 1000
	wait_until in_container "$pid" "7 web" || bail_out "the follower does not follow"
}
# Becomes alice, and connects: what came of it, as often as it came.
cat >"$tmp/race.py" <<-'END'
	import errno, os, socket, sys
	children, calls = int(sys.argv[1]), int(sys.argv[2])
	os.setresgid(1000, 1000, 1000)
	os.setresuid(1000, 1000, 1000)
	for i in range(children):
	    if os.fork() == 0:
	        os.dup2(os.open("/dev/null", os.O_RDWR), 1)
	        os.execvp("sleep", ["sleep", "1000"])
	seen = []
	while calls:
	    with socket.socket() as s:
	        name = errno.errorcode[s.connect_ex(("127.0.0.1", 81))]
	    if not seen or seen[-1][0] != name:
	        seen.append([name, 0])
	    seen[-1][1] += 1
	    # Until it is settled, however long that takes.
	    if name == "EPERM" or sys.argv[3] == "free":
	        calls -= 1
	print(" ".join(f"{name}*{n}" for name, n in seen))
END
race() {
	timeout 30 python3 "$tmp/race.py" "$@"
}

conf "process user alice from none,newcomer container web" "process group students container lab" \
	"process exe $tmp/tool container backup" "process session-leader $tmp/leader container backup"
cp /bin/sleep "$tmp/tool"
cp "$(readlink -f /bin/sh)" "$tmp/leader"
check "without the follower, who becomes alice is free" "ECONNREFUSED*300" race 0 300 free
as_user alice sleep 1000
before=$pid
as_user alice sh -c "sleep 1000; true"
inside /db setpriv --reuid alice sleep 1000 >/dev/null 2>&1 </dev/null &
servers="$servers $!"
wait_until pgrep -P $!
inside=$(pgrep -P $!)
servers="$servers $inside"
check "and stays where she was" none ctid of $before
follow
moved "processes that ran before are moved" "7 web" $before
moved "processes that begin are moved: by user" "7 web"
child=$(pgrep -P "$pid")
moved "so are their children" "7 web" "$child"
as_user carol sleep 1000
moved "by a further group" "8 lab"
as_user bob "$tmp/tool" 1000
moved "by file" "9 backup"
as_user bob sleep 1000
bobs=$pid
as_user bob setsid "$tmp/leader" -c "sleep 1000; true"
moved "by the session's leader" "9 backup"
wait_until pgrep -P "$pid"
moved "and what that session runs" "9 backup" "$(pgrep -P "$pid")"
settled
check "others are not" none ctid of $bobs
has "nor is who is in a container" "30 db" ctid of $inside
has "each move is told, with the rule" "by /etc/ctid/ctid.conf:3" cat "$tmp/follow"

# The race that is left, and its bound.
seen=$(race 20 300 -)
echo "# alice's connects: $seen"
if [[ $seen =~ ^(ECONNREFUSED\*[0-9]+\ )?EPERM\*300$ ]]; then
	ok "once moved, each new socket is the container's"
else
	not_ok "once moved, each new socket is the container's" "$seen"
fi
all_moved() {
	local one
	for one in $(pgrep -x -u alice sleep); do
		[ "$one" = "$inside" ] || in_container "$one" "7 web" || return
	done
}
settled
true_that "no child is left behind that was forked meanwhile" all_moved
true_that "of which there are some" test "$(pgrep -c -x -u alice sleep)" -ge 20
pkill -x -u alice sleep

set_up ctid add 20 newcomer
set_up mkdir $cgroups/begin
set_up ctid bind newcomer /begin
rule iptables connect OUTPUT -m container --id newcomer -p tcp --dport 81 -j SOCKERR --errno EACCES
seen=$(inside /begin timeout 30 python3 "$tmp/race.py" 0 300 -)
echo "# alice's connects as a newcomer: $seen"
if [[ $seen =~ ^(EACCES\*[0-9]+\ )?EPERM\*300$ ]]; then
	ok "below a bound parent, no socket is ever nobody's"
else
	not_ok "below a bound parent, no socket is ever nobody's" "$seen"
fi

# Lost events.
set_up kill -STOP $follower
python3 -c '
import os
for i in range(2500):
    if os.fork() == 0:
        os._exit(0)
    os.wait()'
as_user alice sleep 1000
lost=$pid
set_up kill -CONT $follower
moved "who began while events were lost is found" "7 web" "$lost"
has "and the loss is told" "process events were lost: looking at all processes again" \
	cat "$tmp/follow"

# Other rules.
conf "process user bob container web" "process user"
set_up kill -HUP $follower
wait_until grep -q "the rules stay as they were" "$tmp/follow"
has "bad rules are refused by line" "/etc/ctid/ctid.conf:2: user needs a word" cat "$tmp/follow"
as_user alice sleep 1000
moved "and the last good ones stay" "7 web"
conf "process user bob container late"
set_up kill -HUP $follower
true_that "a container that is not there is told" wait_until grep -q \
	"process $bobs: /etc/ctid/ctid.conf:1: no container late is registered" "$tmp/follow"
set_up ctid add 31 late
moved "and rules are followed once it is" "31 late" $bobs

conf "process user alice container web" "process user bob container late"
has "a process is explained: who is asked in vain" "/etc/ctid/ctid.conf:1: no: user alice" \
	ctid classify "$bobs"
has "who decides" "/etc/ctid/ctid.conf:2: decides: user bob container late" ctid classify "$bobs"
has "and what comes of it" "31 late (it is there)" ctid classify "$bobs"
check "in JSON, too" '{"id":31,"name":"late","cgroup":"/ctid.slice/late","rule":{"file":"/etc/ctid/ctid.conf","line":2},"there":true}' \
	ctid classify "$bobs" --json
has "or that no rule decides" "none: no rule moves it" ctid classify user carol
check "the rules are listed" "/etc/ctid/ctid.conf:1: user alice container web
/etc/ctid/ctid.conf:2: user bob container late" ctid classify
set_up ip netns add other
fails "elsewhere there are no process events" "the kernel sends no process events here" \
	nsenter --net=/run/netns/other ctid classify --follow
finish
