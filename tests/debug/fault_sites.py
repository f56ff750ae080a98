#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""fault_sites.py TABLE KERNEL SCRIPT...: whether TABLE names each call in the sources in the
directory KERNEL that asks for memory, and no other. A line of TABLE has the file, the function
that the call is in, the function called, and the operations of failnth.py that have it fail,
which must be named in the scripts, or "-" and why none does. With --list KERNEL: prints
these calls instead.
"""
import collections
import glob
import os
import re
import sys

# Who allocates: by name, or by what it is known to do.
ALLOCATES = re.compile(r"""\b(
    k[mzc]alloc\w* | kv\w*alloc\w* | v[mz]alloc\w* | kmem_cache_\w*alloc\w* |
    kmem_cache_create\w* | kmem\w*dup\w* | kstrn?dup\w* | kasprintf | alloc_\w+ | \w+_alloc |
    XT\(alloc_\w+\) | __get_free_pages? | \w*msg_new | genlmsg_(multicast|unicast|reply)\w* |
    skb_(copy|clone|realloc\w*|cow\w*|unclone|expand\w*|ensure_writable) | pskb_copy\w* |
    (\w+_)?register_\w+ | \w+_register | XT\(register_table\) | tracepoint_probe_\w+ |
    rhl?table_(init|insert\w*) | (xa|idr|ida)_(alloc|store|insert)\w* | request_module |
    sock_create\w* | ftrace_set_\w+ | static_branch_\w*inc | debugfs_create_\w+ |
    proc_create\w* | kobject_create\w*
)\s*\(""", re.X)
# What is known to do without, or calls one of the above, where it is counted.
NOT = re.compile(r"""(\w*un)register_\w+ | container_flow_register | sock_tables_register |
    register_patiently | packet_alloc | register_table""", re.X)
FUNCTION = re.compile(r"^(?!#|\s|/|\*)[\w\s\*]*?\b(\w+)\(")


def without_comments(text):
    """The text, of which comments and strings leave only their lines."""
    return re.sub(r'/\*.*?\*/|"(\\.|[^"\\\n])*"', lambda m: "\n" * m[0].count("\n"), text,
                  flags=re.S)


def sites(directory):
    found = collections.Counter()
    for path in sorted(glob.glob(f"{directory}/*.[ch]")):
        function = "-"
        with open(path, encoding="ascii") as file:
            lines = without_comments(file.read()).split("\n")
        for line in lines:
            begins = FUNCTION.match(line)
            if begins:
                function = begins[1]
                continue
            for call in ALLOCATES.finditer(line):
                if not NOT.fullmatch(call[1]):
                    found[os.path.basename(path), function, call[1]] += 1
    return found


def is_run(operation, scripts):
    """Do the scripts name it? module-NAME may come of a loop."""
    return all(re.search(rf"(?<![\w-]){word}(?!\w)", scripts)
               for word in operation.split("-", 1)) or \
        re.search(rf"(?<![\w-]){operation}(?![\w-])", scripts)


def table(path, scripts):
    named = collections.Counter()
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) < 4:
                raise SystemExit(f"{path}: no operation: {line.strip()}")
            named[tuple(words[:3])] += 1
            for operation in words[3:] if words[3] != "-" else ():
                if not is_run(operation, scripts):
                    raise SystemExit(f"{path}: no script runs {operation}")
    return named


def main(words):
    if words[0] == "--list":
        for site, n in sites(words[1]).items():
            for _ in range(n):
                print(*site, sep="\t")
        return 0
    scripts = ""
    for path in words[2:]:
        with open(path, encoding="ascii") as script:
            scripts += script.read()
    named, there = table(words[0], scripts), sites(words[1])
    for site in (there - named).elements():
        print("in no operation:", *site)
    for site in (named - there).elements():
        print("no such call:", *site)
    return 0 if there and named == there else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
