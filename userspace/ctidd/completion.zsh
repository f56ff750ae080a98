#compdef ctidd
# SPDX-License-Identifier: GPL-2.0-only
# zsh completion for ctidd(8)

if [[ $PREFIX == -* ]]; then
	compadd -- --check --help --version
else
	_files
fi
