#!/bin/sh
# tampered_run.sh FABRIX INSTANCE: changes flow entries of a running lab's switch behind fabrixd's
# back, and expects that `fabrix verify` says which ones, what comes of it for which packet, and
# that the next one finds everything as it should be.
#
# ovs-ofctl returns when the switch has done what it says. fabrixd reads the switch every 4 seconds,
# too: what it has restored by itself before it is asked is done again.
set -eu
fabrix=$1
instance=$2
directory=${FABRIX_RUN:-/run/fabrix}/labs/$instance
bridge=unix:$directory/ix.mgmt
match='tcp,metadata=0x1/0xfff,dl_dst=02:00:00:00:20:00/f3:00:00:00:20:00,tp_dst=80'
web="table=2,priority=60000,$match"

fail() {
  echo "tampered_run: $*" >&2
  printf '%s\n' "$said" >&2
  exit 1
}

switch() {
  ovs-ofctl -O OpenFlow14 "$@"
}

# Asks; $said and $status are the answer.
verify() {
  status=0
  said=$("$fabrix" verify --lab "$instance" "$@" 2>&1) || status=$?
}

expect() {
  case $said in
    *"$1"*) ;;
    *) fail "'$1' is not said" ;;
  esac
}

expect_clean() {
  verify
  [ "$status" = 0 ] || fail "not clean: $1"
  expect 'installed   right: '
  expect 'intended    right: '
}

# tamper WHAT WORD...: does it by ovs-ofctl, and expects that it is told.
tamper() {
  what=$1
  shift
  for _ in 1 2 3 4 5; do
    switch "$@"
    verify
    [ "$status" = 0 ] || break
  done
  [ "$status" = 1 ] || fail "nothing is wrong with what was $what"
  expect 'installed   WRONG, and being corrected'
  # What the policies and routes mean is not the switch's fault.
  expect 'intended    right: '
}

said=
trap 'code=$?; "$fabrix" lab down "$instance" || code=1; exit "$code"' EXIT
"$fabrix" lab run walkthrough --fabric openflow --as "$instance" --keep </dev/null
expect_clean 'at first'

# The rule may be written otherwise some day: then the test must be, too.
[ "$(switch dump-flows "$bridge" "table=2,$match" | grep -c priority=60000)" = 1 ] ||
  fail "no flow entry $web"

tamper deleted --strict del-flows "$bridge" "$web"
expect 'are right, 0 do something else, 1 are missing; 0 are nobody'
expect 'missing     outbound 60000 sender=0 ethtype=0x0800'
expect 'policies/A.policy:2:13, clause 1 of A'
expect 'and should be sent to B (b1)'
expect 'witness: tcp 0.0.0.0:0 -> '
expect ':80, from a1 at port 1'
expect_clean 'after a deletion'

tamper altered --strict mod-flows "$bridge" "$web,actions=write_metadata:0x3003000/0xffffff000,goto_table:5"
expect 'are right, 1 do something else, 0 are missing; 0 are nobody'
expect 'different   outbound 60000 sender=0 ethtype=0x0800'
expect '  is: outbound 60000 sender=0 ethtype=0x0800'
expect 'is sent to C (c1), and should be sent to B (b1)'
expect 'witness: tcp 0.0.0.0:0 -> 140.0.0.0:80, from a1 at port 1'
expect_clean 'after an alteration'

tamper added add-flow "$bridge" 'table=2,priority=65000,tcp,metadata=0x1/0xfff,tp_dst=22,actions=drop'
expect '0 do something else, 0 are missing; 1 are nobody'
expect 'foreign     outbound 65000 sender=0 ethtype=0x0800 protocol=6 dstport=22 -> drop'
expect 'error[I4]: what A sends to '
expect 'is dropped, and should be sent to B (b1)'
expect ':22, from a1 at port 1'
expect_clean 'after an addition'

# What is never used does no harm, and what Fabrix cannot say is not judged.
tamper 'added for nobody' add-flow "$bridge" 'table=2,priority=1,metadata=0xfff/0xfff,actions=drop'
expect 'no packet goes elsewhere for that'
tamper 'added for all' add-flow "$bridge" 'table=0,priority=65000,in_port=1,actions=NORMAL'
expect 'foreign     admit 65000 in_port=0x1 -> what no row of Fabrix does'
expect '1 of these do what Fabrix never says'
expect_clean 'after additions'

tamper 'deleted altogether' del-flows "$bridge"
expect ' intended 0 are right, 0 do something else, '
expect 'error[I'
expect_clean 'after everything was deleted'
"$fabrix" lab check "$instance" || fail "the lab does not work any more"
