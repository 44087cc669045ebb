#!/bin/sh
# Apache's zkServer.sh, for our server, as far as clients' tests and operators' habits use it. A zoo.cfg without a
# directory is looked for in ZOOCFGDIR, or where this is called. SERVER_JVMFLAGS and JVMFLAGS may hold -Dzookeeper.x=y.
set -eu

bin=$(dirname -- "$(readlink -f -- "$0")")
server=$(dirname -- "$(dirname -- "$bin")")/dist/server
START_SECONDS=30
STOP_SECONDS=30

usage() {
  printf 'Usage: %s [--config conf-dir] {start|start-foreground|stop|restart|status|version} [zoo.cfg]\n' "$0" >&2
  exit 2
}

is_running() { [ -f "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; }

start() {
  printf 'Starting zookeeper ... '
  if is_running; then
    printf 'already running as process %s.\n' "$(cat "$pid_file")"
    exit 1
  fi
  mkdir -p -- "$log_dir" "$(dirname -- "$pid_file")"
  nohup node "$server/main.js" "$config" >"$log_file" 2>&1 </dev/null &
  printf '%s' "$!" >"$pid_file"
  # Until it is clear that it starts: it has its port, or is still reading its data.
  waited=0
  while is_running && [ "$waited" -lt "$START_SECONDS" ] && ! grep -q 'binding to port' -- "$log_file"; do
    sleep 1
    waited=$((waited + 1))
  done
  if is_running; then
    echo STARTED
  else
    echo 'FAILED TO START'
    cat -- "$log_file" >&2
    exit 1
  fi
}

stop() {
  printf 'Stopping zookeeper ... '
  if ! [ -f "$pid_file" ]; then
    printf 'no zookeeper to stop (could not find file %s)\n' "$pid_file"
    return
  fi
  waited=0
  kill "$(cat "$pid_file")" 2>/dev/null || true
  while is_running; do
    if [ "$waited" -ge "$STOP_SECONDS" ]; then
      printf 'process %s has not ended within %s s\n' "$(cat "$pid_file")" "$STOP_SECONDS"
      exit 1
    fi
    sleep 1
    waited=$((waited + 1))
  done
  rm -f -- "$pid_file"
  echo STOPPED
}

if [ "${1-}" = --config ]; then
  [ $# -ge 2 ] || usage
  ZOOCFGDIR=$2
  shift 2
fi
[ $# -ge 1 ] || usage
command=$1
config=${2-zoo.cfg}
case $config in
  */*) ;;
  *) config=${ZOOCFGDIR:+$ZOOCFGDIR/}$config ;;
esac

[ -f "$server/main.js" ] || {
  printf 'zkServer.sh: %s does not exist; build it first: npm run build\n' "$server/main.js" >&2
  exit 2
}
case $command in
  version) exec node "$server/control.js" version ;;
  start-foreground | start | stop | restart | status) printf 'Using config: %s\n' "$config" >&2 ;;
  *) usage ;;
esac
case $command in
  start-foreground) exec node "$server/main.js" "$config" ;;
  status) exec node "$server/control.js" status "$config" ;;
esac

data_dir=$(node "$server/control.js" data-dir "$config")
pid_file=${ZOOPIDFILE:-$data_dir/zookeeper_server.pid}
log_dir=${ZOO_LOG_DIR:-$data_dir}
log_file=$log_dir/zookeeper-$(id -un)-server-$(uname -n).out
case $command in
  start) start ;;
  stop) stop ;;
  restart)
    stop
    start
    ;;
esac
