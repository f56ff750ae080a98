# SPDX-License-Identifier: GPL-2.0-only
# bash completion for ctid(8)

_ctid_containers() {
	ctid list 2>/dev/null |
		awk 'NR > 1 { print $1; if ($2 != "-") print $2 }'
}

# Cgroups below the mount, one level at a time.
_ctid_cgroups() {
	local mount path
	mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	for path in "$mount/${1#/}"*/; do
		[ -d "$path" ] || continue
		path=${path%/}
		printf '%s\n' "${path#"$mount"}"
	done
}

# _ctid_reply WORDS PREFIX: WORDS are separated by newlines. "compgen -W" would
# expand them, and whoever makes a cgroup chooses its name: $(...) in it is not
# to run as root.
_ctid_reply() {
	local word
	while IFS= read -r word; do
		[[ -n $word && $word == "$2"* ]] &&
			COMPREPLY+=("$(printf %q "$word")")
	done <<<"$1"
}

# The same for words of ours, separated by blanks.
_ctid_words() {
	_ctid_reply "${1// /$'\n'}" "$2"
}

# _ctid_policy_words COMMAND N CURRENT PREVIOUS: the Nth word after the command.
_ctid_policy_words() {
	case $1:$2:$4 in
	*:1:*) _ctid_reply "$(_ctid_containers)" "$3" ;;
	policy:2:*) _ctid_words "default flush audit enforce" "$3" ;;
	policy:3:default) _ctid_words "accept deny" "$3" ;;
	policy:*|*:2:*) _ctid_words "connect bind accept" "$3" ;;
	*:3:*) _ctid_words "tcp udp udplite sctp dccp icmp icmpv6 any" "$3" ;;
	esac
}

# _ctid_set_words N CURRENT PREVIOUS: the Nth word after "set".
_ctid_set_words() {
	case $1:$3 in
	1:*) _ctid_reply "$(_ctid_containers)" "$2" ;;
	*:flow) _ctid_words "fixed free" "$2" ;;
	*:mark|*:priority|*:classid) _ctid_words "none" "$2" ;;
	*) _ctid_words "mark priority classid flow" "$2" ;;
	esac
}

# _ctid_nftset WHICH SUBCOMMAND PREFIX: WHICH word after "nftset" is asked for.
_ctid_nftset() {
	case $1:$2 in
	1:*)
		_ctid_words "add del list sync" "$3" ;;
	2:add|2:del)
		_ctid_reply "$(_ctid_containers)" "$3" ;;
	3:add|3:del)
		_ctid_words "inet ip ip6" "$3" ;;
	6:add)
		_ctid_words "goto" "$3" ;;
	esac
}

# _ctid_fact PREVIOUS CURRENT: of a process.
_ctid_fact() {
	case $1 in
	user) _ctid_reply "$(compgen -u)" "$2" ;;
	group) _ctid_reply "$(compgen -g)" "$2" ;;
	exe|session-leader|group-leader) compopt -o default 2>/dev/null ;;
	classify) _ctid_words "user group exe session-leader group-leader self $(cd /proc && echo [0-9]*)" "$2" ;;
	*) _ctid_words "user group exe session-leader group-leader" "$2" ;;
	esac
}

_ctid() {
	local commands="add del rename set bind rebind unbind list show of explain exec classify monitor load save permit deny policy policy-save policy-load policy-flush nftset sockets watch learn graph help"
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command="" at=1 i

	COMPREPLY=()
	while [ "$at" -lt "$COMP_CWORD" ] && [[ ${COMP_WORDS[at]} == -* ]]; do
		at=$((at + 1))
	done
	if [ "$at" -lt "$COMP_CWORD" ]; then
		command=${COMP_WORDS[at]}
	elif [[ $cur == -* ]]; then
		_ctid_words "--json --help --version" "$cur"
		return
	else
		_ctid_words "$commands" "$cur"
		return
	fi

	if [ "$command" = exec ]; then
		for ((i = at + 1; i < COMP_CWORD; i++)); do
			[ "${COMP_WORDS[i]}" = -- ] || continue
			if declare -F _command_offset >/dev/null; then
				_command_offset $((i + 1))
			fi
			return
		done
	fi

	case $command:$cur in
	list:-*|show:-*|of:-*|monitor:-*|policy:-*|sockets:-*)
		_ctid_words "--json --help" "$cur" ;;
	watch:-*)
		_ctid_words "--rule --json --help" "$cur" ;;
	nftset:-*)
		_ctid_words "--json --follow --help" "$cur" ;;
	graph:-*)
		_ctid_words "--for --svg --json --help" "$cur" ;;
	learn:-*)
		_ctid_words "--for --net-prefix --port-range --nft --help" "$cur" ;;
	exec:-*)
		_ctid_words "--cgroup --classify --help --" "$cur" ;;
	classify:-*)
		_ctid_words "--json --drop-in --follow --help" "$cur" ;;
	*:-*)
		_ctid_reply "--help" "$cur" ;;
	bind:/*|rebind:/*|unbind:/*|of:/*|explain:/*|exec:/*)
		compopt -o nospace 2>/dev/null
		_ctid_reply "$(_ctid_cgroups "$cur")" "$cur" ;;
	of:*|explain:*)
		_ctid_words "self / $(cd /proc && echo [0-9]*)" "$cur" ;;
	classify:*)
		_ctid_fact "$prev" "$cur" ;;
	bind:*|rebind:*|unbind:*)
		if [ "$prev" = "$command" ]; then
			_ctid_reply "$(_ctid_containers)" "$cur"
			[ "$command" != unbind ] || _ctid_reply / "$cur"
		else
			compopt -o nospace 2>/dev/null
			_ctid_reply "/" "$cur"
			[ "$command" = unbind ] || _ctid_reply self "$cur"
		fi ;;
	del:*|rename:*|show:*|exec:*)
		if [ "$prev" = --cgroup ]; then
			_ctid_reply "/" "$cur"
		elif [ "$prev" = "$command" ]; then
			_ctid_reply "$(_ctid_containers)" "$cur"
		fi ;;
	sockets:*|watch:*|learn:*)
		_ctid_reply "$(_ctid_containers)" "$cur" ;;
	permit:*|deny:*|policy:*)
		_ctid_policy_words "$command" $((COMP_CWORD - at)) "$cur" "$prev" ;;
	set:*)
		_ctid_set_words $((COMP_CWORD - at)) "$cur" "$prev" ;;
	nftset:*)
		_ctid_nftset "$((COMP_CWORD - at))" "${COMP_WORDS[at + 1]}" "$cur" ;;
	load:*|save:*|policy-load:*|policy-save:*|graph:*)
		compopt -o default 2>/dev/null ;;
	help:*)
		_ctid_words "$commands" "$cur" ;;
	esac
}

complete -F _ctid ctid
