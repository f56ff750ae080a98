#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: forky
# vm: -S -m 3G
# Rules about processes with systemd: sessions of logind, users' managers, services.
. ./lib.sh
modprobe iptable_sock

# Passes with ECONNREFUSED, since nobody listens; rules deny it with EPERM.
call="/usr/libexec/container-tests/sockcall socket tcp4 connect 127.0.0.1:81"
free="connect ECONNREFUSED"
ruled="connect EPERM"
set_up useradd -m alice
set_up useradd -m bob
uid=$(id -u alice)
slice=/user.slice/user-$uid.slice
chmod 755 "$tmp"
set_up ctid add 7 web
rule iptables connect OUTPUT -m container --id web -p tcp --dport 81 -j DROP
for file in common-session common-session-noninteractive; do
	echo "session required pam_ctid.so" >>/etc/pam.d/$file
done

# conf LINE...: the rules.
conf() {
	mkdir -p /etc/ctid
	printf '%s\n' "$@" >/etc/ctid/ctid.conf
}
# manager COMMAND...: has alice's service manager run it.
manager() {
	su alice -c "XDG_RUNTIME_DIR=/run/user/$uid systemd-run --user --wait --pipe -q $*"
}
# logged_out: alice is, and her slice is gone.
logged_out() {
	loginctl terminate-user alice
	wait_until test ! -e "$cgroups$slice"
}

# --- sessions
check "without rules, a session is free" "$free" su alice -c "$call"
has "systemd keeps a scope for it" "$slice/session-" su alice -c "cat /proc/self/cgroup"
check "what the user's manager runs is free" "$free" manager "$call"
true_that "the user's slice goes when she does" logged_out
conf "process user alice container web"
check "with a rule, the first session is the container's" "$ruled" su alice -c "$call"
has "it stays in its scope" "$slice/session-" su alice -c "cat /proc/self/cgroup"
has "the slice is bound" "7 web (bound at $slice)" ctid of "$slice"
has "systemd has the session" "alice" \
	su alice -c "loginctl show-session \$XDG_SESSION_ID -p Name"
check "what the user's manager runs is the container's" "$ruled" manager "$call"
check "another user's session is free" "$free" su bob -c "$call"
set_up logged_out
set_up loginctl enable-linger alice
set_up wait_until test -S "/run/user/$uid/bus"
has "a manager without a session is the container's from its start" \
	"7 web (bound at $slice)" ctid of "$(systemctl show -P MainPID "user@$uid.service")"
set_up loginctl disable-linger alice
set_up logged_out
set_up ctid del web
fails "without its container, a session fails" "su: " su alice -c true
check "root's does not" "0" su root -c "id -u"
set_up ctid add 7 web
check "with it, a session is the container's again" "$ruled" su alice -c "$call"

# --- services
cat >/etc/systemd/system/job.service <<-END
	[Service]
	Type=oneshot
	User=alice
	ExecStart=$call
	StandardOutput=file:$tmp/job
	StandardError=file:$tmp/job
END
job() {
	rm -f "$tmp/job"
	systemctl daemon-reload
	systemctl start job.service
	[ ! -e "$tmp/job" ] || tail -n 1 "$tmp/job"
}
check "without the drop-in, a service is free" "$free" job
mkdir /etc/systemd/system/job.service.d
ctid classify user alice --drop-in >/etc/systemd/system/job.service.d/ctid.conf
check "with it, it is the container's from its first process on" "$ruled" job
check "each time it starts" "$ruled" job
set_up ctid del web
fails "without its container it does not start" "failed" systemctl start job.service
finish
