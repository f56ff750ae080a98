# SPDX-License-Identifier: GPL-2.0-only
"""Operations of failnth.py: modules that come and go."""
import ctypes
import glob
import os

import genl
from fault import Operation, Wrong, libc, result, run, wait_unused

FINIT_MODULE, DELETE_MODULE = 313, 176


def remove(name):
    """Returns 0 or an errno."""
    failed = libc.syscall(DELETE_MODULE, name.encode(), os.O_NONBLOCK)
    return ctypes.get_errno() if failed else 0


class Module(Operation):
    """A module that is loaded; what it registered is gone if that failed."""
    where = "updates/container"

    def __init__(self, name):
        super().__init__()
        self.name = name

    def set_up(self):
        pattern = f"/lib/modules/*/{self.where}/{self.name}.ko"
        self.fd = os.open(glob.glob(pattern)[0], os.O_RDONLY)
        run(f"modprobe {self.name} && rmmod {self.name}")

    def load(self):
        return ctypes.get_errno() if libc.syscall(FINIT_MODULE, self.fd, b"", 0) else 0

    def do(self):
        return self.load()

    def use(self):
        """Wrong, if a module that came in spite of a fault does not do what it is for."""

    def after(self, err):
        loaded = os.path.isdir(f"/sys/module/{self.name}")
        if loaded == bool(err):
            raise Wrong(f"errno {err}, but it is {'' if loaded else 'not '}loaded")
        if not loaded:
            return
        self.use()
        err = remove(self.name)
        if err:
            raise Wrong(f"it cannot go: errno {err}")


class Hooks(Module):
    """sock_hooks, which looks at what is there to be watched. The last allocations are its
    own; what the kernel's loader needs before is seen of the other modules, of which a try
    takes no ten seconds."""
    last = 120

    def use(self):
        if self.failed:
            run("modprobe sock_dev && ip link add fault0 type sockconnect && "
                "ip link set fault0 up && ip link del fault0 && rmmod sock_dev")


class Probed(Hooks):
    """The same while somebody else has a kprobe on the first of the functions."""
    def set_up(self):
        super().set_up()
        run("cd /sys/kernel/tracing && { [ -e events/kprobes/fault ] || "
            "echo p:fault security_socket_connect >kprobe_events; } && "
            "echo 1 >events/kprobes/fault/enable")


class Watched(Module):
    """A module with a function of its name to watch comes while there are rules. One with a
    protocol would not do: where that gets no cache, the kernel leaks its name."""
    where = "kernel/net/ipv4/netfilter"

    def use(self):
        with open("/sys/kernel/tracing/enabled_functions", encoding="ascii") as functions:
            if self.name + " " not in functions.read():
                raise Wrong("it is there, and nobody watches its function")


class Removed(Module):
    """A module that is removed; that cannot fail."""
    def before(self):
        err = self.load()
        if err:
            raise Wrong(f"errno {err}: it does not come again")
        self.prepare()

    def prepare(self):
        """Gives the module something to undo."""

    def do(self):
        return remove(self.name)

    def after(self, err):
        if err or os.path.isdir(f"/sys/module/{self.name}"):
            raise Wrong(f"errno {err}, or it is there yet")


class RemovedHooks(Removed):
    """sock_hooks, which leaves alone what it watches."""
    def prepare(self):
        os.environ.pop("GENL_FAMILY", None)
        family = genl.Family()
        number = genl.attr(genl.ATTRS["id"], genl.u32(77))
        for cmd, more in (("add", b""), ("set", genl.attr(genl.ATTRS["mark"], genl.u32(5))),
                          ("del", b"")):
            if family.call(genl.CMDS[cmd], number + more)[0]:
                raise Wrong(f"{cmd} failed")
        wait_unused(self.name)


class RemovedWatch(Removed):
    """sock_watch, with a listener, which is told that there will be no more."""
    def prepare(self):
        os.environ["GENL_FAMILY"] = "sock_watch"
        self.family = genl.Family()
        if self.family.call(1, b"")[0]:
            raise Wrong("no listener")
        self.family.sock.setblocking(False)

    def after(self, err):
        super().after(err)
        self.seen["untold" if result(lambda: self.family.sock.recv(65536)) else "told"] += 1
        self.family.sock.close()


class RemovedRegistry(Removed):
    """container_id, with a container that has a cgroup."""
    def prepare(self):
        run("ctid add 77 fault && ctid bind fault /fault")


# failnth.py KIND-MODULE
KINDS = {
    "module": lambda name: Hooks(name) if name == "sock_hooks" else Module(name),
    "probed": Probed, "watched": Watched,
    "removed": lambda name: {"sock_hooks": RemovedHooks, "sock_watch": RemovedWatch,
                             "container_id": RemovedRegistry}.get(name, Removed)(name),
}
