#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm
# vm: -S -m 3G
# ctidd as a service of systemd, and the containers of Podman, Docker (its API is
# played), systemd-nspawn and LXC.
. ./lib.sh
. ./runtimes.inc
. ./ctidd.inc
modprobe iptable_sock
image "$tmp/image"
chmod 755 "$tmp"

# docker MODE: plays Docker. With "hang" it takes calls and says nothing.
docker() {
	[ -z "${played:-}" ] || { kill "$played" && wait "$played"; } 2>/dev/null
	rm -f /run/docker.sock
	python3 - "$1" <<-'END' &
		import json, socket, sys
		server = socket.socket(socket.AF_UNIX)
		server.bind("/run/docker.sock")
		server.listen(64)
		held = []
		while True:
		    caller = server.accept()[0]
		    if sys.argv[1] == "hang":
		        held.append(caller)
		        continue
		    asked = caller.recv(65536).split()[1]
		    if asked.startswith(b"/events"):
		        caller.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
		        caller.close()
		        continue
		    number = int(asked.split(b"/")[2])
		    body = json.dumps({"Name": "/web-%d" % number, "Config": {
		        "Image": "nginx:%d" % number, "Labels": {
		            "tier": "front", "nul": "a\0b",
		            "long": "x" * (5 << 20 if number == 4 else 0)}}})
		    if number == 5:
		        body = body[1:]
		    status = "200 OK" if number < 1000 else "404 Not Found"
		    try:
		        caller.sendall(("HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" %
		                        (status, len(body), body)).encode())
		    except ConnectionError:
		        pass
		    caller.close()
	END
	played=$!
	servers="$servers $!"
	wait_until test -S /run/docker.sock || bail_out "no Docker"
}
# scope N: the cgroup of Docker's container N.
scope() {
	printf '/docker.slice/docker-%064d.scope' "$1"
}

conf <<'END'
unit docker.slice id 1 name newcomer
unit machine.slice id 1 name newcomer
docker web-1 id 10 name web
docker * image nginx:2 id 11
docker * label tier=back id 12
docker * range 500-599 name docker-%n
docker * id 13
podman one id 20 name one
podman renamed id 22
podman * label tier=front id 21
podman * range 600-699
machine spawn id 30 name spawn
lxc * range 700-799 name lxc-%n
END
rule iptables connect OUTPUT -m container --id 1 -p tcp -j DROP

# --- the service
check "there is no slice for Docker's containers yet" "" sh -c 'ls -d /sys/fs/cgroup/docker.slice 2>/dev/null'
docker hang
set_up systemctl start ctidd
main=$(systemctl show -p MainPID --value ctidd)
check "once it has begun there is one, which newcomers are in" "1 newcomer" of /docker.slice
check "and systemd's for machines" "1 newcomer" of /machine.slice
has "it runs with two capabilities in force" "CapEff:	0000000000001002" cat "/proc/$main/status"
has "and fewer system calls" "Seccomp:	2" cat "/proc/$main/status"
set_up systemctl stop docker.slice
becomes "a slice that is stopped is begun again" "1 newcomer" /docker.slice

# --- Docker, which hangs
set_up mkdir "$cgroups$(scope 1)" "$cgroups$(scope 2)"
# It is asked again soon, and is waited for then.
wait_until sh -c "ctid explain $(scope 1) >$tmp/explained; grep -q 'no answer from docker' $tmp/explained"
has "a runtime that hangs: what waits, and why" "waits for its name: no answer from docker at /run/docker.sock: Timeout" \
	cat "$tmp/explained"
check "its container is a newcomer meanwhile" "1 newcomer" of "$(scope 1)"
check "and has the newcomer's rules" "connect EPERM" \
	sockcall cgroup "$(scope 1)" socket tcp4 connect 127.0.0.1:80

# --- nobody else waits
set_up mkdir $cgroups/lxc.payload.quick
becomes "others are bound meanwhile" "700 lxc-quick" /lxc.payload.quick
docker answer
becomes "Docker: when it answers, a container by its name" "10 web" "$(scope 1)"
becomes "by its image" 11 "$(scope 2)"
check "and its own rules hold" "connect ECONNREFUSED" \
	sockcall cgroup "$(scope 1)" socket tcp4 connect 127.0.0.1:80
set_up mkdir "$cgroups$(scope 3)" "$cgroups$(scope 1003)"
becomes "from a range, with its name" "500 docker-web-3" "$(scope 3)"
becomes "one that it does not know is only what its cgroup says" 13 "$(scope 1003)"
has "explain says so" "passed over: docker does not know it" ctid explain "$(scope 1003)"
has "and what it was told" "Docker container web-3, id $(printf '%064d' 3), image nginx:3, label tier=front" \
	ctid explain "$(scope 3)"
set_up mkdir "$cgroups$(scope 4)" "$cgroups$(scope 5)"
wait_until sh -c "ctid explain $(scope 4) | grep -q 'is too long'"
has "an answer that is too long is a problem of that container" \
	"waits for its name: what docker says of container $(printf '%064d' 4) is too long" \
	ctid explain "$(scope 4)"
wait_until sh -c "ctid explain $(scope 5) | grep -q 'cannot be read'"
has "as one that is no JSON" "what docker says of container $(printf '%064d' 5) cannot be read" \
	ctid explain "$(scope 5)"
check "so it is a newcomer still" "1 newcomer" of "$(scope 4)"
same "which is said once" 1 "$(journalctl -u ctidd | grep -c "container $(printf '%064d' 5) cannot be read")"
same "of it alone" 1 "$(journalctl -u ctidd | grep -c 'no answer from docker')"
docker hang
set_up systemctl restart ctidd
check "a new daemon keeps what an earlier one was told, while nobody answers" "10 web" of "$(scope 1)"
check "all of it" "500 docker-web-3" of "$(scope 3)"

# --- Podman
set_up mount -t tmpfs tmpfs /var/lib/containers
set_up sh -c "tar -C $tmp/image -c . | podman import - local/tool"
set_up systemctl start podman.socket
pid_of() {
	podman inspect -f '{{.State.Pid}}' "$1"
}
set_up podman run -d --name one local/tool sleep 1000
becomes "Podman: a container by its name" "20 one" "$(pid_of one)"
set_up podman run -d --name two --label tier=front --network host local/tool sleep 1000
becomes "by its label, with the host's network" 21 "$(pid_of two)"
set_up podman run -d --name three --network host local/tool sleep 1000
becomes "from a range, with the host's network, too" 600 "$(pid_of three)"
before=$(cgroup_of "$(pid_of three)")
set_up podman restart -t 0 three
has_new_cgroup Podman "$before" "$(pid_of three)"
becomes "and the same id" 600 "$(pid_of three)"
set_up systemctl stop podman.socket podman.service
set_up podman restart -t 0 one
check "while the runtime's service is down a container is a newcomer" "1 newcomer" of "$(pid_of one)"
check "and the others are what they were" 600 of "$(pid_of three)"
set_up systemctl start podman.socket
becomes "when it is up again, its own" "20 one" "$(pid_of one)"
set_up podman rename three renamed
becomes "one that is called otherwise has another id" 22 "$(pid_of renamed)"
check "and no other has" "20 one" of "$(pid_of one)"
set_up podman rename renamed three
becomes "and its old one when it is called as before" 600 "$(pid_of three)"
# The daemon may be quicker than their first call.
main=$(systemctl show -p MainPID --value ctidd)
kill -STOP "$main"
for i in 1 2; do
	podman run --rm --name "new$i" --network host local/tool $sockcall socket tcp4 connect 127.0.0.1:80
done >"$tmp/new" 2>&1
kill -CONT "$main"
same "who connects at once does so as a newcomer" "connect EPERM
connect EPERM" "$(cat "$tmp/new")"
# A unit's own cgroup is split; who else the unit lets make cgroups there can give them
# such a name, too.
set_up systemd-run -q -u split -p Delegate=yes -p Type=forking podman run -d --name split \
	--label tier=front --network host --cgroups split local/tool sleep 1000
becomes "with a cgroup in a unit's" 21 "$(pid_of split)"
split=$(podman inspect -f '{{.Id}}' split)
set_up mkdir "$cgroups/system.slice/like.service"
set_up mkdir "$cgroups/system.slice/like.service/libpod-payload-$split"
wait_until sh -c "ctid explain /system.slice/like.service/libpod-payload-$split | grep -q 'in another cgroup'"
has "one that is called like it is not" "passed over: podman has it in another cgroup" \
	ctid explain "/system.slice/like.service/libpod-payload-$split"
check "and has no container" none of "/system.slice/like.service/libpod-payload-$split"
set_up podman rm -f -t 0 one two three split

# --- systemd-nspawn
systemd-nspawn -q -D "$tmp/image" -M spawn --as-pid2 sleep 1000 >"$tmp/spawn" 2>&1 </dev/null &
servers="$servers $!"
wait_until machinectl show spawn || bail_out "no machine: $(cat "$tmp/spawn")"
leader=$(machinectl show -p Leader --value spawn)
becomes "nspawn: a machine by its name" "30 spawn" "$leader"
has "explain: it is a machine" ", machine spawn" ctid explain "$leader"
set_up systemctl restart ctidd
check "it is so after a restart of the daemon" "30 spawn" of "$leader"
set_up machinectl terminate spawn

# --- LXC
echo 'lxc.net.0.type = none' >"$tmp/lxc"
cat >>"$tmp/lxc" <<END
lxc.uts.name = lx
lxc.rootfs.path = dir:$tmp/image
lxc.apparmor.profile = unconfined
END
lxc-start -n lx -f "$tmp/lxc" -l info -o "$tmp/lxc.log" -d -- sleep 1000 </dev/null ||
	bail_out "no container: $(grep ERROR "$tmp/lxc.log")"
becomes "LXC: a container, with the host's network, by its name" "701 lxc-lx" "$(lxc-info -n lx -p -H)"
set_up lxc-stop -k -n lx

# --- nothing is stale
# What the kernel keeps of a removed one, for memory that it used, is nobody's concern.
over() {
	! ctid list | grep -q 'libpod\|spawn.scope\|payload.lx'
}
wait_until over
same "no binding of a container that is gone is left" "" \
	"$(ctid list | grep 'libpod\|spawn.scope\|payload.lx')"
finish
