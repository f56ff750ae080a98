:OUTPUT
*connect
-j SOCKERR --errno EPERM;=;OK
-j SOCKERR --errno EACCES;=;OK
-j SOCKERR --errno EADDRINUSE;=;OK
-j SOCKERR --errno EADDRNOTAVAIL;=;OK
-j SOCKERR --errno ENETDOWN;=;OK
-j SOCKERR --errno ENETUNREACH;=;OK
-j SOCKERR --errno ECONNRESET;=;OK
-j SOCKERR --errno ETIMEDOUT;=;OK
-j SOCKERR --errno ECONNREFUSED;=;OK
-j SOCKERR --errno EHOSTUNREACH;=;OK
-j SOCKERR --errno econnrefused;-j SOCKERR --errno ECONNREFUSED;OK
-j SOCKERR --errno 13;-j SOCKERR --errno EACCES;OK
-m container --id 7 -j SOCKERR --errno EACCES;=;OK
-j SOCKERR;;FAIL
-j SOCKERR --errno;;FAIL
-j SOCKERR --errno "";;FAIL
-j SOCKERR --errno 0;;FAIL
-j SOCKERR --errno 2;;FAIL
-j SOCKERR --errno -1;;FAIL
-j SOCKERR --errno 256;;FAIL
-j SOCKERR --errno 4294967309;;FAIL
-j SOCKERR --errno ENOENT;;FAIL
-j SOCKERR --errno ECONN;;FAIL
-j SOCKERR --errno EPERM --errno EACCES;;FAIL
:INPUT
*bind
-j SOCKERR --errno EADDRINUSE;=;OK
*accept
-j SOCKERR --errno ECONNREFUSED;=;OK
*filter
-j SOCKERR --errno EPERM;;FAIL
*mangle
-j SOCKERR --errno EPERM;;FAIL
