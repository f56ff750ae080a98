#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm
# ctidd and the runtimes of Kubernetes' pods, which cri.py plays: names and labels by
# gRPC, and what becomes of pods while nobody tells them, or somebody tells nonsense.
. ./lib.sh
. ./ctidd.inc
modprobe iptable_sock
containerd=/run/containerd/containerd.sock
crio=/run/crio/crio.sock
told=$tmp/told
pods=/kubepods.slice/kubepods-burstable.slice

# uid N, pod N: a pod's uid, and its cgroup as systemd names it.
uid() {
	printf '11111111-2222-3333-4444-%012d' "$1"
}
pod() {
	printf '%s/kubepods-burstable-pod11111111_2222_3333_4444_%012d.slice' $pods "$1"
}

# runtime_says WHAT: from now on, with the pods of $tmp/pods.
runtime_says() {
	{
		echo "$1"
		cat "$tmp/pods"
	} >"$told.new"
	mv "$told.new" "$told"
}

# runtime_has N NAMESPACE NAME [STATE [KEY=VALUE]...]: it has this pod, too.
runtime_has() {
	echo "$(uid "$1") ${*:2}" >>"$tmp/pods"
	runtime_says answer
}

# runtime SOCKET: plays one there. $runtime is its process.
runtime() {
	mkdir -p "${1%/*}"
	rm -f "$1"
	./cri.py "$1" "$told" >"$tmp/runtime" 2>&1 </dev/null &
	runtime=$!
	servers="$servers $!"
	wait_until test -S "$1" || bail_out "no runtime: $(cat "$tmp/runtime")"
}

calls() {
	wc -l <"$told.calls"
}

# waits N WHY: the pod waits for this reason.
explained() {
	ctid explain "$(pod "$1")" | grep -qF "$2"
}
waits() {
	wait_until explained "$1" "$2"
	has "explain: $2" "$2" ctid explain "$(pod "$1")"
}

# newcomer N: it is one, and its calls fare so.
newcomer() {
	check "and the pod is a newcomer" "1 newcomer" of "$(pod "$1")"
	check "whose calls are denied" "connect EPERM" \
		sockcall cgroup "$(pod "$1")" socket tcp4 connect 127.0.0.1:80
}

true >"$tmp/pods"
true >"$told.calls"
mkdir -p /var/log/pods
conf <<'END'
unit kubepods.slice id 1 name newcomer
pod db-* namespace shop id 31 name db
pod * label tier=front id 32 name front
pod * label tier=back namespace shop range 500-599 name back-%n
pod * namespace kube-system none
pod * id 40 name other
lxc * range 700-799 name lxc-%n
END
true_that "--check knows labels of pods" ctidd --check
rule iptables connect OUTPUT -m container --id 1 -p tcp -j DROP
set_up mkdir -p $cgroups$pods
start_ctidd

# --- no runtime: the directory of logs has the names
mkdir "/var/log/pods/shop_db-0_$(uid 1)" "/var/log/pods/shop_web_$(uid 2)"
set_up mkdir "$cgroups$(pod 1)" "$cgroups$(pod 2)"
becomes "without a runtime a pod's name is that of its logs" "31 db" "$(pod 1)"
waits 2 "waits for its labels: no runtime of pods has a socket that is asked"
newcomer 2

# --- containerd comes
runtime_has 2 shop web-a 0 tier=front app=web
runtime $containerd
becomes "when there is one, a pod by its label" "32 front" "$(pod 2)"
check "and no newcomer's rule is about it" "connect ECONNREFUSED" \
	sockcall cgroup "$(pod 2)" socket tcp4 connect 127.0.0.1:80
has "explain: what it was told" ", pod web-a in namespace shop, id $(uid 2), label tier=front, label app=web" \
	ctid explain "$(pod 2)"
runtime_has 3 shop web-b 0 tier=back
set_up mkdir "$cgroups$(pod 3)"
becomes "by label and namespace, from a range, with its name" "500 back-web-b" "$(pod 3)"
runtime_has 4 kube-system proxy 0 tier=none
runtime_has 5 test x 0 tier.x=front tier==front
set_up mkdir "$cgroups$(pod 4)" "$cgroups$(pod 5)"
becomes "by no label, as another key is another one" "40 other" "$(pod 5)"
check "by a rule that says none" "1 newcomer" of "$(pod 4)"
runtime_has 6 shop web-c 1 tier=front
runtime_has 6 shop web-c 0 tier=back
set_up mkdir -p "$cgroups/kubepods/burstable/pod$(uid 6)"
becomes "by uid, as a kubelet without systemd names the cgroup; a dead sandbox does not count" \
	"501 back-web-c" "/kubepods/burstable/pod$(uid 6)"

# --- it does not know it yet, as a kubelet makes the cgroup first
set_up mkdir "$cgroups$(pod 7)"
waits 7 "waits for its name: $containerd does not know it yet"
newcomer 7
runtime_has 7 shop late 0 tier=front
becomes "until it does" "32 front" "$(pod 7)"

# --- one question is for all
before=$(calls)
for ((i = 100; i < 160; i++)); do runtime_has $i shop "many-$i" 0 tier=back; done
# shellcheck disable=SC2046 # words
set_up mkdir $(for ((i = 100; i < 160; i++)); do echo "$cgroups$(pod $i)"; done)
in_range() {
	[ "$(ctid list | grep -c ' back-many-')" -eq 60 ]
}
wait_until in_range
same "60 pods at once have an id each" 60 "$(ctid list | grep -c ' back-many-')"
asked=$(($(calls) - before))
if [ $asked -lt 10 ]; then
	ok "with few questions for all"
else
	not_ok "with few questions for all" "$asked questions"
fi

# --- it hangs
runtime_has 8 shop web-h 0 tier=front
runtime_says hang
set_up mkdir "$cgroups$(pod 8)" "$cgroups/lxc.payload.quick"
becomes "while a runtime hangs others are bound" "700 lxc-quick" /lxc.payload.quick
waits 8 "waits for its name: no answer at $containerd: Timeout"
newcomer 8
stop_ctidd
start_ctidd
check "a new daemon keeps what an earlier one was told meanwhile" "32 front" of "$(pod 2)"
check "all of it" "500 back-web-b" of "$(pod 3)"
waits 8 "waits for its name: no answer at $containerd: Timeout"
runtime_says answer
becomes "when it answers again, the pod is what it is" "32 front" "$(pod 8)"
has "which is said" "the runtime of pods answers" cat "$tmp/ctidd"

# --- it says nonsense
# nonsense N WHAT WHY
nonsense() {
	runtime_has "$1" shop "web-$1" 0 tier=front
	runtime_says "$2"
	set_up mkdir "$cgroups$(pod "$1")"
	waits "$1" "waits for its name: $3"
	newcomer "$1"
	runtime_says answer
	becomes "until the answer is one" "32 front" "$(pod "$1")"
}
nonsense 20 "raw 0affffffff0f" "no answer at $containerd: what it said is no answer"
nonsense 21 "raw 8080808080808080808080" "no answer at $containerd: what it said is no answer"
nonsense 22 "big 17" "no answer at $containerd: the answer is too long"
nonsense 23 "status 13" "no answer at $containerd: gRPC status 13"
cp "$tmp/pods" "$tmp/good"
runtime_has 24 shop web-24 0 'tier=front\0x'
set_up mkdir "$cgroups$(pod 24)"
waits 24 "waits for its name: what $containerd says of it is no answer"
newcomer 24
mv "$tmp/good" "$tmp/pods"
runtime_has 24 shop web-24 0 tier=front
becomes "until it has no NUL byte" "32 front" "$(pod 24)"
same "which is logged once" 1 "$(grep -c "of pod $(uid 24) is no answer" "$tmp/ctidd")"
runtime_has 25 shop web-25 0 tier=front
runtime_says "big 4"
set_up mkdir "$cgroups$(pod 25)"
waits 25 "does not know it yet"
runtime_says answer
becomes "big answers are read" "32 front" "$(pod 25)"

# --- pods of many labels, as a tenant can make them
cp "$tmp/pods" "$tmp/good"
for i in {40..43}; do runtime_has $i shop "many-$i" 0 +200000 tier=front; done
for ((i = 50; i < 60; i++)); do runtime_has $i shop "few-$i" 0 tier=front; done
# shellcheck disable=SC2046 # words
set_up mkdir $(for i in {40..43} {50..59}; do echo "$cgroups$(pod "$i")"; done)
for i in {50..59}; do becomes "others are named: pod $i" "32 front" "$(pod "$i")"; done
becomes "and so is one of these" "32 front" "$(pod 41)"
mv "$tmp/good" "$tmp/pods"
runtime_says answer

# --- it is not root's
runtime_has 26 shop web-26 0 tier=front
chown 1000 $containerd
before=$(calls)
set_up mkdir "$cgroups$(pod 26)"
waits 26 "waits for its name: no answer at $containerd: it is not root's"
newcomer 26
same "who is not root's is not asked" "$before" "$(calls)"
chown 0 $containerd
becomes "root's is" "32 front" "$(pod 26)"

# --- Docker's containerd has no pods, and CRI-O may be beside it
kill $runtime
wait $runtime 2>/dev/null
true >"$tmp/pods"
runtime_says "status 12"
runtime $containerd
mkdir "/var/log/pods/shop_db-1_$(uid 30)" "/var/log/pods/shop_web_$(uid 31)"
set_up mkdir "$cgroups$(pod 30)" "$cgroups$(pod 31)"
becomes "a runtime without pods is as none" "31 db" "$(pod 30)"
waits 31 "waits for its labels: no runtime of pods has a socket that is asked"
told=$tmp/told2
true >"$told.calls"
runtime_has 31 shop web 0 tier=front
runtime $crio
becomes "the other one is asked then" "32 front" "$(pod 31)"

# --- a socket elsewhere
kill $runtime
wait $runtime 2>/dev/null
rm -f $crio
runtime_has 32 shop web-32 0 tier=front
runtime /run/other.sock
set_up mkdir "$cgroups$(pod 32)"
waits 32 "waits for its name: no directory in /var/log/pods has its uid"
cp /etc/ctid/ctid.conf "$tmp/conf"
{
	echo "cri-socket /run/other.sock"
	cat "$tmp/conf"
} | conf
becomes "at the socket that the file says" "32 front" "$(pod 32)"
check "the others stay what they were" "500 back-web-b" of "$(pod 3)"
check "as do those that no runtime knows any more" "31 db" of "$(pod 1)"
set_up rmdir "$cgroups$(pod 32)"
finish
