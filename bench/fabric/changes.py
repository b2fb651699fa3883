"""What traffic notices of changes and failures: numbered packets at a steady rate, and who received which.

A sends to an address that B (M2) and C (M3) both have; its policy says which of them gets it."""
import bisect
import ctypes
import os
import random
import select
import signal
import socket
import statistics
import struct
import subprocess
import threading
import time

from labs import Lab
from machine import blast, command, inside, start_inside

PORT = 7000
SWAP_GOAL = 0.25  # seconds
TO_B, TO_C = "M2", "M3"


class Traffic:
    """From m1 to m2 and m3 for `seconds`; then `self.arrived` is [(number, microsecond, who)], by time."""

    def __init__(self, lab, rate, seconds):
        self.lab, self.sent, self.arrived = lab, 0, []
        self.receivers = {}
        for who, node in ((TO_B, "m2"), (TO_C, "m3")):
            process = start_inside(f"fx-{lab.name}-{node}", blast(), "receive", lab.destination, PORT, seconds + 2)
            process.stdout.readline()
            self.receivers[who] = process
        self.sender = start_inside(lab.a, blast(), "send", lab.source, lab.destination, PORT, rate, seconds)

    def end(self):
        self.sent = int(self.sender.communicate()[0])
        for who, process in self.receivers.items():
            for line in process.communicate()[0].splitlines():
                number, at = line.split()
                self.arrived.append((int(number), int(at), who))
        self.arrived.sort(key=lambda one: one[1])
        return self

    def lost(self):
        return self.sent - len({number for number, _, _ in self.arrived})

    def twice(self):
        return len(self.arrived) - len({number for number, _, _ in self.arrived})

    def turns(self):
        """How often the receiver changes, in the order of sending: one for each change, or packets met both."""
        order = sorted(self.arrived)
        return sum(1 for one, next_one in zip(order, order[1:]) if one[2] != next_one[2])


def say(what, good, text):
    print(f"{what:10} {'pass' if good else 'FAIL'}  {text}", flush=True)
    return good


def big_policy(clauses, target):
    """Every rule of it goes elsewhere when `target` does; A's packets go to `target`. A clause on ports makes six rules
    for a switch: for TCP, UDP and SCTP over IPv4 and IPv6."""
    other = TO_C if target == TO_B else TO_B
    rows = [f"match(dstport={PORT}) >> fwd({target})"]
    rows += [f"q({source}) >> fwd({target if source % 2 else other})" for source in range(1, clauses + 1)]
    return "q(s) = match(srcport=s, dstport=9)\noutbound = (" + ")\n + (".join(rows) + ")\n"


def settle(lab, limit=60):
    """Until everything is installed; the seconds it took."""
    start = time.monotonic()
    while time.monotonic() - start < limit:
        try:
            if lab.show("status")["settled"]:
                return time.monotonic() - start
        except RuntimeError:  # busy
            pass
        time.sleep(0.02)
    raise RuntimeError("the exchange does not settle")


def started(arguments, members=4):
    lab = Lab(arguments.fabric, members, 0)
    try:
        lab.start()
        lab.next_mac()
    except BaseException:
        lab.stop()
        raise
    return lab


def waits(edits, arrived):
    """Milliseconds from each edit (target, asked, answered) to the first packet that its target got; none where that was
    never."""
    times = {who: [at for _, at, to in arrived if to == who] for who in (TO_B, TO_C)}
    found = []
    for (target, asked, _), following in zip(edits, [*edits[1:], None]):
        place = bisect.bisect(times[target], asked)
        first = times[target][place] if place < len(times[target]) else None
        late = first is None or (following is not None and first > following[1])
        found.append(None if late else (first - asked) / 1000)
    return found


def swap(arguments):
    """A policy of many clauses is replaced by another, all of whose clauses go elsewhere, under traffic."""
    lab, times, changes = started(arguments), [], []
    try:
        lab.set_policy(big_policy(arguments.clauses, TO_B))
        settle(lab)
        lab.next_mac()
        rules = lab.show("status")["rules"]
        # A change takes at most some seconds, and all are made while packets go.
        swaps = 6
        traffic = Traffic(lab, arguments.rate or 20000, 4 * swaps + 4)
        time.sleep(1)
        for number in range(swaps):
            target = TO_B if number % 2 else TO_C
            start = time.monotonic()
            lab.set_policy(big_policy(arguments.clauses, target))
            changes.append((target, start * 1e6, time.monotonic() * 1e6))
            settle(lab)
            times.append(time.monotonic() - start)
            time.sleep(max(0, 4 - times[-1]))
        traffic.end()
    finally:
        lab.stop()
    lost, turns = traffic.lost(), traffic.turns()
    effect = [wait / 1000 for wait in waits(changes, traffic.arrived) if wait is not None]
    good = (lost == 0 and traffic.twice() == 0 and turns == swaps == len(effect)
            and statistics.median(effect) <= SWAP_GOAL)
    return say("swap", good, f"{lab.fabric}: {rules} rules, {traffic.sent} packets, {lost} lost, {traffic.twice()} twice, "
               f"the receiver changed {turns} times in {swaps} swaps; packets took the new way after "
               f"{statistics.median(effect or [0]):.2f} s (median), {max(effect or [0]):.2f} s (longest); all was installed, "
               f"and the old gone, after {statistics.median(times):.2f} s, {max(times):.2f} s")


def restart(lab, words):
    log = lab.log().open("ab")
    return subprocess.Popen(["nsenter", f"--net=/run/netns/fx-{lab.name}-rs", *words], stdout=log, stderr=log,
                            stdin=subprocess.DEVNULL, start_new_session=True)


def agrees(lab):
    try:
        lab.fabrix("verify", "--lab", lab.name)
        return True
    except RuntimeError:
        return False


def kill(pid):
    """Until all its threads are no more: only then is what it held free, its sockets above all. The process is a zombie
    before that, when its first thread has ended, which may be 0.1 s earlier."""
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [])
    finally:
        os.close(process)


def keep_route(lab):
    """What A's kernel has for the destination stays, whatever its daemon hears: the fabric alone is measured."""
    mac = lab.next_mac()
    hop = inside(lab.a, "ip", "route", "get", lab.destination, "from", lab.source).split()
    address = hop[hop.index("via") + 1]
    inside(lab.a, "ip", "neigh", "replace", address, "lladdr", mac, "dev", "ix0", "nud", "permanent")
    inside(lab.a, "ip", "route", "add", f"{lab.destination}/32", "via", address, "dev", "ix0", "onlink")


def kills(arguments, every=2.5):
    """fabrixd is killed while it commits, again and again, and started again."""
    lab, rng, drift, process, rounds = started(arguments), random.Random(2), [], None, arguments.kills
    try:
        (lab.folder / "policies/M1.policy").write_text(big_policy(1000, TO_B))
        config = (lab.folder / "exchange.yaml").read_text()
        (lab.folder / "exchange.yaml").write_text(config.replace("asn: 1001, ", "asn: 1001, policy: policies/M1.policy, "))
        lab.fabrix("reload", "--lab", lab.name)
        keep_route(lab)
        traffic = Traffic(lab, arguments.rate or 10000, int(every * rounds) + 5)
        (lab.folder / "other.policy").write_text(big_policy(1000, TO_C))
        for _ in range(rounds):
            began = time.monotonic()
            pid, words = lab.fabrixd()
            change = subprocess.Popen([command(), "policy", "set", "--participant", "M1", "--lab", lab.name,
                                       lab.folder / "other.policy"], env=lab.environment, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0, 0.4))
            kill(pid)
            if process is not None:
                process.wait()
            change.wait()
            process = restart(lab, words)
            start = time.monotonic()
            while not agrees(lab) and time.monotonic() - start < 10:
                time.sleep(0.05)
            drift.append(time.monotonic() - start)
            time.sleep(max(0, every - (time.monotonic() - began)))
        traffic.end()
    finally:
        lab.stop()
        if process is not None:
            process.wait()
    lost = traffic.lost()
    good = lost == 0 and max(drift) <= 2
    return say("kills", good, f"{lab.fabric}: {rounds} kills, {traffic.sent} packets, {lost} lost, {traffic.twice()} twice; "
               f"all right again after {statistics.median(drift):.2f} s (median), {max(drift):.2f} s (longest) of the restart")


def wait_for_c(lab):
    """Until C, whose daemon has seen its link go, has its session and routes again, and keeps them for a while."""
    deadline, since = time.monotonic() + 30, time.monotonic()
    packet = f"udp {lab.source}:40000 -> {lab.destination}:{PORT}"
    while time.monotonic() - since < 3:
        if "delivered to m3" not in lab.fabrix("trace", "--lab", lab.name, "m1", packet):
            since = time.monotonic()
        if time.monotonic() > deadline:
            raise RuntimeError("C does not come back")
        time.sleep(0.2)


def port_down(arguments, rounds=5):
    """C's cable is pulled while A's policy sends there: B, the best route, gets the packets."""
    lab, gaps = started(arguments), []
    try:
        lab.set_policy(f"outbound = match(dstport={PORT}) >> fwd({TO_C})\n")
        traffic = Traffic(lab, 10000, 14 * rounds)
        pulled = []
        for _ in range(rounds):
            time.sleep(1)
            pulled.append(time.monotonic() * 1e6)
            inside(lab.ix, "ip", "link", "set", "p3", "down")
            time.sleep(2)
            inside(lab.ix, "ip", "link", "set", "p3", "up")
            wait_for_c(lab)
        traffic.end()
    finally:
        lab.stop()
    for at in pulled:
        last = max((t for _, t, who in traffic.arrived if who == TO_C and t < at + 1e6), default=0)
        first = min((t for _, t, who in traffic.arrived if who == TO_B and t > at), default=float("inf"))
        if last > at - 10000:  # else it had none before either
            gaps.append((first - last) / 1000)
    good = len(gaps) > rounds // 2 and max(gaps) <= 50
    return say("port_down", good, f"{lab.fabric}: nobody had the traffic for {statistics.median(gaps):.1f} ms (median), "
               f"{max(gaps):.1f} ms (longest) of {len(gaps)}")


def ask(namespace, address, source, times, wait=1.0):
    """Milliseconds to each answer to an ARP request (RFC 826); what is not answered counts as `wait`."""
    latencies = []

    def work():
        with open(f"/run/netns/{namespace}") as there:
            ctypes.CDLL(None, use_errno=True).setns(there.fileno(), 0x40000000)  # of this thread only
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
        link.bind(("ix0", 0x0806))
        mac = link.getsockname()[4]
        request = (b"\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + mac
                   + socket.inet_aton(source) + bytes(6) + socket.inet_aton(address)).ljust(60, b"\0")
        for _ in range(times):
            start = time.monotonic()
            link.send(request)
            link.settimeout(wait)
            try:
                while True:
                    frame = link.recv(2000)
                    if frame[20:22] == b"\0\2" and frame[28:32] == socket.inet_aton(address):
                        break
                latencies.append((time.monotonic() - start) * 1000)
            except TimeoutError:
                latencies.append(wait * 1000)
            time.sleep(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return latencies


def flood(arguments):
    """C asks for a virtual next hop as often as it can; others ask for one now and then."""
    lab = started(arguments)
    try:
        lab.set_policy(f"outbound = match(dstport={PORT}) >> fwd({TO_C})\n")
        time.sleep(1)
        hop = inside(lab.a, "ip", "route", "get", lab.destination, "from", lab.source).split()
        address = hop[hop.index("via") + 1]
        quiet = ask(lab.a, address, "172.0.0.2", 50)
        noise = start_inside(f"fx-{lab.name}-m3", blast(), "arp", "ix0", "172.0.0.4", address, 8)
        time.sleep(1)
        loud = ask(lab.a, address, "172.0.0.2", 50)
        sent = int(noise.communicate()[0])
    finally:
        lab.stop()
    good = max(loud) < 100
    return say("flood", good, f"{lab.fabric}: {sent / 8e6:.2f} million requests a second of one port; the others' answers "
               f"take {statistics.median(loud):.2f} ms (median), {max(loud):.1f} ms (longest of 50), without it "
               f"{statistics.median(quiet):.2f} and {max(quiet):.1f} ms")
