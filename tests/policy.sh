#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Permitted tuples: what ctid permit, deny and policy make of calls, and that the
# same calls pass without them.
. ./lib.sh

container web 7
container db 8	# shares the maps of web
out() { sockcall "$@"; }
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:80 listen serve
server sockcall socket tcp4 reuseaddr bind 127.0.0.1:443 listen serve
server sockcall socket tcp6 v6only 1 reuseaddr bind '[::1]:80' listen serve

# text: what is said about web, in one line.
text() {
	ctid policy web | sed 1,2d | tr '\n\t' ';\0' | tr -d '\0'
}

# --- no policy
check "without a policy there is nothing to show" "container 7
	name web" ctid policy web
check "and of no container" "" ctid policy
check "and in JSON" "[
]" sh -c 'ctid policy --json | sed "s/^\[\]$/[\n]/"'
true_that "flushing what is not there makes no table" \
	sh -c 'ctid policy web flush && ! nft list table inet ctid 2>/dev/null'
calls() {
	check "$1 connects to port 80" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
	check "$1 connects to port 80, IPv6" "connect ok" in_web socket tcp6 connect '[::1]:80'
	check "$1 connects by UDP" "connect ok" in_web socket udp4 connect 127.0.0.1:53
	check "$1 binds port 8000" "bind ok" in_web socket tcp4 bind 127.0.0.1:8000
}
calls "without a policy web"

# --- what a policy needs of the kernel
echo 'install sock_dev false' >/etc/modprobe.d/no-devices.conf
fails "without its module there is no device, and it is said which it is" \
	"cannot make the sockconnect device ctid-connect: Operation not supported: load the module with 'modprobe sock_dev'" \
	ctid permit web connect tcp 80
rm /etc/modprobe.d/no-devices.conf
set_up sysctl -q kernel.ftrace_enabled=0
fails "where a hook point cannot be attached, the kernel's log is named" \
	"cannot set up the sockconnect device ctid-connect: Device or resource busy: the kernel's log says why" \
	ctid permit web connect tcp 80
has "which says it" "ftrace does not attach to" dmesg
set_up sysctl -q kernel.ftrace_enabled=1
set_up ctid policy-flush
calls "after what failed web"

# --- connect
set_up ctid permit web connect tcp 127.0.0.0/8:80
check "what is permitted connects" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
check "as a v4-mapped address, too" "connect ok" in_web socket tcp6 connect '[::ffff:127.0.0.1]:80'
check "another port does not" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
check "nor as a v4-mapped address" "connect EPERM" in_web socket tcp6 connect '[::ffff:127.0.0.1]:443'
check "nor another protocol" "connect EPERM" in_web socket udp4 connect 127.0.0.1:80
check "nor another address" "connect EPERM" in_web socket tcp4 connect 126.0.0.1:80
check "nor IPv6" "connect EPERM" in_web socket tcp6 connect '[::1]:80'
check "nor what is sent without a connect" "sendto EPERM" in_web socket udp4 sendto 127.0.0.1:80
check "bind is another matter" "bind ok" in_web socket tcp4 bind 127.0.0.1:8000
check "and so is another container" "connect ok" in_db socket tcp4 connect 127.0.0.1:443
check "and none" "connect ok" out socket tcp4 connect 127.0.0.1:443
check "this is what is shown" "container 7
	name web
	connect permit tcp 127.0.0.0/8:80
	connect default deny" ctid policy web
set_up ctid permit web connect tcp '[::1]:80'
check "IPv6 is permitted by itself" "connect ok" in_web socket tcp6 connect '[::1]:80'
check "but for this port" "connect EPERM" in_web socket tcp6 connect '[::1]:81'
set_up ctid permit web connect udp
check "a protocol is permitted as a whole, IPv4" "connect ok" in_web socket udp4 connect 127.0.0.1:53
check "and IPv6" "connect ok" in_web socket udp6 connect '[::1]:53'
set_up ctid deny web connect udp 53
check "and a part is taken out, IPv4" "connect EPERM" in_web socket udp4 connect 127.0.0.1:53
check "and IPv6" "connect EPERM" in_web socket udp6 connect '[::1]:53'
check "the rest stays" "connect ok" in_web socket udp4 connect 127.0.0.1:54

# --- the default
set_up ctid policy web default accept connect
check "default accept lets pass what was not spoken of" "connect ok" \
	in_web socket tcp4 connect 127.0.0.1:443
check "but not what was denied" "connect EPERM" in_web socket udp4 connect 127.0.0.1:53
set_up ctid policy web default deny
check "default deny is about all events: bind" "bind EPERM" in_web socket tcp4 bind 127.0.0.1:8000
check "and connect" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
check "but what was permitted" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
set_up ctid policy web flush
calls "after a flush web"
set_up ctid deny db connect tcp 127.0.0.1:80
check "who says deny first denies only that" "connect EPERM" in_db socket tcp4 connect 127.0.0.1:80
check "the rest is accepted" "connect ok" in_db socket tcp4 connect 127.0.0.1:443
calls "a policy in the same maps is not web's, which"
set_up ctid policy db flush connect

# --- bind
set_up ctid permit web bind tcp 8000-8100
check "a permitted port can be bound" "bind ok" in_web socket tcp4 bind 127.0.0.1:8000
check "also of all addresses, in both families" "bind ok" in_web socket tcp6 bind '[::]:8100'
check "another cannot" "bind EPERM" in_web socket tcp4 bind 127.0.0.1:7999
check "nor in IPv6" "bind EPERM" in_web socket tcp6 bind '[::]:8101'
check "nor any that the kernel picks" "bind EPERM" in_web socket tcp4 bind 127.0.0.1:0
check "nor by listen" "listen EPERM" in_web socket tcp4 listen
check "nor of UDP" "bind EPERM" in_web socket udp4 bind 127.0.0.1:8000
check "an IPv6 wildcard needs IPv4, too" "bind ok" in_db socket tcp6 bind '[::]:8200'
set_up ctid deny db bind tcp 0.0.0.0/0
check "which is denied here" "bind EPERM" in_db socket tcp6 bind '[::]:8200'
check "but not for a socket of IPv6 alone" "bind ok" in_db socket tcp6 v6only 1 bind '[::]:8200'
set_up ctid policy db flush

# --- accept: the peer's address, the own port
set_up ctid permit web bind tcp 9000
server sockcall cgroup /web socket tcp4 reuseaddr bind 0.0.0.0:9000 listen serve
check "a server without a policy accepts" "connect ok" out socket tcp4 connect 127.0.0.1:9000
set_up ctid permit web accept tcp 127.0.0.2
check "a permitted peer is accepted" "bind ok
connect ok" out socket tcp4 bind 127.0.0.2:0 connect 127.0.0.1:9000
check "another gets no answer" "bind ok
connect ETIMEDOUT" out socket tcp4 patience 1500 bind 127.0.0.3:0 connect 127.0.0.1:9000
set_up ctid permit web accept tcp 127.0.0.3:9001
check "the port is the server's" "bind ok
connect ETIMEDOUT" out socket tcp4 patience 1500 bind 127.0.0.3:0 connect 127.0.0.1:9000
set_up ctid permit web accept tcp 127.0.0.3:9000
check "and with it the peer is accepted" "bind ok
connect ok" out socket tcp4 bind 127.0.0.3:0 connect 127.0.0.1:9000
set_up ctid policy web flush

# --- overlapping, adjacent, parts
set_up ctid permit web connect tcp 10.0.0.0/9:443 10.128.0.0/9:443
same "neighbours are joined" \
	"connect permit tcp 10.0.0.0/8:443;connect default deny;" "$(text)"
set_up ctid permit web connect tcp 10.1.0.0/16:443
same "what is permitted already changes nothing" \
	"connect permit tcp 10.0.0.0/8:443;connect default deny;" "$(text)"
set_up ctid deny web connect tcp 10.1.2.3:443
same "one address is cut out" \
	"connect permit tcp 10.0.0.0-10.1.2.2:443;connect deny tcp 10.1.2.3:443;connect permit tcp 10.1.2.4-10.255.255.255:443;connect default deny;" \
	"$(text)"
set_up ctid permit web connect tcp 10.1.2.3:443
same "and put back" "connect permit tcp 10.0.0.0/8:443;connect default deny;" "$(text)"
set_up ctid permit web connect tcp 10.0.0.0/8:0-65535
same "a whole range of ports swallows one" \
	"connect permit tcp 10.0.0.0/8;connect default deny;" "$(text)"
set_up ctid deny web connect tcp 10.0.0.0/8:1-65535
set_up ctid deny web connect tcp 10.0.0.0/8:0
set_up ctid permit web connect any
same "all of all swallows everything" "connect permit any any;connect default deny;" "$(text)"
set_up ctid deny web connect tcp 25
same "one protocol's port is cut out of all" \
	"connect permit 0-5 any;connect permit tcp 0-24;connect deny tcp 25;connect permit tcp 26-65535;connect permit 7-255 any;connect default deny;" \
	"$(text)"
check "which holds" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:25
check "for this port only" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
check "and this protocol" "connect ok" in_web socket udp4 connect 127.0.0.1:25
check "a protocol without ports is part of all" "connect ok" in_web socket raw4 connect 127.0.0.1:0
for protocol in 43 44 51 60 253; do
	check "raw IPv6, protocol $protocol, is part of all" "connect ok" in_web socket $protocol:6 connect '[::1]:0'
done
set_up ctid deny web connect any
for protocol in 43 44 51 60 253; do
	check "and denied with all" "connect EPERM" in_web socket $protocol:6 connect '[::1]:0'
done
set_up ctid policy web flush

# --- save, load, nft's own way
cat >"$tmp/policies" <<'END'
# a comment
permit web connect tcp 127.0.0.1:80 [::1]:80	# two tuples
permit 7 connect udp 53
deny 7 connect udp 127.0.0.5:53
policy 7 default deny bind
permit 8 bind tcp 8000-8100
permit 8 bind sctp 127.0.0.1-127.0.0.9
policy 4294967295 default accept
END
set_up ctid policy-load "$tmp/policies"
check "what is loaded holds" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
check "for each container: this" "bind EPERM" in_db socket tcp4 bind 127.0.0.1:7000
check "and that" "bind ok" in_db socket tcp4 bind 127.0.0.1:8000
ctid policy-save >"$tmp/saved"
set_up ctid policy-load "$tmp/saved"
same "what is saved is loaded" "$(cat "$tmp/saved")" "$(ctid policy-save)"
set_up ctid policy-save "$tmp/file"
same "it can be saved to a file" "$(cat "$tmp/saved")" "$(cat "$tmp/file")"
chmod 600 "$tmp/file"
set_up ctid policy-save "$tmp/file"
check "which keeps its mode" 600 stat -c %a "$tmp/file"
fails "no other than a file is saved to" "is no regular file" ctid policy-save /dev/null
set_up ctid save "$tmp/containers"
fails "nor to one of something else" "$tmp/containers has more than policies, which saving would lose" \
	ctid policy-save "$tmp/containers"
has "which is as it was" "7 web /web" cat "$tmp/containers"
set_up cp "$tmp/policies" "$tmp/again"
true_that "but to one that somebody wrote" ctid policy-save "$tmp/again"
set_up mkdir "$tmp/full"
set_up mount -t tmpfs -o size=4k none "$tmp/full"
set_up cp "$tmp/saved" "$tmp/full/file"
fails "a full disk is told of" "the file is as it was" ctid policy-save "$tmp/full/file"
check "and the file is as it was" "" cmp "$tmp/saved" "$tmp/full/file"
check "with nothing beside it" file ls "$tmp/full"
cat "$tmp/saved" "$tmp/saved" >"$tmp/file"
echo "permit web connect tcp 127.0.0.1:80" >>"$tmp/file"
true_that "what is saved may be followed by more" ctid policy-load "$tmp/file"
before=$(ctid policy-save)

# parts: what the loads of all that may be left of a saved file say.
parts() {
	local lines=0
	while [ "$lines" -lt "$(wc -l <"$tmp/saved")" ]; do
		head -n $lines "$tmp/saved" | ctid policy-load - && echo "$lines lines are loaded"
		lines=$((lines + 1))
	done 2>&1 | sed "s/^ctid: <stdin> \(is not whole\|says nothing\).*/\1/" | sort -u
}
check "none of its parts is loaded" "is not whole
says nothing" parts
head -c -20 "$tmp/saved" >"$tmp/file"
fails "nor is one of a part of a line" "$tmp/file is not whole" ctid policy-load "$tmp/file"
cat "$tmp/saved" - "$tmp/file" <<<"" >"$tmp/both"
fails "nor a whole one and a part" "$tmp/both is not whole" ctid policy-load "$tmp/both"
cat "$tmp/file" - "$tmp/saved" <<<"" >"$tmp/both"
fails "nor a part and a whole one" "$tmp/both is not whole" ctid policy-load "$tmp/both"
: >"$tmp/file"
fails "an empty file is not loaded" "'ctid policy-flush' forgets all" ctid policy-load "$tmp/file"
echo "# nothing" >"$tmp/file"
fails "nor one without a statement" "'ctid policy-flush' forgets all" ctid policy-load "$tmp/file"
same "nothing has changed" "$before" "$(ctid policy-save)"
# What a boot loads.
set_up mkdir -p /etc/xtables
for name in conf nft policy rules; do
	: >/etc/xtables/container.$name
	check "nor at boot: container.$name, and it is told of" \
		"/etc/xtables/container.$name is empty: remove it if there is to be nothing
/etc/xtables/container.$name is not in force: correct it, then run 'systemctl reload-or-restart xt-container'" \
		/usr/libexec/xt-container/load-rules
	rm /etc/xtables/container.$name
done
cp "$tmp/saved" /etc/xtables/container.policy
true_that "what was saved is" /usr/libexec/xt-container/load-rules
sed -i '$d' /etc/xtables/container.policy
fails "but for a part of it" "container.policy is not in force" /usr/libexec/xt-container/load-rules
rm /etc/xtables/container.policy
set_up ctid policy-load "$tmp/saved"
true_that "it is about three containers" sh -c '[ "$(cut -d" " -f2 '"$tmp/saved"' | sort -u | grep -c ^[0-9])" -eq 3 ]'
nft list table inet ctid >"$tmp/ruleset"
cp "$tmp/ruleset" "$tmp/again"
sed -i '1i delete table inet ctid' "$tmp/again"
set_up nft -f "$tmp/again"
same "nft loads what nft lists" "$(cat "$tmp/ruleset")" "$(nft list table inet ctid)"
check "and it holds: deny" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
check "and permit" "connect ok" in_web socket tcp4 connect 127.0.0.1:80
set_up ctid permit web connect tcp 443
check "and is changed" "connect ok" in_web socket tcp4 connect 127.0.0.1:443
true_that "JSON is JSON" sh -c 'ctid policy --json | python3 -m json.tool'
check "and says the same" "deny 127.0.0.5 53 True" sh -c 'ctid policy web -j | python3 -c "
import json, sys
event = json.load(sys.stdin)[\"connect\"]
for t in event[\"tuples\"]:
    if t[\"verdict\"] == \"deny\":
        print(event[\"default\"], t[\"address\"], t[\"ports\"], event[\"enforced\"])"'
true_that "a policy may be there before its container" ctid permit 4000 bind tcp 80

# --- what is wrong is said, and nothing changes
before=$(ctid policy-save)
fails "a protocol that is none" 'no protocol: use tcp' ctid permit web connect tpc 80
fails "an event that is none" 'no event: use connect' ctid permit web conect tcp 80
fails "a prefix that is too long" 'no IPv4 address' ctid permit web connect tcp 10.0.0.0/33
fails "a range from behind" 'lower address comes first' ctid permit web connect tcp 10.0.0.9-10.0.0.1
fails "ports from behind" 'out of range' ctid permit web bind tcp 100-50
fails "a port that is too large" 'out of range' ctid permit web bind tcp 65536
fails "a port of ICMP" 'has no ports' ctid permit web connect icmp 80
fails "an IPv4 address in IPv6" 'write these as IPv4' ctid permit web connect tcp '[::ffff:10.0.0.1]:80'
fails "an IPv6 address with ports, but no brackets" 'IPv6' ctid permit web connect tcp 'fe80::zz'
fails "an open bracket" '[ADDRESS]:PORTS' ctid permit web connect tcp '[::1:80'
fails "no port behind the colon" 'no port' ctid permit web connect tcp 10.0.0.1:
fails "nft's own words" 'no address' ctid permit web connect tcp '80 ; flush ruleset'
fails "and in an address" 'no IPv4 address' ctid permit web connect tcp '10.0.0.1 };flush ruleset'
fails "a service that is none" 'no address, port' ctid permit web connect tcp htpp
fails "a container that is none" 'no container' ctid permit wbe connect tcp 80
fails "a part of the IPv4 addresses in IPv6" 'write these as IPv4' ctid permit web connect tcp ::-::ffff:5.0.0.0
fails "nothing but IPv4 addresses in IPv6" 'write these as IPv4' ctid deny web connect tcp '[::ffff:0:0/96]:25'
fails "a port without a protocol" "for a port say 'tcp 25'" ctid deny web connect 25
check "nor is there such a protocol" "ctid: \"256\" is no protocol: for a port say 'tcp 256'" \
	ctid permit web connect 256
check "nor a range of them" "ctid: \"200-300\" is no protocol: for a port say 'tcp 200-300'" \
	ctid permit web connect 200-300
fails "what is no port either" '"65536" is no protocol: use tcp' ctid permit web connect 65536
fails "nor looks like one" '"25x" is no protocol: use tcp' ctid permit web connect 25x
fails "id 0" 'out of range' ctid permit 0 connect tcp 80
fails "a default that is none" 'use accept or deny' ctid policy web default drop
fails "words after the container that mean nothing" 'ctid: usage: ctid policy ID|NAME' ctid policy web defalut deny
printf 'permit 7 connect tcp 1\npermit 7 connect tpc\nfrobnicate 7\ndeny 7\n' >"$tmp/bad"
fails "bad lines are named" "$tmp/bad:2: \"tpc\" is no protocol" ctid policy-load "$tmp/bad"
fails "all of them" "$tmp/bad:3: \"frobnicate\"" ctid policy-load "$tmp/bad"
fails "how it is used" "$tmp/bad:4: usage: ctid deny ID|NAME" ctid policy-load "$tmp/bad"
fails "and nothing is loaded" "3 bad lines: nothing was changed" ctid policy-load "$tmp/bad"
printf 'permit wbe connect tcp 1\npermit 0 connect tcp 1\n' >"$tmp/bad"
check "a container that is none is told of once, with its line" \
	"ctid: $tmp/bad:1: no container \"wbe\": add it first with 'ctid add ID wbe'
ctid: $tmp/bad:2: container id 0 is out of range: use 1 to 4294967295
ctid: $tmp/bad has 2 bad lines: nothing was changed" ctid policy-load "$tmp/bad"
for command in "permit 7 connect tcp 80" policy-save policy-flush; do
	# shellcheck disable=SC2086 # words
	check "a user cannot: $command, and is told in one line" "ctid: nft: needs root (CAP_NET_ADMIN)" \
		setpriv --reuid 1000 --clear-groups ctid $command
done
same "nothing has changed" "$before" "$(ctid policy-save)"
true_that "a service has a name" ctid permit web connect tcp https

# --- two at a time
set_up ctid policy web flush
racers=
# Each has a minute: no more than can be had by then, one after the other.
many=$((20 / ${SLOW:-1}))
for ((i = 1; i <= many; i++)); do
	ctid permit web connect tcp $((i * 10)) >>"$tmp/racers" 2>&1 &
	racers+=" $!"
done
# shellcheck disable=SC2086 # words
wait $racers
same "$many at a time are all heard" $many "$(ctid policy web | grep -c 'connect permit tcp')"
same "and none complains" "" "$(cat "$tmp/racers")"

set_up ctid policy-flush
racers=
for i in 1 2 3; do
	ctid policy-load "$tmp/policies" >>"$tmp/racers" 2>&1 &
	racers+=" $!"
done
for i in 1 2 3; do
	ctid permit 7 connect tcp 127.0.0.1:80 >>"$tmp/racers" 2>&1 &
	racers+=" $!"
done
# shellcheck disable=SC2086 # words
wait $racers
same "loads and permits at a time do not fail" "" "$(cat "$tmp/racers")"
same "and all is there" "$(cat "$tmp/saved")" "$(ctid policy-save)"
set_up ctid policy-flush
set_up cp "$tmp/saved" "$tmp/whole"
check "where none is loaded, a file that has some is not replaced" \
	"ctid: $tmp/whole has policies, but no policy is loaded: 'ctid policy-load $tmp/whole' first, or remove it" \
	ctid policy-save "$tmp/whole"
check "and is as it was" "" cmp "$tmp/saved" "$tmp/whole"
set_up ctid policy-save "$tmp/file"
set_up ctid policy-load "$tmp/saved"
true_that "that there was none can be saved and loaded, too" ctid policy-load "$tmp/file"
check "so that there is none" "" ctid policy
set_up ctid policy-load "$tmp/saved"
set_up ctid permit web connect tcp 10

# --- who takes a piece away
check "all is enforced" "" sh -c 'ctid policy 2>&1 >/dev/null'
set_up ip link set ctid-connect down
fails "a device that is down is noticed" "connect policies are not enforced" ctid policy web
has "when they are saved, too" "connect policies are not enforced" ctid policy-save "$tmp/down"
true_that "which they are" grep -qx "permit 7 connect tcp 10" "$tmp/down"
set_up ctid permit web connect tcp 1
check "and mended" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
set_up ip link del ctid-connect
fails "one that is gone is noticed" "connect policies are not enforced: there is no device ctid-connect" ctid policy web
set_up ctid permit web connect tcp 2
check "and mended" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
set_up ip link del ctid-connect
set_up ip link add ctid-connect type sockconnect
set_up ip link set ctid-connect up
# On some kernels the chain is gone, on some it has no device; newer ones attach it.
if [ "$(in_web socket tcp4 connect 127.0.0.1:443)" = "connect EPERM" ]; then
	check "one that came back is in force" "" sh -c 'ctid policy web 2>&1 >/dev/null'
else
	fails "one that came back by itself is noticed" "connect policies are not enforced" ctid policy web
fi
set_up ctid permit web connect tcp 3
check "and mended" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
set_up ip link set ctid-connect down
set_up ip link set ctid-connect name elsewhere
fails "a device that got another name is noticed" "connect policies are not enforced" ctid policy web
set_up ctid permit web connect tcp 5
check "and another one is made" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
check "which is enough" "" sh -c 'ctid policy web 2>&1 >/dev/null'
set_up nft add table inet ctid '{ flags dormant; }'
fails "a table that sleeps is noticed" "is dormant" ctid policy web
set_up ctid permit web connect tcp 4
check "and woken up" "connect EPERM" in_web socket tcp4 connect 127.0.0.1:443
check "which is shown" "" sh -c 'ctid policy web 2>&1 >/dev/null'
set_up ip link del ctid-bind
set_up ip link add ctid-bind type dummy
fails "another device of its name is refused" "is not of kind sockbind" ctid permit web bind tcp 1
set_up ip link del ctid-bind
set_up nft add element inet ctid connect_events '{ 99 : drop }'
fails "what others wrote into the table is named" "ctid did not write" ctid permit web connect tcp 3
set_up ctid policy-flush
set_up ctid permit web connect tcp 1
set_up nft delete set inet ctid version
fails "a table without its version is named" "policy-flush' removes it" ctid permit web connect tcp 3
fails "when a file is loaded, too" "policy-flush' removes it" ctid policy-load "$tmp/saved"
set_up ctid policy-flush
calls "after policy-flush web"
true_that "and table and devices are gone" \
	sh -c '! nft list table inet ctid 2>/dev/null && ! ip link show ctid-connect 2>/dev/null'

# --- a tenant's own
set_up mkdir -p $cgroups/user
chown -R 1000 $cgroups/user
chmod 777 "$tmp"
cat >"$tmp/tenant" <<'END'
ip link set lo up
ctid add 5 mine && ctid bind mine /user && ctid permit mine connect tcp 127.0.0.1:81 || exit
sockcall socket tcp4 connect 127.0.0.1:81 connect 127.0.0.1:82
END
check "a tenant has policies of his own" "connect ECONNREFUSED
connect EPERM" sh -c 'echo 0 >'$cgroups'/user/cgroup.procs
	exec setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn sh '"$tmp/tenant"
check "which are not the host's" "connect ECONNREFUSED" sockcall cgroup /user socket tcp4 connect 127.0.0.1:82
check "and it sees none of his" "" ctid policy
finish
