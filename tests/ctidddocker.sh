#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: forky
# vm: -S -m 3G
# ctidd and the host's rules with Debian's Docker, which is asked at its API: its
# command is another package in some suites.
. ./lib.sh
. ./runtimes.inc
. ./ctidd.inc
modprobe iptable_sock
network
image "$tmp/image"
set_up tar -C "$tmp/image" -cf "$tmp/image.tar" .
# overlay cannot lie on the guest's own.
set_up mkdir -p /var/lib/docker /etc/docker
set_up mount -t tmpfs tmpfs /var/lib/docker
cat >/etc/docker/daemon.json <<'END'
{ "cgroup-parent": "docker.slice", "exec-opts": ["native.cgroupdriver=systemd"], "live-restore": true }
END

# api METHOD PATH [CURL'S OPTIONS]
api() {
	curl -sS --fail-with-body -m 60 --unix-socket /run/docker.sock -X "$1" "http://docker/$2" "${@:3}"
}
json() {
	api "$@" -H 'Content-Type: application/json'
}
# field NAME...: of the JSON that comes on standard input.
field() {
	python3 -c 'import functools, json, sys
print(functools.reduce(lambda d, k: d[k], sys.argv[1:], json.load(sys.stdin)))' "$@"
}
# run NAME IMAGE NETWORK [LABEL]: begins a container. AppArmor's parser is not here.
run() {
	set_up json POST "containers/create?name=$1" -d '{ "Image": "'"$2"'", "Cmd": ["sleep", "1000"],
		"Labels": { "tier": "'"${4:-none}"'", "odd": "a\u0000b" }, "HostConfig": {
			"NetworkMode": "'"$3"'", "SecurityOpt": ["apparmor=unconfined"] } }'
	set_up api POST "containers/$1/start"
}
pid_of() {
	api GET "containers/$1/json" | field State Pid
}
# in_container NAME COMMAND...
in_container() {
	local name=$1 word words="" id
	shift
	for word; do words+="${words:+, }\"$word\""; done
	id=$(json POST "containers/$name/exec" -d "{ \"AttachStdout\": true, \"AttachStderr\": true, \"Tty\": true, \"Cmd\": [$words] }" | field Id)
	json POST "exec/$id/start" -d '{ "Tty": true }' --output - | tr -d '\r'
}

conf <<'END'
unit docker.slice id 1 name newcomer
docker web id 10 name web
docker renamed id 13
docker * image local/db:* id 11
docker * label tier=front id 12
docker * range 500-599 name docker-%n
lxc * range 700-799 name lxc-%n
END
set_up systemctl start ctidd
if ! systemctl start docker >"$tmp/docker" 2>&1; then
	skip "Docker" "it does not run: $(journalctl -b -u docker -o cat | grep -v '^\(Stop\|Start\)' | tail -n 1)"
	finish
fi
for name in tool:latest db:1; do
	set_up api POST "images/create?fromSrc=-&repo=local/${name%:*}&tag=${name#*:}" \
		-H 'Content-Type: application/x-tar' --data-binary "@$tmp/image.tar" -o /dev/null
done

# --- who is who
run web local/tool bridge
becomes "Docker: a container by its name" "10 web" "$(pid_of web)"
run data local/db:1 bridge
becomes "by its image" 11 "$(pid_of data)"
run labelled local/tool host front
becomes "by its label, with the host's network" 12 "$(pid_of labelled)"
run other local/tool host
becomes "from a range, with its name and the host's network" "500 docker-other" "$(pid_of other)"
has "explain knows it" "Docker container other, id " ctid explain "$(pid_of other)"

# --- the host's rules
calls_of "without rules, Docker: all calls pass" "$free" in_container web
calls_of "without rules, with the host's network, too" "$free" in_container labelled
rules web
calls_of "Docker: the host's rules hold" "$ruled" in_container web
calls_of "and are about no other container" "$free" in_container other
curl_of Docker in_container web
flush
calls_of "when they are gone, all calls pass again" "$free" in_container web
rules 12
calls_of "with the host's network they hold, too" "$ruled" in_container labelled
flush

# --- names change
set_up api POST "containers/data/rename?name=renamed"
becomes "one that is called otherwise has another id" 13 "$(pid_of renamed)"
check "and no other has" "10 web" of "$(pid_of web)"
set_up api POST "containers/renamed/rename?name=data"
becomes "and its old one when it is called as before" 11 "$(pid_of data)"

# --- restarts
before=$(cgroup_of "$(pid_of other)")
run third local/tool host
becomes "another one of the range" "501 docker-third" "$(pid_of third)"
set_up api POST "containers/other/restart?t=0"
has_new_cgroup Docker "$before" "$(pid_of other)"
becomes "and the same id" "500 docker-other" "$(pid_of other)"
pid=$(pid_of third)
set_up systemctl stop docker.service docker.socket
check "while Docker's daemon is down, its containers are what they were" "501 docker-third" of "$pid"
set_up systemctl restart ctidd
check "also to a new ctidd" "501 docker-third" of "$pid"
set_up systemctl start docker.socket docker.service
same "Docker's daemon has it again" "$pid" "$(pid_of third)"
set_up api POST "containers/third/restart?t=0"
becomes "and a container that it restarts then has its id" "501 docker-third" "$(pid_of third)"

# --- a daemon that hangs
daemon=$(systemctl show -p MainPID --value docker)
set_up kill -STOP "$daemon"
scope=/docker.slice/docker-$(printf %064d 1).scope
set_up mkdir "$cgroups$scope" $cgroups/lxc.payload.quick
becomes "while it hangs, others are bound" "700 lxc-quick" /lxc.payload.quick
wait_until sh -c "ctid explain $scope >$tmp/explained; grep -q 'no answer from docker' $tmp/explained"
has "what waits for it, and why" "waits for its name: no answer from docker at /run/docker.sock" \
	cat "$tmp/explained"
check "is a newcomer meanwhile" "1 newcomer" of $scope
set_up kill -CONT "$daemon"
wait_until sh -c "ctid explain $scope >$tmp/explained; grep -q 'docker does not know it' $tmp/explained"
has "until it goes on" "passed over: docker does not know it" cat "$tmp/explained"
for name in web data labelled other third; do
	set_up api DELETE "containers/$name?force=1"
done
over() {
	! ctid list | grep -q 'docker-[0-9a-f]*[.]scope'
}
set_up rmdir "$cgroups$scope"
wait_until over
same "no binding of a container that is gone is left" "" "$(ctid list | grep 'docker-[0-9a-f]*[.]scope')"
finish
