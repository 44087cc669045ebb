#!/bin/sh
# Configures the server by the environment variables of Apache's official image, and starts it, or what else it is told
# to start. As there, a zoo.cfg or a myid that exists already is left as it is, so that both can be mounted.
set -euf

: "${ZOO_CONF_DIR:=/conf}" "${ZOO_DATA_DIR:=/data}" "${ZOO_DATA_LOG_DIR:=/datalog}"
config=$ZOO_CONF_DIR/zoo.cfg

each_word() {
  # shellcheck disable=SC2086 # Words are what it is about; none is a pattern (set -f).
  printf '%s\n' $1
}

settings() {
  cat <<EOF
dataDir=$ZOO_DATA_DIR
dataLogDir=$ZOO_DATA_LOG_DIR
tickTime=${ZOO_TICK_TIME:-2000}
initLimit=${ZOO_INIT_LIMIT:-5}
syncLimit=${ZOO_SYNC_LIMIT:-2}
autopurge.snapRetainCount=${ZOO_AUTOPURGE_SNAPRETAINCOUNT:-3}
autopurge.purgeInterval=${ZOO_AUTOPURGE_PURGEINTERVAL:-0}
maxClientCnxns=${ZOO_MAX_CLIENT_CNXNS:-60}
standaloneEnabled=${ZOO_STANDALONE_ENABLED:-true}
EOF
  # Unlike in Apache's image it is off unless asked for; ZOO_CFG_EXTRA may give it an admin.serverAddress to be reached at.
  [ -z "${ZOO_ADMINSERVER_ENABLED:-}" ] || echo "admin.enableServer=$ZOO_ADMINSERVER_ENABLED"
  [ -z "${ZOO_4LW_COMMANDS_WHITELIST:-}" ] || echo "4lw.commands.whitelist=$ZOO_4LW_COMMANDS_WHITELIST"
  each_word "${ZOO_SERVERS:-server.1=localhost:2888:3888;2181}"
  [ -z "${ZOO_CFG_EXTRA:-}" ] || each_word "$ZOO_CFG_EXTRA"
}

if [ ! -e "$config" ]; then
  settings >"$config.draft"
  mv "$config.draft" "$config"
fi
[ -e "$ZOO_DATA_DIR/myid" ] || echo "${ZOO_MY_ID:-1}" >"$ZOO_DATA_DIR/myid"

[ $# -gt 0 ] || set -- node "$(dirname "$0")/../dist/server/main.js" "$config"
exec "$@"
