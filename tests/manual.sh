#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm
# vm: -S -m 3G
# Runs each command of ctid-tenants(7) and compares what it prints.
. ./lib.sh
. ./console.inc
. ./runtimes.inc
page=../userspace/ctid-tenants.7
[ -f $page ] || bail_out "no $page"

# What the page's examples have around them.
network
image "$tmp/image"
set_up mount -t tmpfs tmpfs /var/lib/containers
set_up sh -c "tar -C $tmp/image -c . | podman import - tool"

# Its examples as console blocks. A "$ " in one would be no command.
perl -CSD -ne 's/\\-/-/g; s/\\&//g; s/\\e/\\/g;
	if (/^\.EX/) { print "```console\n" } elsif (/^\.EE/) { print "```\n" }
	else { print }' $page >"$tmp/page"
console "$tmp/page"
finish
