# SPDX-License-Identifier: GPL-2.0-only
"""Operations of failnth.py: event tables and devices, and their rules."""
import ctypes
import errno
import os
import socket
import struct

import genl
from fault import (NEWNET, Nftables, Operation, Wrong, answer, libc, load_modules, look_denied,
                   own_netns, result, run, wait_unhooked)

SO_GET_INFO, SO_GET_ENTRIES, SO_SET_REPLACE = 64, 65, 64


def keep_hooked(event):
    """By the table of the first namespace, which stays."""
    run(f"iptables-legacy -w -t {event} -S")


class Device(Operation):
    """An event device; a chain of it denies."""
    event = "connect"
    # Hook points are attached one by one, all in the same way; what comes after them is
    # seen of the other devices.
    limit = 120
    # Else the last one, which was removed, has hooked the calls.
    hooked = "neigh_xmit"

    def set_up(self):
        self.nft = Nftables()

    def before(self):
        if self.hooked:
            wait_unhooked(self.hooked)
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.settimeout(20)

    def link(self, kind, flags, body):
        def ask():
            self.sock.send(struct.pack("IHHII", 16 + len(body), kind, 1 | 4 | flags, 1, 0) +
                           body)
            return -struct.unpack_from("i", self.sock.recv(65536), 16)[0]
        return answer(ask)

    def new(self):
        head = struct.pack("BxHiII", 0, 0, 0, 1, 1)  # up
        info = genl.attr(1, b"sock" + self.event.encode() + b"\0")
        return self.link(16, 0x600, head + genl.attr(3, b"fault0\0") + genl.attr(18, info))

    def do(self):
        return self.new()

    def exists(self):
        return os.path.exists("/sys/class/net/fault0")

    def after(self, err):
        self.sock.close()
        if err and err != errno.ENOBUFS and self.exists():
            raise Wrong(f"errno {err}, but the device is there")
        if not err:
            if not self.nft.run("""table inet fault { chain c {
                    type filter hook ingress device "fault0" priority 0;
                    meta priority set 1 drop; }; }"""):
                raise Wrong("no error, but no chain can be made on it")
            look_denied(self.event)
            if not self.nft.run("delete table inet fault"):
                raise Wrong("its chain cannot be removed")
        if self.exists():
            run("ip link del fault0")


class HookedDevice(Device):
    """Where the calls are hooked already: that takes long, and is the same for all."""
    hooked = limit = None

    def set_up(self):
        super().set_up()
        keep_hooked(self.event)


class Bindings(HookedDevice):
    event = "bind"


class Accepts(HookedDevice):
    event = "accept"


class Table(Operation):
    """The first use of an event table in a network namespace; its rule denies."""
    table = b"connect"
    chain = "OUTPUT"
    target = "DROP"
    family = socket.AF_INET
    # That hooking fails at each of them is seen of a device.
    limit = 60
    # Else the last namespace's table, which is being removed, has hooked the calls.
    hooked = "neigh_xmit"

    def set_up(self):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)

    def before(self):
        libc.setns(self.home, 0)
        if self.hooked:
            wait_unhooked(self.hooked)
        own_netns()
        self.sock = socket.socket(self.family, socket.SOCK_RAW, 255)
        # A table that is not there is asked for once more when modprobe has come back.
        load_modules(False)

    def do(self):
        return result(self.get_info)

    def get_info(self):
        level = socket.IPPROTO_IPV6 if self.family == socket.AF_INET6 else 0
        buffer = ctypes.create_string_buffer(self.table.ljust(32, b"\0") + bytes(52), 84)
        size = ctypes.c_uint32(84)
        if libc.getsockopt(self.sock.fileno(), level, SO_GET_INFO, buffer,
                           ctypes.byref(size)):
            raise OSError(ctypes.get_errno(), "getsockopt")
        return buffer.raw

    def after(self, err):
        load_modules(True)
        # The next use makes it.
        again = result(self.get_info)
        if again:
            raise Wrong(f"the table stays away after errno {err}: {again}")
        table = self.table.decode()
        iptables = "ip6tables" if self.family == socket.AF_INET6 else "iptables"
        run(f"{iptables}-legacy -w -t {table} -A {self.chain} -j {self.target}")
        look_denied(table, self.family)
        self.sock.close()


class HookedTable(Table):
    """Where the calls are hooked already, for the table that another namespace has: what
    is left is the table, the device and the route of the namespace."""
    hooked = limit = None

    def set_up(self):
        super().set_up()
        keep_hooked(self.table.decode())


class BindTable(HookedTable):
    table = b"bind"
    chain = "INPUT"


class AcceptTable(HookedTable):
    table = b"accept"
    chain = "INPUT"
    # DROP gives no answer.
    target = "SOCKERR --errno EACCES"


class Table6(HookedTable):
    family = socket.AF_INET6


class Netns(HookedTable):
    """A new network namespace: it has all that is ours, or it is none. Who registered
    first comes first: hundreds are the kernel's own."""
    last = 400

    def before(self):
        libc.setns(self.home, 0)

    def do(self):
        return ctypes.get_errno() if libc.unshare(NEWNET) else 0

    def after(self, err):
        if err:
            return
        run("ip link set lo up && ctid add 5 fault && ctid list | grep -q fault")
        self.sock = socket.socket(self.family, socket.SOCK_RAW, 255)
        super().after(err)


class Rules(Table):
    """A table's rules replaced by the same ones; else the old ones stay."""
    limit = None

    def set_up(self):
        own_netns()
        for _ in range(3):
            run("iptables-legacy -w -t connect -A OUTPUT -m container --id 5-9,77 -p tcp -j SOCKERR --errno ECONNREFUSED")
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)
        info = self.get_info()
        self.kept = run("iptables-legacy -w -t connect -S")
        hooks, entries, size = struct.unpack_from("I40xII", info, 32)
        buffer = ctypes.create_string_buffer(self.table.ljust(32, b"\0") +
                                             struct.pack("I4x", size) + bytes(size), 40 + size)
        length = ctypes.c_uint32(40 + size)
        if libc.getsockopt(self.sock.fileno(), 0, SO_GET_ENTRIES, buffer, ctypes.byref(length)):
            raise Wrong(f"no entries: {ctypes.get_errno()}")
        self.counters = ctypes.create_string_buffer(16 * entries)
        self.blob = (self.table.ljust(32, b"\0") + struct.pack("III", hooks, entries, size) +
                     info[36:76] + struct.pack("=IQ", entries, ctypes.addressof(self.counters)) +
                     buffer.raw[40:])

    def before(self):
        pass

    def do(self):
        return result(lambda: self.sock.setsockopt(0, SO_SET_REPLACE, self.blob))

    def after(self, err):
        if run("iptables-legacy -w -t connect -S") != self.kept:
            raise Wrong(f"errno {err}, and the rules are others")


class Nft(Operation):
    """A chain on an event device, by libnftables in this process."""
    def set_up(self):
        own_netns()
        run("ip link add connect type sockconnect && ip link set connect up")
        self.nft = Nftables()

    def do(self):
        return 0 if self.nft.run("""table inet f { chain c {
                type filter hook ingress device "connect" priority 0; policy drop;
                meta mark 7 drop; }; }""") else errno.EIO

    def after(self, err):
        there = "table inet f" in run("nft list tables")
        if there == bool(err):
            raise Wrong(f"result {err}, but the table is {'' if there else 'not '}there")
        if there:
            look_denied("connect")
            run("nft delete table inet f")


OPERATIONS = {
    "device-connect": Device, "device-bind": Bindings, "device-accept": Accepts,
    "table-connect": Table, "table-bind": BindTable, "table-accept": AcceptTable,
    "table-hooked": HookedTable, "table6": Table6, "netns": Netns,
    "rules": Rules, "nft": Nft,
}
