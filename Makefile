# SPDX-License-Identifier: GPL-2.0-only
KDIR	?= /lib/modules/$(shell uname -r)/build
KVER	?= $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null)
DESTDIR	?=
PREFIX	?= /usr
W	?= 1

kbuild	= $(MAKE) -C $(KDIR) M=$(CURDIR)/kernel W=$(W)

help:
	@echo 'make demo                  show it in a VM; installs what that needs first'
	@echo 'make check [SUITE=S]       run the tests in VMs; S: bookworm, trixie, forky'
	@echo 'make coverage              run those of the manual'"'"'s table, and write it'
	@echo 'make bench [SUITE=S]       measure, in VMs; prints tables'
	@echo 'make modules [KDIR=DIR]    build the kernel modules for the headers in DIR'
	@echo 'make userspace             build the iptables extensions and ctid'
	@echo 'make install [DESTDIR=DIR] install both'
	@echo 'make sparse                have sparse look at the modules, too'
	@echo 'make clean                 remove what was built'
	@echo 'README.md has the way from here.'

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

coverage:
	tests/check --coverage

bench:
	tests/benchmark $(SUITE)

clean: clean-kernel
	+$(MAKE) -C userspace clean
	+$(MAKE) -C tests clean

clean-kernel:
	rm -rf kernel/probes/build
	rm -f kernel/config.h kernel/config.log kernel/*.o kernel/*.ko \
		kernel/*.mod kernel/*.mod.c kernel/.*.cmd kernel/*.order \
		kernel/*.symvers

.PHONY: help modules sparse userspace install install-kernel install-userspace \
	install-tests demo check coverage bench clean clean-kernel
