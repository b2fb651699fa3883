#!/bin/sh
# sflow_run.sh FABRIX INSTANCE: a lab whose exchange.yaml has `sflow`, a collector in it, and ping
# and TCP between two members: what the samples say has passed is what has passed, within the
# statistics of sampling, and the counters say it exactly.
set -eu
fabrix=$1
instance=$2
labs=$(mktemp -d)
csv=$labs/collected
rate=10
collector=

fail() {
  echo "sflow_run: $*" >&2
  tail -5 "$csv" >&2 || true
  exit 1
}

run() {
  "$fabrix" lab exec "$instance" "$@"
}

# expect WHAT LEAST MOST COMMAND...: what the command says is at least that before long, and not more.
expect() {
  what=$1 least=$2 most=$3
  shift 3
  for _ in $(seq 150); do
    is=$("$@")
    [ "$is" -lt "$least" ] || break
    sleep 0.2
  done
  echo "sflow_run: $what: $is, expected $least to $most"
  [ "$is" -ge "$least" ] && [ "$is" -le "$most" ] || fail "$what"
}

# What the samples of port 1 that are for port 2 say, of a protocol: the frames, or the octets.
sampled() {
  awk -F, -v protocol="$1" -v what="$2" -v rate=$rate '
    $1 == "FLOW" && $3 == 1 && $4 == 2 && $12 == protocol && $20 == rate {
      n += rate * (what == "octets" ? $18 - 4 : 1)
    }
    END { print n + 0 }' "$csv"
}

end() {
  code=$?
  [ -z "$collector" ] || kill "$collector" 2>/dev/null || true
  "$fabrix" lab down "$instance" || code=1
  rm -r "$labs"
  exit "$code"
}
trap end EXIT

for directory in $(echo "$FABRIX_LABS" | tr : ' '); do
  [ ! -d "$directory/walkthrough" ] || cp -r "$directory/walkthrough" "$labs/sampled"
done
FABRIX_LABS=$labs
export FABRIX_LABS
sed -i 's|^  asn: 65000|&\n  sflow: {collectors: ["127.0.0.1:6343"], agent: 172.0.255.254, rate: 0, polling: 1}|
  s|port: 1}|port: 1, sflow_rate: 10}|' "$labs/sampled/exchange.yaml"
"$fabrix" lab run sampled --fabric linux --as "$instance" --keep </dev/null

run ix ip link set lo up
run ix "$fabrix" sflow decode --listen 127.0.0.1:6343 --csv >"$csv" 2>&1 &
collector=$!
for _ in $(seq 50); do
  ! grep -q '^CNTR,' "$csv" || break
  sleep 0.2
done
grep -q '^CNTR,172.0.255.254,1,' "$csv" || fail "no counters"

# 5,000 frames of 98 octets: 500 samples, standard deviation 13. Five of these.
run a1 ping -q -f -c 5000 -I 100.0.0.1 140.0.0.1 >/dev/null
expect "frames of ping" 4350 5650 sampled 1 frames
expect "octets of ping" 426300 553700 sampled 1 octets

# TCP, by trains of segments: 40 MB are 27,600 frames of 1,514 octets, whose samples have a standard
# deviation of 755,000 octets, and what is sent again. Five of these, and a tenth sent again.
run b1 iperf3 -s -1 -D -B 140.0.0.1 -p 22 >/dev/null
for _ in $(seq 150); do
  ! run b1 ss -Hltn sport = :22 | grep -q . || break
  sleep 0.2
done
run a1 iperf3 -c 140.0.0.1 -p 22 -B 100.0.0.1 -n 40M >/dev/null || fail "no TCP"
expect "octets of TCP" 38000000 50000000 sampled 6 octets

# The last counters of port 1: ifInOctets and ifInUcastPkts, ifOutUcastPkts.
counted() {
  awk -F, -v field="$1" '$1 == "CNTR" && $3 == 1 { n = $field } END { print n + 0 }' "$csv"
}
# 40 million of TCP and 490,000 of ping, and headers: fewer where segments come in large frames.
expect "octets into port 1" 40490000 48000000 counted 8
expect "frames into port 1" 5600 45000 counted 9
"$fabrix" show ports --lab "$instance" --json | tr ',' '\n' | grep -q '"in_packets":[1-9][0-9]\{4\}' ||
  fail "show ports counts nothing"
"$fabrix" lab check "$instance" || fail "the lab does not work any more"
