# SPDX-License-Identifier: GPL-2.0-only
:INPUT,OUTPUT
@ctid add 4711 t-web
@ctid add 4713 t-db
-m container --id 7;=;OK
-m container ! --id 7;=;OK
-m container --id 0;=;OK
-m container --id 4294967295;=;OK
-m container --id 1-4294967295;=;OK
-m container --id 0-4294967295;=;OK
-m container ! --id 0;=;OK
-m container --id 007;-m container --id 7;OK
-m container --id 9,7;-m container --id 7,9;OK
-m container --id 7,8;-m container --id 7-8;OK
-m container --id 7-7;-m container --id 7;OK
-m container --id 1-5,3-9,20;-m container --id 1-9,20;OK
-m container --id 1-3,5-7,4;-m container --id 1-7;OK
-m container --id 4294967294,4294967295;-m container --id 4294967294-4294967295;OK
-m container --id 7,9-12,100;=;OK
-m container --id 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31;=;OK
-m container --id 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31-4294967295;=;OK
-m container --id t-web;-m container --id 4711;OK
-m container --id t-db,t-web,4712;-m container --id 4711-4713;OK
-m container ! --id t-web,7;-m container ! --id 7,4711;OK
-m container ! --id 7 -m container ! --id 9;=;OK
-m container;;FAIL
-m container --id;;FAIL
-m container --id "";;FAIL
-m container --id ,;;FAIL
-m container --id 7,;;FAIL
-m container --id ,7;;FAIL
-m container --id 7,,9;;FAIL
-m container --id 9-7;;FAIL
-m container --id 4294967296;;FAIL
-m container --id 1-4294967296;;FAIL
-m container --id -1;;FAIL
-m container --id 0x7;;FAIL
-m container --id 7-;;FAIL
-m container --id 7-8-9;;FAIL
-m container --id t-nobody;;FAIL
-m container --id t-web-4713;;FAIL
-m container --id 7 --id 9;;FAIL
-m container --id 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33;;FAIL
*mangle
:PREROUTING,INPUT,OUTPUT,POSTROUTING
-m container --id 7;=;OK
*raw
:PREROUTING,OUTPUT
-m container --id 7;=;OK
*security
:INPUT,OUTPUT
-m container --id 7;=;OK
*mangle
:FORWARD
-m container --id 7;;FAIL
*filter
:FORWARD
-m container --id 7;;FAIL
@ctid del 4711
@ctid del 4713
