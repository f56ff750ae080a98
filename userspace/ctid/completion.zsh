#compdef ctid
# SPDX-License-Identifier: GPL-2.0-only
# zsh completion for ctid(8)

_ctid_containers() {
	local -a containers
	containers=(${(f)"$(_call_program containers ctid list 2>/dev/null |
		awk 'NR > 1 { print $1; if ($2 != "-") print $2 }')"})
	compadd -a containers
}

# Cgroups below the mount, one level at a time.
_ctid_cgroups() {
	local mount
	if compset -P /; then
		mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
		_path_files -/ -W "$mount"
	else
		compadd -S '' -- /
	fi
}

_ctid_options() {
	case $1 in
	list|show|of|monitor|policy|sockets) compadd -- --json --help ;;
	watch) compadd -- --rule --json --help ;;
	nftset) compadd -- --json --follow --help ;;
	graph) compadd -- --for --svg --json --help ;;
	learn) compadd -- --for --net-prefix --port-range --nft --help ;;
	exec) compadd -- --cgroup --classify --help -- ;;
	classify) compadd -- --json --drop-in --follow --help ;;
	*) compadd -- --help ;;
	esac
}

# _ctid_policy COMMAND N: the Nth word after the command.
_ctid_policy() {
	case $1:$2 in
	*:1) _ctid_containers ;;
	policy:2) compadd -- default flush audit enforce ;;
	policy:3) compadd -- accept deny connect bind accept ;;
	policy:*|*:2) compadd -- connect bind accept ;;
	*:3) compadd -- tcp udp udplite sctp dccp icmp icmpv6 any ;;
	esac
}

# What "set" is told, after the container.
_ctid_set() {
	case $words[CURRENT-1] in
	flow) compadd -- fixed free ;;
	mark|priority|classid) compadd -- none ;;
	*) compadd -- mark priority classid flow ;;
	esac
}

# _ctid_fact: of a process.
_ctid_fact() {
	case $words[CURRENT-1] in
	user) _users ;;
	group) _groups ;;
	exe|session-leader|group-leader) _files ;;
	classify)
		compadd -- user group exe session-leader group-leader self
		_pids ;;
	*) compadd -- user group exe session-leader group-leader ;;
	esac
}

# _ctid_nftset N: the Nth word after "nftset".
_ctid_nftset() {
	case $1:$words[3] in
	1:*) compadd -- add del list sync ;;
	2:add|2:del) _ctid_containers ;;
	3:add|3:del) compadd -- inet ip ip6 ;;
	6:add) compadd -- goto ;;
	esac
}

# _ctid_argument COMMAND N: the Nth word after the command.
_ctid_argument() {
	case $1:$2 in
	of:*|explain:*)
		compadd -- self
		_pids
		_ctid_cgroups ;;
	bind:1|rebind:1|unbind:1|del:*|rename:1|show:*|sockets:*|watch:*|learn:*|exec:1|set:1)
		_ctid_containers
		[[ $1 != unbind ]] || _ctid_cgroups ;;
	bind:*|rebind:*)
		compadd -- self
		_ctid_cgroups ;;
	unbind:*)
		_ctid_cgroups ;;
	exec:*)
		[[ $words[CURRENT-1] != --cgroup ]] || _ctid_cgroups ;;
	set:*)
		_ctid_set ;;
	classify:*)
		_ctid_fact ;;
	permit:*|deny:*|policy:*)
		_ctid_policy "$@" ;;
	nftset:*)
		_ctid_nftset "$2" ;;
	load:*|save:*|policy-load:*|policy-save:*|graph:*)
		_files ;;
	esac
}

_ctid() {
	local -a commands
	local end

	commands=(${(f)"$(_call_program commands ctid help 2>/dev/null |
		sed -n 's/^  ctid \([^ ]*\).*/\1/p')"})
	while (( CURRENT > 2 )) && [[ $words[2] == -* ]]; do
		shift words
		(( CURRENT-- ))
	done
	if (( CURRENT == 2 )); then
		[[ $PREFIX == -* ]] && commands=(--json --help --version)
		compadd -a commands
		return
	fi
	# What follows "exec ... --" is a command of its own.
	end=$words[(ie)--]
	if [[ $words[2] == exec ]] && (( end < CURRENT )); then
		words=("${(@)words[end + 1,-1]}")
		(( CURRENT -= end ))
		_normal
	elif [[ $PREFIX == -* ]]; then
		_ctid_options "$words[2]"
	elif [[ $words[2] == help ]]; then
		compadd -a commands
	else
		_ctid_argument "$words[2]" $(( CURRENT - 2 ))
	fi
}

_ctid "$@"
