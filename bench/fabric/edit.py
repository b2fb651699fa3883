"""How soon packets go by a member's new policy: from the request to the daemon to the first packet on the new way."""
import json
import os
import random
import socket
import statistics
import time

from changes import PORT, TO_B, TO_C, Traffic, keep_route, say, settle, started, waits
from machine import Pauses

GOAL = 5.0  # milliseconds, p99
OTHER_CLAUSES = 9
OTHER_PORTS = 20000  # from here on, one for each edit
BETWEEN = (0.03, 0.06)  # seconds from one edit to the next


class Daemon:
    """A connection to the lab's fabrixd (src/api/protocol.h), by which each edit is one request."""

    def __init__(self, lab):
        home = os.environ.get("FABRIX_RUN", "/run/fabrix")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.path.join(home, "labs", lab.name, "fabrixd.sock"))
        self.answers = self.socket.makefile("r")

    def set_policy(self, text):
        """The microsecond before the request, and that of the answer."""
        request = json.dumps({"command": "set-policy", "participant": "M1", "file": "edit.policy", "text": text})
        asked = time.monotonic() * 1e6
        self.socket.sendall(request.encode() + b"\n")
        answer = json.loads(self.answers.readline())
        if not answer["ok"]:
            raise RuntimeError(answer["error"])
        return asked, time.monotonic() * 1e6


def policy(target, number=0):
    """Ten clauses, the last of which is the one that changes, and is none that was there before. The others go to both, so
    that A's next hop stays."""
    rows = [f"match(dstport={port}) >> fwd({(TO_B, TO_C)[port % 2]})" for port in range(1, OTHER_CLAUSES + 1)]
    last = f"(match(dstport={PORT}) | match(dstport={OTHER_PORTS + number})) >> fwd({target})"
    return "outbound = " + " + ".join([*rows, last]) + "\n"


def p99(times):
    return times[min(len(times) - 1, int(0.99 * len(times)))]


def besides(edits, found, pauses):
    """What the machine did meanwhile: a figure of which it has no part."""
    still = [wait for (_, asked, _), wait in zip(edits, found)
             if wait is not None and not any(start < asked + wait * 1000 and end > asked for start, end in pauses)]
    longest = max((end - start for start, end in pauses), default=0) / 1000
    return (f"; CPUs stood still {len(pauses)} times for 2 ms or more, {longest:.1f} at most: {p99(sorted(still)):.2f} ms (p99) of the "
            f"{len(still)} edits that met none of it" if pauses and still else "")


def edit(arguments):
    """A clause goes to B and to C in turn, while packets go that it is about."""
    lab, edits, rng = started(arguments), [], random.Random(3)
    try:
        daemon = Daemon(lab)
        daemon.set_policy(policy(TO_B))
        settle(lab)
        lab.next_mac()
        keep_route(lab)
        seconds = int(arguments.edits * max(BETWEEN)) + 4
        pauses = Pauses(seconds)
        traffic = Traffic(lab, arguments.rate or 20000, seconds)
        time.sleep(1)
        for number in range(arguments.edits):
            target = TO_B if number % 2 else TO_C
            edits.append((target, *daemon.set_policy(policy(target, number + 1))))
            time.sleep(rng.uniform(*BETWEEN))
        traffic.end()
    finally:
        lab.stop()
    found = waits(edits, traffic.arrived)
    known = sorted(wait for wait in found if wait is not None)
    never = len(found) - len(known)
    if len(known) < 2:
        return say("edit", False, f"{lab.fabric}: {never} of {len(found)} edits never showed")
    good = never == 0 and p99(known) < GOAL and traffic.lost() == 0
    return say("edit", good, f"{lab.fabric}: {len(known)} of {len(found)} edits showed, after {statistics.median(known):.2f} ms "
               f"(p50), {p99(known):.2f} ms (p99), {known[-1]:.2f} ms (longest); {traffic.sent} packets, {traffic.lost()} lost, "
               f"{traffic.twice()} twice" + besides(edits, found, pauses.take()))
