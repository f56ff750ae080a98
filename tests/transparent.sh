#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Programs that others wrote run the same with all tables there, and all event
# devices up, as without the modules. (Each call by itself: paths.sh, accept.sh.)
. ./lib.sh

container web 7
set_up ip link set lo up
echo 3 >/proc/sys/net/ipv4/tcp_fastopen
echo '0 100000' >/proc/sys/net/ipv4/ping_group_range
modprobe -q sctp
mkdir "$tmp/www"
echo hello >"$tmp/www/index.html"

mkdir -p "$tmp/nginx/logs"
cat >"$tmp/nginx/nginx.conf" <<EOF
user root;
pid nginx.pid;
events { }
http {
	access_log off;
	server { listen 8088; listen [::]:8088; root $tmp/www; }
}
EOF

# What runs in the container. Each prints what must not change.
in_container() {
	ctid exec web --cgroup /web -- "$@"
}

# shellcheck disable=SC2016
programs=(
	'curl to http.server|curl -sS -m 20 http://127.0.0.1:8000/'
	'curl over IPv6|curl -sS -g -m 20 http://[::1]:8000/'
	'curl with Fast Open|curl -sS -m 20 --tcp-fastopen http://127.0.0.1:8000/'
	'curl to a closed port|curl -sS -m 20 -o /dev/null http://127.0.0.1:1/; echo $?'
	"nginx, a server in the container|nginx -p $tmp/nginx -c nginx.conf 2>&1; curl -sS -m 20 http://127.0.0.1:8088/; curl -sS -g -m 20 http://[::1]:8088/; nginx -p $tmp/nginx -c nginx.conf -s stop 2>/dev/null"
	'MPTCP by mptcpize|mptcpize run curl -sS -m 20 http://127.0.0.1:8089/'
	'iperf3 TCP|iperf3 -c 127.0.0.1 -t 1 -J | grep -c sum_sent'
	'iperf3 UDP|iperf3 -c 127.0.0.1 -u -b 1M -t 1 -J | grep -c lost_packets'
	'iperf3 SCTP|iperf3 -c 127.0.0.1 --sctp -t 1 -J | grep -c sum_sent'
	'socat TCP|echo hello | socat -t 20 - TCP:127.0.0.1:7000'
	'UDP by bash|bash -c "exec 3<>/dev/udp/127.0.0.1/7001; echo hello >&3; read -rt 20 line <&3; echo \$line"'
	'nc to a closed port|nc -z 127.0.0.1 1; echo $?'
	'ping|ping -c 1 -W 5 127.0.0.1 | grep -c "1 received"'
	'ping over IPv6|ping -c 1 -W 5 ::1 | grep -c "1 received"'
	'a bind that is taken|nc -l 8000 2>&1; echo $?'
	'a socketpair and unix sockets|python3 -c "import socket; a, b = socket.socketpair(); a.send(b\"x\"); print(b.recv(1))"'
)

run_all() {
	local -n into=$1
	local i
	for ((i = 0; i < ${#programs[@]}; i++)); do
		into[i]=$(in_container sh -c "${programs[i]#*|}" 2>&1 </dev/null |
			sed 's/after [0-9]* ms/after some ms/')
	done
}

server python3 -m http.server --bind :: --directory "$tmp/www" 8000
server iperf3 -s
server mptcpize run python3 -m http.server --bind 127.0.0.1 --directory "$tmp/www" 8089
server socat -t 20 TCP-LISTEN:7000,reuseaddr,fork EXEC:cat
# Not socat's: that forks, and a program was left without its answer now and then.
python3 -c 'import socketserver as s
class Echo(s.BaseRequestHandler):
    def handle(self): self.request[1].sendto(self.request[0], self.client_address)
s.UDPServer(("127.0.0.1", 7001), Echo).serve_forever()' >/dev/null 2>&1 &
servers="$servers $!"
set_up wait_until sh -c 'ss -Hlun | grep -q :7001'

before=() during=() after=()
run_all before
for family in iptables ip6tables; do
	for table in connect bind accept; do
		set_up $family-legacy -t $table -S
	done
done
for event in connect bind accept; do
	set_up ip link add $event type sock$event
	set_up ip link set $event up
done
run_all during
for event in connect bind accept; do
	set_up ip link del $event
done
set_up modprobe -r sock_dev iptable_sock ip6table_sock
run_all after

for ((i = 0; i < ${#programs[@]}; i++)); do
	name=${programs[i]%%|*}
	if [ -z "${before[i]}" ]; then
		not_ok "$name" "it printed nothing without the modules"
		continue
	fi
	same "$name: with tables and devices as without" "${before[i]}" "${during[i]}"
	same "$name: after they are gone" "${before[i]}" "${after[i]}"
done
finish
