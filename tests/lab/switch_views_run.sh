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

# settled PATTERN [LEAST]: the same when there are so many, if ever, and no more come: an agent sends
# what it has once a second.
settled() {
  last=
  for _ in $(seq 30); do
    now=$(frames "$1")
    [ "$now" != "$last" ] || [ "$now" -lt "${2:-0}" ] || break
    last=$now
    sleep 1.5
  done
  echo "$now"
}

# counted: how many frames of 20 to B, which is at the other leaf, count for it.
counted() {
  before=$(settled B)
  send 80 20
  echo "$(($(settled B $((before + 20))) - before))"
}

# among COUNT WANTED: whether they are these, and perhaps a few that the kernels exchange besides
# (ARP, ICMP): each again at another switch would be as many more. A's own questions for the virtual
# next hops go to nobody.
among() {
  [ "$1" -ge "$2" ] && [ "$1" -lt "$(($2 * 3 / 2))" ]
}

# Until the switches have told which ports are theirs, a frame counts at each of them.
for _ in $(seq 30); do
  ! among "$(counted)" 20 || break
done

before_b=$(settled B)
before_c=$(settled C)
nobody='[0-9A-F]\{12\}'
before_nobody=$(settled "$nobody")
send 80 200
send 4322 200
b=$(($(settled B $((before_b + 200))) - before_b))
c=$(($(settled C $((before_c + 200))) - before_c))
nobodys=$(($(settled "$nobody") - before_nobody))
echo "switch_views_run: of 200 frames of A to each: $b to B, $c to C, $nobodys to nobody's address"
among "$b" 200 || fail "B has $b frames"
among "$c" 200 || fail "C has $c frames"
[ "$nobodys" -lt 20 ] || fail "frames to nobody's address"
