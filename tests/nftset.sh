#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm forky
# Packets of a container in stock nft: the sets and maps that ctid keeps filled for
# "socket cgroupv2", and what iptables-translate makes of -m container.
. ./lib.sh

set_up ip link set lo up
lsmod | grep -q '^nf_tables ' && early=1
container web 7
container db 8
if [ -n "${early:-}" ]; then
	skip "a binding does not load nf_tables" "it was loaded before"
else
	true_that "a binding does not load nf_tables" test ! -e /sys/module/nf_tables
fi
server sockcall socket tcp4 bind 127.0.0.1:8001 listen serve
server sockcall socket tcp6 bind '[::1]:8001' listen serve

in_cgroup() {
	local cgroup=$1
	shift
	sockcall cgroup "$cgroup" "$@"
}
to=127.0.0.1:8001
# reach CGROUP [ADDRESS]
reach() { in_cgroup "$1" socket tcp4 connect "${2:-$to}"; }
# What no answer is expected to waits for the time of a second SYN and no longer.
brief="patience 1500"
# denied NAME CGROUP [ADDRESS], allowed NAME CGROUP [ADDRESS]
denied() { check "$1" "connect ETIMEDOUT" in_cgroup "$2" socket tcp4 $brief connect "${3:-$to}"; }
allowed() { check "$1" "connect ok" reach "$2" "${3:-$to}"; }
cgroup() { set_up mkdir -p "$cgroups$1"; }
elements() { nft list "$1" inet filter "$2" | tr -d '\n\t' | sed -n 's/.*elements = { \(.*\) }.*/\1/p'; }
levels() { nft list chain inet filter "$1" | sed -n 's/.*level \([0-9]*\) .*comment "ctid".*/\1/p' | tr '\n' ' '; }
sets_current() { ! ctid nftset list | awk 'NR > 1 { print $6 }' | grep -qv current; }

# --- what is refused, and how
fails "no table" "no table inet filter: create it with 'nft add table inet filter'" \
	ctid nftset add web inet filter web_set
set_up nft add table inet filter
before=$(nft list ruleset)
fails "no chain" "create it with 'nft add chain inet filter web'" \
	ctid nftset add web inet filter web_map goto web
fails "no container" "no container \"nobody\"" ctid nftset add nobody inet filter web_set
for family in bridge arp netdev "inet filter x; flush ruleset; add table inet"; do
	fails "family $family" "use inet, ip or ip6" ctid nftset add web "$family" filter web_set
done
for family in bridge arp netdev; do
	set_up nft add table $family filter
	set_up nft add set $family filter s '{ type cgroupsv2; }'
	set_up nft add chain $family filter c
	fails "nft has no socket cgroupv2 in family $family" "" \
		nft add rule $family filter c socket cgroupv2 level 1 @s
	set_up nft delete table $family filter
done
long=$(printf 'x%.0s' $(seq 128))
for name in "" "a b" 'x; flush ruleset' "{" '"x"' "1x" $'x\n' '$x' "@x" "$long"; do
	fails "a set's name: $(printf %q "$name")" "cannot be the name of a set" \
		ctid nftset add web inet filter "$name"
done
fails "a table's name" "cannot be the name of a table" ctid nftset add web inet 'filter x' s
fails "a chain's name" "cannot be the name of a chain" \
	ctid nftset add web inet filter s goto 'x" ; }; flush ruleset; #'
fails "another verdict" "usage: ctid nftset add" ctid nftset add web inet filter s jump x
fails "no such command" "use add, del, list or sync" ctid nftset frob
fails "an option that it does not take" "usage: ctid nftset list" ctid nftset list --follow
same "nothing came of it" "$before" "$(nft list ruleset)"

# --- a plain set
true_that "add" ctid nftset add web inet filter web_set
true_that "add it again" ctid nftset add web inet filter web_set
fails "add it for another" 'write comment "ctid 8" into its definition' \
	ctid nftset add db inet filter web_set
set_up nft add set inet filter mine '{ type cgroupsv2; }'
fails "add one that is the user's" 'write comment "ctid 7" into its definition' \
	ctid nftset add web inet filter mine
same "what it is" 'table inet filter { set web_set { type cgroupsv2 comment "ctid 7" elements = { "web" } }}' \
	"$(nft list set inet filter web_set | tr -s '\n\t' ' ' | sed 's/ $//; s/} }$/}}/')"
check "list" "CONTAINER  FAMILY  TABLE   SET      GOTO  STATE    LEVELS
7          inet    filter  web_set  -     current  1" ctid nftset list
check "list --json" '[{"id":7,"name":"web","container":"7","family":"inet","table":"filter","set":"web_set","state":"current","levels":[1]}]' \
	ctid nftset list --json

set_up nft add chain inet filter out '{ type filter hook output priority 0; }'
set_up nft add chain inet filter in '{ type filter hook input priority 0; }'
allowed "no rule yet" /web
set_up nft add rule inet filter out socket cgroupv2 level 1 @web_set drop
denied "output: the container's is dropped" /web
allowed "output: another's is not" /db
check "output, IPv6: the container's is dropped" "connect ETIMEDOUT" \
	in_web socket tcp6 $brief connect '[::1]:8001'
check "output, IPv6: another's is not" "connect ok" in_db socket tcp6 connect '[::1]:8001'
check "output, UDP: the container's is dropped" "sendto EPERM" in_web socket udp4 sendto 127.0.0.1:9
check "output, UDP: another's is not" "sendto ok" in_db socket udp4 sendto 127.0.0.1:9
fails "del for another" "no set inet filter web_set of container db" \
	ctid nftset del db inet filter web_set
fails "del while rules use it" "delete these first" ctid nftset del web inet filter web_set

# --- restart
set_up rmdir $cgroups/web
cgroup /web
allowed "a new cgroup of the same path is another one" /web
true_that "until it is bound" ctid bind web /web
denied "and matches again" /web
set_up rmdir $cgroups/web
check "ctid exec makes it, binds it, and the first packet is dropped" "connect ETIMEDOUT" \
	ctid exec web --cgroup /web -- sockcall socket tcp4 $brief connect $to
check "another container's is not" "connect ok" \
	ctid exec db --cgroup /db -- sockcall socket tcp4 connect $to
same "there is one element" '"web"' "$(elements set web_set)"
true_that "unbind" ctid unbind web /web
allowed "takes it away" /web
set_up ctid bind web /web

# --- names of cgroups
for name in 'we b' 'w"; flush ruleset; "' '108' "w'x" 'tab	x' 'é'; do
	cgroup "/$name"
	set_up ctid bind web "/$name"
	denied "the cgroup $name" "/$name"
	set_up ctid unbind web "/$name"
	allowed "the cgroup $name, unbound" "/$name"
	rmdir "$cgroups/$name"
done

# --- with a chain
set_up nft flush chain inet filter out
set_up nft add chain inet filter web '{ counter; }'
true_that "add with goto" ctid nftset add web inet filter web_cgroups goto web
true_that "add it again" ctid nftset add web inet filter web_cgroups goto web
fails "add it without" "is not for this" ctid nftset add web inet filter web_cgroups
set_up nft add rule inet filter out jump web_cgroups
set_up nft add rule inet filter web tcp dport 8001 drop
cgroup /far/off/web
set_up ctid bind web /far/off/web
same "a rule for each level, the deepest first" "3 1 " "$(levels web_cgroups)"
denied "at level 1" /web
denied "at level 3" /far/off/web
allowed "another's" /db
allowed "what is above" /far/off
cgroup /web/db/web
denied "below a bound one" /web/db
set_up ctid bind db /web/db
allowed "bound to another below" /web/db
denied "the one above it" /web
allowed "below that other" /web/db/web
set_up ctid bind web /web/db/web
denied "bound to the container again below that" /web/db/web
same "levels" "3 2 1 " "$(levels web_cgroups)"
set_up nft add rule inet filter out socket cgroupv2 level 1 @web_set drop
denied "a plain set at its level takes the other's below" /web/db
set_up nft flush chain inet filter out
set_up nft add rule inet filter out jump web_cgroups
cgroup /web/too
set_up ctid bind web /web/too
set_up nft flush chain inet filter web
set_up nft add rule inet filter web counter
in_cgroup /web/too socket udp4 sendto 127.0.0.1:9 >/dev/null
has "two bindings of the container above: its chain is gone through once" "packets 1 " \
	nft list chain inet filter web
set_up nft flush chain inet filter web
set_up nft add rule inet filter web tcp dport 8001 drop
rules_of() { nft list chain inet filter "$1" | sed -n 's/.*level \([0-9]*\) .*comment "ctid".*/\1/p; s/.*comment "\(mine.*\)"/\1/p' | tr '\n' ' '; }
set_up nft add rule inet filter web_cgroups tcp dport 8001 drop comment '"mine"'
same "a rule of the user's comes last" "3 2 1 mine " "$(rules_of web_cgroups)"
denied "and is for what no level has: another's" /db
set_up ctid unbind /web/too /web/db/web
set_up ctid unbind /web/db
same "levels go when nothing is there, the user's rule stays" "3 1 mine " "$(rules_of web_cgroups)"
set_up nft flush chain inet filter web
set_up nft add rule inet filter web accept
set_up ctid bind web /web/too
same "levels that come are before it" "3 2 1 mine " "$(rules_of web_cgroups)"
allowed "and go on as before: the container's" /web/too
denied "and another's" /db
set_up nft insert rule inet filter web_cgroups counter comment '"mine, too"'
set_up ctid nftset sync
same "one that is put in front of them comes after them" "3 2 1 mine, too mine " \
	"$(rules_of web_cgroups)"
set_up ctid unbind /web/too /far/off/web /web
same "a container that has no cgroup has no levels" "mine, too mine " "$(rules_of web_cgroups)"
set_up ctid bind web /far/off/web
set_up ctid bind web /web
same "when it has, they are first again" "3 1 mine, too mine " "$(rules_of web_cgroups)"
set_up nft flush chain inet filter web_cgroups
set_up ctid nftset sync
set_up nft flush chain inet filter web
set_up nft add rule inet filter web tcp dport 8001 drop
fails "del while a rule jumps there" "delete these first" \
	ctid nftset del web inet filter web_cgroups
set_up ctid nftset add db inet filter db_cgroups goto web
true_that "del of another" ctid nftset del db inet filter db_cgroups
has "its chain is gone" "No such file" nft list chain inet filter db_cgroups
fails "del of what is not there" "see 'ctid nftset list'" \
	ctid nftset del web inet filter nothing

# --- input: by the socket that the packet is for
cgroup /web/server
cgroup /db/server
server sockcall cgroup /web/server socket tcp4 bind 127.0.0.1:8002 listen serve
server sockcall cgroup /db/server socket tcp4 bind 127.0.0.1:8003 listen serve
allowed "input: no rule yet" /db 127.0.0.1:8002
set_up nft add rule inet filter web tcp dport 8000-8009 drop
set_up nft flush chain inet filter out
set_up nft add rule inet filter in jump web_cgroups
denied "input: a new connection to the container's listener is dropped" / 127.0.0.1:8002
allowed "input: one to another's is not" / 127.0.0.1:8003
set_up nft flush chain inet filter in
set_up nft flush chain inet filter web

# What is no whole socket does not match, in nft; what -m container makes of it.
seen() { nft list chain inet filter "${2:-web}" | sed -n "s/.*packets \([0-9]*\) .*comment \"$1\"/\1/p"; }
xt_seen() { iptables-nft -nvxL "$1" | awk -v n="$2" 'NR == n + 2 { print $1 }'; }
connection_rests() {
	[ -z "$(ss -Htn state connected exclude time-wait exclude close-wait exclude fin-wait-2 \
		'( sport = 8002 or dport = 8002 )')" ]
}
for hook in in out; do
	set_up nft flush chain inet filter web
	set_up nft add rule inet filter $hook tcp dport 8002 tcp flags '&' '(syn|ack)' == ack \
		counter comment '"all"'
	for flags in syn 'syn|ack' ack; do
		set_up nft add rule inet filter web tcp flags '&' '(syn|ack)' == "$flags" \
			counter comment "\"$flags\""
	done
	set_up nft add rule inet filter $hook jump web_cgroups
	allowed "$hook: a connection to the container" / 127.0.0.1:8002
	# The server keeps its end open.
	set_up wait_until connection_rests
	case $hook in
	in)
		true_that "in: its SYN matches" test "$(seen syn)" -eq 1
		same "in: of those that follow, all but the first, which ends the handshake" \
			$(($(seen all in) - 1)) "$(seen ack)"
		;;
	out) same "out: the SYN-ACK does not match" 0 "$(seen 'syn|ack')" ;;
	esac
	set_up nft flush chain inet filter $hook
done
set_up iptables-nft -A OUTPUT -m container --id web -p tcp --tcp-flags SYN,ACK SYN,ACK
allowed "the same with -m container" / 127.0.0.1:8002
same "matches the SYN-ACK" 1 "$(xt_seen OUTPUT 1)"
set_up iptables-nft -F OUTPUT
fails "nft has no socket in postrouting" "" \
	nft 'add chain inet filter post { type filter hook postrouting priority 0; }; add rule inet filter post jump web_cgroups'

# --- load and save
set_up nft flush ruleset
cat >"$tmp/rules" <<'R'
flush ruleset
table inet filter {
	map web_cgroups { type cgroupsv2 : verdict; comment "ctid web goto web"; }
	set web_set { type cgroupsv2; comment "ctid 7"; }
	chain web_cgroups { }
	chain web { tcp dport 8001 drop; }
	chain out { type filter hook output priority 0; jump web_cgroups; }
}
R
set_up nft -f "$tmp/rules"
allowed "loaded sets are empty" /web
has "which the list tells" outdated ctid nftset list
true_that "sync" ctid nftset sync
denied "fills them" /web
allowed "and lets others be" /db
true_that "then they are current" sets_current
nft list ruleset >"$tmp/saved"
set_up nft flush ruleset
true_that "what was saved restores" nft -f "$tmp/saved"
same "as it was" "$(cat "$tmp/saved")" "$(nft list ruleset)"
set_up ctid nftset sync
same "and needs no sync" "$(cat "$tmp/saved")" "$(nft list ruleset)"
denied "it denies" /web
set_up ctid rename web www
allowed "a name in the comment: renamed, it is another's" /web
set_up ctid rename www web
denied "and back" /web
set_up ctid save "$tmp/conf"
set_up ctid del web
allowed "del of the container empties its sets" /web
same "all of them" " " "$(elements set web_set) $(elements map web_cgroups)"
set_up ctid load "$tmp/conf"
denied "load fills them" /web
cgroup /gone
set_up ctid bind web /gone
gone=$(stat -c %i $cgroups/gone)
set_up rmdir $cgroups/gone
has "a removed cgroup stays, as a number" "$gone : goto" nft list map inet filter web_cgroups
nft list ruleset >"$tmp/stale"
if nft -c add element inet filter web_set "{ 4711 }" 2>/dev/null; then
	skip "which nft cannot read" "this version of nft does"
else
	fails "which nft cannot read" "" nft -c -f "$tmp/stale"
fi
set_up ctid nftset sync
same "sync takes it away" "" "$(nft list ruleset | grep "\<$gone\>")"
true_that "and nft reads what it prints" sh -c "nft list ruleset >$tmp/stale && nft -c -f $tmp/stale"

# --- sets that cannot be filled
set_up nft add map inet filter lost '{ type cgroupsv2 : verdict; comment "ctid 7 goto nowhere"; }'
set_up nft add set inet filter small '{ type cgroupsv2; size 1; comment "ctid 7"; }'
set_up nft add set inet filter timed '{ type cgroupsv2; timeout 1h; comment "ctid 7"; }'
set_up nft add set inet filter port '{ type inet_service; comment "ctid 7"; }'
set_up nft add set inet filter typo '{ type cgroupsv2; comment "ctid 7 goto"; }'
set_up nft add set inet filter word '{ type cgroupsv2; comment "ctidal waves"; }'
cgroup /more
ctid bind web /more >"$tmp/said" 2>&1 </dev/null
same "a binding succeeds all the same" 0 $?
for words in "filter lost: is the chain \"nowhere\" there? 'nft add chain inet filter nowhere'" \
	"filter small: it is full" "filter timed: declare it without" \
	"filter port: it is not of type cgroupsv2" 'filter typo: its comment is not'; do
	has "it says: $words" "$words" cat "$tmp/said"
done
same "once each, and nothing else" 5 "$(wc -l <"$tmp/said")"
denied "other sets are filled" /more
fails "sync fails" "cannot fill the set" ctid nftset sync
set_up nft -f "$tmp/rules"
set_up ctid nftset sync

# --- many at a time
cgroup /many
for i in $(seq 24); do cgroup "/many/$i"; done
pids=
for i in $(seq 24); do
	ctid bind web "/many/$i" 2>>"$tmp/errors" </dev/null &
	pids="$pids $!"
	[ $((i % 4)) -ne 0 ] || nft add rule inet filter web counter
done
# shellcheck disable=SC2086 # words
wait $pids
same "24 bindings at a time, while rules change: no errors" "" "$(cat "$tmp/errors")"
true_that "all sets are current" sets_current
same "all 24 are there" 24 "$(elements set web_set | grep -o many | wc -l)"
set_up ctid unbind $(seq -f /many/%g 24)
cat >"$tmp/thousands.py" <<'P'
import os, sys
sys.path.insert(0, ".")
import genl
f = genl.Family()
for i in range(3000):
    path = f"/sys/fs/cgroup/many/t{i}"
    os.mkdir(path)
    assert not genl.bind(f, 7, path)[0]
P
# Not to be listed by nft, which walks through all cgroups for each element.
set_up python3 "$tmp/thousands.py"
true_that "3000 more" ctid nftset sync
true_that "are there" sets_current
denied "and are denied" /many/t2999
rmdir $cgroups/many/t*
set_up ctid nftset sync
same "and go" 0 "$(elements set web_set | grep -c many)"

# --- sync --follow: whoever changes what
nl() { python3 ./genl.py "$@"; }
ctid nftset sync --follow >"$tmp/follow" 2>&1 </dev/null &
follow=$!
servers="$servers $follow"
cgroup /late
set_up nl bind id=7 cgroup_fd=$cgroups/late
true_that "bound by another program: the sets follow" wait_until sh -c \
	'nft list set inet filter web_set | grep -q late'
true_that "the map, too" wait_until sh -c 'nft list map inet filter web_cgroups | grep -q late'
denied "and it is denied" /late
set_up nl unbind cgroup_fd=$cgroups/late
true_that "unbound" wait_until sh -c '! nft list ruleset | grep -q late'
allowed "it is not" /late
set_up nl bind id=7 cgroup_fd=$cgroups/late
true_that "bound again" wait_until sh -c 'nft list ruleset | grep -q late'
set_up rmdir $cgroups/late
true_that "a removed cgroup goes" wait_until sh -c \
	"nft list ruleset >$tmp/stale && ! grep -q late $tmp/stale && nft -c -f $tmp/stale"
set_up nft -f "$tmp/rules"
true_that "a rule set that is loaded anew is filled" wait_until sh -c \
	'nft list map inet filter web_cgroups | grep -q web'
denied "and denies" /web
true_that "it still runs" kill -0 $follow
same "and has nothing to say" "" "$(cat "$tmp/follow")"
kill $follow
wait $follow 2>/dev/null

# --- many sets, so that a dump comes in many parts, while rules change
for i in $(seq 3000); do
	echo "add set inet crowd s$i { type cgroupsv2; }"
done >"$tmp/crowd"
set_up nft 'add table inet crowd; add chain inet crowd change'
set_up nft -f "$tmp/crowd"
change() {
	echo "flush chain inet crowd change" >"$tmp/change"
	touch "$tmp/changing"
	while [ -e "$tmp/changing" ]; do
		nft -f "$tmp/change"
	done
}
filled() { nft list set inet filter web_set | grep -q '"web"'; }
empty_set() { set_up nft flush set inet filter web_set; }
change >/dev/null 2>&1 </dev/null &
changes=$!
for i in $(seq 40); do
	[ $((i % 10)) -ne 0 ] || empty_set
	ctid nftset sync
done >"$tmp/errors" 2>&1 </dev/null
same "40 syncs while rules change: no errors" "" "$(cat "$tmp/errors")"
true_that "the set is filled" filled
true_that "list while rules change" sets_current
ctid nftset sync --follow >"$tmp/follow" 2>&1 </dev/null &
follow=$!
servers="$servers $follow"
for i in $(seq 20); do
	empty_set
	wait_until filled || break
done
true_that "sync --follow while rules change: each time it is filled" filled
rm "$tmp/changing"
wait $changes
empty_set
true_that "and after that" wait_until filled
same "it has nothing to say" "" "$(cat "$tmp/follow")"
kill $follow
wait $follow 2>/dev/null
set_up nft delete table inet crowd

# --- tenants
cgroup /tenant/box/in
cat >"$tmp/tenant.sh" <<'T'
ip link set lo up
sockcall socket tcp4 bind 127.0.0.1:8001 listen serve >/dev/null 2>&1 </dev/null &
server=$!
until ss -Hltn | grep -q 8001; do sleep 0.05; done
ctid nftset list
ctid add 7 mine && ctid bind mine "$1" || echo failed
nft 'add table inet filter; add chain inet filter mine; add chain inet filter out { type filter hook output priority 0; }'
ctid nftset add mine inet filter mine_cgroups goto mine || echo failed
nft 'add rule inet filter out jump mine_cgroups; add rule inet filter mine drop'
nft list chain inet filter mine_cgroups | grep -o 'level [0-9]*'
sockcall cgroup "$2" socket tcp4 patience 1500 connect 127.0.0.1:8001
sockcall cgroup "$3" socket tcp4 connect 127.0.0.1:8001
kill $server
T
rules=$(nft list ruleset)
check "a tenant's container and sets are its own" "CONTAINER  FAMILY  TABLE  SET  GOTO  STATE  LEVELS
level 3
connect ETIMEDOUT
connect ok" unshare -Urn sh "$tmp/tenant.sh" /tenant/box/in /tenant/box/in /tenant
same "the host's are as they were" "$rules" "$(nft list ruleset)"
# Levels count from the root of the cgroup namespace, of which the tenant's mount
# shows more.
check "in a cgroup namespace, too" "CONTAINER  FAMILY  TABLE  SET  GOTO  STATE  LEVELS
level 1
connect ETIMEDOUT
connect ok" sh -c "echo \$\$ >$cgroups/tenant/box/cgroup.procs &&
	exec unshare -UrnC sh $tmp/tenant.sh /tenant/box/in /tenant/box/in /tenant/box"
check "and with a mount of its own" "CONTAINER  FAMILY  TABLE  SET  GOTO  STATE  LEVELS
level 1
connect ETIMEDOUT
connect ok" sh -c "echo \$\$ >$cgroups/tenant/box/cgroup.procs &&
	exec unshare -nCm sh -c 'umount -l $cgroups && mount -t cgroup2 none $cgroups &&
		exec sh $tmp/tenant.sh /in /in /'"

# --- -m container in OUTPUT, and what iptables-translate makes of it
set_up nft flush ruleset
for cmd in iptables-legacy iptables-nft ip6tables-legacy ip6tables-nft; do
	v=4 here=$to
	[ "${cmd#ip6}" = "$cmd" ] || { v=6 here='[::1]:8001'; }
	check "$cmd: without a rule a connection goes out" "connect ok" \
		in_web socket tcp$v connect "$here"
	set_up $cmd -A OUTPUT -m container --id web -p tcp -j DROP
	check "$cmd: DROP in OUTPUT keeps the container's from it" "connect ETIMEDOUT" \
		in_web socket tcp$v $brief connect "$here"
	check "$cmd: but not another's" "connect ok" in_db socket tcp$v connect "$here"
	set_up $cmd -F OUTPUT
done
set_up nft flush ruleset
translate() { "${1:-ip}tables-translate" -A OUTPUT -m container ${2:---id 7} -p tcp -j DROP; }
untranslated="nft # -A OUTPUT -m container"
has "translate: cgroups at two levels are too much" "$untranslated" translate
set_up ctid unbind /far/off/web /more
check "translate: one id, one level" \
	"nft 'add rule ip filter OUTPUT ip protocol tcp socket cgroupv2 level 1 @container_7 counter drop'" \
	sh -c "iptables-translate -A OUTPUT -m container --id 7 -p tcp -j DROP | sed \"s/^nft add/nft 'add/; s/drop\$/drop'/; s/ *\$//\""
for list in "--id 7,8" "--id 7-9" "! --id 7" "--id 0" "--id 9" "--id 1-4294967295"; do
	has "translate: $list is a comment" "$untranslated" translate ip "$list"
done
set_up nft 'add table ip filter; add chain ip filter OUTPUT { type filter hook output priority 0; }'
load() { translate ip | sed "s/^nft //; s/^'//; s/' *\$//" | nft -f -; }
fails "without the set, nft refuses the translation" "" load
set_up ctid nftset add web ip filter container_7
true_that "with it, it loads" load
denied "and denies the container" /web
allowed "and no other" /db
cgroup /web/db
set_up ctid bind db /web/db
has "translate: another container below is too much" "$untranslated" translate
finish
