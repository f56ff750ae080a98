#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs each command of the README's tutorial and compares what it prints.
. ./lib.sh
. ./console.inc
readme=${README:-../README.md}
[ -f "$readme" ] || bail_out "no $readme"
console "$readme"
finish
