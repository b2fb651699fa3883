#!/bin/sh
# switch_views_run.sh FABRIX INSTANCE: a lab of four Open vSwitch bridges that send samples of every
# frame: what a policy sends to a member at another switch counts for that member.
set -eu
fabrix=$1
instance=$2
labs=$(mktemp -d)
seen=$labs/seen

fail() {
  echo "switch_views_run: $*" >&2
  cat "$seen" >&2 || true
  exit 1
}

run() {
  "$fabrix" lab exec "$instance" "$@"
}

# send PORT COUNT: datagrams of A.
send() {
  run a1 bash -c "for i in \$(seq $2); do echo fabrix >/dev/udp/140.0.0.1/$1; done" 2>/dev/null
}

# frames PATTERN: how many there were of A's in rows with such a destination.
frames() {
  run rs "$fabrix" traffic matrix --rows 1000 --json >"$seen"
  tr '{' '\n' <"$seen" | grep '"source":"A"' | grep "\"destination\":\"$1\"" |
    sed 's/.*"frames":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n + 0 }'
}

end() {
  code=$?
  "$fabrix" lab down "$instance" || code=1
  rm -r "$labs"
  exit "$code"
}
trap end EXIT

for directory in $(echo "$FABRIX_LABS" | tr : ' '); do
  [ ! -d "$directory/leaf-spine" ] || cp -r "$directory/leaf-spine" "$labs/switches"
done
FABRIX_LABS=$labs
export FABRIX_LABS
sed -i 's|^  asn: 65000|&\n  telemetry: {sflow: "[::]:6343"}|' "$labs/switches/exchange.yaml"
sed -i '/note: And back/,$d' "$labs/switches/lab.yaml"
"$fabrix" lab run switches --as "$instance" --keep </dev/null

# The switches send their samples to fabrixd, which is in a namespace of its own, by a cable beside
# the exchange.
run rs ip link set lo up
run ix ip link add samples type veth peer name samples netns "fx-$instance-rs"
run ix ip address add 192.0.2.1/30 dev samples
run rs ip address add 192.0.2.2/30 dev samples
run ix ip link set samples up
run rs ip link set samples up
database=unix:${FABRIX_RUN:-/run/fabrix}/labs/$instance/ovsdb.sock
for bridge in $(run ix ovs-vsctl --timeout=15 --db="$database" list-br); do
  run ix ovs-vsctl --timeout=15 --db="$database" \
    -- --id=@sflow create sflow agent=samples target='"192.0.2.2:6343"' header=128 sampling=1 polling=1 \
    -- set bridge "$bridge" sflow=@sflow >/dev/null
done

# counted PATTERN: how many frames of 20 to B, which is at the other leaf, count for it.
counted() {
  before=$(frames "$1")
  send 80 20
  sleep 1
  echo "$(($(frames "$1") - before))"
}

# Until the switches have told which ports are theirs, a frame counts at each of them.
nobody='[0-9A-F]\{12\}'
for _ in $(seq 30); do
  [ "$(counted B)" -ne 20 ] || break
done

before_b=$(frames B)
before_c=$(frames C)
before_nobody=$(frames "$nobody")
send 80 200
send 4322 200
for _ in $(seq 30); do
  [ "$(($(frames C) - before_c))" -lt 200 ] || break
  sleep 0.2
done
sleep 1
b=$(($(frames B) - before_b))
c=$(($(frames C) - before_c))
nobodys=$(($(frames "$nobody") - before_nobody))
echo "switch_views_run: of 200 frames of A to each: $b to B, $c to C, $nobodys to nobody's address"
[ "$b" -eq 200 ] || fail "B has $b frames"
[ "$c" -eq 200 ] || fail "C has $c frames"
[ "$nobodys" -eq 0 ] || fail "frames to nobody's address"
