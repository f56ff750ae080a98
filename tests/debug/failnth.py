#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""failnth.py NAME [slabs]: has each allocation that an operation makes fail in turn.

The kernel fails the Nth one (Documentation/fault-injection/): of this thread, or, for
what happens in softirqs and workers, of all (fault.py). Prints how many there were and
what came of it; it is wrong if an operation fails but leaves something, succeeds with less
than all of it, or does not work afterwards; with "slabs" also if what the operation is
there for was not seen. Status 1 then.
"""
import collections
import errno
import sys

import fault_calls
import fault_modules
import fault_registry
import fault_tables
from fault import Wrong, load_modules

MANY = 1000000
OPERATIONS = {**fault_registry.OPERATIONS, **fault_tables.OPERATIONS, **fault_calls.OPERATIONS}


def attempt(operation, injector, n):
    """Returns the errno; N is 0 for a try without a fault."""
    operation.before()
    if n:
        injector.arm(n)
    try:
        err = operation.do()
    finally:
        operation.failed = bool(n) and not injector.disarm()
    return err


def begin(operation, injector):
    """How many allocations come before those that are to fail."""
    if not operation.last:
        return 0
    operation.before()
    injector.arm(MANY)
    err = operation.do()
    made = MANY - injector.left()
    injector.disarm()
    operation.after(err)
    return max(0, made - operation.last)


def fail_each(operation, results):
    """Returns how many allocations there were."""
    operation.set_up()
    injector = operation.injector()
    # Twice: what is made once for all uses is made now.
    for _ in range(2):
        err = attempt(operation, injector, 0)
        if err != operation.good:
            raise Wrong(f"without a fault: errno {err}")
        operation.after(err)
    n = first = begin(operation, injector)
    operation.failed = True
    operation.seen.clear()
    while operation.failed:
        n += 1
        if n - first > (operation.limit or 3000):
            break
        err = attempt(operation, injector, n)
        if not operation.failed and err != operation.good:
            raise Wrong(f"after {n - first - 1} faults it does not work: errno {err}")
        operation.after(err)
        if operation.failed:
            results[errno.errorcode.get(err, err) if err else "ok"] += 1
    if operation.failed:
        if not operation.limit:
            raise Wrong("no end of allocations")
        err = attempt(operation, injector, 0)
        if err != operation.good:
            raise Wrong(f"after {n - first - 1} faults it does not work: errno {err}")
        operation.after(err)
    return n - first - 1


def find(name):
    """The operations of a name, which are tried one after the other."""
    kind, _, module = name.partition("-")
    if kind in fault_modules.KINDS:
        return [fault_modules.KINDS[kind](module)]
    made = OPERATIONS[name]()
    return made if isinstance(made, list) else [made]


def main(name, must_see):
    results, seen, must = collections.Counter(), collections.Counter(), set()
    count = 0
    for operation in find(name):
        try:
            count += fail_each(operation, results)
            must.update(operation.must)
            seen += operation.seen
        except Wrong as wrong:
            print(f"{name}: {vars(operation)}, after {sum(results.values())} faults: {wrong}")
            return 1
        except OSError as err:
            if err.errno not in (errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT):
                raise
    print(f"{name}: {count} allocations failed: " +
          ", ".join(f"{what} {n}" for what, n in sorted(results.items())) +
          "".join(f"; {what} {n}" for what, n in seen.items() if what))
    unseen = [what for what in must if must_see and not seen[what]]
    if unseen:
        print(f"{name}: never {', '.join(unseen)}")
    return 1 if unseen else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], "slabs" in sys.argv[2:]))
    finally:
        load_modules(True)
