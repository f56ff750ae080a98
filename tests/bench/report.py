#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""report.py count|wall SUITE=FILE...: tables of what bench/main.sh measured.

FILE has a JSON object a line. "count" brings docs/benchmark.json up to date with the
suites that are named, and writes docs/benchmark.md and docs/benchmark.svg from all of
it. "wall" only prints ratios. Both print the tables.
"""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from targets import Results, targets  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
DOCS = TOP / "docs"

ROWS = {
    "udp_connect": "UDP connect",
    "tcp_connect": "TCP connect, accept, close",
    "bind": "bind",
    "listen": "listen",
    "udp_sendto": "UDP sendto",
    "udp_send": "UDP send, connected",
    "tcp_send": "TCP send",
    "unix_send": "unix send",
}
CALLS = {
    "modules": "modules loaded, no table",
    "iptables": "iptables event table, a rule for each of other tenants",
    "nft_device": "nft event device, verdict map, a chain each",
    "permitted": "permitted tuples, 20 each",
    "bpf_pass": "BPF connect4, bind4, sendmsg4: `return 1`",
    "bpf_tuples": "BPF, hash and LPM trie, 20 tuples each",
    "bpf_lsm": "BPF LSM socket_connect: `return 0`",
    "landlock": "Landlock, 102 TCP ports",
}
PACKETS = {
    "filter_empty": "filter without a rule",
    "out_container": "OUTPUT `-m container --id N`, a rule each",
    "in_container": "INPUT `-m container --id N`, a rule each",
    "out_cgroup": "OUTPUT `-m cgroup --path P`, a rule each",
    "in_cgroup": "INPUT `-m cgroup --path P`, a rule each",
    "out_owner": "OUTPUT `-m owner --uid-owner U`, a rule each",
    "out_nft_cgroup": "output `socket cgroupv2 level 1 vmap @m`",
    "in_nft_cgroup": "input `socket cgroupv2 level 1 vmap @m`",
}
PACKET_ROWS = {
    "udp_sendto": "UDP, new flow",
    "udp_send": "UDP, old flow",
    "tcp_send": "TCP send",
    "tcp_connect": "TCP connection",
}

INTRO = """<!-- SPDX-License-Identifier: GPL-2.0-only -->
# What it costs

`make bench` wrote this page. It measures in a VM that counts instructions (`tests/vm/run -i`), so that
the figures do not depend on the machine: what a call executes, in user space and in the kernel, as the
median of batches. Caches and branches cost nothing there. `make bench SUITE=trixie` adds another kernel,
`make bench MODE=wall` measures the machine that it runs on, and prints ratios.
[benchmark.json](benchmark.json) has all figures, with the least and the most of the batches.

![instructions that a call costs more, against the number of tenants](benchmark.svg)

Rules that name one tenant each (iptables) name others than the caller, so all of them are looked at.
What judges by a map has one more entry for each tenant. Five of the 20 permitted tuples are about `accept`,
for which cgroup programs of BPF have no hook: they have five more for bind. `-m cgroup` in INPUT passes over
packets of which the socket is not known yet, like those of a new flow; `-m container` and `socket cgroupv2`
look it up. A data row is one send and its receive; a TCP connection is closed by a reset.
"""


def line(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def head(*cells):
    return line(*cells) + "\n|" + "---|" * len(cells)


def cell(results, mode, row, column, tenants):
    """What is added to the bare call, or the ratio to it."""
    value, bare = results.median(row, column, tenants), results.bare(row)
    if value is None:
        return "–"
    if mode == "wall":
        return f"{value / bare:.2f}"
    return f"{value - bare:+d}" if value != bare else "0"


def spread(results, row):
    """Of the bare call's batches, in percent of the median."""
    record = results.calls[(row, "bare", 0)]
    return f"{(record['max'] - record['min']) * 100 / record['median']:.1f} %"


def columns_table(results, mode, columns, rows, title):
    yield f"### {title}\n"
    yield head("", "tenants", *rows.values())
    if mode == "count":
        yield line("bare call", "", *(results.bare(row) for row in rows))
    yield line("spread of its batches", "", *(spread(results, row) for row in rows))
    for column, name in columns.items():
        if column in results.skipped:
            yield line(name, "", results.skipped[column], *[""] * (len(rows) - 1))
        sizes = results.tenants(column)
        for tenants in sorted({sizes[0], sizes[-1]} if sizes else ()):
            yield line(name, f"{tenants:,}" if tenants else "any",
                       *(cell(results, mode, row, column, tenants) for row in rows))
    yield ""


def curve_table(results, mode, row, columns, title):
    """All numbers of tenants, of one row."""
    columns = {column: name for column, name in columns.items()
               if len(results.tenants(column)) > 1}
    if not columns:
        return
    sizes = results.tenants(next(iter(columns)))
    yield f"### {title}\n"
    yield head("tenants", *(f"{size:,}" for size in sizes))
    for column, name in columns.items():
        yield line(name, *(cell(results, mode, row, column, size) for size in sizes))
    yield ""


def loading_table(facts):
    found = [name for name in facts if name.startswith("load_") and name.endswith("_nft_ms")]
    if not found:
        return
    size = int(found[0].split("_")[1])
    fact = {name.split("_", 2)[2]: value for name, value in facts.items()
            if name.startswith("load_")}
    nft = fact["nft_ms"]
    yield f"### Permitted tuples: loading those of {size:,} containers\n"
    yield head("command", "in what nft takes", "its memory", "the kernel's")
    yield line("`ctid policy-load`", f"{fact['ctid_ms'] / nft:.1f}",
               f"{fact['ctid_mb']} MB", f"{fact['kernel_mb']} MB")
    yield line("`nft -f`, the same rules", "1.0", f"{fact['nft_mb']} MB", "the same")
    yield line("`ctid permit`, one tuple more", f"{fact['permit_ms'] / nft:.3f}",
               f"{fact['permit_mb']} MB", "")
    yield ""


def targets_table(results):
    yield "### Targets\n"
    yield head("what", "measured", "target", "met")
    for what, measured, target, met in targets(results):
        yield line(what, measured, target, "yes" if met else "**no**")
    yield ""


UNMET = """Why some are not met, on Linux 6.1 ([profile.md](profile.md) has all functions):

- *UDP connect, one iptables rule*: 258 instructions are `ipt_do_table()`'s, of which a table without
  rules costs 181; 44 are ftrace's and the callback's, 33 find the owner among cached cgroups, 23 are the
  match. The rest, some 440, decodes the address, takes the CPU's event packet, writes its headers, asks, and
  gives it back, with bottom halves off. A rule engine that reads an event without a packet would save a
  third of that; iptables and nft read packets.
- *UDP connect, nft device*: half is what nft itself executes for a look-up in a verdict map, a jump and a chain
  of one rule (`nft_do_chain()`, the hash, `nft_meta_get_eval()`, `nft_lookup_eval()`), which leaves less for
  all else than an iptables table takes without its rules. Only JIT-compiled rules, which nft does not have,
  could cost less.
- *permitted tuples*: half is the search in one interval map of the kernel (`nft_pipapo_lookup()` and the
  bitmap functions under it), which goes through all bits of id, protocol, address and port. BPF's hash
  answers for the port and its trie for the address, and cannot express port ranges. Exact tuples in a hash map
  before the interval map would cost those that need it less, and all others a look-up more.
- *one packet, OUTPUT*: `-m cgroup --path` compares pointers, `-m container` finds the number of the
  container that owns the cgroup, in a cache: 33 instructions more.
- *one packet, INPUT*: `-m cgroup` does not look at packets of which the socket is not known yet.
  `socket cgroupv2` looks the socket up, too: compare with that.
"""


def section(suite, results, mode):
    unit = "instructions more than the bare call" if mode == "count" else "times the bare call"
    yield f"## Linux {results.kernel} ({suite})\n"
    yield from columns_table(results, mode, CALLS, ROWS, f"Socket calls: {unit}")
    yield from columns_table(results, mode, PACKETS, PACKET_ROWS,
                             f"Packets over loopback: {unit}")
    yield from curve_table(results, mode, "udp_connect", CALLS, f"UDP connect: {unit}")
    yield from curve_table(results, mode, "udp_sendto", PACKETS,
                           f"One packet, a UDP sendto: {unit}")
    yield from loading_table(results.facts)
    if mode == "count":
        yield from targets_table(results)
        yield UNMET


PLOT = """
set terminal svg size 900,420 font "sans,11" background "white"
set output "{svg}"
set multiplot layout 1,2
set logscale xy
set grid
set xlabel "tenants"
set ylabel "instructions more"
set xrange [{first}:{last}]
set yrange [50:2000000]
set format y "10^{{%T}}"
set key top left
set title "UDP connect, Linux {kernel}"
{calls}
set title "one packet (UDP sendto), Linux {kernel}"
{packets}
"""


def plot_panel(results, row, columns, sizes):
    """gnuplot's commands, with the data in them."""
    blocks, curves = [], []
    for column, name in columns.items():
        points = [(size, results.median(row, column, size) or
                   results.median(row, column, 0)) for size in sizes]
        points = [(size, value - results.bare(row)) for size, value in points
                  if value and value > results.bare(row)]
        if not points:
            continue
        blocks.append(f"${row}_{column} << END\n" +
                      "".join(f"{size} {value}\n" for size, value in points) + "END\n")
        curves.append(f'${row}_{column} with linespoints title "{name}" noenhanced')
    return "".join(blocks) + "plot " + ", ".join(curves)


def plot(results):
    """One kernel's curves."""
    sizes = results.tenants("permitted") or results.tenants("bpf_tuples")
    if len(sizes) < 2:
        return
    calls = {"iptables": "iptables, a rule each", "nft_device": "nft, verdict map",
             "permitted": "permitted tuples", "bpf_tuples": "BPF, hash and LPM",
             "bpf_pass": "BPF, return 1", "bpf_lsm": "BPF LSM, return 0"}
    packets = {"in_container": "INPUT -m container", "out_container": "OUTPUT -m container",
               "out_owner": "-m owner", "out_cgroup": "-m cgroup",
               "out_nft_cgroup": "nft socket cgroupv2 vmap", "filter_empty": "filter, no rule"}
    script = PLOT.format(svg=DOCS / "benchmark.svg", first=sizes[0], last=sizes[-1],
                         kernel=results.kernel.split("-")[0],
                         calls=plot_panel(results, "udp_connect", calls, sizes),
                         packets=plot_panel(results, "udp_sendto", packets, sizes))
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    mode = sys.argv[1]
    store = DOCS / "benchmark.json"
    known = json.loads(store.read_text()) if mode == "count" and store.exists() else {}
    for word in sys.argv[2:]:
        suite, _, name = word.partition("=")
        lines = pathlib.Path(name).read_text().splitlines()
        known[suite] = [json.loads(text) for text in lines]
    sections = {suite: "\n".join(section(suite, Results(records), mode))
                for suite, records in known.items()}
    for word in sys.argv[2:]:
        print(sections[word.partition("=")[0]])
    if mode != "count":
        return
    body = ",\n".join(
        f'"{suite}": [\n' + ",\n".join(json.dumps(record) for record in records) + "\n]"
        for suite, records in known.items())
    store.write_text("{\n" + body + "\n}\n")
    (DOCS / "benchmark.md").write_text(INTRO + "\n" + "\n".join(sections.values()).rstrip()
                                       + "\n")
    plot(Results(next(iter(known.values()))))


if __name__ == "__main__":
    main()
