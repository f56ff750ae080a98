# SPDX-License-Identifier: GPL-2.0-only
"""Operations of failnth.py: the registry."""
import errno
import os
import select
import socket

import genl
from fault import (CGROUP, Anywhere, Operation, Wrong, answer, join, result, run, wait_unhooked,
                   wait_unused)

ID = genl.attr(genl.ATTRS["id"], genl.u32(77))
MARK = genl.attr(genl.ATTRS["mark"], genl.u32(5))
FIXED = genl.attr(11, b"\1")
ADD = ("add", genl.add_attrs(77, "fault"))
DEL = ("del", ID)


def cgroup_fd(fd):
    return genl.attr(genl.ATTRS["cgroup_fd"], genl.u32(fd))


class Listener:
    """Is told of changes of the registry, or that it missed some."""
    def __init__(self):
        family = genl.Family()
        self.sock = family.sock
        self.sock.setsockopt(270, 1, family.group)
        self.sock.setblocking(False)

    def heard(self):
        """What there was since: "told", "missed" or neither."""
        what = None
        while True:
            err = result(lambda: self.sock.recv(65536))
            if err == errno.EAGAIN:
                return what
            if not what or err:
                what = "missed" if err == errno.ENOBUFS else "told"


class Netlink(Operation):
    """Requests to the registry: after one that failed nothing is changed; of one that
    changed something the listener hears."""
    first, undo = (), ()
    request = ADD
    must = ("missed",)

    def set_up(self):
        os.environ.pop("GENL_FAMILY", None)
        self.family = genl.Family()
        self.listener = Listener()
        self.fd = os.open(CGROUP, os.O_RDONLY)

    def ask(self, request):
        cmd, attrs = request
        return answer(lambda: self.family.call(genl.CMDS[cmd], attrs)[0])

    def begin(self):
        # The last one may have an answer that came after its error.
        self.family.sock.close()
        self.family = genl.Family()
        for request in self.first:
            if self.ask(request):
                raise Wrong(f"{request[0]} before it failed")
        self.listener.heard()

    def before(self):
        self.begin()
        self.kept = run("ctid list --json")

    def do(self):
        return self.ask(self.request)

    def look(self, err):
        """Whether the registry and the listener fit ERR."""
        changed = run("ctid list --json") != self.kept
        heard = self.listener.heard()
        # ENOBUFS is also what there is instead of an answer, whatever that would be.
        if changed == bool(err) and err != errno.ENOBUFS:
            raise Wrong(f"errno {err}, but the registry {'changed' if changed else 'did not'}")
        if changed and not heard or heard == "told" and not changed:
            raise Wrong(f"the registry {'changed' if changed else 'did not'}, and who listens "
                        f"heard {heard}")
        self.seen[heard] += 1

    def after(self, err):
        self.look(err)
        for request in self.undo:
            self.ask(request)


class Add(Netlink):
    undo = (DEL,)


class Set(Netlink):
    first = (ADD,)
    request = ("set", ID + MARK)
    undo = (DEL,)


class Bind(Netlink):
    undo = (("unbind", None), DEL)

    def set_up(self):
        super().set_up()
        self.first = (ADD,)
        self.request = ("bind", ID + cgroup_fd(self.fd))
        self.undo = (("unbind", cgroup_fd(self.fd)), DEL)


class Unbind(Bind):
    def set_up(self):
        super().set_up()
        self.first += (self.request,)
        self.undo, self.request = (self.undo[1],), self.undo[0]


class Del(Unbind):
    def set_up(self):
        super().set_up()
        self.request = self.undo[0]


class Rebind(Bind):
    """Taken from another container: of that two things are told."""
    def set_up(self):
        super().set_up()
        other = genl.attr(genl.ATTRS["id"], genl.u32(78))
        self.first += (("add", other), ("bind", other + cgroup_fd(self.fd)))
        cmd, attrs = self.request
        self.request = (cmd, attrs + genl.attr(genl.ATTRS["from"], genl.u32(78)))
        self.undo += (("del", other),)


class Read(Netlink):
    """What changes nothing; the answer is the same, or none."""
    first, undo = (ADD,), (DEL,)
    must = ("no answer",)
    good_reply = None

    def before(self):
        self.begin()

    def read(self):
        """Returns an errno, and what else must be the same."""
        cmd, attrs = self.request
        err, reply = self.family.call(genl.CMDS[cmd], attrs)
        return err, None if err else reply[20:]

    def do(self):
        got = answer(self.read)
        err, self.reply = got if isinstance(got, tuple) else (got, None)
        return err

    def after(self, err):
        if err:
            self.seen["no answer"] += 1
        elif self.good_reply is None:
            self.good_reply = self.reply
        elif self.reply != self.good_reply:
            raise Wrong(f"it says {self.reply}, not {self.good_reply}")
        for request in self.undo:
            self.ask(request)


class Get(Read):
    request = ("get", ID)


class Of(Read):
    def set_up(self):
        super().set_up()
        self.first += (("bind", ID + cgroup_fd(self.fd)),)
        self.request = ("of", cgroup_fd(self.fd))


class Dump(Of):
    def read(self):
        return 0, [self.family.dump(genl.CMDS[cmd]) for cmd in ("get", "get_binding")]


class Reap(Netlink):
    """A bound cgroup goes: a worker tells of that."""
    injector = Anywhere
    first = (ADD,)
    path = "/sys/fs/cgroup/fault-reap"

    def before(self):
        os.mkdir(self.path)
        self.begin()
        fd = os.open(self.path, os.O_RDONLY)
        if self.ask(("bind", ID + cgroup_fd(fd))):
            raise Wrong("no binding")
        os.close(fd)
        self.listener.heard()

    def do(self):
        os.rmdir(self.path)
        if not select.select([self.listener.sock], [], [], 60)[0]:
            raise Wrong("nobody was told that the binding is gone")
        return 0

    def after(self, err):
        self.seen[self.listener.heard()] += 1
        ids, _ = self.family.dump(genl.CMDS["get_binding"])
        if 77 in ids:
            raise Wrong("the binding is there")
        self.ask(DEL)


class Fix(Netlink):
    """The first container that fixes its flow ids. A listener to all events is there, so
    that few functions are watched for that alone."""
    first, undo = (ADD,), (DEL,)
    request = ("set", ID + FIXED)

    def set_up(self):
        os.environ["GENL_FAMILY"] = "sock_watch"
        self.watch = genl.Family()
        if self.watch.call(1, b"")[0]:
            raise Wrong("no listener to events")
        super().set_up()
        self.first += (("bind", ID + cgroup_fd(self.fd)),)

    def before(self):
        wait_unhooked("ip_cmsg_send")
        super().before()

    def priority(self):
        join("fault")
        with socket.socket() as sock:
            err = result(lambda: sock.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 1))
        join("")
        return err

    def after(self, err):
        self.look(err)
        fixed = "fixed" in run("ctid list --json")
        if self.priority() != (errno.EPERM if fixed else 0):
            raise Wrong(f"errno {err}, it is {'' if fixed else 'not '}fixed, and a program "
                        f"can{' ' if fixed else 'not '}change it")
        self.ask(DEL)


class FlowFirst(Netlink):
    """The first container that has flow ids, while what puts them there is not loaded."""
    first = (ADD,)
    request = ("set", ID + MARK)
    must = ()
    # What comes then is what fix has: functions are watched, and the change is told.
    limit = 12

    def before(self):
        run("modprobe -r sock_hooks")
        super().before()

    def after(self, err):
        super().after(err)
        self.ask(DEL)
        wait_unused("sock_hooks")


OPERATIONS = {
    "add": Add, "set": Set, "bind": Bind, "unbind": Unbind, "del": Del, "rebind": Rebind,
    "get": Get, "of": Of, "dump": Dump, "reap": Reap, "fix": Fix,
    "flow-first": FlowFirst,
}
