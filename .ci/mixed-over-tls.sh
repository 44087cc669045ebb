#!/usr/bin/env bash
# An ensemble of Apache's servers and ours that speak TLS with each other and authenticate by SASL, and leaders of either
# kind that are killed under load. Keys and passwords are made for the run.
#
# .ci/mixed-over-tls.sh [arguments for the bench]
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v openssl >/dev/null || ! .ci/peers-present.sh; then
  echo 'no openssl or no Apache ZooKeeper here: not run'
  exit 0
fi

keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT
new_key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
# shellcheck disable=SC2086
openssl req -x509 $new_key -keyout "$keys/authority.key" -out "$keys/authority.pem" -days 2 -subj /CN=authority 2>/dev/null
# shellcheck disable=SC2086
openssl req -new $new_key -keyout "$keys/server.key" -out "$keys/server.csr" -subj /CN=server 2>/dev/null
openssl x509 -req -in "$keys/server.csr" -out "$keys/server.crt" -days 2 \
  -CA "$keys/authority.pem" -CAkey "$keys/authority.key" -CAcreateserial \
  -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') 2>/dev/null
cat "$keys/server.key" "$keys/server.crt" >"$keys/server.pem"

password=$(openssl rand -hex 16)
module=org.apache.zookeeper.server.auth.DigestLoginModule
cat >"$keys/jaas.conf" <<JAAS
QuorumServer { $module required user_zk="$password"; };
QuorumLearner { $module required username="zk" password="$password"; };
JAAS
export SERVER_JVMFLAGS="-Djava.security.auth.login.config=$keys/jaas.conf"

npm run --silent bench -- --servers ours,apache,ours --fault kill-leader --rounds 6 --duration 3 --warmup 1 \
  --keys 500 --value-size 128 --set tickTime=500 --set fips-mode=false \
  --set sslQuorum=true \
  --set "ssl.quorum.keyStore.location=$keys/server.pem" --set "ssl.quorum.trustStore.location=$keys/authority.pem" \
  --set quorum.auth.enableSasl=true --set quorum.auth.learnerRequireSasl=true --set quorum.auth.serverRequireSasl=true \
  "$@"
