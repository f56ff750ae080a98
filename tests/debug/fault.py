# SPDX-License-Identifier: GPL-2.0-only
"""What the operations of failnth.py have in common, and what makes allocations fail."""
import collections
import ctypes
import errno
import os
import socket
import subprocess
import time

CGROUP = "/sys/fs/cgroup/fault"
FAILSLAB = "/sys/kernel/debug/failslab/"
# All event packets and netlink messages, and few other things (see starved.sh).
CACHE = "/sys/kernel/slab/skbuff_head_cache/"
NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


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


def join(cgroup):
    with open(f"/sys/fs/cgroup/{cgroup}/cgroup.procs", "w", encoding="ascii") as procs:
        procs.write("0")


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


def wait_unhooked(function):
    """Until nobody watches FUNCTION: who did leaves it alone some seconds later. Hook points
    are left in the order of kernel/sock_hook_points.h, one at a time; those that are still
    hooked need nothing when they are next, so it is the last one to wait for."""
    for _ in range(6000):
        with open("/sys/kernel/tracing/enabled_functions", encoding="ascii") as functions:
            if function + " " not in functions.read():
                return
        time.sleep(0.01)
    raise Wrong("the calls stay hooked")


def wait_unused(module):
    """Until nobody uses MODULE, or it is not there: a worker lets it go."""
    for _ in range(2000):
        try:
            with open(f"/sys/module/{module}/refcnt", encoding="ascii") as count:
                if count.read() == "0\n":
                    return
        except FileNotFoundError:
            return
        time.sleep(0.01)
    raise Wrong(f"{module} is in use")


def look_denied(event, family=socket.AF_INET):
    """Wrong, if a call that everything there denies is not."""
    where = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    with socket.socket(family) as server, socket.socket(family) as sock:
        if event == "accept":
            server.bind((where, 0))
            server.listen()
            sock.settimeout(20)
            good, call = errno.ECONNREFUSED, lambda: sock.connect(server.getsockname())
        elif event == "bind":
            good, call = errno.EPERM, lambda: sock.bind((where, 0))
        else:
            good, call = errno.EPERM, lambda: sock.connect((where, 9))
        err = result(call)
        if err != good:
            raise Wrong(f"it is there, but does not deny: {errno.errorcode.get(err, err)}")


def load_modules(may):
    """Whether the kernel has a module loaded that it misses."""
    with open("/proc/sys/kernel/modprobe", "w", encoding="ascii") as path:
        path.write("/sbin/modprobe\n" if may else "\n")


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


class Here:
    """The Nth allocation that this thread makes fails, of whatever kind faults.sh set."""
    def __init__(self):
        self.nth = open("/proc/thread-self/fail-nth", "r+b", buffering=0)

    def arm(self, n):
        self.nth.write(b"%d" % n)

    def left(self):
        """How many more it would have taken."""
        return int(os.pread(self.nth.fileno(), 16, 0))

    def disarm(self):
        """Whether there was none."""
        left = self.left()
        self.nth.write(b"0")
        return bool(left)


class Anywhere:
    """The Nth packet that anybody allocates fails: softirqs and workers have no Nth of
    their own. The kernel takes the size of each from the space that is left, and fails
    the one that there is no more space for. So does the next one: for an event packet
    sock_event asks twice."""
    times = 2

    def __init__(self):
        with open(CACHE + "failslab", encoding="ascii") as on:
            if on.read().strip() != "1":
                raise Wrong("boot with slub_debug=A,skbuff_head_cache")
        with open(CACHE + "object_size", encoding="ascii") as size:
            self.size = int(size.read())

    @staticmethod
    def set(**settings):
        for name, value in settings.items():
            with open(FAILSLAB + name.replace("_", "-"), "w", encoding="ascii") as file:
                file.write(str(value))

    def arm(self, n):
        self.set(cache_filter="Y", space=n * self.size, times=self.times,
                 probability=100)

    def disarm(self):
        self.set(probability=0, cache_filter="N")
        with open(FAILSLAB + "times", encoding="ascii") as times:
            return int(times.read()) == self.times


class Operation:
    """One that is done again and again; a class below each."""
    # What it comes to where no allocation fails.
    good = 0
    # Who makes allocations fail.
    injector = Here
    # What must have come of a slab that failed, at least once: see seen.
    must = ()
    # Of how many allocations one fails; more are the end of the test.
    limit = None
    # Of so many, the last ones, each fails: what comes before is others'.
    last = None

    def __init__(self):
        self.seen = collections.Counter()
        # An allocation failed in this try.
        self.failed = False

    def set_up(self):
        """Once, before all."""

    def before(self):
        """Before each try; no fault happens here."""

    def do(self):
        """Returns 0 or an errno. The faults happen here."""
        raise NotImplementedError

    def after(self, err):
        """Looks whether what is there now fits ERR, and undoes it."""
