#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: trixie
# ctidd: who makes and removes cgroups without end keeps nobody waiting but himself.
. ./lib.sh
. ./ctidd.inc

# The kernel has one lock for all who make cgroups; what is measured is the daemon, from
# when a cgroup is there. An emulated machine takes a good part of a second for that.
bound_in=5000

conf <<'END'
cgroup /u/*/x* id 20
cgroup /u/*/new range 31-39
cgroup /u/*/*/*/deep id 40
cgroup /run.scope/x* id 20
lxc q* range 101-199
END
set_up mkdir -p $cgroups/u/{a,b,quiet} $cgroups/run.scope
set_up chown 1000 $cgroups/u/a
set_up chown 1002 $cgroups/u/quiet
start_ctidd
# Root's when the daemon first saw it, as where systemd delegates.
set_up chown 1001 $cgroups/u/b

# flood USER DIRECTORY NAME [KEPT]: in DIRECTORY, without end, makes NAME0 to NAME7 and
# removes them, besides KEPT that stay. $tmp/flood has more and more lines meanwhile.
flood() {
	: >"$tmp/flood"
	setpriv --reuid "$1" --clear-groups python3 - "$2" "$3" "${4:-0}" <<-'END' >>"$tmp/flood" &
		import glob, itertools, os, sys
		os.chdir(sys.argv[1])
		# What one that was killed left.
		for name in glob.glob(sys.argv[2] + "[0-7]"):
		    os.rmdir(name)
		for n in range(int(sys.argv[3])):
		    os.mkdir("%skept%d" % (sys.argv[2], n))
		for n in itertools.count():
		    os.mkdir("%s%d" % (sys.argv[2], n % 8))
		    os.rmdir("%s%d" % (sys.argv[2], n % 8))
		    if n % 500 == 0:
		        print(n, flush=True)
	END
	flood=$!
	servers="$servers $!"
}
# made N: whether N times 500 were made.
made() {
	[ "$(wc -l <"$tmp/flood")" -gt "$1" ]
}
# quick NAME EXPECTED CGROUP: that one, which was made just now, gets it in time.
quick() {
	local begun=${EPOCHREALTIME/./} took
	wait_until test_of "$3" "$2"
	took=$(((${EPOCHREALTIME/./} - begun) / 1000))
	echo "# $took ms"
	if [ "$(of "$3")" = "$2" ] && [ "$took" -le $bound_in ]; then
		ok "$1"
	else
		not_ok "$1" "it is of: $(of "$3") instead of $2, after $took ms"
	fi
}
number=0
# others NAME [BEHIND]: while there is a flood, everybody else has his id in time. With
# BEHIND the daemon has not got to do anything for so long that some ten thousand events
# wait for it, as on a machine with more processors, where it cannot keep up.
others() {
	number=$((number + 1))
	set_up wait_until made 1
	[ -z "${2:-}" ] || kill -STOP "$ctidd"
	set_up wait_until made "$([ -z "${2:-}" ] && echo 1 || echo 13)"
	set_up mkdir $cgroups/lxc.payload.q$number
	kill -CONT "$ctidd"
	quick "$1: a container of the host's is bound meanwhile" $((100 + number)) \
		/lxc.payload.q$number
	set_up setpriv --reuid 1002 --clear-groups mkdir "$cgroups/u/quiet/x$number"
	quick "$1: one of another user's, too" 20 "/u/quiet/x$number"
	true_that "$1: and it goes on" kill -0 "$flood"
}
# ends NAME DIRECTORY: then his own are right, also what he made in the midst of it.
ends() {
	set_up mkdir "$cgroups$2/xmidst"
	kill "$flood"
	wait "$flood" 2>/dev/null
	set_up mkdir "$cgroups$2/xlast"
	becomes "$1: his own are bound: from its midst" 20 "$2/xmidst"
	becomes "$1: and after it" 20 "$2/xlast"
}

flood 1000 $cgroups/u/a f
others "a user who makes what no rule is about" behind
ends "a user who makes what no rule is about" /u/a
set_up rmdir $cgroups/u/a/x*

flood 1000 $cgroups/u/a x 300
others "one who makes what a rule is about" behind
ends "one who makes what a rule is about" /u/a
becomes "one who makes what a rule is about: and all that stays" 20 /u/a/xkept299

flood 1001 $cgroups/u/b f
others "one who was given his directory late"
ends "one who was given his directory late" /u/b

flood 0 $cgroups/run.scope f
others "root of a scope"
ends "root of a scope" /run.scope

# --- his own are bound meanwhile, each time that it is his turn
flood 1000 $cgroups/u/a f
set_up wait_until made 4
set_up mkdir $cgroups/u/a/new
quick "who makes many has his own bound meanwhile" 31 /u/a/new
kill "$flood"
wait "$flood" 2>/dev/null

# --- what is not there any more, and what is there again
set_up rmdir $cgroups/u/a/new
set_up mkdir $cgroups/u/a/new
becomes "what is made anew is bound anew" 31 /u/a/new
set_up mkdir -p $cgroups/u/a/1/2/deep
becomes "what is deeper" 40 /u/a/1/2/deep
set_up rmdir $cgroups/u/a/1/2/deep $cgroups/u/a/1/2 $cgroups/u/a/1
set_up mkdir -p $cgroups/u/a/1/2/deep
becomes "also where all above it is another one" 40 /u/a/1/2/deep
set_up rmdir $cgroups/u/a/xkept*
kept_bindings() {
	[ "$(ctid list | grep -c kept)" -eq 0 ]
}
wait_until kept_bindings
same "no binding of what was removed is left" 0 "$(ctid list | grep -c kept)"

# --- a queue that is full is its makers' concern
stop_ctidd
sysctl -qw fs.inotify.max_queued_events=64
start_ctidd
flood 1000 $cgroups/u/a f
set_up wait_until made 1
kill -STOP "$ctidd"
before=$(wc -l <"$tmp/flood")
set_up mkdir $cgroups/u/a/xlost
set_up wait_until made $((before + 2))
kill -CONT "$ctidd"
others "with a full queue"
becomes "with a full queue: what was not told is found" 20 /u/a/xlost
kill "$flood"
wait "$flood" 2>/dev/null
same "with a full queue: nobody else is looked at again" 0 \
	"$(grep -c 'cgroups came faster' "$tmp/ctidd")"

# --- a directory of many names that no rule is about: it is read a few at a time
flood 1000 $cgroups/u/a f 3000
set_up wait_until made 7
others "where one has made thousands"
set_up mkdir $cgroups/u/a/xmany
quick "where one has made thousands: his own" 20 /u/a/xmany
kill "$flood"
wait "$flood" 2>/dev/null

# --- all watches of a user are one number: who has many leaves others theirs
stop_ctidd
set_up rmdir $cgroups/u/a/fkept*
sysctl -qw fs.inotify.max_user_watches=160
start_ctidd
# shellcheck disable=SC2016 # the inner shell's
set_up setpriv --reuid 1000 --clear-groups sh -c 'mkdir $(seq -f "$0/w%g" 300)' $cgroups/u/a
set_up wait_until grep -q "cannot watch cgroup /u/a/w" "$tmp/ctidd"
set_up setpriv --reuid 1002 --clear-groups mkdir -p $cgroups/u/quiet/1/2/deep
becomes "who has used up his watches leaves another tenant his" 40 /u/quiet/1/2/deep
set_up mkdir $cgroups/u/roots
set_up mkdir $cgroups/u/roots/xone
becomes "and root those" 20 /u/roots/xone
set_up mkdir $cgroups/u/roots/xtwo
becomes "as often as there is something new" 20 /u/roots/xtwo

# --- processes that it takes long to look at
conf <<'END'
cgroup /u/*/x* id 20
END
set_up ctid add 30 taker
set_up wait_until grep -q "has new rules: 1" "$tmp/ctidd"
# Each has as many groups as there can be: the kernel tells all of them.
python3 - >"$tmp/many" <<'END' &
import os, time
os.setgroups(list(range(100000, 165536)))
for i in range(100):
    if os.fork() == 0:
        os.setresuid(1004, 1004, 1004)
        time.sleep(1000)
        os._exit(0)
print("all", flush=True)
time.sleep(1000)
END
servers="$servers $!"
set_up wait_until grep -q all "$tmp/many"
setpriv --reuid 1003 --clear-groups sleep 1000 &
last=$!
servers="$servers $last"
echo 'process user 1003 container taker' >>/etc/ctid/ctid.conf
set_up wait_until grep -q "has new rules: 2" "$tmp/ctidd"
set_up mkdir $cgroups/u/roots/xmeanwhile
becomes "a rule about processes takes the last one, too" "30 taker" $last
becomes "(a cgroup that came is bound)" 20 /u/roots/xmeanwhile
same "which came while the others were looked at" "xmeanwhile $last" \
	"$(grep -o -e "xmeanwhile: " -e "process $last: " "$tmp/ctidd" | tr -dc 'a-z0-9\n' |
		sed 's/^process//' | paste -sd ' ')"
finish
