#!/bin/sh
# Whether everything that tests hold us against is there: then no test has a reason to be skipped. Toxiproxy, for which
# there must be Go, may be missing: see .ci/run.
command -v java >/dev/null && [ -r /usr/share/java/zookeeper.jar ] && [ -x /usr/lib/zookeeper/bin/cli_mt ] &&
  /usr/bin/python3 -c 'import kazoo, pytest, mock, objgraph, gevent, eventlet, puresasl, scipy' 2>/dev/null && command -v chromium >/dev/null &&
  command -v prometheus >/dev/null
