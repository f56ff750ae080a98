# SPDX-License-Identifier: GPL-2.0-only
"""Operations of failnth.py: calls that are denied, and who is told of them."""
import errno
import os
import socket
import struct

import genl
from fault import Anywhere, Operation, Wrong, answer, join, result


class Calls(Operation):
    """Denied calls: no fault lets one through."""
    kind = (socket.AF_INET, socket.SOCK_STREAM, 0)
    call = "connect"
    good = errno.EPERM
    # Of who denies it, or of who has no memory to ask.
    answers = (errno.EPERM, errno.ENOMEM, errno.ENOBUFS)

    def set_up(self):
        join("denied")

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


class Unwatch(Watch):
    """It stops, and is told how many it missed; or it goes on."""
    def before(self):
        super().before()
        if super().do():
            raise Wrong("it cannot start")

    def do(self):
        return answer(lambda: self.family.call(2, b"")[0])

    def after(self, err):
        # That it has stopped is known by now, whatever became of the answer.
        again = self.do() if err != errno.ENOBUFS else 0
        if again != (0 if err else errno.ENOENT):
            raise Wrong(f"after errno {err}, stopped once more: {again}")
        super().after(err)


class Refills(Calls):
    """With hookfault, which keeps each event packet: it needs another one."""
    injector = Anywhere
    must = ("ENOMEM",)

    def set_up(self):
        super().set_up()
        # Each CPU has a packet.
        os.sched_setaffinity(0, {0})

    def after(self, err):
        self.seen[errno.errorcode.get(err, err)] += 1
        super().after(err)


class Sniffed(Calls):
    """Who sniffs on the event device sees them, or does not; they are denied."""
    must = ("not shown",)

    def set_up(self):
        super().set_up()
        self.sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.sniffer.bind(("connect", 3))
        self.sniffer.setblocking(False)

    def after(self, err):
        shown = not result(lambda: self.sniffer.recv(65536))
        if not shown and not self.failed:
            raise Wrong("it is not shown")
        self.seen["shown" if shown else "not shown"] += 1
        super().after(err)


class Events:
    """A listener to sock_watch, of the events of the container 7."""
    def __init__(self):
        os.environ["GENL_FAMILY"] = "sock_watch"
        self.family = genl.Family()
        err = self.family.call(1, genl.attr(2, genl.u32(7)))[0]
        if err:
            raise Wrong(f"no listener: errno {err}")
        self.family.sock.setblocking(False)

    def heard(self):
        """For each message since: how many events were lost before it, and the errno."""
        events = []
        while True:
            message = answer(lambda: self.family.sock.recv(65536))
            if not isinstance(message, bytes):
                return events
            lost = err = 0
            body = message[20:]
            while body:
                length, number = struct.unpack_from("HH", body)
                if number == 3:
                    lost = struct.unpack_from("Q", body, 4)[0]
                if number == 6:
                    err = struct.unpack_from("I", body, 4)[0]
                body = body[(length + 3) & ~3:]
            events.append((lost, err))


class Told(Calls):
    """A listener is told of each, or that it missed one."""
    must = ("lost",)

    def set_up(self):
        super().set_up()
        self.events = Events()

    def before(self):
        super().before()
        self.events.heard()

    def after(self, err):
        super().after(err)
        super().before()
        super().do()
        heard = self.events.heard()
        if sum(lost + 1 for lost, _ in heard) != 2:
            raise Wrong(f"errno {err}, and of two calls the listener heard {heard}")
        self.seen["lost" if len(heard) == 1 else "told"] += 1
        self.sock.close()


class Accepted(Operation):
    """A connection that is denied, in a softirq: with hookfault, which keeps each event
    packet. Who asks asks again if there was no memory to think about it."""
    injector = Anywhere
    good = errno.ECONNREFUSED
    must = ("ENOMEM", "lost")

    def __init__(self, family):
        super().__init__()
        self.family = family

    def set_up(self):
        join("denied")
        os.sched_setaffinity(0, {0})
        self.server = socket.socket(self.family)
        self.server.bind(("::1" if self.family == socket.AF_INET6 else "127.0.0.1", 0))
        self.server.listen()
        # Whoever connects is nobody's.
        join("")
        self.events = Events()

    def connect(self):
        with socket.socket(self.family) as sock:
            sock.settimeout(60)
            return result(lambda: sock.connect(self.server.getsockname()))

    def before(self):
        self.events.heard()

    def do(self):
        return self.connect()

    def after(self, err):
        # The next message says what was lost.
        again = self.connect()
        # Who connects may have had no memory to be judged, either.
        if err not in (self.good, errno.ENOMEM) or again != self.good:
            raise Wrong(f"it was not denied: {err}, {again}")
        self.server.setblocking(False)
        if result(self.server.accept) != errno.EAGAIN:
            raise Wrong("there is a connection")
        heard = self.events.heard()
        if sum(lost + 1 for lost, _ in heard) < 1 + (err == self.good) or \
                not all(denied for _, denied in heard):
            raise Wrong(f"after errno {err} and another one the listener heard {heard}")
        for lost, err in heard:
            self.seen[errno.errorcode[err]] += 1
            self.seen["lost"] += lost


def chosen(operation, *kinds):
    """One for each kind of socket and call."""
    for family in (socket.AF_INET, socket.AF_INET6):
        for call, kind in kinds:
            made = operation()
            made.kind, made.call = (family, kind, 0), call
            yield made


def few(operation):
    return lambda: list(chosen(operation, ("connect", socket.SOCK_STREAM),
                               ("sendto", socket.SOCK_DGRAM)))


OPERATIONS = {
    "calls": lambda: list(calls()), "refills": few(Refills), "sniffed": few(Sniffed),
    "told": few(Told), "watch": Watch, "unwatch": Unwatch,
    "accepts": lambda: [Accepted(socket.AF_INET), Accepted(socket.AF_INET6)],
}
