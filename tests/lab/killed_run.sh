#!/bin/sh
# killed_run.sh FABRIX INSTANCE: kills `fabrix lab run` at several points, and expects that another
# run is refused meanwhile, that the next one succeeds, and that nothing is left in the end.
set -eu
fabrix=$1
instance=$2
directory=${FABRIX_RUN:-/run/fabrix}/labs/$instance

fail() {
  echo "killed_run: $*" >&2
  exit 1
}

run() {
  "$fabrix" lab run walkthrough --fabric "$fabric" --as "$instance" "$@"
}

# wait_for FILE: until it is there, at most 20 seconds.
wait_for() {
  tries=0
  until [ -e "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 2000 ] || fail "no $1"
    sleep 0.01
  done
}

expect_nothing_left() {
  left=$(find /run/netns -name "fx-$instance-*" 2>/dev/null || true)
  [ -z "$left" ] || fail "namespaces left: $left"
  [ ! -e "$directory" ] || fail "$directory is left"
  if grep -q "$directory/" /proc/mounts; then fail "something is still mounted in $directory"; fi
  for commands in /proc/[0-9]*/cmdline; do
    if { tr '\0' ' ' <"$commands"; } 2>/dev/null | grep -q "$directory/"; then
      fail "process left: $commands"
    fi
  done
}

"$fabrix" lab down "$instance"
for case in linux:/run/netns/fx-$instance-b1 linux:$directory/fabrixd.sock \
  openflow:$directory/ovs-vswitchd.pid linux:$directory/c1/bird.pid; do
  fabric=${case%%:*}
  point=${case#*:}
  "$fabrix" lab run walkthrough --fabric "$fabric" --as "$instance" --keep >/dev/null 2>&1 &
  first=$!
  wait_for "$point"
  kill -STOP "$first"
  if run >/dev/null 2>&1; then fail "the same lab ran twice at once"; fi
  kill -KILL "$first"
  wait "$first" 2>/dev/null || true
  echo "killed once there was $point"
  run || fail "the run after the killed one failed"
  expect_nothing_left
done

# Ctrl-C: the run itself cleans up.
"$fabrix" lab run walkthrough --as "$instance" >/dev/null 2>&1 &
first=$!
wait_for "$directory/c1/bird.conf"
kill -TERM "$first"
if wait "$first"; then fail "an interrupted run claims success"; fi
expect_nothing_left
echo "nothing is left"
