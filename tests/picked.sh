#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ports that the kernel picks. In a network namespace of his own a tenant decides
# from which: what is picked there outside of the host's range is a bind.
. ./lib.sh
modprobe -qa sctp smc rxrpc dccp_ipv4 dccp_ipv6

container web 7
set_up ip netns add tenant
set_up nsenter --net=/run/netns/tenant ip link set lo up
set_up nsenter --net=/run/netns/tenant sysctl -qw net.ipv4.ip_unprivileged_port_start=0
set_up ip link set lo up
read -r low high </proc/sys/net/ipv4/ip_local_port_range

# in_tenant OP...: in the container, in that network namespace.
in_tenant() {
	nsenter --net=/run/netns/tenant sockcall cgroup /web "$@"
}
# range FIRST LAST: from which the kernel picks there.
range() {
	set_up nsenter --net=/run/netns/tenant sysctl -qw "net.ipv4.ip_local_port_range=$1 $2"
}

# ways KIND: each way to a port that the kernel picks, and what it was.
declare -A ways=(
	[udp4 sends]="socket udp4 sendto 127.0.0.1:9 port"
	[udp6 sends]="socket udp6 sendto [::1]:9 port"
	[udp6 sends by IPv4]="socket udp6 sendto [::ffff:127.0.0.1]:9 port"
	[udplite4 sends]="socket udplite4 sendto 127.0.0.1:9 port"
	[udp4 connects]="socket udp4 connect 127.0.0.1:9 port"
	[udp6 connects]="socket udp6 connect [::1]:9 port"
	[udp4 binds without a port]="socket udp4 bind 0.0.0.0:0 port"
	[udp6 binds without a port]="socket udp6 bind [::]:0 port"
	[tcp4 binds without a port]="socket tcp4 bind 0.0.0.0:0 port"
	[tcp6 binds without a port]="socket tcp6 bind [::]:0 port"
	[mptcp4 binds without a port]="socket mptcp4 bind 0.0.0.0:0 port"
	[tcp4 listens]="socket tcp4 listen port"
	[tcp6 listens]="socket tcp6 listen port"
	[mptcp4 listens]="socket mptcp4 listen port"
	[dccp4 binds without a port]="socket dccp4 bind 0.0.0.0:0 port"
	[dccp6 listens]="socket dccp6 listen port"
	[smc4 binds without a port and listens]="socket smc4 bind 0.0.0.0:0 listen"
	[smc6 binds without a port and listens]="socket smc6 bind [::]:0 listen"
	[smc4 binds without a port, falls back to TCP and listens]="socket smc4 bind 0.0.0.0:0 tfo_nocookie listen"
	[sctp4 listens]="socket sctp4 listen"
	[sctp6 listens]="socket sctp6 listen"
	[sctpm4 sends and listens]="socket sctpm4 nonblock sendto 127.0.0.1:9 listen"
	[sctp4 binds without a port and listens]="socket sctp4 bind 127.0.0.1:0 listen"
)
# What this kernel no longer has.
for kind in udplite4 dccp4 dccp6 smc4 smc6; do
	[ "$(sockcall socket $kind close 2>&1)" = "" ] && continue
	for way in "${!ways[@]}"; do
		case $way in
		$kind\ *)
			unset "ways[$way]"
			skip "$way" "this kernel has no $kind sockets"
		esac
	done
done
declare -A any=([4]=0.0.0.0 [6]="[::]")
# denied WAY: what it says when the bind is denied.
denied() {
	case $1 in
	udp*\ sends*) printf 'sendto EAGAIN\nport 0' ;;
	*\ connects) printf 'connect EAGAIN\nport 0' ;;
	sctpm4\ *) printf 'sendto %s\nlisten EPERM' "$sctp_sends" ;;
	sctp4\ binds* | smc*) printf 'bind ok\nlisten EPERM' ;;
	sctp*) echo 'listen EPERM' ;;
	*\ binds*) printf 'bind EPERM\nport 0' ;;
	*) printf 'listen EPERM\nport 0' ;;
	esac
}
deny() {
	for family in iptables ip6tables; do
		rule $family bind INPUT -m container --id web "$@" -j DROP
	done
}
allow() {
	for family in iptables ip6tables; do
		set_up $family-legacy -t bind -F
	done
}
try_all() {
	local way
	for way in "${!ways[@]}"; do
		# shellcheck disable=SC2086 # words
		answer[$way]=$(in_tenant ${ways[$way]} 2>&1 </dev/null)
	done
}

# --- nothing is judged: what the kernel says
declare -A answer before
range 53 53
try_all
for way in "${!ways[@]}"; do before[$way]=${answer[$way]}; done
sctp_sends=$(sed -n 's/^sendto //p' <<<"${before[sctpm4 sends and listens]}")
for way in "${!ways[@]}"; do
	case ${ways[$way]} in
	*\ port)
		has "without rules a tenant picks by its range: $way" "port 53" \
			printf '%s\n' "${before[$way]}" ;;
	*)
		has "without rules a tenant listens: $way" "listen ok" \
			printf '%s\n' "${before[$way]}" ;;
	esac
done

# --- a rule about that port
deny -p udp --dport 53
deny -p tcp --dport 53
deny -p udplite
deny -p dccp
deny -p sctp --dport 53
try_all
for way in "${!ways[@]}"; do
	same "denied: $way" "$(denied "$way")" "${answer[$way]}"
done
for way in "${!ways[@]}"; do
	kind=${way%% *}
	case $kind in
	sctp*|smc*) continue ;;
	esac
	# shellcheck disable=SC2086 # words
	has "and the port is not taken, while the socket is still there: $way" "bind ok" \
		in_tenant ${ways[$way]} cgroup / socket $kind bind "${any[${kind: -1}]}:53"
done
check "who names a port that is allowed gets it" "bind ok" in_tenant socket udp4 bind 0.0.0.0:54
check "nor is it the host's affair what its own kernel picks" "sendto ok" \
	in_web socket udp4 sendto 127.0.0.1:9
allow

# --- a rule about another port, with all attached
deny -p udp --dport 52
deny -p tcp --dport 52
deny -p sctp --dport 52
try_all
for way in "${!ways[@]}"; do
	same "allowed, as before: $way" "${before[$way]}" "${answer[$way]}"
done
allow

# --- how often rules are asked
range 53 53
for kind in tcp4 udp4; do
	rule iptables bind INPUT -m container --id web -j ACCEPT
	set_up in_tenant socket $kind bind 127.0.0.1:0
	same "a bind without a port is two questions: any port, and the one that was picked, $kind" \
		2 "$(packets iptables bind 1)"
	allow
done
rule iptables bind INPUT -m container --id web -j ACCEPT
set_up in_tenant socket udp4 sendto 127.0.0.1:9
same "a first send is one" 1 "$(packets iptables bind 1)"
allow

# --- what any kernel would pick is no bind, whatever rules say about binds
deny
range "$low" "$high"
check "the port of a first send from the host's range is no bind" "sendto ok
connect ok" in_tenant socket udp4 sendto 127.0.0.1:9 socket udp6 connect '[::1]:9'
check "a bind without a port is one" "bind EPERM" in_tenant socket udp4 bind 127.0.0.1:0
has "a raw socket cannot listen, which is no rule's affair" "listen EOPNOTSUPP" \
	in_tenant socket raw4 listen
# sctp NAME ANSWER FIRST...: what an SCTP socket that has its port by a connect or send says to listen().
sctp() {
	local name=$1 said=$2
	shift 2
	has "$name" "listen $said" in_tenant socket sctpm4 nonblock "$@" listen
}
sctp "an SCTP socket that listens at the port of its first send" EPERM sendto 127.0.0.1:9
sctp "or connect" EPERM connect 127.0.0.1:9
sctp "without one, as ever" EPERM
allow
sctp "none of which is anybody's affair without a rule: first send" ok sendto 127.0.0.1:9
sctp "connect" ok connect 127.0.0.1:9
sctp "neither" ok
deny -p sctp ! --dport 1080
sctp "where a port is allowed, one that was picked is not" EPERM connect 127.0.0.1:9
sctp "that port is" ok bind 127.0.0.1:1080
sctp "also when it connected meanwhile" ok bind 127.0.0.1:1080 connect 127.0.0.1:9
allow
deny -p sctp ! --dport 0
sctp "where any port is allowed, one that was picked is" ok connect 127.0.0.1:9
sctp "be it by a bind" ok bind 127.0.0.1:0
allow
deny
range "$high" "$high"
check "nor that from a part of the range" "sendto ok
port $high" in_tenant socket udp4 sendto 127.0.0.1:9 port
set_up sysctl -qw "net.ipv4.ip_local_reserved_ports=$high"
check "but that of a port which the host keeps from being picked is" "sendto EAGAIN
port 0" in_tenant socket udp4 sendto 127.0.0.1:9 port
range $((high - 3)) "$high"
# sends OP...: what 25 first sends say, each once.
sends() {
	local i
	for ((i = 0; i < 25; i++)); do in_tenant socket udp4 "$@" sendto 127.0.0.1:9; done 2>&1 | sort -u
}
same "another one is picked then, if there is one" "sendto ok" "$(sends)"
same "but not with SO_REUSEPORT: the group's program would be lost" "sendto EAGAIN
sendto ok" "$(sends reuseport)"
range "$high" "$high"
set_up sysctl -qw "net.ipv4.ip_local_reserved_ports="
check "and not when it does no longer" "sendto ok
port $high" in_tenant socket udp4 sendto 127.0.0.1:9 port
set_up sysctl -qw "net.ipv4.ip_local_port_range=$low $((high - 1))"
check "nor outside of the host's range, if that gets smaller" "sendto EAGAIN
port 0" in_tenant socket udp4 sendto 127.0.0.1:9 port
set_up sysctl -qw "net.ipv4.ip_local_port_range=$low $high"

# --- what cannot be looked at
allow
if sockcall socket rxrpc4 close >/dev/null 2>&1; then
	check "an RxRPC service at a port that the kernel picks is refused there" "bind EPERM" \
		in_tenant socket rxrpc4 bind 0.0.0.0:0
	has "which the kernel's log says" "has to name one" dmesg
	cat >"$tmp/client.py" <<'P'
import ctypes, errno, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
for name, service in ("service", 1), ("client", 0):
    s = socket.socket(33, socket.SOCK_DGRAM, socket.AF_INET)
    address = struct.pack("HHHH HH 8x 16x", 33, service, socket.SOCK_DGRAM, 16, socket.AF_INET, 0)
    failed = libc.bind(s.fileno(), address, len(address))
    print(name, errno.errorcode[ctypes.get_errno()] if failed else "ok")
P
	same "a client is not, whom nobody calls" "service EPERM
client ok" "$(nsenter --net=/run/netns/tenant \
		sh -c "echo 0 >$cgroups/web/cgroup.procs && exec python3 $tmp/client.py" 2>&1)"
	check "at a port with a name it is not" "bind ok" in_tenant socket rxrpc4 bind 0.0.0.0:7001
	check "nor is it in the host's namespace" "bind ok" in_web socket rxrpc4 bind 0.0.0.0:0
else
	skip "an RxRPC service at a port that the kernel picks" "this kernel has no RxRPC sockets"
fi

# --- a socket that changes its family under a bind
rule iptables bind INPUT -m container --id web -p udp --dport 53 -j DROP
check "a bind of IPv6 only, which a thread makes one of IPv4, is denied by IPv4's rules" \
	"race_bindform ok" in_web race_bindform
allow
if uname -r | grep -q '^6\.1\.'; then
	# It is won almost each time, but for a machine that has much else to do.
	taken() { [ "$(in_web race_bindform 2>&1)" = "race_bindform EFAULT" ]; }
	true_that "and without them it takes the port" wait_until taken
else
	skip "and without them it takes the port" "the race is hardly ever won on this kernel"
fi

# --- what comes in the meantime
allow
range 53 53
cat >"$tmp/flooder.py" <<'P'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 1234))
while True:
    try:
        s.sendto(b"x", ("127.0.0.1", 53))
    except OSError:
        pass
P
cat >"$tmp/reader.py" <<'P'
import errno, socket
said = set()
for i in range(300):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        wait = socket.MSG_DONTWAIT
        try:
            s.sendto(b"x", ("127.0.0.1", 9))
            said.add("sent")
            # Where CPUs take turns, it is the other's only now.
            wait = 0
            s.settimeout(10)
        except OSError as e:
            said.add(errno.errorcode[e.errno])
        try:
            s.recv(10, wait)
            said.add("received")
        except OSError:
            pass
print(*sorted(said))
P
# reader: what sockets say that send and then read, while others send to the port.
reader() {
	nsenter --net=/run/netns/tenant \
		sh -c "echo 0 >$cgroups/web/cgroup.procs && exec python3 $tmp/reader.py" 2>&1
}
nsenter --net=/run/netns/tenant python3 "$tmp/flooder.py" &
servers="$servers $!"
same "a socket whose port may be picked receives there" "received sent" "$(reader)"
# Long to judge, so that much comes meanwhile.
{
	echo "*bind"
	for ((i = 0; i < 2000; i++)); do echo "-A INPUT -p udp --sport 9 --dport 9"; done
	echo "-A INPUT -m container --id web -p udp --dport 53 -j DROP"
	echo COMMIT
} >"$tmp/many"
set_up iptables-legacy-restore "$tmp/many"
same "one whose port was denied does not, whatever came meanwhile" "EAGAIN" "$(reader)"
allow
kill "$!"

# --- each namespace by its own range
set_up nsenter --net=/run/netns/tenant iptables-legacy -t bind -A INPUT -p udp -j DROP
range 53 53
check "its own rules do not ask what its own kernel picks" "sendto ok
port 53" in_tenant socket udp4 sendto 127.0.0.1:9 port
check "only what is named" "bind EPERM" in_tenant socket udp4 bind 127.0.0.1:53

# --- modules go while ports are picked
set_up nsenter --net=/run/netns/tenant iptables-legacy -t bind -F
range 1024 60000
cat >"$tmp/picker.py" <<'P'
import os, socket, sys
while not os.path.exists(sys.argv[1]):
    for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
        with socket.socket(socket.AF_INET, kind) as s:
            s.bind(("127.0.0.1", 0))
            assert s.getsockname()[1]
P
pickers=
for i in 1 2; do
	nsenter --net=/run/netns/tenant python3 "$tmp/picker.py" "$tmp/enough" 2>"$tmp/picker$i" &
	pickers="$pickers $!"
done
for ((i = 0; i < 5; i++)); do
	allow
	set_up modprobe -r iptable_sock ip6table_sock sock_tables
	set_up modprobe -r sock_hooks sock_event
	deny -p udp --dport 52
	deny -p tcp --dport 52
	sleep 0.2
done
touch "$tmp/enough"
# shellcheck disable=SC2086 # words
wait $pickers
same "modules come and go while ports are picked" "" "$(cat "$tmp"/picker?)"
finish
