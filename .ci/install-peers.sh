#!/bin/sh
# Installs what tests hold us against: Apache ZooKeeper, clients of others, scipy, Prometheus, and a browser for the pages, from
# Debian's packages; Toxiproxy from its source, where there is Go to build it with; a later kazoo from PyPI, and a later
# ZooKeeper where there is Maven.
#
# Never fails: without them the tests that need them are skipped and say why. Run again, it does nothing.
set -u

packages='openjdk-17-jre-headless libzookeeper-java zookeeper-bin chromium'
# kazoo, with what its own tests import.
packages="$packages python3-kazoo python3-pytest python3-mock python3-objgraph"
packages="$packages python3-gevent python3-eventlet python3-pure-sasl"
# What scrapes our metrics, and evaluates the rules and panels that ask for them.
packages="$packages prometheus"
# What our statistics are held against.
packages="$packages python3-scipy"

say() { printf 'install-peers: %s\n' "$1"; }

toxiproxy=github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0
toxiproxy_path=/usr/local/bin/toxiproxy-server

install_toxiproxy() {
  if command -v toxiproxy-server >/dev/null 2>&1; then
    say 'toxiproxy-server is there'
    return
  fi
  if ! command -v go >/dev/null 2>&1; then
    say 'no go here; the tests against the real Toxiproxy will be skipped'
    return
  fi
  bin=$(mktemp -d)
  # The program is called after its folder.
  if GOBIN="$bin" timeout 600 go install "$toxiproxy" && install -m 755 "$bin/server" "$toxiproxy_path"; then
    say "built $toxiproxy_path"
  else
    say 'could not build toxiproxy-server; the tests against it will be skipped'
  fi
  rm -rf "$bin"
}
install_toxiproxy

kazoo="$HOME/.cache/stampede/kazoo-2.11.0"
kazoo_requirements="$(dirname "$0")/../server/conformance/kazoo-own/requirements-2.11.txt"

# In a directory of its own: beside Debian's kazoo it would be the one that counts.
install_kazoo() {
  if [ -x "$kazoo/bin/pytest" ]; then
    say 'kazoo 2.11 is there'
    return
  fi
  if python3 -m venv "$kazoo" && timeout 600 "$kazoo/bin/pip" install --quiet --requirement "$kazoo_requirements"; then
    say "installed kazoo 2.11 in $kazoo"
  else
    rm -rf "$kazoo"
    say 'could not install kazoo 2.11 (it takes python3 with venv, and a C compiler with its headers); its tests will be skipped'
  fi
}
install_kazoo

apache="$HOME/.cache/stampede/apache-3.9.5"

# Beside Debian's 3.8.0. What is there in part is not there: the directory gets its name when all of it is.
install_apache() {
  if [ -d "$apache" ]; then
    say 'Apache ZooKeeper 3.9.5 is there'
    return
  fi
  if ! command -v mvn >/dev/null 2>&1; then
    say 'no mvn here; runs against Apache ZooKeeper 3.9.5 will be skipped'
    return
  fi
  jars=$(mktemp -d)
  if timeout 600 mvn -q -B -Dstyle.color=never -f "$(dirname "$0")/apache-3.9.5.pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$jars" && mkdir -p "$(dirname "$apache")" && mv "$jars" "$apache"; then
    say "installed $apache"
  else
    rm -rf "$jars"
    say 'could not get Apache ZooKeeper 3.9.5; runs against it will be skipped'
  fi
}
install_apache

missing=''
if ! command -v dpkg-query >/dev/null 2>&1; then
  say 'no dpkg here; the tests against Apache ZooKeeper and its clients will be skipped'
  exit 0
fi
for package in $packages; do
  case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
    *' installed') ;;
    *) missing="$missing $package" ;;
  esac
done
if [ -z "$missing" ]; then
  say "all there: $packages"
  exit 0
fi

sudo=''
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    say "cannot install$missing: neither root nor sudo; tests that need them will be skipped"
    exit 0
  fi
  sudo='sudo -n'
fi

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # $sudo and $missing are lists of words.
if $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends $missing; then
  say "installed$missing"
else
  say "could not install$missing; tests that need them will be skipped"
fi
exit 0
