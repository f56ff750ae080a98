#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ctidd: what ctid.conf says of cgroups that come and go.
. ./lib.sh
. ./ctidd.inc
modprobe iptable_sock
one=11111111222233334444555555555555
hex=$one$one

# --- what it says of itself
has "it tells how it is called" "Usage: ctidd [FILE]" ctidd --help
has "and which version it is" "ctidd " ctidd -V
for option in -h -V; do
	fails "a full disk is a failure of $option" "cannot write the output: No space left" \
		sh -c "ctidd $option >/dev/full"
done

# --- the file
mkdir -p /etc/ctid
fails "without a file it does not begin" "cannot open /etc/ctid/ctid.conf" ctidd
conf <<'END'
cgroup /web id 7 name web
cgroup web id 8
unit web.service id 7 nam web
process user alice id 9
END
fails "--check finds bad lines" '/etc/ctid/ctid.conf:2: cgroup "web" must begin' ctidd --check
fails "each of them" '/etc/ctid/ctid.conf:3: "nam" after the id' ctidd --check
fails "also about processes" '/etc/ctid/ctid.conf:4: no user "alice"' ctidd --check
fails "and looks at what is piped to it" '-:1: "nonsense" is nothing that a line can begin with' \
	sh -c 'echo nonsense | ctidd --check -'
mkdir "$tmp/-.d"
echo nonsense >"$tmp/-.d/a.conf"
check "which has no directory beside it" "" sh -c "cd $tmp && echo 'unit a.service none' | ctidd --check -"
fails "by which it does not run" "is for --check only" timeout 10 ctidd -
fails "with bad lines it does not begin" "has bad lines: correct them first" ctidd
echo "# none" >/etc/ctid/none.conf
fails "nor without root" "start it as root" setpriv --reuid 1000 --regid 1000 --clear-groups \
	--bounding-set -all ctidd /etc/ctid/none.conf
fails "explain says that no daemon runs" "is it running?" ctid explain /

# --- what is there, and what comes
conf <<'END'
cgroup /web id 7 name web
cgroup /web/free none
cgroup /shop/*/db id 8
unit *.slice none
unit web@*.service id 7
machine m-* range 1000-1002 name machine-%n
lxc * range 1100-1199
cgroup /dot/* id 6
END
true_that "--check finds no fault in a good file" ctidd --check
set_up mkdir -p $cgroups/web/below $cgroups/shop/1/db $cgroups/system.slice $cgroups/dot/.one
check "without the daemon it is nobody's" none of /web
check "and what it does is permitted" "connect ECONNREFUSED" \
	sockcall cgroup /web socket tcp4 connect 127.0.0.1:80
rule iptables connect OUTPUT -m container --id 7 -p tcp --dport 80 -j DROP
check "also where there is a rule" "connect ECONNREFUSED" \
	sockcall cgroup /web socket tcp4 connect 127.0.0.1:80
set_up mkdir -m 755 /run/ctid	# as an older one made it
start_ctidd
same "what it knows is for root only" "700 700" "$(stat -c %a /run/ctid /var/lib/ctid | paste -sd ' ')"
check "a cgroup that was there is bound" "7 web" of /web
check "and so the rule holds" "connect EPERM" \
	sockcall cgroup /web socket tcp4 connect 127.0.0.1:80
check "with what is below it" "7 web" of /web/below
check "another is not" none of /shop/1
check "a glob is about each name" 8 of /shop/1/db
check "also one that begins with a dot" 6 of /dot/.one
set_up mkdir -p $cgroups/shop/2/db/deep $cgroups/shop/2/x/db
becomes "one that comes is bound" 8 /shop/2/db
check "and not one that is deeper" none of /shop/2/x/db
set_up mkdir $cgroups/system.slice/web@{a,b}.service $cgroups/system.slice/x.service
becomes "a unit" "7 web" /system.slice/web@a.service
becomes "and another" "7 web" /system.slice/web@b.service
check "not a unit of another name" none of /system.slice/x.service
set_up mkdir $cgroups/lxc.payload.one
becomes "a container of LXC" 1100 /lxc.payload.one
set_up mkdir -p $cgroups/machine.slice/machine-m\\x2da.scope
becomes "a machine, of a range, by its name" "1000 machine-m-a" '/machine.slice/machine-m\x2da.scope'
set_up rmdir $cgroups/shop/2/db/deep $cgroups/shop/2/db
set_up mkdir $cgroups/shop/2/db
becomes "a cgroup that is made anew is bound anew" 8 /shop/2/db
same "without the capabilities that it does not need" 0000000000001002 \
	"$(sed -n 's/^CapEff:\t//p' "/proc/$ctidd/status")"

# --- networks do not count
set_up ip netns add elsewhere
set_up ip -n elsewhere link set lo up
for network in host netns; do
	enter=
	[ $network = host ] || enter="nsenter --net=/run/netns/elsewhere"
	# shellcheck disable=SC2086 # words
	check "a container with network $network is told by its cgroup" "connect EPERM" \
		inside /system.slice/web@a.service $enter sockcall socket tcp4 connect 127.0.0.1:80
	# shellcheck disable=SC2086 # words
	check "while another one with network $network passes" "connect ECONNREFUSED" \
		inside /system.slice/x.service $enter sockcall socket tcp4 connect 127.0.0.1:80
done

# --- whose names count
set_up mkdir -p $cgroups/user.slice/app $cgroups/user.slice/db
set_up chown -R 1000 $cgroups/user.slice/app
set_up setpriv --reuid 1000 --clear-groups mkdir $cgroups/user.slice/app/web@x.service \
	$cgroups/user.slice/app/lxc.payload.x
set_up mkdir -p $cgroups/lxc.payload.one/web@y.service $cgroups/system.slice/last.service
set_up mkdir $cgroups/lxc.payload.last
becomes "(the daemon has seen it all)" 1101 /lxc.payload.last
check "a user's cgroup is no unit" none of /user.slice/app/web@x.service
check "nor a container" none of /user.slice/app/lxc.payload.x
check "and what is in a container is the container's" 1100 of /lxc.payload.one/web@y.service
has "explain says so" "it is no unit: it is inside of a container, or not root's" \
	ctid explain /user.slice/app/web@x.service
# LXC makes such of what is left over of two.
set_up mkdir $cgroups/lxc.payload.two-1 $cgroups/lxc.monitor.three-1
set_up mkdir $cgroups/lxc.payload.three-1
becomes "one of LXC whose name ends in a number, after its monitor" 1102 /lxc.payload.three-1
check "without one it may be another's" none of /lxc.payload.two-1
has "explain says that, too" "LXC may have appended a number" ctid explain /lxc.payload.two-1
set_up mkdir $cgroups/lxc.monitor.two-1 $cgroups/dot/.two
becomes "a name that begins with a dot" 6 /dot/.two
set_up kill -HUP "$ctidd"
set_up mkdir $cgroups/lxc.payload.four
becomes "(the daemon has seen that)" 1103 /lxc.payload.four
check "a monitor that comes later is not its" none of /lxc.payload.two-1
check "what was bound stays bound, whatever its name begins with" 6 of /dot/.two
set_up rmdir $cgroups/lxc.payload.{two-1,three-1,four} $cgroups/lxc.monitor.{two,three}-1

# --- explain
check "explain: each rule that was passed over, and the one that decides" \
	'cgroup /system.slice/web@a.service, unit web@a.service
  /etc/ctid/ctid.conf:1: cgroup /web id 7 name web
    passed over: path "/system.slice/web@a.service" does not match /web
  /etc/ctid/ctid.conf:2: cgroup /web/free none
    passed over: path "/system.slice/web@a.service" does not match /web/free
  /etc/ctid/ctid.conf:3: cgroup /shop/*/db id 8
    passed over: path "/system.slice/web@a.service" does not match /shop/*/db
  /etc/ctid/ctid.conf:4: unit *.slice none
    passed over: unit "web@a.service" does not match *.slice
  /etc/ctid/ctid.conf:5: unit web@*.service id 7
    decides
  bound to container 7' ctid explain /system.slice/web@a.service
has "explain: what counts is above it" "so it belongs to what the cgroup above it does:
cgroup /web
" ctid explain /web/below
inside /web/below sleep 1000 &
servers="$servers $!"
set_up wait_until grep -q . $cgroups/web/below/cgroup.procs
has "explain: a process" "cgroup /web/below" ctid explain "$(cat $cgroups/web/below/cgroup.procs)"
has "explain: one that no rule is about" "so no rule gives it a container" ctid explain /
fails "explain: no cgroup" "no cgroup" ctid explain /none

# --- ids of a range are remembered
set_up mkdir $cgroups/machine.slice/machine-m\\x2db.scope
becomes "the next id of the range" "1001 machine-m-b" '/machine.slice/machine-m\x2db.scope'
set_up rmdir $cgroups/machine.slice/machine-*
stop_ctidd
grep -v '^#' /var/lib/ctid/ids >"$tmp/ids"
has "the file has them" "1001 machine:m-b" cat "$tmp/ids"
set_up ctid del 1000
set_up ctid del 1001
start_ctidd
set_up mkdir $cgroups/machine.slice/machine-m\\x2d{b,c,a}.scope
becomes "after a restart, too" "1001 machine-m-b" '/machine.slice/machine-m\x2db.scope'
becomes "for each" "1000 machine-m-a" '/machine.slice/machine-m\x2da.scope'
becomes "a new one gets an id that nobody had" "1002 machine-m-c" '/machine.slice/machine-m\x2dc.scope'
set_up rmdir $cgroups/machine.slice/machine-m\\x2dc.scope
set_up mkdir $cgroups/machine.slice/machine-m\\x2dd.scope
set_up wait_until grep -q "no id is left in the range 1000-1002" "$tmp/ctidd"
check "when there is none, it has none" none of '/machine.slice/machine-m\x2dd.scope'
has "explain says so" "decides, but its range has no id left" \
	ctid explain '/machine.slice/machine-m\x2dd.scope'
unused() {
	ctid list | grep -q '^1002 *machine-m-c$'
}
set_up wait_until unused
set_up sed -i 's/^machine m.*/& reuse/' /etc/ctid/ctid.conf
becomes "unless old ones may be used again" "1002 machine-m-d" '/machine.slice/machine-m\x2dd.scope'

# --- changes of the file
conf <<'END'
cgroup /web id 7 name web
nonsense
END
set_up wait_until grep -q 'ctid.conf:2: "nonsense"' "$tmp/ctidd"
set_up wait_until grep -q "rules that were read before stay in force" "$tmp/ctidd"
check "a bad file changes nothing" 8 of /shop/1/db
set_up mkdir -p $cgroups/shop/3/db
becomes "the rules before it stay in force" 8 /shop/3/db
: >/etc/ctid/ctid.conf
set_up wait_until grep -q 'ctid.conf is empty: write a comment into it' "$tmp/ctidd"
fails "--check says so, too" "ctid.conf is empty: write a comment into it" ctidd --check
check "an empty one changes nothing either" 8 of /shop/3/db
has "and the rules that were good last are kept" "cgroup /shop/*/db id 8" cat /var/lib/ctid/good
mkdir -p /etc/ctid/ctid.conf.d
echo 'cgroup /shop/*/db id 9 name shop' >/etc/ctid/ctid.conf.d/shop.conf
echo 'cgroup /web id 7 name www' >/etc/ctid/ctid.conf
becomes "a good one does" "9 shop" /shop/1/db
check "to all that it is about" "9 shop" of /shop/3/db
becomes "the name, too" "7 www" /web
check "what no rule is about any more is nobody's" none of /system.slice/web@a.service
echo 'cgroup /shop/*/db range 50-51' >/etc/ctid/ctid.conf.d/shop.conf
set_up wait_until grep -q "no id is left in the range 50-51" "$tmp/ctidd"
same "where a range has no id left, its last cgroup keeps what it had" "9 shop 50 51" \
	"$(for i in 1 2 3; do of /shop/$i/db; done | sort -n | paste -sd ' ')"
rm /etc/ctid/ctid.conf.d/shop.conf
becomes "a file that goes takes its rules along" none /shop/1/db
echo 'cgroup /late id 12' >/etc/ctid/ctid.conf.d/late.conf
set_up mkdir $cgroups/late
becomes "a file that comes brings its" 12 /late

# --- what is bound by hand stays
set_up ctid add 20 hand
set_up mkdir $cgroups/hand
set_up ctid bind 20 /hand
echo 'cgroup /hand id 21' >/etc/ctid/ctid.conf.d/hand.conf
set_up wait_until grep -q "cgroup /hand: was bound to another container by hand" "$tmp/ctidd"
check "what was bound by hand stays" "20 hand" of /hand
has "explain says so" "was bound to another container by hand, and stays so" ctid explain /hand
set_up ctid unbind /hand
has "and that it is not any more" "not bound to container 21
so it belongs to what the cgroup above it does" ctid explain /hand
kill -HUP "$ctidd"
becomes "SIGHUP has it look again" 21 /hand
has "explain says what it is bound to" "bound to container 21" ctid explain /hand
set_up ctid unbind /hand
has "and that somebody ended that" "not bound to container 21: that was ended by hand" ctid explain /hand
kill -HUP "$ctidd"
becomes "which SIGHUP mends, too" 21 /hand

# --- a cgroup that is another one when inotify tells of it
echo 'cgroup /again/x id 15' >/etc/ctid/ctid.conf.d/again.conf
set_up mkdir -p $cgroups/again/x
becomes "a cgroup in one" 15 /again/x
kill -STOP "$ctidd"
set_up rmdir $cgroups/again/x
for i in 1 2; do
	set_up mkdir -p $cgroups/again/x
	[ $i -eq 2 ] || set_up rmdir $cgroups/again/x $cgroups/again
done
kill -CONT "$ctidd"
becomes "both made twice before it looks" 15 /again/x
echo 'cgroup /again/x id 16' >/etc/ctid/ctid.conf.d/again.conf
becomes "it knows then that it was bound by its own rule" 16 /again/x

# --- cgroups that go before they are bound
echo 'cgroup /brief/* id 18' >/etc/ctid/ctid.conf.d/brief.conf
set_up mkdir -p $cgroups/brief/first
becomes "(its rule is there)" 18 /brief/first
set_up python3 -c "
import os
for i in range(3000):
    os.mkdir('$cgroups/brief/x')
    os.rmdir('$cgroups/brief/x')"
set_up mkdir $cgroups/brief/last
becomes "who comes after many that were brief" 18 /brief/last
same "of those it does not complain" 0 "$(grep -c '/brief/x: cannot be bound' "$tmp/ctidd")"
set_up rm /etc/ctid/ctid.conf.d/brief.conf
set_up rmdir $cgroups/brief/{first,last} $cgroups/brief

# --- others who have root's number of inotify's instances
cat >"$tmp/greedy.py" <<'P'
import ctypes, time
libc = ctypes.CDLL(None)
while True:
    while libc.inotify_init1(0) >= 0:
        pass
    print("all", flush=True)
    time.sleep(0.001)
P
python3 "$tmp/greedy.py" >"$tmp/greedy" &
greedy=$!
servers="$servers $greedy"
set_up wait_until grep -q all "$tmp/greedy"
set_up mkdir $cgroups/hungry
echo 'cgroup /hungry id 17' >/etc/ctid/ctid.conf.d/hungry.conf
becomes "it takes new rules while others have all of inotify that there is" 17 /hungry
kill "$greedy"
set_up rm /etc/ctid/ctid.conf.d/again.conf /etc/ctid/ctid.conf.d/hungry.conf

# --- a daemon that is killed
set_up mkdir $cgroups/more
kill -KILL "$ctidd"
wait "$ctidd" 2>/dev/null
check "bindings outlive the daemon" "7 www" of /web
echo 'cgroup /more id 13' >/etc/ctid/ctid.conf.d/more.conf
rm /etc/ctid/ctid.conf.d/late.conf
set_up rmdir $cgroups/hand
set_up mkdir $cgroups/hand
start_ctidd
check "a new one binds what came meanwhile" 13 of /more
check "what is made anew meanwhile" 21 of /hand
check "ends what no rule is about any more" none of /late
check "and leaves the others" "7 www" of /web

stop_ctidd
echo nonsense >/etc/ctid/ctid.conf.d/bad.conf
set_up ctid unbind /more
start_ctidd
has "with a bad file it begins with the rules that were good last" \
	"the rules that were good last stay in force" cat "$tmp/ctidd"
check "all of them" 13 of /more
rm /etc/ctid/ctid.conf.d/bad.conf
set_up wait_until grep -q "has new rules: 3" "$tmp/ctidd"

# --- pods
mkdir -p /var/log/pods
cat >/etc/ctid/ctid.conf.d/pods.conf <<'END'
pod db-* namespace shop id 31
pod * namespace shop qos burstable id 32
pod * range 3000-3999
END
set_up wait_until grep -q "has new rules: 6" "$tmp/ctidd"
pods=/kubepods.slice/kubepods-burstable.slice
pod=kubepods-burstable-pod11111111_2222_3333_4444_55555555555
mkdir /var/log/pods/shop_db-0_11111111-2222-3333-4444-555555555551 \
	/var/log/pods/shop_web_11111111-2222-3333-4444-555555555552
set_up mkdir -p $cgroups$pods/${pod}{1,2,3}.slice/cri-containerd-$hex.scope
becomes "a pod, by name and namespace" 31 "$pods/${pod}1.slice"
becomes "by namespace and qos" 32 "$pods/${pod}2.slice"
has "one whose name is not known yet waits" "waits for its name: no directory in /var/log/pods" \
	ctid explain "$pods/${pod}3.slice"
check "and is nobody's, as its parent" none of "$pods/${pod}3.slice"
mkdir /var/log/pods/test_x_11111111-2222-3333-4444-555555555553
becomes "until its name comes" 3000 "$pods/${pod}3.slice"
check "its containers are its" 3000 of "$pods/${pod}3.slice/cri-containerd-$hex.scope"

# --- a newcomer has an owner at once
stop_ctidd
rm /etc/ctid/ctid.conf.d/*
set_up rmdir $cgroups/machine.slice/*.scope
conf <<'END'
unit machine.slice id 99 name newcomer
machine c* range 20000-29999
END
iptables-legacy -t connect -F
rule iptables connect OUTPUT -m container --id 99 -p tcp -j DROP
rule iptables connect OUTPUT -m container --id 20000-29999 -p tcp --dport 80 -j DROP
start_ctidd
# begin N: makes a container, which connects to a port that is open to no one, at once.
begin() {
	mkdir "$cgroups/machine.slice/machine-c$1.scope"
	sockcall cgroup "/machine.slice/machine-c$1.scope" socket tcp4 connect 127.0.0.1:80
}
kill -STOP "$ctidd"
check "a newcomer's rules hold while the daemon sleeps" "connect EPERM" begin 0
check "all of them" "connect EPERM" \
	sockcall cgroup /machine.slice/machine-c0.scope socket tcp4 connect 127.0.0.1:81
set_up ctid unbind /machine.slice
check "who is unknown, and has no bound parent, passes" "connect ECONNREFUSED" begin 00
set_up ctid bind newcomer /machine.slice
kill -CONT "$ctidd"
for ((i = 1; i <= 200; i++)); do begin $i; done >"$tmp/verdicts"
same "200 containers that connect at once: wrong verdicts" 0 "$(grep -vcx 'connect EPERM' "$tmp/verdicts")"
same "right ones" 200 "$(grep -cx 'connect EPERM' "$tmp/verdicts")"
wait_until test_of /machine.slice/machine-c200.scope 20201
check "then their own rules hold" "connect ECONNREFUSED" \
	sockcall cgroup /machine.slice/machine-c200.scope socket tcp4 connect 127.0.0.1:81
check "which deny what they deny" "connect EPERM" \
	sockcall cgroup /machine.slice/machine-c200.scope socket tcp4 connect 127.0.0.1:80

# --- a thousand at once
bound() {
	ctid list | awk '$1 >= 20000 && $1 <= 29999 && NF > 1 { n++ } END { print n + 0 }'
}
all_bound() {
	[ "$(bound)" -eq "$1" ]
}
# shellcheck disable=SC2046 # words
set_up mkdir $(seq -f "$cgroups/machine.slice/machine-ck%g.scope" 1000)
wait_until all_bound 1202
same "a thousand at once have an id each" 1202 "$(bound)"
set_up rmdir $cgroups/machine.slice/machine-ck*.scope
gone() {
	[ "$(ctid list | grep -c 'machine-ck\|removed')" -eq 0 ]
}
wait_until gone
same "and no binding when they are gone" 0 "$(ctid list | grep -c 'machine-ck\|removed')"
remembered() {
	[ "$(grep -c machine:c /var/lib/ctid/ids)" -eq "$1" ]
}
true_that "a thousand and more choices are remembered" wait_until remembered 1202
set_up mount -t tmpfs -o ro none /var/lib/ctid
set_up mkdir $cgroups/machine.slice/machine-cx.scope
becomes "while the file cannot be written, who comes is bound" 21202 /machine.slice/machine-cx.scope
true_that "that is said" \
	wait_until grep -q "cannot write /var/lib/ctid/ids: Read-only file system" "$tmp/ctidd"
set_up umount /var/lib/ctid
true_that "and it is written when it can be" wait_until remembered 1203
set_up rmdir $cgroups/machine.slice/machine-cx.scope
# More than the queue of inotify has room for.
sysctl -qw fs.inotify.max_queued_events=64
stop_ctidd
start_ctidd
kill -STOP "$ctidd"
# shellcheck disable=SC2046
set_up mkdir $(seq -f "$cgroups/machine.slice/machine-ck%g.scope" 500)
kill -CONT "$ctidd"
becomes "more than its queue can hold: none is lost" 20701 /machine.slice/machine-ck500.scope
check "not the first either" 20202 of /machine.slice/machine-ck1.scope
has "which it says" "cgroups came faster than they could be read" cat "$tmp/ctidd"

# --- it has no descriptor left, up to the first that it does not use
short() {
	local free=0
	while [ -e "/proc/$ctidd/fd/$free" ]; do free=$((free + 1)); done
	prlimit --pid "$ctidd" --nofile="$free:"
}
says() {
	[ "$(grep -c "cannot look at cgroup .*: Too many open files" "$tmp/ctidd")" -eq "$1" ]
}
# It has looked at all there is, and waits: what it opens meanwhile would count as used.
waits() {
	grep -q poll "/proc/$ctidd/wchan"
}
plenty=$(prlimit --pid "$ctidd" --nofile --output SOFT --noheadings)
set_up rmdir $cgroups/machine.slice/machine-ck500.scope
becomes "(it is seen that a cgroup goes)" "ctid: no cgroup \"/machine.slice/machine-ck500.scope\" below /sys/fs/cgroup" \
	/machine.slice/machine-ck500.scope
set_up wait_until waits
set_up short
set_up mkdir $cgroups/machine.slice/machine-ck500.scope
true_that "without descriptors it says that it cannot look at what comes" wait_until says 1
check "which belongs to the cgroup above meanwhile" "99 newcomer" of /machine.slice/machine-ck500.scope
set_up prlimit --pid "$ctidd" --nofile="$plenty:"
becomes "and is looked at later" 20701 /machine.slice/machine-ck500.scope
set_up wait_until waits
kill -STOP "$ctidd"
# shellcheck disable=SC2046
set_up mkdir $(seq -f "$cgroups/machine.slice/machine-ck%g.scope" 501 1000)
set_up short
kill -CONT "$ctidd"
true_that "nor can it look at all of them anew" wait_until says 2
check "what is bound stays bound" 20201 of /machine.slice/machine-c200.scope
set_up prlimit --pid "$ctidd" --nofile="$plenty:"
becomes "what came meanwhile is looked at later, too" 21201 /machine.slice/machine-ck1000.scope
check "and what was bound is so still" 20201 of /machine.slice/machine-c200.scope
true_that "it said so once each time" says 2

# --- the kernel's module is loaded anew
iptables-legacy -t connect -F
set_up modprobe -r iptable_sock xt_container
set_up rmmod sock_hooks sock_event container_id
set_up wait_until grep -q "module container_id is gone" "$tmp/ctidd"
set_up modprobe container_id
becomes "when the module is loaded anew, all is bound anew" "99 newcomer" /machine.slice
becomes "each to its own" 20201 /machine.slice/machine-c200.scope
set_up mkdir $cgroups/machine.slice/machine-clast.scope
becomes "and what comes" 21203 /machine.slice/machine-clast.scope
finish
