#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deb: before
# only: bookworm trixie forky
# suites: bookworm
# The Debian packages on a machine that has nothing else of the project: what came of
# apt and DKMS when they were installed, the kernel was upgraded, and they were; and
# that they do what they are for, on the kernel that was there first.
. ./lib.sh
. ./deb/lib.inc
first=$(uname -r)
second=$(printf '%s\n' /lib/modules/* | sed 's|.*/||' | grep -vxF "$first")
version=$(version xt-container-dkms)
old=${version%.*}

# built STEP: the kernels that have the modules, and their version.
built() {
	sed -n 's|^/lib/modules/\([^/]*\)/updates/dkms/.* |\1 |p' "$staged/$1" | sort
}
kernels() {
	printf '%s\n' "$@" | sort
}
true_that "there is no build, and no test, of the project here" sh -c \
	'! test -e /usr/libexec/container-tests && ! test -e /lib/modules/*/updates/container'
same "installed: DKMS built for the kernel" "$(kernels "$first $old")" "$(built install)"
same "the kernel upgraded: DKMS built for the new one" \
	"$(kernels "$first $old" "$second $old")" "$(built kernel)"
same "the packages upgraded: DKMS built anew for both" \
	"$(kernels "$first $version" "$second $version")" "$(built upgrade)"
check "nothing is left of the old ones" "" sh -c \
	"grep '^xt-container/' $staged/upgrade | grep -v '^xt-container/$version,'; ls /usr/src | grep 'xt-container-' | grep -vx xt-container-$version"
same "each step left whole packages" "" \
	"$(grep ' install ' $staged/* | grep -v 'install ok installed')"

# --- one version
check "ctid has the package's version" "ctid $(version xt-container-tools)" ctid --version
check "ctidd, too" "ctidd $(version xt-container-tools)" ctidd --version
for module in container_id xt_container xt_SOCKERR sock_event sock_hooks sock_watch sock_dev \
	sock_tables iptable_sock ip6table_sock; do
	check "$module has the package's" "$version" modinfo -F version $module
done
true_that "DKMS signed them" sh -c '[ -n "$(modinfo -F signer container_id)" ]'
check "what is loaded is what DKMS built" "$version" cat /sys/module/container_id/version

# --- the newcomer
true_that "a connect is denied, by iptables, nft and ctid" ./connect
# The machine was told to leave out all manuals.
for page in ctid.8 ctidd.8 libxt_container.8 socket-events.7 xt-container.service.8; do
	has "there is $page" "man${page##*.}/$page.gz" dpkg -L xt-container-tools
done
true_that "there is a completion" test -e /usr/share/bash-completion/completions/ctid
true_that "ctidd takes what a template says" sh -c \
	'echo "unit web.service id 7 name web" >/etc/ctid/ctid.conf && ctidd --check'
check "ctidd is enabled" enabled systemctl is-enabled ctidd
set_up systemctl start ctidd
check "and starts" active systemctl is-active ctidd
finish
