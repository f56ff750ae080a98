#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# suites: bookworm
# vm: -S
# xt-container.service and ctidd as systemd runs them: what waits for them by the drop-ins
# that the manuals name, and what becomes of the rules when they, or nftables.service, are
# started anew, or cannot be.
. ./lib.sh
xtables=/etc/xtables
set_up mkdir -p $xtables /etc/ctid
page=../userspace/xt-container.service.8

# A unit that starts containers, as another user: needs UNIT has it wait.
cat >/run/systemd/system/box.service <<'END'
[Unit]
StartLimitIntervalSec=0
[Service]
User=nobody
ExecStart=/bin/sleep infinity
END
needs() {
	rm -rf /run/systemd/system/box.service.d
	set_up install -Dm 644 -t /run/systemd/system/box.service.d "/usr/share/xt-container/needs-$1.conf"
	set_up systemctl daemon-reload
}
main() {
	systemctl show -P MainPID box
}
said() {
	journalctl -q -u "$1" -o cat --since "@$since"
}
# kept_down NAME WORDS: it does not start, and its journal has the words.
kept_down() {
	since=$(date +%s)
	systemctl stop box
	fails "$1: what waits for it does not start" "box.service" systemctl start box
	has "$1: and its journal says why" "$2" said box
}
# runs_on NAME: since it was started.
runs_on() {
	same "$1: what waits for it runs on" "$box" "$(main)"
}
begin() {
	since=$(date +%s)
	set_up systemctl start box
	box=$(main)
}
state() {
	systemctl is-active xt-container
}
rules() {
	cat >$xtables/container.nft <<-END
		table inet booted
		delete table inet booted
		table inet booted { counter $1 { }; }
	END
}
in_force() {
	nft list counter inet booted "$1"
}
settled() {
	wait_until sh -c '! systemctl list-jobs | grep -q xt-container'
}
not_in_force="rules are not in force"
needs xt-container

# --- a kernel without the modules
set_up modprobe -r xt_container container_id
echo 'install container_id false' >/etc/modprobe.d/none.conf
rules none
since=$(date +%s)
fails "without the modules the service fails" "xt-container.service" systemctl start xt-container
has "and says what to do" "install its headers, then run 'dkms autoinstall'" said xt-container
has "also of Secure Boot" "mokutil --import /var/lib/dkms/mok.pub" said xt-container
check "it blames no file" "" sh -c "journalctl -q -u xt-container -o cat | grep correct"
fails "ctid says who says why" "'modprobe container_id' says why not" ctid list
kept_down "without the modules" "$not_in_force"
set_up rm /etc/modprobe.d/none.conf $xtables/container.nft
set_up systemctl reset-failed xt-container

# --- no file
check "without a file the service is skipped" "" systemctl start xt-container
check "which is no failure" inactive state
kept_down "without a file" "$not_in_force"
# --- a link to nothing, alone
set_up ln -s /nothing $xtables/container.rules
since=$(date +%s)
fails "a link to nothing is none" "xt-container.service" systemctl start xt-container
has "and is named" "container.rules is a link to nothing" said xt-container
set_up rm $xtables/container.rules
set_up systemctl reset-failed xt-container
set_up mkdir -p /etc/ctid
set_up ln -s /nothing /etc/ctid/ctid.conf
fails "nor is it to ctidd" "ctidd.service" systemctl start ctidd
check "which is not skipped" "ConditionResult=yes" systemctl show -p ConditionResult ctidd
set_up systemctl stop ctidd
set_up rm /etc/ctid/ctid.conf

# --- loaded, and loaded again
echo "7 web /comes.later" >$xtables/container.conf
rules one
begin
check "a start has the service started" active state
true_that "and the rules are in force" in_force one
has "a cgroup that is not there is told of, and no failure" "cgroup /comes.later does not exist yet" said xt-container
rules two
set_up systemctl restart xt-container
true_that "a restart loads what is new" in_force two
runs_on "a restart"
rules three
set_up systemctl reload-or-restart xt-container
true_that "so does reload-or-restart" in_force three
runs_on "reload-or-restart"
check "the service may be restarted as often as nftables" 0 systemctl show -P StartLimitIntervalUSec xt-container

# --- a file that is bad
echo nonsense >$xtables/container.nft
since=$(date +%s)
fails "reload-or-restart of a bad file fails" "xt-container.service" systemctl reload-or-restart xt-container
settled
has "and says which" "container.nft is not in force: correct it, then run 'systemctl reload-or-restart" said xt-container
check "the service is failed, as after a restart" failed state
true_that "what was loaded is in force" in_force three
runs_on "a bad file"
fails "it fails again" "xt-container.service" systemctl reload-or-restart xt-container
kept_down "a bad file" "$not_in_force"
rules four
set_up systemctl reload-or-restart xt-container
check "mended, it is active" active state
true_that "and in force" in_force four
begin

# --- nftables.service, whose configuration begins with: flush ruleset
echo "flush ruleset" >/etc/nftables.conf
set_up systemctl enable xt-container
set_up systemctl start nftables
set_up systemctl reload-or-restart xt-container
for verb in restart reload; do
	set_up systemctl $verb nftables
	settled
	true_that "nftables, $verb: the rules are in force" in_force four
	runs_on "nftables, $verb"
done
echo nonsense >$xtables/container.nft
set_up systemctl reload nftables
settled
check "nftables, reload, and a bad file: the service is failed" failed state
runs_on "nftables, reload, and a bad file"
kept_down "nftables, reload, and a bad file" "$not_in_force"
rules five
set_up systemctl reload-or-restart xt-container
begin
set_up systemctl stop nftables
settled
fails "nftables, stop: no rule is left" "No such file" in_force five
check "nor the service" inactive state
runs_on "nftables, stop"
set_up systemctl start nftables
settled
true_that "nftables, start: they are there again" in_force five
# part NAME N: the lines of the page's Nth example below a heading.
part() {
	sed -n "/^\.SH $1/,/^\.SH/p" $page |
		awk -v n="$2" '/^\.nf/ { on = 1; i++; next } /^\.fi/ { on = 0 } on && i == n' |
		sed 's/\\-/-/g; s/\\e/\\/g'
}
part NFTABLES 1 >/etc/nftables.conf
set_up mkdir -p /run/systemd/system/nftables.service.d
part NFTABLES 2 >/run/systemd/system/nftables.service.d/own.conf
set_up systemctl daemon-reload
set_up nft add table inet filter
set_up systemctl stop nftables
settled
true_that "as the manual has it, a stop of nftables leaves the rules" in_force five
fails "but not its own" "No such file" nft list table inet filter
set_up nft add counter inet booted still
set_up nft -f /etc/nftables.conf
true_that "its load does, too" in_force still
set_up systemctl start nftables xt-container
settled

# --- the order: what was flushed comes before tables whose lock somebody has
cat >$xtables/container.rules <<'END'
*connect
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p tcp -m container --id 7 -m tcp --dport 7 -j DROP
COMMIT
END
echo "deny web connect tcp 10" >$xtables/container.policy
set_up nft flush ruleset
exec {lock}>/run/xtables.lock
set_up flock $lock
/usr/libexec/xt-container/load-rules >"$tmp/loading" 2>&1 </dev/null {lock}>&- &
loading=$!
true_that "while others change tables, nft's rules are loaded" wait_until in_force five
true_that "and policies, of containers by name" wait_until sh -c 'ctid policy | grep -q "deny tcp 10"'
true_that "while the tables wait" kill -0 $loading
exec {lock}>&-
wait $loading
same "and all is loaded then" 0 $?
has "and hold" "DROP" iptables-legacy -t connect -nL OUTPUT

# --- the manual's example: what there is
set_up rm $xtables/container.*
tables=$(cat /proc/net/ip_tables_names)
part EXAMPLES 1 >"$tmp/example"
check "the manual's example saves" "" sh "$tmp/example"
check "what there is, and nothing else" "container.conf
container.policy
container.rules" ls $xtables
check "this table" "*connect" grep '^\*' $xtables/container.rules
same "it makes no other" "$tables" "$(cat /proc/net/ip_tables_names)"
check "nor one of IPv6" "" grep -sxE 'connect|bind|accept' /proc/net/ip6_tables_names
true_that "what it saved is loaded" /usr/libexec/xt-container/load-rules

# --- ctidd
needs ctidd
kept_down "ctidd without its file" "ctidd does not run"
echo "unit early.slice id 20 name early" >/etc/ctid/ctid.conf
begin
check "ctidd is started with what waits for it" active systemctl is-active ctidd
set_up systemctl restart ctidd
runs_on "ctidd is restarted"
set_up systemctl stop ctidd
runs_on "ctidd is stopped"
echo "typo" >/etc/ctid/ctid.conf
rm -f /var/lib/ctid/good
kept_down "a ctidd that cannot start" "ctidd does not run"
set_up systemctl stop ctidd
echo "1 others /" >$xtables/container.conf
set_up systemctl reload-or-restart xt-container
begun() {
	rm /run/systemd/system/box.service.d/needs-ctidd.conf
	systemctl daemon-reload
	systemctl start box
	ctid of "$(main)"
}
check "what begins without it is everybody else's" "1 others (bound at /)" begun
finish
