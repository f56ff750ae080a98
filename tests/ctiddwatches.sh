#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm
# ctidd where somebody else has all of root's inotify watches: what it watches it keeps, and
# what it cannot watch it looks at now and then.
. ./lib.sh
. ./ctidd.inc

# Root of a user namespace that root made: what he has counts as root's, too, and his own
# limit is none. Once none is left, he takes what is given back.
cat >"$tmp/hog.py" <<'END'
import ctypes, os, sys
libc = ctypes.CDLL(None)
ask, answer = os.pipe(), os.pipe()
child = os.fork()
if child:
    os.read(ask[0], 1)
    for name in "uid", "gid":
        with open(f"/proc/{child}/{name}_map", "w") as file:
            file.write("0 100000 65536")
    os.write(answer[1], b"1")
    os.waitpid(child, 0)
    sys.exit()
if libc.unshare(0x10000000):
    sys.exit("no user namespace")
os.write(ask[1], b"1")
os.read(answer[0], 1)
os.setgid(0)
os.setuid(0)
libc.prctl(1, 9)
fd = libc.inotify_init1(0)
n = 0
said = False
while n < 400:
    name = f"{sys.argv[1]}/{n}"
    os.makedirs(name, exist_ok=True)
    if libc.inotify_add_watch(fd, name.encode(), 0x100) >= 0:
        n += 1
    elif not said:
        print("none is left", flush=True)
        said = True
print("more than there are", flush=True)
END
# hog: takes all that there are; $hog is who does.
hog() {
	rm -rf "$tmp/hog"
	mkdir "$tmp/hog"
	chown 100000:100000 "$tmp/hog"
	chmod 755 "$tmp"
	python3 "$tmp/hog.py" "$tmp/hog" >"$tmp/hogged" 2>&1 &
	hog=$!
	servers="$servers $hog"
	set_up wait_until grep -q "none is left" "$tmp/hogged"
}
# unhog: gives them back.
unhog() {
	kill "$hog"
	wait "$hog" 2>/dev/null
}
# later COMMAND...: as wait_until, for what is looked at every half minute.
later() {
	wait_until "$@" || wait_until "$@"
}
# comes_to NAME EXPECTED CGROUP: as becomes, later.
comes_to() {
	later test_of "$3" "$2"
	same "$1" "$2" "$(of "$3")"
}
# has_new N: rules, for the Nth time.
has_new() {
	[ "$(grep -c "has new rules" "$tmp/ctidd")" -ge "$1" ]
}
missed() {
	grep -c "cannot watch cgroup" "$tmp/ctidd"
}

sysctl -qw fs.inotify.max_user_watches=160
set_up ctid add 30 taker
conf <<'END'
cgroup /u/*/x* id 20
cgroup /late.scope/x* id 21
lxc q* range 101-199
process user 1000 container taker
END
set_up mkdir -p $cgroups/u/early
start_ctidd
hog

# --- what it watches it keeps
for ((i = 1; i <= 3; i++)); do
	echo "# $i" >>/etc/ctid/ctid.conf
	set_up wait_until has_new $i
done
same "the watches that it has are not given back when its files are read again" 0 "$(missed)"
set_up mkdir $cgroups/u/early/x
becomes "so it sees at once what comes" 20 /u/early/x
true_that "(there is somebody who takes all that he can)" kill -0 "$hog"

# --- what it cannot watch it looks at
set_up mkdir $cgroups/u/late $cgroups/late.scope
set_up wait_until grep -q "no inotify watch of root's is left" "$tmp/ctidd"
set_up mkdir $cgroups/lxc.payload.q1
becomes "(it has looked at what came until now)" 101 /lxc.payload.q1
set_up mkdir $cgroups/late.scope/xone $cgroups/u/late/xone
comes_to "without a watch it is looked at now and then" 20 /u/late/xone
comes_to "also where others make cgroups, as in a service or a scope" 21 /late.scope/xone
one=$(stat -c %i $cgroups/u/late/xone)
set_up rmdir $cgroups/u/late/xone
true_that "and what goes is forgotten" later grep -qx "$one 0\." /run/ctid/bound

# --- before a process is taken from there
set_up mkdir $cgroups/u/late/xnew
inside /u/late/xnew setpriv --reuid 1000 --clear-groups sleep 1000 >/dev/null 2>&1 </dev/null &
set_up wait_until pgrep -P $! -x sleep
new=$(pgrep -P $! -x sleep)
servers="$servers $new"
setpriv --reuid 1000 --clear-groups sleep 1000 &
servers="$servers $!"
becomes "a process rule takes whom it is about" "30 taker" $!
same "and nobody out of what nothing told of" /u/late/xnew \
	"$(sed 's/^0:://' "/proc/$new/cgroup")"

# --- until there are some again
unhog
true_that "it is watched when there is a watch again" \
	later grep -q "all cgroups are watched again" "$tmp/ctidd"
set_up mkdir $cgroups/u/late/xtwo
becomes "and seen at once, then" 20 /u/late/xtwo

# --- a daemon that begins without any
hog
stop_ctidd
start_ctidd
check "it begins also without any, and binds what is there" 20 of /u/late/xtwo
has "it says that its files are not watched" \
	"cannot watch /etc/ctid: no inotify watch of root's is left: send SIGHUP" cat "$tmp/ctidd"
has "nor names of pods" "cannot watch /var/log/pods: no inotify watch of root's is left" \
	cat "$tmp/ctidd"
echo 'cgroup /more id 22' >>/etc/ctid/ctid.conf
set_up mkdir $cgroups/more
set_up kill -HUP "$ctidd"
becomes "SIGHUP has it read them" 22 /more
unhog
set_up kill -HUP "$ctidd"
set_up wait_until has_new 2
sed -i 's/^cgroup .more id 22/cgroup \/more id 23/' /etc/ctid/ctid.conf
becomes "and watch them, when it can" 23 /more
finish
