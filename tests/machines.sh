#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: trixie
# vm: -S
# The host's rules and the containers of systemd-nspawn and LXC.
. ./lib.sh
. ./runtimes.inc
modprobe iptable_sock

network
image "$tmp/image"
chmod 755 "$tmp"
set_up ctid add 7 web
set_up systemctl start web.slice
set_up ctid bind web /web.slice

# all WHO ADDRESS RUN...: what holds of each runtime's container.
all() {
	local who=$1 address=$2
	shift 2
	flush
	calls_of "without rules, $who: all calls pass" "$free" "$@"
	serves_host "without rules, $who: its server takes the host" "connect ok" "$address:9000"
	serves_outside "without rules, $who: its server takes who is outside" "connect ok" "$address:9000"
	rules web
	calls_of "$who: the host's rules hold" "$ruled" "$@"
	curl_of "$who" "$@"
	serves_host "$who: a peer that is not permitted is refused" "connect ECONNREFUSED" "$address:9000"
	serves_outside "$who: one that is, is not" "connect ok" "$address:9000"
}

# --- systemd-nspawn, with --network-veth
set_up mkdir "$tmp/door"
set_up mkfifo "$tmp/door/in" "$tmp/door/out"
# What it is to run comes in by the door.
cat >"$tmp/image/main" <<END
ip addr add 10.6.0.2/24 dev host0
ip link set host0 up
ip route add default via 10.6.0.1
$serve &
while read -r command </door/in; do
	sh -c "\$command" >/door/out 2>&1 </dev/null
done
END
start_spawn() {
	systemd-nspawn -q -D "$tmp/image" -M spawn --slice web.slice --network-veth \
		--as-pid2 --bind "$tmp/door:/door" sh /main >"$tmp/spawn" 2>&1 </dev/null &
	spawn=$!
	servers="$servers $!"
	wait_until ip link set ve-spawn up || bail_out "no machine: $(cat "$tmp/spawn")"
	set_up ip addr add 10.6.0.1/24 dev ve-spawn
	set_up wait_until outside nc -z 10.6.0.2 9000
}
in_spawn() {
	echo "$*" >"$tmp/door/in"
	cat "$tmp/door/out"
}
leader() {
	machinectl show -p Leader --value spawn
}
start_spawn
has "nspawn: the machine is below the slice that is bound" "7 web (bound at /web.slice)" \
	ctid of "$(leader)"
all nspawn 10.6.0.2 in_spawn
before=$(cgroup_of "$(leader)")
set_up machinectl terminate spawn
wait $spawn
start_spawn
has_new_cgroup nspawn "$before" "$(leader)"
calls_of "nspawn: and the same rules" "$ruled" in_spawn
set_up machinectl terminate spawn
wait $spawn

# --- LXC
start_lx() {
	# shellcheck disable=SC2086 # words
	lxc_start lx "$tmp/image" $serve <<-END
		lxc.mount.auto = proc sys cgroup
		lxc.cgroup.dir = web.slice/lx
	END
	set_up wait_until outside nc -z 10.7.0.2 9000
}
in_lx() {
	lxc-attach -n lx -- "$@"
}
init() {
	lxc-info -n lx -p -H
}
start_lx
has "LXC: the container is below the slice that is bound" "7 web (bound at /web.slice)" \
	ctid of "$(init)"
all LXC 10.7.0.2 in_lx
before=$(cgroup_of "$(init)")
set_up lxc-stop -k -n lx
start_lx
has_new_cgroup LXC "$before" "$(init)"
calls_of "LXC: and the same rules" "$ruled" in_lx
finish
