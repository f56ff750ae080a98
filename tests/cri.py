#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""cri.py SOCKET FILE: plays a container runtime of Kubernetes.

FILE is read with each call. Its first line says what happens:
    answer         the pods of the other lines are told
    hang           nothing, until FILE says something else
    status NUMBER  gRPC's status
    raw HEX        these bytes
    big MEGABYTES  a well-formed answer of this size
Each other line is a pod: UID NAMESPACE NAME [STATE [KEY=VALUE|+NUMBER]...]. What is
written as \\0 is a NUL byte; +NUMBER are so many labels more. FILE.calls has a line for
each call.
"""
import concurrent.futures
import sys
import time

import grpc


def number(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(index, value):
    if isinstance(value, int):
        return number(index << 3) + number(value)
    if isinstance(value, str):
        value = value.replace("\\0", "\0").encode()
    return number(index << 3 | 2) + number(len(value)) + value


def sandbox(uid, namespace, name, state="0", *labels):
    metadata = field(1, name) + field(2, uid) + field(3, namespace)
    out = field(1, "f" * 64) + field(2, metadata) + field(3, int(state))
    out += field(4, 1764000000000000000)
    for label in labels:
        if label.startswith("+"):
            out += field(5, field(1, "l")) * int(label)
            continue
        key, value = label.split("=", 1)
        out += field(5, field(1, key) + field(2, value))
    return out + field(6, field(1, "note") + field(2, "not read"))


def listed(request, context):
    with open(sys.argv[2] + ".calls", "a") as calls:
        calls.write("%d\n" % len(request))
    while True:
        with open(sys.argv[2]) as script:
            what, *lines = script.read().splitlines()
        verb, _, word = what.partition(" ")
        if verb != "hang" or not context.is_active():
            break
        time.sleep(0.05)
    if verb == "status":
        context.set_code({code.value[0]: code for code in grpc.StatusCode}[int(word)])
        return b""
    if verb == "raw":
        return bytes.fromhex(word)
    if verb == "big":
        return field(1, field(6, field(1, "note") + field(2, "x" * (int(word) << 20))))
    return b"".join(field(1, sandbox(*line.split())) for line in lines)


server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
    "runtime.v1.RuntimeService",
    {"ListPodSandbox": grpc.unary_unary_rpc_method_handler(listed)}),))
server.add_insecure_port("unix:" + sys.argv[1])
server.start()
server.wait_for_termination()
