#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Rules about processes, at the doors: by user, group, file, session and process
# group.
. ./lib.sh
. ./classify.inc

# at_door USER COMMAND...: a user's ctid exec --classify, with what it takes.
at_door() {
	local user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --init-groups \
		--inh-caps +net_admin,+dac_override --ambient-caps +net_admin,+dac_override \
		ctid exec --classify -- "$@"
}

# --- ctid exec
# shellcheck disable=SC2086 # words, in all that follows
{
check "without rules, the door lets all pass" "$free" at_door alice $sockcall $call
check "and leaves them where they are" "$(cat /proc/self/cgroup)" \
	ctid exec --classify -- cat /proc/self/cgroup

conf "process user alice container web"
check "a user's rule holds from the first call on" "$ruled" at_door alice $sockcall $call
check "the cgroup is made and bound" "0::/ctid.slice/web" at_door alice cat /proc/self/cgroup
check "another user is free" "$free" at_door bob $sockcall $call

conf "process group students container lab"
check "a further group counts" "$ruled" at_door carol $sockcall $call
check "who is not in it is free" "$free" at_door alice $sockcall $call
conf "process group 1000 container lab"
check "so does the group itself, by its number" "$ruled" at_door alice $sockcall $call

cp $sockcall "$tmp/copy"
ln -s $sockcall "$tmp/link"
conf "process exe $tmp/link container backup"
check "a file counts" "$ruled" at_door bob $sockcall $call
check "by any path" "$ruled" at_door bob "$tmp/link" $call
PATH=$tmp:$PATH check "and found as execvp() does" "$ruled" at_door bob link $call
# What execvp() would not take: a directory, and a file that nobody may execute.
mkdir -p "$tmp/first/link" "$tmp/second"
touch "$tmp/second/link" "$tmp/second/mere"
PATH=$tmp/first:$tmp/second:$tmp:$PATH check "in the directory where there is one that can be run" \
	"$ruled" at_door bob link $call
PATH=$tmp/second:$PATH fails "and if there is none, the message says so" \
	'cannot run "mere": Permission denied' ctid exec --classify mere
check "its copy is another file" "$free" at_door bob "$tmp/copy" $call

conf "process user alice exe $tmp/copy container backup" \
	"process user alice container web"
check "all conditions must hold" "0::/ctid.slice/web" at_door alice cat /proc/self/cgroup
has "the first rule that fits decides" "to be put into /ctid.slice/backup" \
	ctid classify user alice exe "$tmp/copy"

conf "process session-leader /bin/sh container web"
check "a session's leader counts" "$ruled" \
	setsid -w sh -c "ctid exec --classify -- $sockcall $call; true"
check "another one is another session" "$free" \
	setsid -w bash -c "ctid exec --classify -- $sockcall $call; true"
conf "process group-leader /bin/sh container web"
check "a process group's leader counts" "$ruled" \
	setsid -w bash -c "set -m; sh -c 'ctid exec --classify -- $sockcall $call; true'"
check "another one is another group" "$free" \
	setsid -w bash -c "set -m; bash -c 'ctid exec --classify -- $sockcall $call; true'"

set_up mkdir $cgroups/db
set_up ctid bind db /db
conf "process user root container web"
check "nobody is pulled out of a container" "0::/db" inside /db ctid exec --classify -- cat /proc/self/cgroup
has "which is explained" "no: it is in container 30, and there is no from" \
	inside /db ctid classify self
conf "process exe /bin/cat from lab,db container web"
check "unless the rule says from where" "0::/ctid.slice/web" \
	inside /db ctid exec --classify -- cat /proc/self/cgroup

conf "process exe /bin/cat container other"
fails "a container that is not registered fails the command" \
	"/etc/ctid/ctid.conf:1: no container other is registered" ctid exec --classify -- cat /dev/null
conf "process exe /bin/cat container web" "unit web.service id 7" \
	"process user nobody-here container web"
fails "so does a bad line" '/etc/ctid/ctid.conf:3: no user "nobody-here"' \
	ctid exec --classify -- true
conf "process exe /bin/cat container web" "proces user root container lab"
fails "and one of a misspelt word" '/etc/ctid/ctid.conf:2: "proces" is nothing that a line can' \
	ctid exec --classify -- true
conf $'\xef\xbb\xbfprocess user root container lab' "process exe /bin/cat container web"
fails "and a byte order mark" '/etc/ctid/ctid.conf:1: "\357\273\277process" is nothing' \
	ctid classify self
conf "process exe /bin/cat container web cgroup /elsewhere/below"
check "a rule may name the cgroup" "0::/elsewhere/below" ctid exec --classify -- cat /proc/self/cgroup
conf "process exe /bin/cat container web cgroup /db"
fails "but not another container's" "cgroup /db is bound to container 30 db" \
	ctid exec --classify -- cat /dev/null

fails "a command that is not there is not run" 'cannot run "not-there": No such file' \
	ctid exec --classify -- not-there

# --- ctid classify
conf "process user bob container lab"
fails "a user is said once" "ctid: user is there twice" ctid classify user alice user bob
conf "process group students container web" "process group carol container lab"
for groups in "group students group carol" "group carol group students"; do
	has "of several groups each counts: $groups" "7 web (to be put into" ctid classify $groups
done

for words in "self user root" "1 2" "user root 1"; do
	fails "not a process and something else: $words" \
		"is a process: ask about one process, or say facts of one" ctid classify $words
done
fails "kthreadd is there" "process 2 is a thread of the kernel, which no rule moves" \
	ctid classify 2
fails "who is not there is not" "cannot read what process 4194304 is: No such process" \
	ctid classify 4194304

# Names with a byte that is no UTF-8, which JSON cannot hold.
odd=$'\xff'
conf "# none"
mkdir -p /etc/ctid/ctid.conf.d
echo "process user bob exe /$odd container lab" >"/etc/ctid/ctid.conf.d/$odd.conf"
echo "process user bob container web cgroup /odd$odd" >>"/etc/ctid/ctid.conf.d/$odd.conf"
check "JSON has what is no UTF-8: of the rules" '[{"file":"/etc/ctid/ctid.conf.d/\\377.conf","line":1,"user":"bob","exe":"/\\377","container":"lab"},{"file":"/etc/ctid/ctid.conf.d/\\377.conf","line":2,"user":"bob","container":"web","cgroup":"/odd\\377"}]' \
	ctid classify --json
check "of what becomes of a process" '{"id":7,"name":"web","cgroup":"/odd\\377","rule":{"file":"/etc/ctid/ctid.conf.d/\\377.conf","line":2},"there":false}' \
	ctid classify user bob --json
setpriv --reuid bob --clear-groups sleep 1000 >/dev/null 2>&1 </dev/null &
bobs=$!
ctid classify --follow --json >"$tmp/follow" 2>&1 </dev/null &
follower=$!
servers="$servers $bobs $follower"
set_up wait_until grep -q "\"pid\":$bobs," "$tmp/follow"
check "and of its move" "{\"id\":7,\"name\":\"web\",\"event\":\"moved\",\"pid\":$bobs,\"cgroup\":\"/odd\\\\377\",\"file\":\"/etc/ctid/ctid.conf.d/\\\\377.conf\",\"line\":2}" \
	grep "\"pid\":$bobs," "$tmp/follow"
set_up kill "$follower" "$bobs"
rm "/etc/ctid/ctid.conf.d/$odd.conf"

# --- a PAM session
cat >/etc/pam.d/su <<-'END'
	auth sufficient pam_permit.so
	account required pam_permit.so
	session required pam_ctid.so
END
conf "# none"
check "without rules, a session is free" "$free" su alice -c "$sockcall $call"
check "and begins where it was" "$(cat /proc/self/cgroup)" su alice -c "cat /proc/self/cgroup"
conf "process user alice exe $sockcall container backup" "process user alice container web" \
	"process group students container lab"
check "a user's session is the container's" "$ruled" su alice -c "$sockcall $call"
check "in its cgroup" "0::/ctid.slice/web" su alice -c "cat /proc/self/cgroup"
check "that of a group's member is" "0::/ctid.slice/lab" su carol -c "cat /proc/self/cgroup"
check "another user's is free" "$free" su bob -c "$sockcall $call"
check "a session inside of a container stays" "0::/db" \
	inside /db su alice -c "cat /proc/self/cgroup"
conf "process user alice container other" "process user root container other"
fails "a session whose rule cannot be followed fails" "su: " su alice -c true
check "root's does not" "0" su root -c "id -u"
conf "process user alice container"
fails "a bad line fails it" "su: " su alice -c true
conf "process user alice container web" "proces user bob container lab"
fails "so does a misspelt one" "su: " su alice -c true
sed -i 's/pam_ctid.so/& lenient/' /etc/pam.d/su
check "unless the module is lenient" "$free" su alice -c "$sockcall $call"
sed -i 's/pam_ctid.so.*/pam_ctid.so conf=\/etc\/mine/' /etc/pam.d/su
echo "process user alice container lab" >/etc/mine
check "the module may read another file" "0::/ctid.slice/lab" su alice -c "cat /proc/self/cgroup"

# --- a file that is not there
python3 -c 'import socket
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
while True:
    print(log.recv(4096).decode(), flush=True)' >"$tmp/log" &
servers="$servers $!"
set_up wait_until test -S /dev/log
set_up mv /etc/mine /etc/mine.kept
set_up ln -s nothing /etc/mine
fails "without the file that the service names, a session fails" "su: " su alice -c true
true_that "it is logged which one that is" \
	wait_until grep -q "cannot open /etc/mine: No such file or directory" "$tmp/log"
check "root's does not" "0" su root -c "id -u"
set_up mv /etc/mine.kept /etc/mine
check "with it it is the container's" "0::/ctid.slice/lab" su alice -c "cat /proc/self/cgroup"
set_up sed -i 's/ conf=.*//' /etc/pam.d/su
set_up mv /etc/ctid/ctid.conf /etc/ctid/kept
check "without the usual file it is free" "$free" su alice -c "$sockcall $call"
true_that "which is logged" wait_until grep -q "/etc/ctid/ctid.conf is not there: rules are" "$tmp/log"
echo "process user alice container lab" >/etc/ctid/ctid.conf.d/lab.conf
check "but by a rule of its directory" "0::/ctid.slice/lab" su alice -c "cat /proc/self/cgroup"
set_up rm /etc/ctid/ctid.conf.d/lab.conf
set_up mv /etc/ctid/kept /etc/ctid/ctid.conf
set_up sed -i 's/pam_ctid.so/& conf=\/etc\/mine/' /etc/pam.d/su

# --- the order of files
# A locale in which b comes before a; localedef complains of all else that it lacks.
printf '%s\n' CHARMAP '<U0061> \x61' '<U0062> \x62' 'END CHARMAP' >"$tmp/map"
printf '%s\n' LC_COLLATE 'order_start forward' '<U0062>' '<U0061>' order_end 'END LC_COLLATE' \
	>"$tmp/order"
mkdir "$tmp/locales"
localedef -c -f "$tmp/map" -i "$tmp/order" "$tmp/locales/backward" >/dev/null 2>&1
backward="env -u LC_ALL LOCPATH=$tmp/locales LC_COLLATE=backward"
mkdir /etc/mine.d
echo "process user bob container web" >/etc/mine.d/a.conf
echo "process user bob container lab" >/etc/mine.d/b.conf
same "(there is a language that sorts otherwise)" "b a" \
	"$(printf '%s\n' a b | $backward sort | paste -sd ' ')"
check "the first of two files is the same in each language" "0::/ctid.slice/web" \
	$backward su bob -c "cat /proc/self/cgroup"

# --- a drop-in
conf "process user alice exe $sockcall container web"
check "a drop-in for a service" "# For /etc/systemd/system/UNIT.service.d/, by /etc/ctid/ctid.conf:1:
# user alice exe $sockcall container web
[Service]
ExecStartPre=+/usr/sbin/ctid bind web self" ctid classify user alice exe $sockcall --drop-in
fails "there is none for what no rule is about" "no rule is about that" \
	ctid classify user bob --drop-in
set_up mkdir $cgroups/unit
check "before it, a service is free" "$free" inside /unit $sockcall $call
check "what it runs gives it to the container" "$ruled" \
	inside /unit sh -c "ctid bind web self && exec setpriv --reuid alice $sockcall $call"
}
finish
