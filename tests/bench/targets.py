# SPDX-License-Identifier: GPL-2.0-only
"""What was measured, and what it should be."""


class Results:
    """The records of one kernel."""

    def __init__(self, records):
        self.kernel = records[0]["kernel"]
        self.calls = {(r["row"], r["column"], r["tenants"]): r for r in records if "row" in r}
        self.facts = {r["fact"]: r["value"] for r in records if "fact" in r}
        self.skipped = {r["column"]: r["skipped"] for r in records if "skipped" in r}

    def median(self, row, column, tenants):
        record = self.calls.get((row, column, tenants))
        return record and record["median"]

    def bare(self, row):
        return self.median(row, "bare", 0)

    def added(self, row, column, tenants):
        return self.median(row, column, tenants) - self.bare(row)

    def tenants(self, column):
        return sorted({tenants for _, name, tenants in self.calls if name == column})

    def rows(self, column, tenants):
        return [row for row, name, n in self.calls if (name, n) == (column, tenants)]


def worst(results, cells):
    """The cell that is farthest from the bare call: (percent, its name)."""
    return max((abs(results.added(row, column, n)) * 100 / results.bare(row),
                f"{column}, {row}") for row, column, n in cells)


def within(results, what, percent, cells):
    measured, name = worst(results, cells)
    return (what, f"{measured:.2f} % ({name})", f"within {percent} %", measured <= percent)


def at_most(what, measured, limit):
    return what, measured, f"at most {limit}", measured <= limit


def flat(what, values):
    """The values of all numbers of tenants are within 5 % of the first."""
    percent = max(abs(value - values[0]) * 100 / values[0] for value in values)
    return what, f"{percent:.1f} %", "within 5 %", percent <= 5


def call_targets(results, last):
    yield within(results, "modules loaded, no table or device, every call: bare", 0.5,
                 [(row, "modules", n) for n in results.tenants("modules")
                  for row in results.rows("modules", n)])
    yield within(results, "TCP send and unix send, any policy in force: bare", 0.5,
                 [(row, column, n) for row in ("tcp_send", "unix_send")
                  for column, n in (("iptables", 1), ("nft_device", last),
                                    ("permitted", last))])
    yield at_most("UDP connect, one iptables rule in the event table: more than bare",
                  results.added("udp_connect", "iptables", 1), 700)
    yield at_most("UDP connect, nft device, verdict map, own chain: more than bare",
                  results.added("udp_connect", "nft_device", 1), 800)
    yield flat(f"the same with 1 to {last:,} tenants",
               [results.median("udp_connect", "nft_device", n)
                for n in results.tenants("nft_device")])
    yield at_most(f"UDP connect, permitted tuples, {last:,} tenants with 20 each: more than "
                  "bare (BPF with hash and LPM)",
                  results.added("udp_connect", "permitted", last),
                  results.added("udp_connect", "bpf_tuples", last))


def packet_targets(results, last):
    for way in ("out", "in"):
        for row, flow in (("udp_sendto", "new"), ("udp_send", "old")):
            chain = {"out": "OUTPUT", "in": "INPUT"}[way]
            yield at_most(f"one packet of {'a' if flow == 'new' else 'an'} {flow} flow, {chain}, "
                          "one `-m container --id N`: more than bare (`-m cgroup --path`)",
                          results.added(row, way + "_container", 1),
                          results.added(row, way + "_cgroup", 1))
    yield flat(f"one packet, 1 to {last:,} tenants, one rule and one map (`socket cgroupv2`)",
               [results.median("udp_sendto", "out_nft_cgroup", n)
                for n in results.tenants("out_nft_cgroup")])


def scale_targets(facts):
    none, one, three = (facts[f"nested_{n}_udp_connect"] for n in (0, 1, 3))
    ratio = (three - none) / (one - none)
    yield ("judging in three nested namespaces, in what one costs",
           f"{ratio:.2f} ({three - none:+d}, {one - none:+d})", "at most 2.2", ratio <= 2.2)
    yield flat("an event with 100,000 containers registered, against 10",
               [facts[f"containers_{n}_udp_connect"] for n in (10, 100000)])
    yield at_most("bytes for a container", facts["bytes_per_container"], 256)
    yield at_most("bytes for a binding", facts["bytes_per_binding"], 128)


def targets(results):
    """Yields (what, measured, target, whether it is met)."""
    if results.tenants("permitted"):
        last = results.tenants("permitted")[-1]
        yield from call_targets(results, last)
        yield from packet_targets(results, last)
    if "bytes_per_container" in results.facts:
        yield from scale_targets(results.facts)
