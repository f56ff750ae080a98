#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tenants of tenants, each with rules of his own: all are asked, from the outside in,
# and each has his own idea of what the ids mean.
. ./lib.sh

# The host, a virtual server of uid 1000, and a container in it.
set_up mkdir -p $cgroups/vps/box $cgroups/vps/spare
chown -R 1000 $cgroups/vps
chmod 777 "$tmp"
modprobe -a iptable_sock ip6table_sock sock_dev
nest vps /vps setpriv --reuid 1000 --regid 1000 --clear-groups \
	unshare -Ur -n -C -m -p -f --mount-proc
nest box /vps/box nsenter -t "${nested[vps]}" -U -n -C -m -p unshare -Ur -n -C -m -p -f --mount-proc

levels="host vps box"
# A shell in each of them, which stays: to enter anew takes four processes a command.
# It gives back the status and, behind it, what the command printed.
cat >"$tmp/shell" <<'X'
while IFS= read -r command <&3; do
	output=$(eval "$command" 2>&1 </dev/null 3<&- 4>&-)
	printf '%s\0' "$? $output" >&4
done
X
declare -A ask=() answer=()
shell() {
	local name=$1 in out
	shift
	mkfifo "$tmp/$name.ask" "$tmp/$name.answer"
	exec {in}<>"$tmp/$name.ask" {out}<>"$tmp/$name.answer"
	ask[$name]=$in answer[$name]=$out
	"$@" bash "$tmp/shell" 3<&"$in" 4>&"$out" >/dev/null 2>&1 </dev/null &
	servers="$servers $!"
}
shell vps enter vps /vps
shell box enter box /vps/box
# in_shell NAME COMMAND...
in_shell() {
	local command reply
	printf -v command '%q ' "${@:2}"
	echo "$command" >&"${ask[$1]}"
	IFS= read -r -d '' -t 60 reply <&"${answer[$1]}" || bail_out "no answer of $1's shell"
	[ -z "${reply#* }" ] || echo "${reply#* }"
	return "${reply%% *}"
}
on_host() { "$@"; }
on_vps() { in_shell vps "$@"; }
on_box() { in_shell box "$@"; }
declare -A id=([host]=7 [vps]=8 [box]=9)

# --- the same ids, other meanings
set_up ctid add 7 tenant
set_up ctid bind tenant /vps
set_up on_vps ctid add 7 spare
set_up on_vps ctid add 8 box
set_up on_vps ctid bind spare /spare
set_up on_vps ctid bind box /box
set_up on_box ctid add 8 nobody
set_up on_box ctid add 9 self
set_up on_box ctid bind self /
check "the host's containers" "ID  NAME    CGROUPS
7   tenant  /vps" ctid list
check "the server's" "ID  NAME   CGROUPS
7   spare  /spare
8   box    /box" on_vps ctid list
check "the container's" "ID  NAME    CGROUPS
8   nobody
9   self    /" on_box ctid list
check "to the host the container is the tenant's" "7 tenant (bound at /vps)" ctid of /vps/box
check "to the server it is its own" "8 box (bound at /box)" on_vps ctid of /box
check "to itself, too" "9 self (bound at /)" on_box ctid of self
check "whoever runs in it, to the host" "7 tenant (bound at /vps)" ctid of "${nested[box]}"
check "and who does not" "none" ctid of self
check "ctid exec of the server's root" "9 other (bound at /ctid.slice/other)" on_vps sh -c \
	'ctid add 9 other && ctid exec other -- ctid of self && ctid del other'
check "of the container's" "8 nobody (bound at /ctid.slice/nobody)" on_box \
	ctid exec nobody -- ctid of self

# --- event tables. First what each level counts: three rules, one for each id.
counting() {
	local table chain
	for table in connect bind accept; do
		chain=INPUT
		[ $table != connect ] || chain=OUTPUT
		printf '*%s\n' $table
		printf -- "-A $chain -m container --id %s\n" 7 8 9
		echo COMMIT
	done
}
counting >"$tmp/counting"
for level in $levels; do
	for family in iptables ip6tables; do
		set_up "on_$level" sh -c "$family-legacy-restore <$tmp/counting"
	done
done

address() { case $1 in iptables | 4) echo 127.0.0.1 ;; *) echo '[::1]' ;; esac }
for server in "socket tcp4" "socket tcp6 v6only 1"; do
	# shellcheck disable=SC2086 # words
	enter box /vps/box sockcall $server reuseaddr bind "$(address "${server:10:1}")":80 listen serve \
		>/dev/null 2>&1 </dev/null &
	servers="$servers $!"
done
# shellcheck disable=SC2016
wait_until on_box sh -c '[ "$(ss -Hltn | wc -l)" -eq 2 ]' || bail_out "no servers in the container"

# event TABLE FAMILY: an event of the container's, and what came of it.
event() {
	local kind=tcp4 address
	address=$(address "$2")
	[ "$2" = iptables ] || kind=tcp6
	case $1 in
	bind) on_box sockcall socket $kind bind "$address:99" ;;
	*) on_box sockcall socket $kind connect "$address:80" ;;
	esac
}
# counts TABLE FAMILY: how often each level's rules matched, in order of the ids.
counts() {
	local level
	for level in $levels; do
		echo "$level"
		# Both at once takes no -n in iptables 1.8.11.
		"on_$level" sh -c "$2-legacy -t $1 -nvxL && $2-legacy -t $1 -Z"
	done | awk 'NF == 1 { printf "%s%s ", n++ ? "\n" : "", $1; row = NR }
		NR >= row + 3 && NR <= row + 5 { printf "%s ", $1 }'
}
# asked_up_to LEVEL: what counts and nft_counts print when that one denies.
asked_up_to() {
	echo "host 1 0 0 "
	[ "$1" = host ] && echo "vps 0 0 0 " || echo "vps 0 1 0 "
	[ "$1" = box ] && echo "box 0 0 1 " || echo "box 0 0 0 "
}
for family in iptables ip6tables; do
	for table in connect bind accept; do
		errno=EADDRINUSE call=$table chain=INPUT
		[ $table != connect ] || chain=OUTPUT
		[ $table != accept ] || errno=ECONNREFUSED call=connect
		counts $table $family >/dev/null
		check "$table, $family: it passes" "$call ok" event $table $family
		check "and each level saw an id of its own" "host 1 0 0 
vps 0 1 0 
box 0 0 1 " counts $table $family
		for level in $levels; do
			deny=("$chain" -m container --id "${id[$level]}" -j SOCKERR --errno "$errno")
			set_up "on_$level" $family-legacy -t $table -A "${deny[@]}"
			check "$table, $family: denied by $level" "$call $errno" event $table $family
			check "by which those further in are not asked" "$(asked_up_to "$level")" counts $table $family
			set_up "on_$level" $family-legacy -t $table -D "${deny[@]}"
		done
		check "without a denial it passes again" "$call ok" event $table $family
	done
done

# --- none lifts what one further out denies
set_up on_vps iptables-legacy -t connect -A OUTPUT -m container --id box -j DROP
set_up on_box iptables-legacy -t connect -A OUTPUT -j ACCEPT
check "an accept further in lifts nothing" "connect EPERM" event connect iptables
set_up on_vps iptables-legacy -t connect -I OUTPUT -j ACCEPT
check "one of who denied does" "connect ok" event connect iptables
rule iptables connect OUTPUT -m container --id tenant -j DROP
check "but not what the host denies" "connect EPERM" event connect iptables
set_up iptables-legacy -t connect -D OUTPUT -m container --id tenant -j DROP
set_up on_vps iptables-legacy -t connect -D OUTPUT -j ACCEPT

# --- rules of those beside and above
check "the server's rule is not about its other cgroups" "connect ECONNREFUSED" \
	enter vps /vps/spare sockcall socket tcp4 connect 127.0.0.1:80
check "nor about itself" "connect ECONNREFUSED" on_vps sockcall socket tcp4 connect 127.0.0.1:80
set_up on_vps iptables-legacy -t connect -D OUTPUT -m container --id box -j DROP
check "it is gone" "connect ok" event connect iptables

# --- two bind the same cgroup: who is further out judges first, whoever came last
deny=(OUTPUT -m container --id box -j DROP)
set_up on_vps iptables-legacy -t connect -A "${deny[@]}"
rebind() { set_up "on_$1" ctid unbind "$3"; set_up "on_$1" ctid bind "$2" "$3"; }
for last in vps box; do
	[ $last = vps ] && rebind vps box /box || rebind box self /
	counts connect iptables >/dev/null
	check "the server denies, $last being the last to bind" "connect EPERM" event connect iptables
	check "and the container is not asked" "host 1 0 0 
vps 0 1 0 
box 0 0 0 " counts connect iptables
done
set_up on_vps iptables-legacy -t connect -D "${deny[@]}"

# --- a socket of the container's cgroup and user namespace, but the server's network
shared() {
	# shellcheck disable=SC2016
	enter vps /vps/box unshare -UrC sockcall socket "${1:-tcp4}" connect "${2:-127.0.0.1}:80"
}
set_up on_box iptables-legacy -t connect -D OUTPUT -j ACCEPT
set_up on_box iptables-legacy -t connect -A OUTPUT -m container --id self -j DROP
counts connect iptables >/dev/null
check "in the server's network namespace nobody listens" "connect ECONNREFUSED" shared
check "there the host and the server judge, not the container" "host 1 0 0 
vps 0 1 0 
box 0 0 0 " counts connect iptables
set_up on_vps iptables-legacy -t connect -A "${deny[@]}"
check "who may deny it" "connect EPERM" shared
set_up on_vps iptables-legacy -t connect -D "${deny[@]}"
check "or let it pass" "connect ECONNREFUSED" shared
check "in its own the container denies" "connect EPERM" event connect iptables
set_up on_box iptables-legacy -t connect -D OUTPUT -m container --id self -j DROP
printf '%s\n' '*connect' COMMIT '*bind' COMMIT '*accept' COMMIT >"$tmp/none"
for level in $levels; do
	set_up "on_$level" sh -c "iptables-legacy-restore <$tmp/none && ip6tables-legacy-restore <$tmp/none"
done

# --- the same with event devices and stock nft
for level in $levels; do
	{
		echo "table inet t {"
		for event in connect bind accept; do
			set_up "on_$level" sh -c "ip link add $event type sock$event && ip link set $event up"
			for i in 7 8 9; do echo "counter $event$i { }"; done
			echo "chain on_$event { type filter hook ingress device \"$event\" priority 0"
			for i in 7 8 9; do echo "meta mark $i counter name $event$i"; done
			echo "}"
			echo "chain deny_$event { type filter hook ingress device \"$event\" priority 1; }"
		done
		echo "}"
	} >"$tmp/t.nft"
	set_up "on_$level" nft -f "$tmp/t.nft"
done
nft_counts() {
	local level
	for level in $levels; do
		echo "$level"
		"on_$level" nft reset counters table inet t
	done | awk -v e="$1" 'NF == 1 && $1 != "}" { printf "%s%s ", n++ ? "\n" : "", $1 }
		$1 == "counter" { name = $2 }
		$1 == "packets" && name ~ "^" e "[789]$" { printf "%s ", $2 }'
}
for event in connect bind accept; do
	call=$event errno=EADDRINUSE number=98
	[ $event != accept ] || call=connect errno=ECONNREFUSED number=111
	for family in iptables ip6tables; do
		nft_counts $event >/dev/null
		check "device $event, $family: it passes" "$call ok" event $event $family
		check "each level's chain saw an id of its own" "host 1 0 0 
vps 0 1 0 
box 0 0 1 " nft_counts $event
		for level in $levels; do
			set_up "on_$level" nft add rule inet t deny_$event meta mark "${id[$level]}" \
				meta priority set $number drop
			check "device $event, $family: denied by $level" "$call $errno" event $event $family
			check "by which those further in are not asked" "$(asked_up_to "$level")" nft_counts $event
			set_up "on_$level" nft flush chain inet t deny_$event
		done
	done
done
for level in $levels; do
	set_up "on_$level" nft delete table inet t
	# shellcheck disable=SC2016
	set_up "on_$level" sh -c 'for event in connect bind accept; do ip link del $event || exit; done'
done

# --- permitted tuples
declare -A name=([host]=tenant [vps]=box [box]=self)
for level in $levels; do
	for event in connect bind accept; do
		call=$event denied=EPERM
		[ $event != accept ] || call=connect denied=ETIMEDOUT
		set_up "on_$level" ctid deny "${name[$level]}" $event tcp
		check "ctid deny $event by $level" "$call $denied" event $event iptables
		# No answer is waited for, so once is enough.
		[ $event = accept ] ||
			check "in IPv6, too" "$call $denied" event $event ip6tables
		set_up "on_$level" ctid policy "${name[$level]}" flush
		check "and without it" "$call ok" event $event iptables
	done
done
set_up on_vps ctid permit box connect tcp 127.0.0.1:81
set_up on_box ctid permit self connect tcp 127.0.0.1
check "what the server does not permit, the container cannot" "connect EPERM" event connect iptables
check "the server's policy is its own" "container 8
	name box
	connect permit tcp 127.0.0.1:81
	connect default deny" on_vps ctid policy box
check "the host knows of none" "" ctid policy
set_up on_vps ctid permit box connect tcp 127.0.0.1:80
check "what both permit passes" "connect ok" event connect iptables
set_up on_box ctid policy self default deny connect
set_up on_box ctid policy self flush
set_up on_vps ctid policy-flush
check "without policies it passes, IPv6 too" "connect ok" event connect ip6tables

# --- eight levels, each in a cgroup below the one before
set_up mkdir $cgroups/deep
chown -R 1000 $cgroups/deep
cat >"$tmp/level" <<X
cd /
ip link set lo up
export XTABLES_LOCKFILE=$tmp/lock\$1
ctid add \$1 level\$1
ctid bind \$1 \$2 >$tmp/bound\$1 2>&1
iptables-legacy -t connect -A OUTPUT -m container --id \$1
echo \$\$ >$tmp/pid\$1
mkdir $cgroups\$2/in
touch $tmp/level\$1
[ \$1 = 9 ] || { echo 0 >$cgroups\$2/in/cgroup.procs; unshare -Urn sh $tmp/level \$((\$1 + 1)) \$2/in & }
exec sleep 1000
X
sh -c "echo 0 >$cgroups/deep/cgroup.procs; exec setpriv --reuid 1000 --regid 1000 --clear-groups \
	unshare -Urn sh $tmp/level 1 /deep" >"$tmp/levels" 2>&1 </dev/null &
wait_until test -e "$tmp/level9" || bail_out "no nine levels: $(cat "$tmp/levels")"
bottom=/deep
for ((i = 1; i < 8; i++)); do bottom=$bottom/in; done
at() {
	local level=$1
	shift
	XTABLES_LOCKFILE=$tmp/lock nsenter -t "$(cat "$tmp/pid$level")" -U -n "$@"
}
for ((i = 1; i <= 9; i++)); do servers="$servers $(cat "$tmp/pid$i")"; done
same "eight levels are bound" "" "$(cat "$tmp"/bound[1-8])"
has "the ninth is refused" "as many registries as can judge one socket have a binding above this cgroup" \
	cat "$tmp/bound9"
has "in one line" " 1 " sh -c "wc -l $tmp/bound9 | sed 's/^/ /'"
call() {
	sh -c "echo 0 >$cgroups$bottom/cgroup.procs; exec \"\$@\"" sh \
		nsenter -t "$(cat "$tmp/pid8")" -U -n sockcall socket udp4 connect 127.0.0.1:9
}
check "a socket below eight levels connects" "connect ok" call
for ((level = 8; level; level--)); do
	set_up at $level iptables-legacy -t connect -A OUTPUT -m container --id $level -j DROP
	check "level $level denies" "connect EPERM" call
done
counted() { for ((i = 1; i <= 8; i++)); do at $i iptables-legacy -t connect -nvxL | awk 'NR == 3 { print $1 }'; done | xargs; }
check "each was asked while those before accepted" "9 8 7 6 5 4 3 2" counted
for ((level = 1; level <= 8; level++)); do
	check "before level $level lifts its denial" "connect EPERM" call
	set_up at $level iptables-legacy -t connect -D OUTPUT -m container --id $level -j DROP
done
check "after all did it connects" "connect ok" call
fails "the ninth is refused still" "as many registries" at 9 ctid bind 9 $bottom/in
kill "$(cat "$tmp/pid8")"
true_that "when one died, there is room" wait_until at 9 ctid bind 9 $bottom/in
finish
