#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deb: before
# only: bookworm trixie forky
# suites: bookworm
# The Debian packages on a machine that has nothing else of the project: what came of
# what README says, and of DKMS, when they were installed, the kernel was upgraded, and they
# were; and that they do what they are for, on the kernel that was there first.
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
check "the machine had nothing to build with, no DKMS and no iptables" "" cat $staged/had
for program in gcc make iptables-legacy nft dkms openssl ip; do
	true_that "what README says brought $program" grep -qx $program $staged/has
done
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
	"$(grep ' install ' $staged/{install,kernel,upgrade} | grep -v 'install ok installed')"

for lack in CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS CONFIG_KPROBES; do
	true_that "DKMS passes over a kernel without $lack" grep -qx "$lack 77" $staged/lacks
done
check "each that the modules cannot be built without is such a one" "" \
	sh -c "grep -v ' 77$' $staged/lacks | grep -v '^nothing '"
true_that "a kernel that has them all is not" sh -c "! grep 'nothing 77' $staged/lacks"

# --- one version
check "ctid has the package's version" "ctid $(version xt-container-tools)" ctid --version
check "ctidd, too" "ctidd $(version xt-container-tools)" ctidd --version
modules="container_id xt_container xt_SOCKERR sock_event sock_hooks sock_watch sock_dev
	sock_tables iptable_sock ip6table_sock"
for module in $modules; do
	check "$module has the package's" "$version" modinfo -F version $module
done
check "what is loaded is what DKMS built" "$version" cat /sys/module/container_id/version

# --- signed with the key that the machine had
for module in $modules; do
	check "$module: the signer is the machine" "the machine that tests packages" \
		modinfo -F signer "$module"
	set_up split_module "$(modinfo -n "$module")"
	true_that "$module: the machine's key verifies it" mok_verifies
done
printf changed | dd of="$tmp/content" bs=1 seek=4000 conv=notrunc status=none
fails "and nothing else" "Verification failure" mok_verifies

# --- the newcomer
# passed TEST FILE: what autopkgtest said at the end.
passed() {
	grep -q "^$1  *PASS" "$2" || { tail -n 40 "$2"; return 1; }
}
# It cannot know that it has a machine of its own. What is installed is tested: it would install
# a file anew, for which DKMS has nothing to build with here.
autopkgtest --no-built-binaries --ignore-restrictions=isolation-machine --test-name=connect \
	/srv/source -- null >"$tmp/autopkgtest" 2>&1 </dev/null
same "autopkgtest passes" 0 $?
true_that "a connect is denied, by iptables, nft and ctid" passed connect "$tmp/autopkgtest"
if [ -e $staged/autopkgtest ]; then
	true_that "autopkgtest-pkg-dkms passes" passed dkms-autopkgtest $staged/autopkgtest
else
	skip "autopkgtest-pkg-dkms passes" "it builds once more, and was run on bookworm"
fi
for page in ctid.8 ctidd.8 libxt_container.8 libxt_SOCKERR.8 pam_ctid.8 xt-container.service.8 \
	ctid-tenants.7 sock_hooks.7 socket-events.7 container.conf.5 ctid.conf.5 sockconnect.4; do
	true_that "there is $page" test -s "/usr/share/man/man${page##*.}/$page.gz"
done
for document in README.md.gz SECURITY.md coverage.md.gz; do
	for package in dkms tools; do
		true_that "xt-container-$package has $document" \
			test -s /usr/share/doc/xt-container-$package/$document
	done
done
for completion in bash-completion/completions/ctid bash-completion/completions/ctidd \
	zsh/vendor-completions/_ctid zsh/vendor-completions/_ctidd; do
	true_that "there is $completion" test -s /usr/share/$completion
done
for unit in xt-container ctidd; do
	true_that "there is a drop-in that needs $unit" test -s /usr/share/xt-container/needs-$unit.conf
done
has "ctidd asks systemd by a bus" "default-dbus-system-bus | dbus-system-bus" \
	dpkg-query -W -f '${Recommends}' xt-container-tools

# --- sessions
prerm=/var/lib/dpkg/info/xt-container-tools.prerm
check "PAM's files have nothing of it by themselves" "" sh -c 'grep -r --exclude=*.pam-old pam_ctid /etc/pam.d'
set_up pam-auth-update --enable ctid
check "pam-auth-update puts it into both" 2 sh -c \
	'grep -l "^session.*required.*pam_ctid.so" /etc/pam.d/common-session* | wc -l'
same "after pam_systemd" pam_ctid.so \
	"$(grep -o 'pam_ctid.so\|pam_systemd.so' /etc/pam.d/common-session | tail -n 1)"
check "sessions begin" begun su -s /bin/sh nobody -c 'echo begun'
set_up cp -a /etc/pam.d/other "$tmp/other"
echo "session required pam_ctid.so" >>/etc/pam.d/other
fails "the package does not go while another file names it" \
	"pam_ctid.so is named in /etc/pam.d/other" $prerm remove
check "and leaves the others as they are" 2 sh -c \
	'grep -l "^session.*required.*pam_ctid.so" /etc/pam.d/common-session* | wc -l'
cp -a "$tmp/other" /etc/pam.d/other
echo "session required pam_ctid.so" >"$tmp/kept"
set_up ln -s "$tmp/kept" /etc/pam.d/linked
fails "nor while one does that is a link" "pam_ctid.so is named in /etc/pam.d/linked" $prerm remove
set_up rm /etc/pam.d/linked
set_up $prerm remove
check "and takes out what pam-auth-update put there" "" sh -c 'grep -r --exclude=*.pam-old pam_ctid /etc/pam.d'
set_up pam-auth-update --package

true_that "ctidd takes what a template says" sh -c \
	'echo "unit web.service id 7 name web" >/etc/ctid/ctid.conf && ctidd --check'
check "ctidd is enabled" enabled systemctl is-enabled ctidd
set_up systemctl start ctidd
check "and starts" active systemctl is-active ctidd
finish
