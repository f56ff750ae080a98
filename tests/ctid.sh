#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ctid, end to end, in the guest.
exec userspace/ctid-test.sh
