#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm
# The demonstration does what it says, and would not say so otherwise.
. ./lib.sh

if ./demo-guest >"$tmp/out" 2>&1 </dev/null; then
	ok "the demonstration's status is 0"
else
	not_ok "the demonstration's status is 0" "$(cat "$tmp/out")"
fi
has "it shows the program's own words" "Operation not permitted" cat "$tmp/out"
same "three tables are listed with their counts" 3 "$(grep -c '^Chain' "$tmp/out")"

# With rules that deny nothing, it must fail.
ctid del web
rmdir $cgroups/web.service
flush
mkdir "$tmp/bin"
printf '#!/bin/sh\ncase " $* " in *" -A "*) exit 0 ;; esac\nexec /usr/sbin/iptables-legacy "$@"\n' \
	>"$tmp/bin/iptables-legacy"
chmod +x "$tmp/bin/iptables-legacy"
fails "without its rules its status is not 0" "not every step" env PATH="$tmp/bin:$PATH" ./demo-guest
finish
