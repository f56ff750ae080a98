#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deb: mok
# vm: -a systemd.mask=xt-container.service
# only: bookworm
# suites: bookworm
# A kernel that wants signatures and knows the machine's own key: it loads what DKMS built
# and signed, and nothing else. It knows none but that key, in the place of the one that
# its own modules are signed with: of those it has to load what is needed before it wants
# signatures. That the key comes by a firmware, as it does with Secure Boot, is not shown.
# (Later kernels have no room there for an RSA key: see vm/installed.)
. ./lib.sh
. ./deb/lib.inc
modules="container_id xt_container xt_SOCKERR sock_event sock_hooks sock_watch sock_dev
	sock_tables iptable_sock ip6table_sock"
enforced=/sys/module/module/parameters/sig_enforce
rejected="Key was rejected"

# verified MODULE: it is loaded, and the kernel has not marked it as one that it cannot
# verify.
verified() {
	grep "^$1 " /proc/modules && ! grep "^$1 .*(.*E.*)" /proc/modules
}
# Those that others use go when these have gone.
unload() {
	local module
	for module in $modules; do
		rmmod "$module" 2>/dev/null
	done
	! grep -E "^($(xargs <<<"$modules" | tr ' ' '|')) " /proc/modules
}

has "the kernel knows the machine's key" "Loaded X.509 cert 'the machine that tests packages" dmesg
check "it wants no signatures yet" N cat $enforced
true_that "a connect is denied" ./connect
fails "a module of the kernel's own is not verified" "(E)" verified x_tables
# shellcheck disable=SC2086 # words
set_up modprobe -a $modules
set_up ctid policy-flush
wait_until unload
true_that "all of ours are unloaded" unload
set_up sh -c "echo 1 >$enforced"
fails "what another key has signed is refused" "$rejected" modprobe dummy
for module in $modules; do
	true_that "$module is loaded" modprobe "$module"
	true_that "and verified" verified "$module"
done
set_up rmmod sock_watch
file=$(modinfo -n sock_watch)
set_up cp "$file" "$tmp/sock_watch.ko"
printf changed | dd of="$tmp/sock_watch.ko" bs=1 seek=4000 conv=notrunc status=none
fails "one that was changed is refused" "$rejected" insmod "$tmp/sock_watch.ko"
set_up split_module "$file"
fails "so is one without a signature" "$rejected" insmod "$tmp/content"
true_that "as it was made it is not" modprobe sock_watch
true_that "a connect is denied, still" ./connect
finish
