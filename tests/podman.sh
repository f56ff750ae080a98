#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: trixie
# vm: -S -m 3G
# The host's rules and Podman's containers, root's and a user's.
. ./lib.sh
. ./runtimes.inc
modprobe iptable_sock

network
image "$tmp/image"
set_up tar -C "$tmp/image" -cf /tmp/image.tar .

# --- root's containers, with a bridge network
# overlay cannot lie on the guest's own.
set_up mount -t tmpfs tmpfs /var/lib/containers
set_up podman import /tmp/image.tar local/tool
set_up ctid add 7 web
set_up systemctl start web.slice
set_up ctid bind web /web.slice
start_web() {
	# shellcheck disable=SC2086 # words
	set_up podman run -d --name web --cgroup-parent web.slice -p 9001:9000 local/tool $serve
	address=$(podman inspect -f '{{.NetworkSettings.IPAddress}}' web)
	set_up wait_until outside nc -z 192.0.2.1 9001
}
in_web() {
	podman exec web "$@"
}
pid_of_web() {
	podman inspect -f '{{.State.Pid}}' web
}
start_web
calls_of "without rules, Podman: all calls pass" "$free" in_web
serves_host "without rules, Podman: its server takes the host" "connect ok" "$address:9000"
serves_outside "without rules, Podman: its server takes who is outside" "connect ok" 192.0.2.1:9001
rules web
has "the container is below the slice that is bound" "7 web (bound at /web.slice)" \
	ctid of "$(pid_of_web)"
calls_of "Podman: the host's rules hold" "$ruled" in_web
curl_of Podman in_web
serves_host "Podman: a peer that is not permitted is refused" "connect ECONNREFUSED" "$address:9000"
serves_outside "Podman: one that is, through the published port, is not" "connect ok" 192.0.2.1:9001
serves_host "Podman: nor is the published port a way around for the host" "connect ECONNREFUSED" 127.0.0.1:9001
peer "Podman: rules see a peer's own address behind a published port" 192.0.2.2 9000 \
	outside sockcall socket tcp4 connect 192.0.2.1:9001
peer "Podman: and the bridge's for the host's" 10.88.0.1 9000 sockcall socket tcp4 connect 127.0.0.1:9001

before=$(cgroup_of "$(pid_of_web)")
set_up podman restart -t 0 web
set_up wait_until outside nc -z 192.0.2.1 9001
has_new_cgroup Podman "$before" "$(pid_of_web)"
calls_of "Podman: and the same rules" "$ruled" in_web
set_up podman rm -f -t 0 web
start_web
calls_of "Podman: so does one that is made anew" "$ruled" in_web

# shellcheck disable=SC2086 # words
check "Podman: and one with the host's network" "$ruled" \
	podman run --rm --network host --cgroup-parent web.slice local/tool $sockcall $calls
# shellcheck disable=SC2086
check "while one in another slice is free" "$free" \
	podman run --rm --network host local/tool $sockcall $calls
set_up podman rm -f -t 0 web

# --- a container that is bound itself: bound anew when it has started anew
set_up podman run -d --name one local/tool sleep 1000
in_one() {
	podman exec one "$@"
}
bind_one() {
	set_up ctid bind web "$(podman inspect -f '{{.State.CgroupPath}}' one)"
}
bind_one
calls_of "Podman: its own cgroup can be bound" "$ruled" in_one
set_up podman restart -t 0 one
calls_of "Podman: without the new one it is not the container" "$free" in_one
bind_one
calls_of "Podman: with it the same rules hold" "$ruled" in_one
set_up podman rm -f -t 0 one
set_up ctid unbind web /web.slice

# --- a user's containers
set_up useradd -m alice
set_up mount -t tmpfs -o "uid=$(id -u alice),gid=$(id -g alice)" tmpfs /home/alice
set_up loginctl enable-linger alice
set_up wait_until test -S "/run/user/$(id -u alice)/bus"
chmod 644 /tmp/image.tar
alice() {
	(cd /home/alice && exec setpriv --reuid alice --regid alice --init-groups env \
		USER=alice HOME=/home/alice "XDG_RUNTIME_DIR=/run/user/$(id -u alice)" "$@")
}
set_up alice podman import /tmp/image.tar local/tool
hers=/user.slice/user-$(id -u alice).slice
set_up ctid bind web "$hers"
start_hers() {
	# shellcheck disable=SC2086 # words
	set_up alice podman run -d --name hers -p 9001:9000 local/tool $serve
	set_up wait_until outside nc -z 192.0.2.1 9001
}
in_hers() {
	alice podman exec hers "$@"
}
flush
start_hers
calls_of "without rules, rootless: all calls pass" "$free" in_hers
serves_host "without rules, rootless: its server takes the host" "connect ok" 192.0.2.1:9001
serves_outside "without rules, rootless: its server takes who is outside" "connect ok" 192.0.2.1:9001
rules web
calls_of "rootless: the host's rules hold" "$ruled" in_hers
curl_of rootless in_hers
has "rootless: the container is the user's" "7 web (bound at $hers)" \
	ctid of "$(alice podman inspect -f '{{.State.Pid}}' hers)"

# The process that forwards the published port is hers, too, and rules see its peer.
# What it makes of it for the container's listener is its own affair.
peer "rootless: rules see a peer's own address at the published port" 192.0.2.2 9001 \
	outside sockcall socket tcp4 connect 192.0.2.1:9001
if pgrep -x slirp4netns >/dev/null; then
	forwarded=10.0.2.100 hosts=10.0.2.100
else
	forwarded=192.0.2.2 hosts=169.254.1.2
fi
peer "rootless: and $forwarded at the container's listener" $forwarded 9000 \
	outside sockcall socket tcp4 connect 192.0.2.1:9001
peer "rootless: which is $hosts for the host's" $hosts 9000 \
	sockcall socket tcp4 connect 192.0.2.1:9001
rule iptables accept INPUT -m container --id web -p tcp --dport 9001 \
	! -s 192.0.2.2 -j SOCKERR --errno ECONNREFUSED
serves_host "rootless: a peer that is not permitted is refused" "connect ECONNREFUSED" 192.0.2.1:9001
serves_outside "rootless: one that is, is not" "connect ok" 192.0.2.1:9001

# In two steps: who forwards the port may hold it a little longer than "restart" waits.
set_up alice podman stop -t 0 hers
set_up wait_until sh -c '! ss -Htln sport = :9001 | grep -q .'
set_up alice podman start hers
set_up wait_until outside nc -z 192.0.2.1 9001
calls_of "rootless: a container that restarts has the same rules" "$ruled" in_hers
finish
