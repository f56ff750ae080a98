#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Inputs of abifuzz that are kept: ways round the rules that were found once, and what a
# kernel minded. (abifuzz.sh makes others, too.) Each has to reach something where there are
# no rules.
. ./lib.sh
. debug/abi.inc
replay
finish
