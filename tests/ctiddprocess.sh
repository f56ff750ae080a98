#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: forky
# vm: -S
# ctidd as a service of systemd: the lines of ctid.conf about processes.
# shellcheck disable=SC2086,SC2119 # words; conf is that of ctidd.inc
. ./lib.sh
. ./classify.inc
. ./ctidd.inc

# run USER COMMAND...: leaves it running; $pid is it.
run() {
	setpriv --reuid "$1" --regid "$1" --init-groups "${@:2}" >/dev/null 2>&1 </dev/null &
	pid=$!
	servers="$servers $pid"
}
# run_in CGROUP COMMAND...: the same, in a cgroup.
run_in() {
	inside "$@" >/dev/null 2>&1 </dev/null &
	set_up wait_until pgrep -P $!
	pid=$(pgrep -P $!)
	servers="$servers $pid"
}
# logged TEXT: the service has said it, since it was started.
logged() {
	journalctl -u ctidd -o cat --since "@$since" | grep -qF -e "$1"
}
# says TEXT [NAME]
says() {
	if wait_until logged "$1"; then
		ok "${2:-it says: $1}"
	else
		not_ok "${2:-it says: $1}" "$(journalctl -u ctidd -o cat | tail -n 20)"
	fi
}
# start: the service, whose log begins anew.
start() {
	since=$(date +%s.%N)
	set_up systemctl start ctidd
	main=$(systemctl show -p MainPID --value ctidd)
}
caps() {
	sed -n "s/^Cap$1:\t//p" "/proc/$main/status"
}
# settled: all events of processes until now were handled, as they come in order.
settled() {
	run carol sleep 1000
	wait_until test_of "$pid" "8 lab" || bail_out "nobody follows: $(journalctl -u ctidd -o cat)"
}
own=$(readlink /proc/self/ns/mnt)
mkdir -p /home/tool /etc/ctid/ctid.conf.d
cp /bin/sleep /home/tool/run
ln -s /home/tool/run "$tmp/tool"

# --- without a rule about processes
conf <<'END_OF'
cgroup /there id 40
END_OF
set_up mkdir $cgroups/there
run alice sleep 1000
before=$pid
start
becomes "a rule about cgroups alone is followed" 40 /there
run bob /home/tool/run 1000
tool=$pid
check "processes are let alone: who was there" none of "$before"
check "who came" none of "$tool"
check "and what they call passes" "$free" setpriv --reuid alice --init-groups $sockcall $call
same "there is no capability for them in force" 0000000000001002 "$(caps Eff)"

# --- rules come
conf <<END_OF
cgroup /there id 40
process user alice container web
process exe $tmp/tool container backup
process group students container lab
END_OF
becomes "a rule that comes takes who was there: by user" "7 web" "$before"
becomes "by file, below /home" "9 backup" "$tool"
run alice sleep 1000
becomes "and who comes: by user" "7 web" "$pid"
run bob /home/tool/run 1000
becomes "by file" "9 backup" "$pid"
/home/tool/run 1000 &
servers="$servers $!"
becomes "root's, too, which has more capabilities than the daemon" "9 backup" $!
run bob sleep 1000
bobs=$pid
settled
check "not others" none of "$bobs"
says "process $before: container 7 web, cgroup /ctid.slice/web, by /etc/ctid/ctid.conf:2"
same "with the capabilities for it, and no others" 0000000000881002 "$(caps Eff)"
same "which are all that it can get" 0000000000881002 "$(caps Bnd)"
# Connects as alice until it is denied.
cat >"$tmp/until.sh" <<END_OF
until [ "\$($sockcall $call)" = "$ruled" ]; do :; done
END_OF
true_that "what is moved is denied what its container is" \
	timeout 20 setpriv --reuid alice --init-groups sh "$tmp/until.sh"
true_that "the daemon is in a mount namespace of its own" test "$own" != "$(readlink "/proc/$main/ns/mnt")"

# --- cpusets: moving needs a capability then
if grep -qw cpuset $cgroups/cgroup.controllers; then
	set_up sh -c "echo +cpuset >$cgroups/cgroup.subtree_control"
	set_up mkdir $cgroups/begin
	set_up sh -c "echo 0 >$cgroups/begin/cpuset.cpus"
	run_in /begin /home/tool/run 1000
	becomes "a process of root's is moved to other processors" "9 backup" "$pid"
else
	skip "a process of root's is moved to other processors" "the kernel has no cpusets"
fi

# --- bad lines
cat >/etc/ctid/ctid.conf.d/bad.conf <<'END_OF'
cgroup /other id 41
process user nobody-here container lab
END_OF
set_up mkdir $cgroups/other
says '/etc/ctid/ctid.conf.d/bad.conf:2: no user "nobody-here"' "a bad line is named"
says "the rules that were read before stay in force"
fails "--check names it, too" 'bad.conf:2: no user "nobody-here"' ctidd --check
run alice sleep 1000
becomes "those about processes stay" "7 web" "$pid"
check "and none of the new ones holds, of cgroups either" none of /other
cat >/etc/ctid/ctid.conf.d/bad.conf <<'END_OF'
process user bob container lab
cgroup other id 41
END_OF
says 'bad.conf:2: cgroup "other" must begin' "one about cgroups"
settled
check "spoils those about processes" none of "$bobs"
set_up systemctl restart ctidd
main=$(systemctl show -p MainPID --value ctidd)
says "the rules that were good last stay in force"
run alice sleep 1000
becomes "also those about processes, after a restart" "7 web" "$pid"
check "not the others" none of "$bobs"
rm /etc/ctid/ctid.conf.d/bad.conf

# --- somebody who is not there any more
cp /etc/passwd "$tmp/passwd"
echo 'zoe:x:4711:4711::/:/bin/sh' >>/etc/passwd
conf <<'END_OF'
process user zoe container lab
process user alice container web
END_OF
says "has new rules: 2"
cp "$tmp/passwd" /etc/passwd
set_up systemctl restart ctidd
main=$(systemctl show -p MainPID --value ctidd)
says '/etc/ctid/ctid.conf:1: no user "zoe" any more: the rule is about nobody' \
	"a user who is not there any more is named when the daemon begins"
run alice sleep 1000
becomes "and the other rules hold" "7 web" "$pid"
fails "explain: it reads the files, and names the bad line" 'no user "zoe"' ctid explain "$pid"
sed -i /zoe/d /etc/ctid/ctid.conf
says "has new rules: 1"
has "explain: what rules about processes say" "process $pid
/etc/ctid/ctid.conf:1: decides: user alice container web
7 web (it is there)" ctid explain "$pid"

# --- whose cgroups are containers
conf <<'END_OF'
cgroup /there id 40
cgroup /runtime/* range 50-59
docker-socket /run/no-docker.sock
docker web id 60
unit docker.slice none
process user alice container web
process user bob from 40 container backup
process user carol container lab
END_OF
scope=/docker.slice/docker-$(printf %064d 1).scope
set_up mkdir -p $cgroups/runtime $cgroups$scope
says "has new rules: 7"
# Both kinds of news wait for it.
kill -STOP "$main"
for ((i = 0; i < 10; i++)); do
	mkdir $cgroups/runtime/$i
	run_in /runtime/$i setpriv --reuid alice --init-groups sleep 1000
	newcomers="${newcomers:-} $pid"
done
run_in $scope setpriv --reuid alice --init-groups sleep 1000
waiting=$pid
run_in /there setpriv --reuid bob --init-groups sleep 1000
fromthere=$pid
kill -CONT "$main"
becomes "a rule takes from the cgroup that the daemon bound, if it says so" "9 backup" "$fromthere"
settled
where() {
	sed 's/^0:://' "/proc/$1/cgroup"
}
left=0
for one in $newcomers; do
	[[ $(where "$one") != /runtime/* ]] || left=$((left + 1))
done
same "who begins in a container that comes is not taken out" 10 $left
same "nor who is in one that is not known yet" $scope "$(where "$waiting")"
has "as which cgroup it is" "waits" ctid explain $scope
sed -i '/^docker web/d' /etc/ctid/ctid.conf
becomes "unless it turns out to be none" "7 web" "$waiting"

# --- what is bound stays the daemon's own
conf <<'END_OF'
cgroup /there id 40
process user bob container lab cgroup /there
process user alice container late
process user carol container lab
END_OF
says "cgroup /there is bound to container 40" "a rule cannot have another's cgroup"
check "nobody is moved there" none of "$bobs"
run alice sleep 1000
late=$pid
settled
check "a container that is not registered takes nobody" none of "$late"
says "no container late is registered"
set_up ctid add 31 late
becomes "until it is" "31 late" "$late"

# --- rules go
bound_before=$(cat /run/ctid/bound)
conf <<'END_OF'
cgroup /there id 40
END_OF
says "has new rules: 1"
run carol sleep 1000
check "without rules nobody is moved" none of "$pid"
check "who was moved stays" "7 web" of "$before"
no_capability() {
	[ "$(caps Eff)" = 0000000000001002 ]
}
true_that "and the capabilities are put aside" wait_until no_capability
same "what the rules bound is not the daemon's to end" "$bound_before" "$(cat /run/ctid/bound)"

# --- where it cannot be done
conf <<'END_OF'
process user alice container web
END_OF
set_up systemctl stop ctidd
fails "without the capabilities it does not begin" "needs CAP_SYS_PTRACE and CAP_SYS_NICE" \
	setpriv --bounding-set -sys_ptrace ctidd
set_up ip netns add other
fails "nor where there are no process events" "the kernel sends no process events here" \
	nsenter --net=/run/netns/other ctidd
finish
