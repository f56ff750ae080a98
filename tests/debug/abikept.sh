#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# only: bookworm bookworm-debug
# Inputs of abifuzz that are kept: ways round the rules that were found once, and what a
# kernel minded. (abifuzz.sh makes others, too.) Each has to reach something where there are
# no rules, which was seen on 6.1 only: on 6.12 and 7.2 two of RxRPC's do not.
. ./lib.sh
. debug/abi.inc
replay
finish
