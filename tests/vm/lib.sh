# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Sourced by the scripts in this directory: messages, the cache, locks, suites.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# What is built and installed in the VM. The self-test points it elsewhere.
VM_SOURCE=${VM_SOURCE:-$(cd "$VM_DIR/../.." && pwd -P)}
VM_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/xt-container
VM_QUIET=${VM_QUIET:-}
VM_SUITES="bookworm trixie forky trixie-rt bookworm-debug trixie-debug bookworm-kcsan"

# The exit status for "there is no VM to run anything in".
EXIT_PREPARE=123

say() { [ -n "$VM_QUIET" ] || printf 'vm: %s\n' "$*" >&2; }
complain() { printf 'vm: %s\n' "$*" >&2; }
die() { complain "$*"; exit "$EXIT_PREPARE"; }

check_suite() {
	case " $VM_SUITES " in
	*" $1 "*) ;;
	*) complain "unknown suite '$1' (there are: $VM_SUITES)"; exit 2 ;;
	esac
}

# checks_itself SUITE: is its kernel one of our making, of the source of ${SUITE%-*}'s?
checks_itself() {
	case "$1" in
	*-debug | *-kcsan) ;;
	*) return 1 ;;
	esac
}

# Making a root and building in it need chroot and mount. $1 is the script, the
# rest its arguments. The cache stays the caller's, whatever HOME sudo sets.
become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null ||
		die "$(basename "$1") needs root (for mmdebstrap, chroot and mount): run it as root or install sudo"
	# Not root's, if it has to be made.
	mkdir -p "${XDG_CACHE_HOME:-$HOME/.cache}"
	exec sudo XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}" \
		VM_SOURCE="$VM_SOURCE" VM_QUIET="$VM_QUIET" VM_ACCEL="${VM_ACCEL:-}" \
		TERM="${TERM:-dumb}" "$@"
}

need_deps() {
	VM_QUIET=1 "$VM_DIR/deps" --check ||
		die "programs are missing on this machine; tests/vm/deps installs them"
}

# A short key of standard input.
key() { sha256sum | cut -c1-16; }

# with_lock NAME COMMAND...: runs COMMAND while holding the cache's lock NAME.
# Callers look whether the thing exists before and after, so the lock is only
# waited for when something really has to be made.
with_lock() {
	local lock=$1 lock_status lock_fd
	shift
	mkdir -p "$VM_CACHE/lock"
	exec {lock_fd}>"$VM_CACHE/lock/$lock"
	if ! flock -n "$lock_fd"; then
		say "waiting for another run that is making $lock"
		flock "$lock_fd"
	fi
	# The lock must not live on in a child that outlasts the command.
	"$@" {lock_fd}>&-
	lock_status=$?
	exec {lock_fd}>&-
	return "$lock_status"
}

# Things in the cache are used for days by several checkouts. One that nobody
# touched for a week is another version's left-over.
#   forget_old KIND SUITE
forget_old() {
	find "$VM_CACHE/$1" -mindepth 1 -maxdepth 1 -name "$2-*" -mtime +7 \
		-exec rm -rf --one-file-system {} + 2>/dev/null
	return 0
}

# enter_root ROOT DIR COMMAND...: runs COMMAND in ROOT, which it sees read-only,
# with DIR writable as /build. The mounts vanish with their name space.
enter_root() {
	unshare --mount --propagation private bash -c '
		set -e
		root=$1 dir=$2
		shift 2
		mount --bind "$root" "$root"
		mount --bind "$dir" "$root/build"
		mount -t proc proc "$root/proc"
		mount -t tmpfs tmpfs "$root/tmp"
		mount -o remount,bind,ro "$root"
		# The nodes that mmdebstrap made; the host may forbid device nodes
		# where the cache is.
		mount --bind /dev "$root/dev"
		exec chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
	' enter_root "$@" </dev/null
}

# enter_overlay LOWER DIR COMMAND...: runs COMMAND in the directories LOWER (as overlayfs
# takes them), with what it writes in DIR/upper, the network's names, and DIR/share, if
# there is one, as /build.
enter_overlay() {
	mkdir -p "$2/upper" "$2/work" "$2/merged"
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --propagation private bash -c '
		set -e
		merged=$2/merged
		mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" \
			layer "$merged"
		[ ! -d "$2/share" ] || mount --bind "$2/share" "$merged/build"
		shift 2
		mount -t proc proc "$merged/proc"
		mount -t tmpfs tmpfs "$merged/tmp"
		mount -t tmpfs tmpfs "$merged/run"
		mount --bind /dev "$merged/dev"
		touch "$merged/etc/resolv.conf"
		mount --bind /etc/resolv.conf "$merged/etc/resolv.conf"
		exec chroot "$merged" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin INITRD=No \
			DEBIAN_FRONTEND=noninteractive "$@"
	' enter_overlay "$@" </dev/null
}

# run_depmod ROOT DIR RELEASE: indexes DIR/lib/modules/RELEASE.
run_depmod() {
	enter_root "$1" "$2" depmod -b /build "$3"
}
