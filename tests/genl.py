#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The family "container_id" by hand, for what ctid would never send.

As a program: genl.py CMD [ATTR=VALUE...], prints "ok" or the errno's name and
the kernel's message. CMD and ATTR are names of the ABI in lower case, or numbers.
"""
import errno
import os
import socket
import struct
import sys

CMDS = dict(add=1, set=2, get=6, get_binding=7, of=8, bind=4, unbind=5)
CMDS["del"] = 3
ATTRS = dict(id=2, name=3, cgroup_fd=4, cgroup_id=5, nbindings=6)
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP_INTR, NLM_F_DUMP = 1, 4, 0x10, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3


def attr(number, value):
    data = struct.pack("HH", 4 + len(value), number) + value
    return data + b"\0" * (-len(data) % 4)


class Family:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(270, 11, 1)  # NETLINK_EXT_ACK
        self.sock.settimeout(20)
        self.seq = 0
        self.number = 16  # nlctrl, until it is asked
        reply = self.call(3, attr(2, b"container_id\0"))
        body = reply[1][20:]
        while body:
            length, number = struct.unpack("HH", body[:4])
            if number == 1:
                family = struct.unpack("H", body[4:6])[0]
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


def add(family, number, name=None):
    attrs = attr(ATTRS["id"], u32(number))
    if name:
        attrs += attr(ATTRS["name"], name.encode() + b"\0")
    return family.call(CMDS["add"], attrs)


def bind(family, number, path):
    fd = os.open(path, os.O_PATH | os.O_DIRECTORY)
    result = family.call(CMDS["bind"], attr(ATTRS["id"], u32(number)) +
                         attr(ATTRS["cgroup_fd"], u32(fd)))
    os.close(fd)
    return result


def value_of(name, text):
    if name == "raw":
        return bytes.fromhex(text)
    if name == "name":
        return text.encode() + b"\0"
    if name == "cgroup_fd" and text.startswith("/"):
        return u32(os.open(text, os.O_PATH))
    if name == "cgroup_id":
        return struct.pack("Q", int(text))
    return struct.pack("I", int(text) & 0xffffffff)


def main():
    family = Family()
    attrs = b""
    for word in sys.argv[2:]:
        name, text = word.split("=", 1)
        if name == "raw":
            attrs += bytes.fromhex(text)
            continue
        number = ATTRS.get(name) or int(name)
        attrs += attr(number, value_of(name, text))
    error, text = family.call(CMDS.get(sys.argv[1]) or int(sys.argv[1]), attrs)
    print(f"{errno.errorcode[error]} {text}".strip() if error else "ok")


if __name__ == "__main__":
    main()
