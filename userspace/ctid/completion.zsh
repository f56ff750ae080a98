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
	list|show|of|monitor|policy|sockets|watch) compadd -- --json --help ;;
	nftset) compadd -- --json --follow --help ;;
	graph) compadd -- --svg --json --help ;;
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

# _ctid_argument COMMAND N: the Nth word after the command.
_ctid_argument() {
	case $1:$2 in
	of:*|explain:*)
		compadd -- self
		_ctid_cgroups ;;
	bind:1|rebind:1|unbind:1|del:*|rename:1|show:*|sockets:*|watch:*|learn:*|exec:1|set:1)
		_ctid_containers ;;
	bind:*|rebind:*|unbind:*)
		_ctid_cgroups ;;
	set:*)
		compadd -- mark priority classid flow ;;
	permit:*|deny:*|policy:*)
		_ctid_policy "$@" ;;
	nftset:1)
		compadd -- add del list sync ;;
	nftset:2)
		_ctid_containers ;;
	nftset:3)
		compadd -- inet ip ip6 ;;
	load:*|save:*|policy-load:*|graph:*)
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
