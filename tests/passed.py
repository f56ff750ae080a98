#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A netlink socket that one process opens and another one uses.

passed.py use PATH CMD [ATTR=VALUE...]: waits at the AF_UNIX socket PATH for a netlink
socket, and does with it what genl.py does with its own. passed.py open PATH: opens
one and hands it over.
"""
import os
import socket
import sys

import genl


def main():
    where = sys.argv[2]
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if sys.argv[1] == "open":
        unix.connect(where)
        family = genl.Family()
        socket.send_fds(unix, [b"x"], [family.sock.fileno()])
        unix.recv(1)  # until it was used
        return
    unix.bind(where)
    os.chmod(where, 0o777)
    unix.listen()
    peer = unix.accept()[0]
    fds = socket.recv_fds(peer, 100, 1)[1]
    genl.main(genl.Family(socket.socket(fileno=fds[0])), sys.argv[3:])


if __name__ == "__main__":
    main()
