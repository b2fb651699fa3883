#!/bin/sh
# views_run.sh FABRIX INSTANCE: a lab whose exchange has telemetry and a policy that sends some of
# A's packets to two members: real frames through the fabric make the rows of the views, with names.
set -eu
fabrix=$1
instance=$2
labs=$(mktemp -d)
seen=$labs/seen

fail() {
  echo "views_run: $*" >&2
  cat "$seen" >&2 || true
  exit 1
}

run() {
  "$fabrix" lab exec "$instance" "$@"
}

# row VIEW PATTERN: waits until a row of the view has it, while frames keep coming.
row() {
  for _ in $(seq 30); do
    send 7 20
    send 80 20
    run ix "$fabrix" traffic "$1" --json >"$seen" 2>&1 || true
    if tr '{' '\n' <"$seen" | grep -q "$2"; then
      echo "views_run: $1 has $2"
      return
    fi
  done
  fail "$1 has no row with $2"
}

# send PORT COUNT: datagrams of A.
send() {
  run a1 bash -c "for i in \$(seq $2); do echo fabrix >/dev/udp/140.0.0.1/$1; done" 2>/dev/null
}

end() {
  code=$?
  "$fabrix" lab down "$instance" || code=1
  rm -r "$labs"
  exit "$code"
}
trap end EXIT

for directory in $(echo "$FABRIX_LABS" | tr : ' '); do
  [ ! -d "$directory/walkthrough" ] || cp -r "$directory/walkthrough" "$labs/views"
done
FABRIX_LABS=$labs
export FABRIX_LABS
sed -i 's|^  asn: 65000|&\n  telemetry: {}\n  sflow: {collectors: [], agent: 172.0.255.254, rate: 1, polling: 1}|' \
  "$labs/views/exchange.yaml"
cat >>"$labs/views/policies/A.policy" <<'POLICY'
         + (match(protocol=udp, dstport=7) >> multicast(B, C))
POLICY
"$fabrix" lab run views --fabric linux --as "$instance" --keep </dev/null

run ix ip link set lo up
row matrix '"source":"A","destination":"B"'
row flooding '"source":"A","destination":"[^"]*","reason":"copied"'
run ix "$fabrix" traffic flooding --json >"$seen"
! grep -q '"reason":"unknown"' "$seen" || fail "a frame to nobody's address"
! tr '{' '\n' <"$seen" | grep '"source"' | grep -vq '"source":"A"' || fail "others flood"
"$fabrix" lab check "$instance" || fail "the lab does not work any more"
