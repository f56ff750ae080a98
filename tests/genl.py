#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The family "container_id", or $GENL_FAMILY, by hand, for what ctid would never send.

As a program: genl.py CMD [ATTR=VALUE...], prints "ok" or the errno's name and
the kernel's message. CMD and ATTR are names of the ABI in lower case, or numbers.
genl.py without a command takes any number of them from standard input, each word
with a NUL behind it and an empty word behind the last one, and answers each in a line.
"""
import errno
import os
import socket
import struct
import sys

CMDS = dict(add=1, set=2, get=6, get_binding=7, of=8, bind=4, unbind=5)
CMDS["del"] = 3
ATTRS = dict(id=2, name=3, cgroup_fd=4, cgroup_id=5, nbindings=6, mark=8, flow_unset=12,
             **{"from": 13})
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP_INTR, NLM_F_DUMP = 1, 4, 0x10, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3


def attr(number, value):
    data = struct.pack("HH", 4 + len(value), number) + value
    return data + b"\0" * (-len(data) % 4)


class Family:
    """A netlink socket and the family's number there; SOCK if another opened it."""
    def __init__(self, sock=None):
        self.sock = sock or socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(270, 11, 1)  # NETLINK_EXT_ACK
        self.sock.settimeout(20)
        self.seq = 0
        self.number = 16  # nlctrl, until it is asked
        name = os.environ.get("GENL_FAMILY", "container_id")
        reply = self.call(3, attr(2, name.encode() + b"\0"))
        body = reply[1][20:]
        while body:
            length, number = struct.unpack("HH", body[:4])
            if number == 1:
                family = struct.unpack("H", body[4:6])[0]
            if number == 7:  # the groups, of which there is one: its number
                at = body.index(struct.pack("HH", 8, 2)) + 4
                self.group = struct.unpack("I", body[at:at + 4])[0]
            body = body[(length + 3) & ~3:]
        self.number = family

    def send(self, cmd, attrs, flags=NLM_F_ACK):
        self.seq += 1
        self.sock.send(struct.pack("IHHIIBBH", 20 + len(attrs), self.number,
                                   NLM_F_REQUEST | flags, self.seq, 0, cmd, 1, 0)
                       + attrs)

    def call(self, cmd, attrs, flags=0):
        """Returns (0 or errno, reply or message)."""
        self.send(cmd, attrs, NLM_F_ACK | flags)
        reply = b""
        while True:
            data = self.sock.recv(65536)
            while data:
                length, kind, flags = struct.unpack("IHH", data[:8])
                if kind == NLMSG_ERROR:
                    error = -struct.unpack("i", data[16:20])[0]
                    text = ""
                    if flags & 0x200:
                        tlv = data[36:length] if flags & 0x100 else data[20 + struct.unpack("I", data[20:24])[0]:length]
                        while len(tlv) > 4:
                            size, number = struct.unpack("HH", tlv[:4])
                            if number & 0x3fff == 1:
                                text = tlv[4:size].split(b"\0")[0].decode()
                            tlv = tlv[(size + 3) & ~3:]
                    return (error, text) if error else (0, reply)
                reply = data[:length]
                data = data[(length + 3) & ~3:]

    def call_all(self, cmd, requests):
        """The same command, for each attributes in REQUESTS, many to a message.

        Returns (0, number of requests) or (errno, index of the first that failed).
        """
        for start in range(0, len(requests), 200):
            first = self.seq + 1
            part = requests[start:start + 200]
            self.sock.send(b"".join(
                struct.pack("IHHIIBBH", 20 + len(attrs), self.number,
                            NLM_F_REQUEST | NLM_F_ACK * (i == len(part) - 1),
                            first + i, 0, cmd, 1, 0) + attrs
                for i, attrs in enumerate(part)))
            self.seq += len(part)
            # What fails is answered, too, and in order.
            failed = None
            seq = 0
            while seq != self.seq:
                data = self.sock.recv(65536)
                while data:
                    length, kind, _, seq = struct.unpack_from("IHHI", data)
                    error = -struct.unpack_from("i", data, 16)[0]
                    if kind != NLMSG_ERROR:
                        raise OSError(errno.EPROTO, "no answer of this kind")
                    if error and not failed:
                        failed = error, start + seq - first
                    data = data[(length + 3) & ~3:]
            if failed:
                return failed
        return 0, len(requests)

    def dump(self, cmd, attrs=b"", meanwhile=None):
        """Returns (ids, whether the kernel said that the dump was interrupted).

        MEANWHILE is called after the first of many replies. The ids are in the
        order of the messages; the id is each message's first attribute.
        """
        self.send(cmd, attrs, NLM_F_DUMP)
        ids, interrupted = [], False
        while True:
            data, at = self.sock.recv(65536), 0
            while at < len(data):
                length, kind, flags = struct.unpack_from("IHH", data, at)
                interrupted |= bool(flags & NLM_F_DUMP_INTR)
                if kind == NLMSG_DONE:
                    return ids, interrupted
                if kind == NLMSG_ERROR:
                    raise OSError(-struct.unpack_from("i", data, at + 16)[0], "dump")
                ids.append(struct.unpack_from("I", data, at + 24)[0])
                at += (length + 3) & ~3
            if meanwhile:
                meanwhile()
                meanwhile = None


def u32(value):
    return struct.pack("I", value)


def add_attrs(number, name=None):
    attrs = attr(ATTRS["id"], u32(number))
    if name:
        attrs += attr(ATTRS["name"], name.encode() + b"\0")
    return attrs


def add(family, number, name=None):
    return family.call(CMDS["add"], add_attrs(number, name))


def bind_attrs(number, fd):
    return attr(ATTRS["id"], u32(number)) + attr(ATTRS["cgroup_fd"], u32(fd))


def bind(family, number, path):
    fd = os.open(path, os.O_PATH | os.O_DIRECTORY)
    result = family.call(CMDS["bind"], bind_attrs(number, fd))
    os.close(fd)
    return result


def value_of(name, text, opened):
    if name == "raw":
        return bytes.fromhex(text)
    if name == "name":
        return text.encode() + b"\0"
    if name == "cgroup_fd" and text.startswith("/"):
        opened.append(os.open(text, os.O_PATH))
        return u32(opened[-1])
    if name == "cgroup_id":
        return struct.pack("Q", int(text))
    return struct.pack("I", int(text) & 0xffffffff)


def answer(family, words):
    attrs = b""
    opened = []
    for word in words[1:]:
        name, text = word.split("=", 1)
        if name == "raw":
            attrs += bytes.fromhex(text)
            continue
        number = ATTRS.get(name) or int(name)
        attrs += attr(number, value_of(name, text, opened))
    error, text = family.call(CMDS.get(words[0]) or int(words[0]), attrs)
    for fd in opened:
        os.close(fd)
    print(f"{errno.errorcode[error]} {text}".strip() if error else "ok", flush=True)


def serve(family):
    words = [""]
    while byte := sys.stdin.read(1):
        if byte != "\0":
            words[-1] += byte
        elif words[-1]:
            words.append("")
        else:
            answer(family, words[:-1])
            words = [""]


def main(family, words):
    if words:
        answer(family, words)
    else:
        serve(family)


if __name__ == "__main__":
    main(Family(), sys.argv[1:])
