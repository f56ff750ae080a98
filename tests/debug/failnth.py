#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""failnth.py NAME: has each allocation that an operation makes fail in turn.

The kernel fails the Nth one after N was written to /proc/thread-self/fail-nth
(Documentation/fault-injection/). Prints how many there were and what came of it; it is
wrong if an operation fails but leaves something, succeeds with less than all of it, or
does not work afterwards. Status 1 then.
"""
import collections
import ctypes
import errno
import glob
import os
import socket
import struct
import subprocess
import sys
import time

import genl

CGROUP = "/sys/fs/cgroup/fault"
FINIT_MODULE, DELETE_MODULE = 313, 176
NEWNET = 0x40000000
SO_GET_INFO, SO_GET_ENTRIES, SO_SET_REPLACE = 64, 65, 64


class Wrong(Exception):
    pass


def run(words):
    done = subprocess.run(words, shell=True, text=True, capture_output=True, check=False)
    if done.returncode:
        raise Wrong(f"{words}: {done.stderr.strip()}")
    return done.stdout


def own_netns():
    if libc.unshare(NEWNET):
        raise Wrong("no network namespace")
    run("ip link set lo up")


def answer(call):
    """What a call returns, or the errno of the OSError that it raises."""
    try:
        return call()
    except TimeoutError as err:
        raise Wrong("no answer") from err
    except OSError as err:
        return err.errno


def result(call):
    """0 or the errno, whatever the call returns."""
    return answer(lambda: (call(), 0)[1])


def look_denied(event):
    """Wrong, if a call that everything there denies is not."""
    with socket.socket() as server, socket.socket() as sock:
        if event == "accept":
            server.bind(("127.0.0.1", 0))
            server.listen()
            sock.settimeout(20)
            good, call = errno.ECONNREFUSED, lambda: sock.connect(server.getsockname())
        elif event == "bind":
            good, call = errno.EPERM, lambda: sock.bind(("127.0.0.1", 0))
        else:
            good, call = errno.EPERM, lambda: sock.connect(("127.0.0.1", 9))
        err = result(call)
        if err != good:
            raise Wrong(f"it is there, but does not deny: {errno.errorcode.get(err, err)}")


class Nftables:
    """libnftables in this process: a program takes long to begin."""
    def __init__(self):
        self.lib = ctypes.CDLL("libnftables.so.1")
        self.lib.nft_ctx_new.restype = ctypes.c_void_p
        self.ctx = ctypes.c_void_p(self.lib.nft_ctx_new(0))
        self.lib.nft_ctx_buffer_error(self.ctx)
        self.lib.nft_ctx_buffer_output(self.ctx)

    def run(self, commands):
        """Whether they were done."""
        return not self.lib.nft_run_cmd_from_buffer(self.ctx, commands.encode())


class Operation:
    """One that is done again and again; a class below each."""
    # What it comes to where no allocation fails.
    good = 0

    def set_up(self):
        """Once, before all."""

    def before(self):
        """Before each try; no fault happens here."""

    def do(self):
        """Returns 0 or an errno. The faults happen here."""
        raise NotImplementedError

    def after(self, err):
        """Looks whether what is there now fits ERR, and undoes it."""


class Netlink(Operation):
    """Requests to the registry: after one that failed nothing is changed."""
    first, undo = (), ()
    request = ("add", b"")

    def set_up(self):
        self.family = genl.Family()
        self.fd = os.open(CGROUP, os.O_RDONLY)

    def ask(self, request):
        cmd, attrs = request
        return answer(lambda: self.family.call(genl.CMDS[cmd], attrs)[0])

    def before(self):
        # The last one may have an answer that came after its error.
        self.family.sock.close()
        self.family = genl.Family()
        for request in self.first:
            if self.ask(request):
                raise Wrong(f"{request[0]} before it failed")
        self.kept = run("ctid list --json")

    def do(self):
        return self.ask(self.request)

    def after(self, err):
        changed = run("ctid list --json") != self.kept
        # ENOBUFS is also what there is instead of an answer, whatever that would be.
        if changed == bool(err) and err != errno.ENOBUFS:
            raise Wrong(f"errno {err}, but the registry {'changed' if changed else 'did not'}")
        for request in self.undo:
            self.ask(request)


ID = genl.attr(genl.ATTRS["id"], genl.u32(77))


class Add(Netlink):
    request = ("add", genl.add_attrs(77, "fault"))
    undo = (("del", ID),)


class Set(Netlink):
    first = (("add", genl.add_attrs(77, "fault")),)
    request = ("set", ID + genl.attr(genl.ATTRS["mark"], genl.u32(5)))
    undo = (("del", ID),)


class Bind(Netlink):
    undo = (("unbind", None), ("del", ID))

    def set_up(self):
        super().set_up()
        fd = genl.attr(genl.ATTRS["cgroup_fd"], genl.u32(self.fd))
        self.first = (("add", genl.add_attrs(77, "fault")),)
        self.request = ("bind", ID + fd)
        self.undo = (("unbind", fd), ("del", ID))


class Unbind(Bind):
    def set_up(self):
        super().set_up()
        self.first += (self.request,)
        self.undo, self.request = (self.undo[1],), self.undo[0]


class Del(Unbind):
    def set_up(self):
        super().set_up()
        self.request = self.undo[0]


class Device(Operation):
    """An event device; a chain of it denies."""
    event = "connect"

    def set_up(self):
        self.nft = Nftables()

    def before(self):
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


class Bindings(Device):
    event = "bind"


class Accepts(Device):
    event = "accept"


class Table(Operation):
    """The first use of an event table in a network namespace; its rule denies."""
    table = b"connect"
    chain = "OUTPUT"
    target = "DROP"
    hooked = "security_socket_connect "

    def set_up(self):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)

    def before(self):
        # Else the last namespace's table, which is being removed, has hooked the calls.
        libc.setns(self.home, 0)
        for _ in range(2000):
            with open("/sys/kernel/tracing/enabled_functions", encoding="ascii") as functions:
                if self.hooked not in functions.read():
                    break
            time.sleep(0.01)
        else:
            raise Wrong("the calls stay hooked")
        own_netns()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)

    def do(self):
        return result(self.get_info)

    def get_info(self):
        buffer = ctypes.create_string_buffer(self.table.ljust(32, b"\0") + bytes(52), 84)
        size = ctypes.c_uint32(84)
        if libc.getsockopt(self.sock.fileno(), 0, SO_GET_INFO, buffer, ctypes.byref(size)):
            raise OSError(ctypes.get_errno(), "getsockopt")
        return buffer.raw

    def after(self, err):
        # The next use makes it.
        again = result(self.get_info)
        if again:
            raise Wrong(f"the table stays away after errno {err}: {again}")
        table = self.table.decode()
        run(f"iptables-legacy -w -t {table} -A {self.chain} -j {self.target}")
        look_denied(table)
        self.sock.close()


class BindTable(Table):
    table = b"bind"
    chain = "INPUT"
    hooked = "security_socket_bind "


class AcceptTable(Table):
    table = b"accept"
    chain = "INPUT"
    # DROP gives no answer.
    target = "SOCKERR --errno EACCES"
    hooked = "security_inet_conn_request "


class Rules(Table):
    """A table's rules replaced by the same ones; else the old ones stay."""
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


class Watch(Operation):
    """A listener to sock_watch."""
    def before(self):
        os.environ["GENL_FAMILY"] = "sock_watch"
        self.family = genl.Family()

    def do(self):
        return answer(lambda: self.family.call(1, b"")[0])

    def after(self, err):
        self.family.sock.close()
        # The next one can.
        self.before()
        again = self.do()
        if again:
            raise Wrong(f"after errno {err} none can start: {again}")
        self.family.sock.close()


class Module(Operation):
    """A module that is loaded; what it registered is gone if that failed."""
    def __init__(self, name):
        self.name = name

    def set_up(self):
        pattern = f"/lib/modules/*/updates/container/{self.name}.ko"
        self.fd = os.open(glob.glob(pattern)[0], os.O_RDONLY)
        run(f"modprobe {self.name} && rmmod {self.name}")

    def do(self):
        return ctypes.get_errno() if libc.syscall(FINIT_MODULE, self.fd, b"", 0) else 0

    def after(self, err):
        loaded = os.path.isdir(f"/sys/module/{self.name}")
        if loaded == bool(err):
            raise Wrong(f"errno {err}, but it is {'' if loaded else 'not '}loaded")
        if loaded and libc.syscall(DELETE_MODULE, self.name.encode(), os.O_NONBLOCK):
            raise Wrong(f"it cannot go: errno {ctypes.get_errno()}")


class Calls(Operation):
    """Denied calls: no fault lets one through."""
    kind = (socket.AF_INET, socket.SOCK_STREAM, 0)
    call = "connect"
    good = errno.EPERM
    # Of who denies it, or of who has no memory to ask.
    answers = (errno.EPERM, errno.ENOMEM, errno.ENOBUFS)

    def set_up(self):
        with open("/sys/fs/cgroup/denied/cgroup.procs", "w", encoding="ascii") as procs:
            procs.write("0")

    def before(self):
        self.sock = socket.socket(*self.kind)
        self.sock.setblocking(False)

    def do(self):
        where = "::1" if self.kind[0] == socket.AF_INET6 else "127.0.0.1"
        if self.call == "sendto":
            return result(lambda: self.sock.sendto(b"x", (where, 9)))
        return result(lambda: getattr(self.sock, self.call)((where, 9)))

    def after(self, err):
        if err not in self.answers:
            raise Wrong(f"it was not denied: {errno.errorcode.get(err, err)}")
        self.sock.close()


def calls():
    for call in ("connect", "bind", "sendto"):
        for family in (socket.AF_INET, socket.AF_INET6):
            for kind, proto in ((socket.SOCK_STREAM, 0), (socket.SOCK_DGRAM, 0),
                                (socket.SOCK_STREAM, 132), (socket.SOCK_STREAM, 262)):
                # These are connected before they send.
                if call == "sendto" and kind == socket.SOCK_STREAM and proto != 132:
                    continue
                operation = Calls()
                operation.kind, operation.call = (family, kind, proto), call
                yield operation


OPERATIONS = {
    "add": Add, "set": Set, "bind": Bind, "unbind": Unbind, "del": Del,
    "device-connect": Device, "device-bind": Bindings, "device-accept": Accepts,
    "table-connect": Table, "table-bind": BindTable, "table-accept": AcceptTable,
    "rules": Rules, "nft": Nft, "watch": Watch,
}
libc = ctypes.CDLL(None, use_errno=True)


def fail_each(operation, results):
    """Returns how many allocations there were."""
    operation.set_up()
    # Twice: what is made once for all uses is made now.
    for _ in range(2):
        operation.before()
        err = operation.do()
        if err != operation.good:
            raise Wrong(f"without a fault: errno {err}")
        operation.after(err)
    n = 0
    with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as nth:
        left = 0
        while not left:
            n += 1
            if n > 3000:
                raise Wrong("no end of allocations")
            operation.before()
            nth.write(b"%d" % n)
            try:
                err = operation.do()
            finally:
                left = int(os.pread(nth.fileno(), 16, 0))
                nth.write(b"0")
            if left and err != operation.good:
                raise Wrong(f"after {n - 1} faults it does not work: errno {err}")
            operation.after(err)
            if not left:
                results[errno.errorcode.get(err, err) if err else "ok"] += 1
    return n - 1


def main(name):
    results = collections.Counter()
    if name == "calls":
        todo = list(calls())
    elif name.startswith("module-"):
        todo = [Module(name[len("module-"):])]
    else:
        todo = [OPERATIONS[name]()]
    count = 0
    for operation in todo:
        try:
            count += fail_each(operation, results)
        except Wrong as wrong:
            print(f"{name}: {vars(operation)}, after {sum(results.values())} faults: {wrong}")
            return 1
        except OSError as err:
            if err.errno not in (errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT):
                raise
    print(f"{name}: {count} allocations failed: " +
          ", ".join(f"{what} {n}" for what, n in sorted(results.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
