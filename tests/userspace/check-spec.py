#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""check-spec.py FAMILY: the netlink spec has the commands, attributes and constants of
the header, with their values. Prints TAP."""
import pathlib
import re
import sys

try:
    import yaml
except ImportError:
    print("1..0 # SKIP no python3-yaml")
    sys.exit(0)

TOP = pathlib.Path(__file__).resolve().parents[2]
FAMILY = sys.argv[1]
HEADER = (TOP / f"include/uapi/linux/{FAMILY}.h").read_text()
SPEC = yaml.safe_load(
    (TOP / f"Documentation/netlink/specs/{FAMILY}.yaml").read_text())
results = []


def check(what, have, want):
    """Print one line of TAP."""
    results.append(have == want)
    print(f"{'' if results[-1] else 'not '}ok {len(results)} - {what}")
    if not results[-1]:
        print(f"# spec:   {have}\n# header: {want}")


def constants(prefix):
    """The members of an enum of the header, by value, without the first."""
    names = re.findall(rf"^\t({prefix}\w+),$", HEADER, re.MULTILINE)
    return dict(enumerate(names))


def numbered(prefix, entries):
    """The same of the spec: it numbers from 1."""
    names = {0: f"{prefix}UNSPEC"}
    value = 0
    for entry in entries:
        value = entry.get("value", value + 1)
        names[value] = prefix + entry["name"].replace("-", "_").upper()
    return names


def c_name(name):
    """A name of the spec as it is in C."""
    return name.replace("-", "_").upper()


attributes = SPEC["attribute-sets"][0]
operations = SPEC["operations"]
check("attributes",
      numbered(c_name(attributes["name-prefix"]), attributes["attributes"]),
      constants(c_name(attributes["name-prefix"])))
check("commands",
      numbered(c_name(operations["name-prefix"]), operations["list"]),
      constants(c_name(operations["name-prefix"])))
for constant in SPEC["definitions"]:
    if constant["type"] == "flags":
        prefix = c_name(constant["name-prefix"])
        bits = re.findall(rf"^\t({prefix}\w+)\s*= 1 << (\d+),$", HEADER,
                          re.MULTILINE)
        check(constant["name"],
              {prefix + c_name(name): str(bit)
               for bit, name in enumerate(constant["entries"])}, dict(bits))
        continue
    found = re.search(rf"#define {c_name(constant['name'])}\s+(\d+)", HEADER)
    check(constant["name"], constant["value"], found and int(found[1]))

defines = dict(re.findall(r'#define (\w+)\s+"(\w+)"', HEADER))
check("family", SPEC["name"], defines[c_name(SPEC["c-family-name"])])
for group in SPEC.get("mcast-groups", {}).get("list", []):
    check("group", group["name"], defines[c_name(group["c-define-name"])])

known = {attribute["name"] for attribute in attributes["attributes"]}
used = set(re.findall(r"'attributes': \[([^]]*)\]", str(operations)))
used = {name for names in used for name in re.findall(r"'([^']+)'", names)}
check("attributes that operations use", used - known, set())
print(f"1..{len(results)}")
sys.exit(not all(results))
