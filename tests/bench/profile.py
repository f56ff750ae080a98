#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""profile.py [SUITE]: where the instructions of a judged call go, by function.

Runs profiled.sh in a VM, and steps through one call of each kind by QEMU's debugger
stub: each instruction that the CPU executes from the system call's entry to its
return is counted for the function that it is in. Prints that, and writes it to
docs/profile.md.
"""

import bisect
import collections
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).parent
ENTRY = {"udp_connect": "__x64_sys_connect", "udp_sendto": "__x64_sys_sendto"}
# Calls before the one that is followed: caches are warm then.
WARM = 50

DOC = BENCH / "../../docs/profile.md"
INTRO = """<!-- SPDX-License-Identifier: GPL-2.0-only -->
# Where the instructions go

`make profile` wrote this page, on {suite}. It steps through one warm call in a VM that counts
instructions, and says what the call executes more than the same call without rules, by function and by
the module that has it (`kernel`: built in). What a function calls is counted there. The ways are those of
[benchmark.md](benchmark.md), which says what is measured how, and why some targets are not met.
"""
COLUMNS = {
    "iptables": "UDP connect, iptables event table with one rule of another tenant",
    "nft_device": "UDP connect, nft event device, verdict map, a chain of one rule",
    "permitted": "UDP connect, permitted tuples, 20 for each of 10 tenants",
    "out_cgroup": "One packet, OUTPUT `-m cgroup --path P`",
    "out_container": "One packet, OUTPUT `-m container --id N`",
}

# Of QEMU's register block, and of the registers that a system call was made with.
RSP, RIP, RDI = 7, 16, 5
PT_REGS_SI, PT_REGS_DI = 13 * 8, 14 * 8


class Stub:
    """The machine, as its debugger stub shows it."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.pending = b""
        # That the machine stops for us is told, too, sooner or later.
        self.send(b"qSupported")
        while b"PacketSize" not in self.receive():
            pass

    def send(self, packet):
        self.socket.sendall(b"$" + packet + b"#%02x" % (sum(packet) & 0xff))

    def receive(self):
        while True:
            match = re.search(rb"\$([^#]*)#..", self.pending)
            if match:
                self.pending = self.pending[match.end():]
                self.socket.sendall(b"+")
                return match[1]
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("the machine is gone")
            self.pending += data

    def ask(self, packet):
        self.send(packet)
        return self.receive()

    def registers(self):
        return struct.unpack("<17Q", bytes.fromhex(self.ask(b"g").decode())[:136])

    def read(self, address, size):
        return bytes.fromhex(self.ask(b"m%x,%x" % (address, size)).decode())

    def write(self, address, data):
        self.ask(b"M%x,%x:%s" % (address, len(data), data.hex().encode()))

    def quad(self, address):
        return struct.unpack("<Q", self.read(address, 8))[0]

    def run_to(self, address):
        # A breakpoint where the machine stands would keep it there.
        self.ask(b"s")
        self.ask(b"Z1,%x,1" % address)
        self.ask(b"c")
        self.ask(b"z1,%x,1" % address)


class Symbols:
    def __init__(self, lines):
        self.names = {}
        table = []
        for text in lines:
            address, _, name, *module = text.split()
            module = module[0].strip("[]") if module else "kernel"
            table.append((int(address, 16), (name, module)))
            self.names.setdefault(name, int(address, 16))
        table.sort()
        self.addresses = [address for address, _ in table]
        self.functions = [function for _, function in table]

    def function(self, address):
        """Its name, and the module that has it."""
        at = bisect.bisect_right(self.addresses, address) - 1
        return self.functions[at] if at >= 0 else ("?", "kernel")


def next_name(stub, symbols):
    """Runs to the next sethostname(): the new name, and where the call has it."""
    stub.run_to(symbols.names["__x64_sys_sethostname"])
    regs = stub.registers()[RDI]
    address, size = stub.quad(regs + PT_REGS_DI), stub.quad(regs + PT_REGS_SI)
    return stub.read(address, size).decode(), address, regs


def follow_one(stub, symbols, entry):
    """Steps through one call: how many instructions, by function."""
    stub.run_to(symbols.names[entry])
    end = stub.quad(stub.registers()[RSP])
    counts = collections.Counter()
    while True:
        pc = stub.registers()[RIP]
        if pc == end:
            return counts
        counts[symbols.function(pc)] += 1
        stub.ask(b"s")


def follow(stub, symbols, entry):
    """The shortest of some calls: now and then one makes new random numbers."""
    for _ in range(WARM):
        stub.run_to(symbols.names[entry])
    return min((follow_one(stub, symbols, entry) for _ in range(3)),
               key=lambda counts: counts.total())


def profile(suite):
    """Yields (row, column, counts)."""
    with tempfile.TemporaryDirectory() as directory:
        path = f"{directory}/stub"
        with subprocess.Popen(
                [BENCH / "../vm/run", "-s", suite, "-i", "-m", "4G", "-g", path, "-c", BENCH,
                 "bash", "/tmp/bench/profiled.sh"], stdout=subprocess.PIPE, text=True) as vm:
            lines = []
            for text in vm.stdout:
                if text == "end\n":
                    break
                lines.append(text)
            symbols = Symbols(lines)
            stub = Stub(path)
            name, address, regs = next_name(stub, symbols)
            stub.write(address, b"go")
            stub.write(regs + PT_REGS_SI, struct.pack("<Q", 2))
            while True:
                name = next_name(stub, symbols)[0]
                if name == "done":
                    break
                row, column = name.split()
                yield row, column, follow(stub, symbols, ENTRY[row])
            stub.send(b"D")


def section(row, column, more):
    yield f"## {COLUMNS[column]}: {more.total():+d}\n"
    modules = collections.Counter()
    for (_, module), n in more.items():
        modules[module] += n
    yield "| function | of | instructions more |"
    yield "|---|---|---|"
    for module, total in modules.most_common():
        if total:
            yield f"| **all of {module}** | | **{total:+d}** |"
            for (function, of), n in more.most_common():
                if of == module and n:
                    yield f"| `{function}` | {of} | {n:+d} |"
    yield ""


def report(suite, profiles):
    bare = {}
    yield INTRO.format(suite=suite)
    for row, column, counts in profiles:
        if column == "bare":
            bare[row] = counts
            continue
        more = counts.copy()
        more.subtract(bare[row])
        yield from section(row, column, more)


def main():
    suite = sys.argv[1] if len(sys.argv) > 1 else "bookworm"
    lines = []
    for text in report(suite, profile(suite)):
        print(text, flush=True)
        lines.append(text)
    DOC.write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
