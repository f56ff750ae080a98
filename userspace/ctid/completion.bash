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

_ctid_reply() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_ctid() {
	local commands="add del rename bind unbind list show of exec monitor load save help"
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command="" at=1 i

	COMPREPLY=()
	while [ "$at" -lt "$COMP_CWORD" ] && [[ ${COMP_WORDS[at]} == -* ]]; do
		at=$((at + 1))
	done
	if [ "$at" -lt "$COMP_CWORD" ]; then
		command=${COMP_WORDS[at]}
	elif [[ $cur == -* ]]; then
		_ctid_reply "--json --help --version" "$cur"
		return
	else
		_ctid_reply "$commands" "$cur"
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
	list:-*|show:-*|of:-*|monitor:-*)
		_ctid_reply "--json --help" "$cur" ;;
	exec:-*)
		_ctid_reply "--cgroup --help --" "$cur" ;;
	*:-*)
		_ctid_reply "--help" "$cur" ;;
	bind:/*|unbind:/*|of:/*|exec:/*)
		compopt -o nospace 2>/dev/null
		_ctid_reply "$(_ctid_cgroups "$cur")" "$cur" ;;
	of:*)
		_ctid_reply "self / $(cd /proc && echo [0-9]*)" "$cur" ;;
	bind:*|unbind:*)
		if [ "$prev" = "$command" ]; then
			_ctid_reply "$(_ctid_containers) $([ "$command" = unbind ] && echo /)" "$cur"
		else
			compopt -o nospace 2>/dev/null
			_ctid_reply "/" "$cur"
		fi ;;
	del:*|rename:*|show:*|exec:*)
		if [ "$prev" = --cgroup ]; then
			_ctid_reply "/" "$cur"
		elif [ "$prev" = "$command" ]; then
			_ctid_reply "$(_ctid_containers)" "$cur"
		fi ;;
	load:*|save:*)
		compopt -o default 2>/dev/null ;;
	help:*)
		_ctid_reply "$commands" "$cur" ;;
	esac
}

complete -F _ctid ctid
