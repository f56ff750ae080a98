# SPDX-License-Identifier: GPL-2.0-only
KDIR	?= /lib/modules/$(shell uname -r)/build
KVER	?= $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null)
DESTDIR	?=
PREFIX	?= /usr
W	?= 1

kbuild	= $(MAKE) -C $(KDIR) M=$(CURDIR)/kernel W=$(W)

help:
	@echo 'make demo                  show it in a VM; installs what that needs first'
	@echo 'make check [SUITE=S]       run the tests in VMs; S: bookworm, trixie, forky, trixie-rt'
	@echo 'make check-deb [SUITE=S]   run those of the Debian packages only'
	@echo 'make rpm [DIR=D]           build the RPM packages and look at them; they are left in D'
	@echo 'make check-debug [SCRIPTS=S]'
	@echo '                           run the tests on a kernel with KASAN, lockdep, kmemleak ...'
	@echo 'make fuzz-kernel [SUITE=S]  there, millions of inputs to our interfaces to the kernel'
	@echo 'make static                have static checkers read the sources'
	@echo 'make fuzz [INPUTS=N]       try the parsers with libFuzzer'
	@echo 'make coverage              run those of the manual'"'"'s table, and write it'
	@echo 'make storm [SUITE=S]       everything at once for ten minutes a kernel'
	@echo 'make bench [SUITE=S]       measure, in VMs; writes docs/benchmark.*'
	@echo 'make profile [SUITE=S]     where their instructions go; writes docs/profile.md'
	@echo 'make bench MODE=wall       measure this machine, which has all that installed'
	@echo 'make modules [KDIR=DIR]    build the kernel modules for the headers in DIR'
	@echo 'make userspace             build the iptables extensions and ctid'
	@echo 'make install [DESTDIR=DIR] install both'
	@echo 'make deb [SUITE=S]         build Debian packages of both, and say where they are'
	@echo 'make sparse                have sparse look at the modules, too'
	@echo 'make clean                 remove what was built'
	@echo 'What the runs of hours said is in docs/results; README.md has the way from here.'

modules:
	kernel/configure $(KDIR)
	+$(kbuild) modules

sparse: modules
	kernel/sparse $(KDIR)

userspace:
	+$(MAKE) -C userspace

install: install-kernel install-userspace

install-kernel:
	install -d $(DESTDIR)/lib/modules/$(KVER)/updates/container
	install -m 644 kernel/*.ko $(DESTDIR)/lib/modules/$(KVER)/updates/container
	$(if $(DESTDIR),,depmod $(KVER))

install-userspace:
	+$(MAKE) -C userspace install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

install-tests:
	+$(MAKE) -C tests install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	+$(MAKE) -C tests install-module KDIR=$(KDIR) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

demo:
	tests/demo

check:
	tests/check $(SUITE)

check-deb:
	tests/check $(SUITE) -- deb/before.sh deb/after.sh

deb:
	tests/vm/deps
	@tests/vm/deb $(SUITE)

rpm:
	tests/rpm/run $(DIR)

check-debug:
	@status=0; for suite in $(or $(SUITE),bookworm-debug trixie-debug); do \
		tests/debug/run $$suite $(SCRIPTS) || status=1; done; exit $$status

fuzz-kernel:
	tests/fuzz/kernel $(SUITE)

static:
	tests/static/run

fuzz:
	tests/fuzz/run $(INPUTS)

coverage:
	tests/check --coverage

storm:
	tests/storm/run $(SUITE)

bench:
	tests/benchmark $(if $(filter wall,$(MODE)),--wall,$(SUITE))

profile:
	tests/bench/profile.py $(SUITE)

clean: clean-kernel
	+$(MAKE) -C userspace clean
	+$(MAKE) -C tests clean

clean-kernel:
	rm -rf kernel/probes/build
	rm -f kernel/config.h kernel/config.log kernel/*.o kernel/*.ko \
		kernel/*.mod kernel/*.mod.c kernel/.*.cmd kernel/*.order \
		kernel/*.symvers

.PHONY: help modules sparse userspace install install-kernel \
	install-userspace install-tests demo check check-deb deb rpm check-debug \
	fuzz-kernel static fuzz coverage storm bench profile clean clean-kernel
