#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What astray.sh sends: packets and calls after which the kernel goes elsewhere than to the
address that was asked about. astray.py WHAT [WORD...] prints what came of it."""
import ctypes
import errno
import os
import socket
import struct
import subprocess
import sys
import time

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.77"
# Not that of another run.
OWN_PORT = 10000 + os.getpid() % 20000
PF_PPPOX, OL2TP = 24, 1
SO_NO_CHECK = 11
SCTP = 132


class Sniffer:
    """Sees the packets on the loopback device."""
    def __init__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.sock.bind(("lo", 3))

    def saw(self, is_it, seconds=2):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                packet = self.sock.recv(2000)
            except TimeoutError:
                break
            if is_it(packet):
                return packet
        return None


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def to(address, port):
    """Is a packet of IPv4 for it, from that port to our own?"""
    want = socket.inet_aton(address)

    def is_it(packet):
        length = (packet[0] & 15) * 4
        return packet[0] >> 4 == 4 and packet[16:20] == want and (
            packet[length:length + 4] == struct.pack("!HH", port, OWN_PORT))
    return is_it


def tcp_syn(source, peer, port):
    """A SYN from our own port at one address to a port of another."""
    source, peer = socket.inet_aton(source), socket.inet_aton(peer)
    tcp = struct.pack("!HHIIBBHHH", OWN_PORT, port, 1, 0, 5 << 4, 2, 4096, 0, 0)
    total = checksum(source + peer + struct.pack("!HH", 6, len(tcp)) + tcp)
    return tcp[:16] + struct.pack("!H", total) + tcp[18:]


def syn(port):
    """A SYN along a source route that is through, but for the way back."""
    port = int(port)
    sniffer = Sniffer()
    route = bytes([1, 131, 7, 8]) + socket.inet_aton(ELSEWHERE)
    here = socket.inet_aton(HERE)
    tcp = tcp_syn(HERE, HERE, port)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    raw.sendto(struct.pack("!BBHHHBBH", 0x47, 0, 28 + len(tcp), 1, 0, 64, 6, 0) + here + here +
               route + tcp, (HERE, 0))
    print("astray" if sniffer.saw(to(ELSEWHERE, port)) else "nothing")


def header(where):
    """Whether a peer's connection has the listener answer to WHERE."""
    sniffer = Sniffer()
    want = socket.inet_pton(socket.AF_INET6, where)
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.connect_ex(("::1", 86))
    ports = struct.pack("!HH", 86, sock.getsockname()[1])
    seen = sniffer.saw(lambda p: p[0] >> 4 == 6 and p[24:40] == want and ports in p)
    print("astray" if seen else "nothing")


def sctp_send(raw, sport, dport, tag, chunk):
    packet = struct.pack("!HHII", sport, dport, tag, 0) + chunk
    raw.sendto(packet[:8] + struct.pack("<I", crc32c(packet)) + packet[12:], (HERE, 0))


def ask(raw, sniffer, port):
    """An INIT; returns the answer to it, or None."""
    init = struct.pack("!IIHHI", 7, 100000, 1, 1, 1)
    init += struct.pack("!HH", 5, 8) + socket.inet_aton(HERE)
    sctp_send(raw, OWN_PORT, port, 0, struct.pack("!BBH", 1, 0, 4 + len(init)) + init)
    return sniffer.saw(lambda p: to(HERE, port)(p) and p[9] == SCTP and p[32] == 2)


def sctp_init(port):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, SCTP)
    print("answered" if ask(raw, Sniffer(), int(port)) else "nothing")


def cookie(port, forged="forged"):
    """An association of which the cookie says that the peer is elsewhere."""
    port, own = int(port), OWN_PORT
    sniffer = Sniffer()
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, SCTP)
    answer = ask(raw, sniffer, port)
    if not answer:
        print("no answer")
        return
    chunk = answer[32:]
    tag = struct.unpack_from("!I", chunk, 4)[0]
    params, at = chunk[:struct.unpack_from("!H", chunk, 2)[0]], 20
    while struct.unpack_from("!H", params, at)[0] != 7:
        at += (struct.unpack_from("!H", params, at + 2)[0] + 3) & ~3
    value = params[at + 4:at + struct.unpack_from("!H", params, at + 2)[0]]
    peer = struct.pack("=H", socket.AF_INET) + struct.pack("!H", own) + socket.inet_aton(HERE)
    if value.count(peer) != 1:
        print("no peer in the cookie")
        return
    if forged == "forged":
        value = value.replace(peer, peer[:4] + socket.inet_aton(ELSEWHERE))
    sctp_send(raw, own, port, tag, struct.pack("!BBH", 10, 0, 4 + len(value)) + value)
    where = ELSEWHERE if forged == "forged" else HERE
    seen = sniffer.saw(lambda p: to(where, port)(p) and p[9] == SCTP and p[32] == 11)
    print("nothing" if not seen else "astray" if forged == "forged" else "accepted")


def pppol2tp(sock, udp, tunnel, session):
    """Connects a socket for PPP over L2TP by a UDP socket."""
    peer = struct.pack("=HH4s8x", socket.AF_INET, 0, bytes(4))
    address = struct.pack("=HIii", PF_PPPOX, OL2TP, 0, udp.fileno()) + peer + struct.pack(
        "=HHHH", tunnel, session, tunnel, session)
    libc = ctypes.CDLL(None, use_errno=True)
    return ctypes.get_errno() if libc.connect(sock.fileno(), address, len(address)) else 0


def l2tp():
    """PPP by a UDP socket that is connected to one peer, and began a datagram to another."""
    catcher = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    catcher.bind((ELSEWHERE, 5001))
    catcher.settimeout(2)
    others = []
    for address in ((HERE, 5001), (ELSEWHERE, 5002)):
        others.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        others[-1].bind(address)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
    udp.connect((HERE, 5001))
    try:
        socks = [socket.socket(PF_PPPOX, socket.SOCK_DGRAM, OL2TP) for _ in range(2)]
    except OSError as err:
        print("no socket", errno.errorcode[err.errno])
        return
    for sock, session in zip(socks, (0, 9)):
        err = pppol2tp(sock, udp, 3, session)
        if err:
            print("connect", errno.errorcode[err])
            return
    udp.sendto(b"x", socket.MSG_MORE, (ELSEWHERE, 5002))
    udp.send(b"")
    try:
        os.write(socks[1].fileno(), b"\xff\x03\xc0\x21secret")
        catcher.recv(100)
        print("astray")
    except OSError as err:
        print("nothing", errno.errorcode.get(err.errno, err))


def listen(command):
    """A rule comes between a bind and a listen."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, SCTP)
    sock.bind(("::ffff:0.0.0.0", 0))
    subprocess.run(command, shell=True, check=True)
    try:
        sock.listen()
        print("listen ok")
    except OSError as err:
        print("listen", errno.errorcode[err.errno])


def v6only(*words):
    """Listens at one IPv6 address, whose port it has left for later; "off": and then said that
    it were of IPv4, too."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    sock.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
    sock.bind(("::1", 0))
    if "off" in words:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try:
        sock.listen()
        print("ok")
    except OSError as err:
        print(errno.errorcode[err.errno])


def synproxy(address=HERE):
    """A bind, and whether it comes with a packet of TCP's."""
    sniffer = Sniffer()
    is_ipv6 = ":" in address
    sock = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.bind((address, 87))
        print("ok", end="")
    except OSError as err:
        print(errno.errorcode[err.errno], end="")
    print(" and a packet" if sniffer.saw(lambda packet: packet[6 if is_ipv6 else 9] == 6, 1) else "")


def nflog(group, source, peer):
    """Sends a SYN through ip6gre's tunnel, and prints what NFLOG shows as the link header of the
    accept's event, from its 40 bytes on."""
    log = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)

    def config(family, number, attributes):
        body = struct.pack("!BBH", family, 0, number) + attributes
        log.send(struct.pack("=IHHII", 16 + len(body), 4 << 8 | 1, 5, 1, 0) + body)
        err = -struct.unpack_from("=i", log.recv(1000), 16)[0]
        if err:
            raise OSError(err, "no log")

    config(socket.AF_INET, int(group), struct.pack("=HHB3x", 5, 1, 1))  # bind
    config(0, int(group), struct.pack("=HH", 10, 2) + struct.pack("!IB", 1000, 2) + b"\0\0")
    log.settimeout(5)
    # What an event leaves in the packet that is the next one's, too.
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        six.connect(("fd00:1111:2222:3333:4444:5555:6666:7777", 0x1234))
    except OSError:
        pass
    tcp = tcp_syn(source, peer, 87)
    packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + (
        socket.inet_aton(source) + socket.inet_aton(peer))
    packet = packet[:10] + struct.pack("!H", checksum(packet)) + packet[12:]
    raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_GRE)
    raw.sendto(struct.pack("!HHI", 0x2000, 0x0800, 1) + packet + tcp, ("::1", 0))
    message = log.recv(65536)
    at, seen = 20, b""
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        if kind == 16:
            seen = message[at + 4:at + length]
        at += max((length + 3) & ~3, 4)
    print(f"{len(seen)} bytes,", "zeros" if not any(seen[40:]) else "stale " + seen[40:].hex())


def raw(protocol, peer):
    """A raw socket whose protocol another kind of socket has, too."""
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_RAW, int(protocol))
    try:
        sock.connect((peer, 0))
        print("ok")
    except OSError as err:
        print(errno.errorcode[err.errno])


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
