# SPDX-License-Identifier: GPL-2.0-only
# bash completion for ctidd(8)

_ctidd() {
	COMPREPLY=()
	if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--check --help --version" -- \
			"${COMP_WORDS[COMP_CWORD]}")
	else
		compopt -o default 2>/dev/null
	fi
}

complete -F _ctidd ctidd
