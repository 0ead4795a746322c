#!/bin/bash
# WebSocket echo server in bash; socat listens, and starts a bash for each client, with its socket as standard input
# and output (nofork: none of socat's own processes in between).

ulimit -Sn "$(ulimit -Hn)"
listen=TCP-LISTEN:${PORT:-8000},fork,reuseaddr,backlog=4096,nodelay
case ${ADDRESS-} in
  '') ;;
  *:*) listen=TCP6-${listen#TCP-},bind=[$ADDRESS] ;;
  *) listen+=,bind=$ADDRESS ;;
esac
cd -- "$(dirname -- "$0")" || exit
exec socat "$listen" EXEC:./connection,nofork
