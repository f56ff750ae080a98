#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ways around that need a socket which is two things at once: the kernel's and a user's
# (SMC or MPTCP that fell back to TCP), or of IPv4 and of IPv6.
. ./lib.sh

container web 7
set_up ip link set lo up
# What addresses look like whose bytes are read as those of IPv4.
set_up ip -6 route add local 7f00::/16 dev lo
modprobe -qa smc 2>/dev/null
server sockcall socket tcp4 reuseaddr bind 0.0.0.0:80 listen serve
server sockcall socket tcp4 reuseaddr bind 0.0.0.0:81 listen serve

# python SCRIPT [WORD...]: in the container.
python() {
	timeout 30 sh -c "echo 0 >$cgroups/web/cgroup.procs && exec python3 \"\$@\"" python "$@" 2>&1
}

# --- an IPv6 datagram's addresses where those of IPv4 are, before there is a table
cat >"$tmp/cork.py" <<'P'
import errno, socket, struct, subprocess, sys
IPV6_ADDRFORM = 1
def attempt(name, call):
    try:
        call()
    except OSError as e:
        print(name, errno.errorcode[e.errno])
way = sys.argv[1]
target = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
target.bind(("127.0.0.1", 53))
target.settimeout(1)
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
# The bytes of: from 127.0.0.1, to 127.0.0.1, port 53.
other = socket.inet_ntop(socket.AF_INET6, socket.inet_aton("127.0.0.1") * 2 +
                         struct.pack("!H", 53) + b"\0" * 6)
here = [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO,
         struct.pack("16sI", socket.inet_pton(socket.AF_INET6, "::1"), 0))]
if way == "addrform":
    s.connect(("::ffff:127.0.0.1", 1000))
    attempt("cork", lambda: s.sendmsg([b"x"], here, socket.MSG_MORE, (other, 9)))
    attempt("flush", lambda: s.send(b""))
    attempt("addrform", lambda: s.setsockopt(socket.IPPROTO_IPV6, IPV6_ADDRFORM, socket.AF_INET))
    attempt("send", lambda: s.send(b"secret"))
elif way == "connect":
    # Of what is here nothing comes of the IPv4 address: that it is refused is enough.
    attempt("cork", lambda: s.sendmsg([b"x"], here, socket.MSG_MORE, (other, 9)))
    attempt("connect", lambda: s.connect(("::ffff:127.0.0.1", 1000)))
elif way == "plain":
    # Both, one after the other.
    attempt("cork", lambda: s.sendmsg([b"x"], here, socket.MSG_MORE, (other, 9)))
    attempt("flush", lambda: s.send(b""))
    attempt("connect", lambda: s.connect(("::ffff:127.0.0.1", 53)))
    attempt("send", lambda: s.send(b"y"))
elif way == "cork4":
    attempt("cork", lambda: s.sendto(b"secret", socket.MSG_MORE, ("::ffff:127.0.0.1", 1000)))
    attempt("connect", lambda: s.connect((other, 9)))
    attempt("flush", lambda: s.send(b""))
elif way == "failed":
    s.connect(("::ffff:127.0.0.1", 1000))
    attempt("connect", lambda: s.connect((other, 9)))
    attempt("addrform", lambda: s.setsockopt(socket.IPPROTO_IPV6, IPV6_ADDRFORM, socket.AF_INET))
    attempt("send", lambda: s.send(b"secret"))
elif way == "route":
    # The socket's route is looked up anew, with a datagram begun.
    s.connect((other, 9))
    attempt("cork", lambda: s.sendto(b"secret", socket.MSG_MORE, ("::ffff:127.0.0.1", 1000)))
    subprocess.run("ip -6 route add local 7f01::/16 dev lo; ip -6 route del local 7f01::/16 dev lo",
                   shell=True, check=True)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    attempt("flush", lambda: s.send(b""))
elif way == "cork4plain":
    attempt("cork", lambda: s.sendto(b"x", socket.MSG_MORE, ("::ffff:127.0.0.1", 53)))
    attempt("flush", lambda: s.send(b""))
    attempt("connect", lambda: s.connect((other, 9)))
    attempt("send", lambda: s.sendto(b"y", ("::ffff:127.0.0.1", 53)))
try:
    while True:
        data, sender = target.recvfrom(100)
        print("received", data.decode(), "from", sender[0])
except TimeoutError:
    print("end")
P
for way in addrform cork4 failed route; do
	leaks=$(python "$tmp/cork.py" $way)
	if [ "${leaks#*received secret}" != "$leaks" ]; then
		true_that "this kernel sends to an address that is another family's, $way" true
	else
		skip "this kernel sends to an address that is another family's, $way" \
			"it says: ${leaks//$'\n'/, }"
	fi
done
same "what is corked by IPv6 may be followed by a connect by IPv4" "end" \
	"$(python "$tmp/cork.py" connect)"
same "or sent before that" "$(printf 'received y from 127.0.0.1\nend')" \
	"$(python "$tmp/cork.py" plain | grep -v '^flush')"

# --- a TCP socket that another kind's listener accepted after it fell back
cat >"$tmp/fallen.py" <<'P'
import ctypes, errno, faulthandler, os, socket, sys, time
faulthandler.dump_traceback_later(20, exit=True)
libc = ctypes.CDLL(None, use_errno=True)
UNSPEC = b"\0" * 16
def disconnect(s):
    if libc.connect(s.fileno(), UNSPEC, len(UNSPEC)):
        raise OSError(ctypes.get_errno(), "disconnect")
def say(name, call):
    try:
        call()
        print(name, "ok")
    except TimeoutError:
        print(name, "timeout")
    except OSError as e:
        print(name, errno.errorcode[e.errno])
# SMC keeps it from being woken up: whether it has a peer has to be asked.
def comes(call):
    accepted.setblocking(False)
    try:
        call()
    except BlockingIOError:
        pass
    for i in range(100):
        try:
            return accepted.getpeername()
        except OSError:
            time.sleep(0.1)
    raise TimeoutError
what = sys.argv[1]
# A routing header is one of IPv6.
family = socket.AF_INET6 if what == "rthdr" else socket.AF_INET
address = ("::1" if what == "rthdr" else "127.0.0.1", 9000 + os.getpid() % 20000)
if sys.argv[2] == "smc":
    listener = socket.socket(43, socket.SOCK_STREAM, int(what == "rthdr"))
    listener.setsockopt(socket.SOL_TCP, socket.TCP_FASTOPEN, 5)
else:
    listener = socket.socket(family, socket.SOCK_STREAM, 262)
raw = family.to_bytes(2, sys.byteorder) + address[1].to_bytes(2, "big")
if what == "rthdr":
    raw += b"\0" * 4 + socket.inet_pton(family, address[0]) + b"\0" * 4
else:
    raw += socket.inet_aton(address[0]) + b"\0" * 8
if libc.bind(listener.fileno(), raw, len(raw)):
    raise OSError(ctypes.get_errno(), "bind")
if libc.listen(listener.fileno(), 5):
    raise OSError(ctypes.get_errno(), "listen")
client = socket.create_connection(address)
fd = libc.accept(listener.fileno(), None, None)
accepted = socket.socket(family, socket.SOCK_STREAM, 0, fileno=fd)
if what != "rthdr":
    disconnect(accepted)
if what == "connect":
    say("connect", lambda: comes(lambda: accepted.connect(("127.0.0.1", 81))))
elif what == "fastopen":
    say("fastopen", lambda: comes(
        lambda: accepted.sendto(b"x", socket.MSG_FASTOPEN, ("127.0.0.1", 81))))
elif what == "bind":
    say("bind", lambda: accepted.bind(("127.0.0.1", 82)))
elif what == "listen":
    say("listen", lambda: accepted.listen(1))
elif what == "rthdr":
    # Type 2, with one address.
    header = bytes([0, 2, 2, 1, 0, 0, 0, 0]) + socket.inet_pton(family, "fd00::9")
    say("rthdr", lambda: accepted.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, header))
elif what == "accept":
    accepted.bind(("127.0.0.1", 0))
    accepted.listen(1)
    guest = socket.socket()
    guest.settimeout(2)
    say("accept", lambda: guest.connect(accepted.getsockname()))
P
kinds=mptcp
if [ -z "$(sockcall socket smc4 close 2>&1)" ]; then
	kinds="smc $kinds"
else
	skip "what an SMC listener accepts by TCP" "this kernel has no smc4 sockets"
fi
# First, while there is no table for anything else.
for kind in $kinds; do
	closed "accept by what a $kind listener accepted by TCP" "accept timeout" "accept ok" \
		iptables accept -p tcp --dport 32768:60999 -- python "$tmp/fallen.py" accept $kind
	same "a routing header of what a $kind listener accepted by TCP, without a table for connect" \
		"rthdr ok" "$(python "$tmp/fallen.py" rthdr $kind)"
done
for kind in $kinds; do
	for what in connect fastopen; do
		closed "$what by what a $kind listener accepted by TCP" "$what EPERM" "$what ok" \
			iptables connect -p tcp --dport 81 -- python "$tmp/fallen.py" $what $kind
	done
	closed "bind of what a $kind listener accepted by TCP" "bind EPERM" "bind ok" \
		iptables bind -p tcp --dport 82 -- python "$tmp/fallen.py" bind $kind
	closed "listen by what a $kind listener accepted by TCP" "listen EPERM" "listen ok" \
		iptables bind -p tcp --dport 0 -- python "$tmp/fallen.py" listen $kind
	rule ip6tables connect OUTPUT -m container --id web -d fd00::9 -j DROP
	same "a routing header of what a $kind listener accepted by TCP" "rthdr EPERM" \
		"$(python "$tmp/fallen.py" rthdr $kind)"
	flush
done

# --- what a table for connect refuses, whatever its rules
rule iptables connect OUTPUT -m container --id web -p udp --dport 53 -j DROP
same "nothing is corked by IPv6 on a socket that is connected by IPv4" "cork EPERM
send ECONNREFUSED
end" "$(python "$tmp/cork.py" addrform)"
has "which the kernel's log says" "begins a datagram by IPv6 on a socket that is connected by IPv4" dmesg
same "nor is one with something corked by IPv6 connected by IPv4" "connect EPERM
end" "$(python "$tmp/cork.py" connect)"
same "one after the other is judged" "connect EPERM
send EDESTADDRREQ
end" "$(python "$tmp/cork.py" plain | grep -v '^flush')"
same "one with something corked by IPv4 is not connected by IPv6" "connect EPERM
end" "$(python "$tmp/cork.py" cork4)"
same "nor is anything corked by IPv4 on one that is connected by IPv6" "cork EPERM
end" "$(python "$tmp/cork.py" route | grep -v '^flush')"
same "nor is one connected by IPv6 that is by IPv4" "connect EPERM
end" "$(python "$tmp/cork.py" failed)"
has "which the log says, too" "connects a socket by IPv6 that is connected by IPv4" dmesg
flush
rule iptables connect OUTPUT -m container --id web -p udp --dport 54 -j DROP
same "one after the other is sent where it may be" "received x from 127.0.0.1
received y from 127.0.0.1
end" "$(python "$tmp/cork.py" cork4plain)"
flush

# --- a ping socket is of one family, whatever it is connected to
cat >"$tmp/ping.py" <<'P'
import errno, socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6)
for name, call in (("connect", lambda: s.connect(("::ffff:127.0.0.1", 0))),
                   ("sendto", lambda: s.sendto(b"\x80" + b"\0" * 7, ("::1", 0)))):
    try:
        call()
        print(name, "ok")
    except OSError as e:
        print(name, errno.errorcode[e.errno])
P
set_up sysctl -qw net.ipv4.ping_group_range="0 0"
before=$(python "$tmp/ping.py")
rule iptables connect OUTPUT -m container --id web -p udp --dport 54 -j DROP
same "a ping socket that is connected by IPv4 sends by IPv6 as before" "$before" \
	"$(python "$tmp/ping.py")"
flush

# --- a socket that is connected by IPv4 and sends by IPv6
cat >"$tmp/unspec.py" <<'P'
import ctypes, errno, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
# Both families see what comes: by which it came is what is asked.
sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86dd))
sniffer.bind(("lo", 0))
sniffer.settimeout(0.5)
if sys.argv[1] == "udp":
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.connect(("::ffff:127.0.0.1", 1000))
    name = b"\0" * 28
else:
    s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 253)
    s.connect(("::ffff:127.0.0.1", 0))
    name = b""
sent = libc.sendto(s.fileno(), b"x", 1, 0, name or None, len(name))
print("ok" if sent == 1 else errno.errorcode[ctypes.get_errno()])
try:
    while True:
        packet = sniffer.recv(2000)
        if packet[14 + 24:14 + 40] == socket.inet_pton(socket.AF_INET6, "::ffff:127.0.0.1"):
            print("by IPv6")
            break
except TimeoutError:
    pass
P
rule iptables connect OUTPUT -m container --id web -p udp --dport 54 -j DROP
same "UDP, connected by IPv4, sends by IPv4" "ok" "$(python "$tmp/unspec.py" udp)"
flush
before=$(python "$tmp/unspec.py" raw)
closed "a raw socket, connected by IPv4, is judged by IPv6's rules" "EPERM" "$before" \
	ip6tables connect -d ::ffff:127.0.0.1 -- python "$tmp/unspec.py" raw
finish
