#!/bin/sh
# The README's section on two machines, with two network namespaces joined by a veth pair for machines: supervisord and the
# contestants in one, wsbench in the other, which has few ports, so that it must use two addresses and choose
# their ports itself. usage: two_hosts_test.sh WSBENCH [wsbench run's options]
# Exit code 77 (skipped) where namespaces cannot be made.
set -eu
cd "$(dirname "$0")/../.."
wsbench=$1
shift

servers=wsbench-servers-$$ clients=wsbench-clients-$$
directory=$(mktemp -d)
serve=
clean_up() {
  if [ -n "$serve" ]; then
    kill "$serve" 2>/dev/null || true
    wait "$serve" 2>/dev/null || true
  fi
  ip netns del "$servers" 2>/dev/null || true
  ip netns del "$clients" 2>/dev/null || true
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

if ! ip netns add "$servers" 2>"$directory/why"; then
  echo "skipped: needs network namespaces: $(cat "$directory/why")"
  exit 77
fi
ip netns add "$clients"
ip link add veth0 netns "$servers" type veth peer name veth0 netns "$clients"
ip -n "$servers" address add 10.77.0.2/24 dev veth0
ip -n "$clients" address add 10.77.0.1/24 dev veth0
ip -n "$clients" address add 10.77.0.3/24 dev veth0
ip netns exec "$clients" sh -c 'echo 40000 40054 >/proc/sys/net/ipv4/ip_local_port_range'
for host in "$servers" "$clients"; do
  ip -n "$host" link set lo up
  ip -n "$host" link set veth0 up
done

export WSBENCH_PASSWORD="between us $$"
ip netns exec "$servers" competition/serve --listen 10.77.0.2:9001 --user bench --password-from-env WSBENCH_PASSWORD \
  --directory "$directory/serve" >"$directory/serve.log" 2>&1 &
serve=$!

supervisord='supervisord={"host": "10.77.0.2", "user": "bench", "password_env": "WSBENCH_PASSWORD"}'
on_the_load_machine() {
  ip netns exec "$clients" "$wsbench" "$@" --set host=10.77.0.2 --set "$supervisord" --set db_root="$directory/runs"
}
attempts=0
until on_the_load_machine check configs/smoke.json >"$directory/check.log"; do
  attempts=$((attempts + 1))
  if [ "$attempts" -ge 50 ]; then
    cat "$directory/check.log" "$directory/serve.log"
    exit 1
  fi
  sleep 0.2
done
cat "$directory/check.log"
status=0
on_the_load_machine run configs/smoke.json --set source_addresses=10.77.0.1,10.77.0.3 "$@" 2>"$directory/run.log" || status=$?
cat "$directory/run.log"
# A client that was late on a busy machine is the machine's fault, and no reason to fail this test.
if [ "$status" -ne 0 ] && grep '^not met: ' "$directory/run.log" | grep -qv 'invalid: client_punctual'; then exit "$status"; fi
[ "$status" -le 1 ] || exit "$status"
if grep -rq "between us" "$directory/runs"; then
  echo "the password is in the run"
  exit 1
fi
