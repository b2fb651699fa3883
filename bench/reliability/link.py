"""A member behind a line that carries 64 kbit/s and loses what does not fit."""
import ctypes
import multiprocessing
import os
import subprocess
import time

import load
import server as servers
import speaker as bgp
from report import ms, quantile

HOLD, ROUTES, SECONDS = 9, 20000, 60
SLOW = 3


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def far_end(ready, go, told, done):
    """The slow member, in a network of its own at the other end of the cable."""
    servers.with_parent()
    if servers.LIBC.unshare(0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNET)")
    ready.set()
    go.wait()
    address = servers.member_address(SLOW)
    ip("address", "add", f"{address}/24", "dev", "far")
    ip("link", "set", "far", "up")
    loop = bgp.Loop()
    one = bgp.Speaker(loop, address, 64500 + SLOW, servers.ADDRESS, hold=HOLD)
    one.connect()
    begin = time.monotonic()
    worst = 0.0
    while time.monotonic() < begin + SECONDS and not one.ended_at:
        loop.run(0.2)
        worst = max(worst, one.worst_gap, time.monotonic() - one.last_heard)
    told.put({"up": one.up(), "end": one.notification or one.end, "gap": worst, "routes": len(one.routes),
              "violations": len(one.violations), "octets": one.heard["octets"]})
    told.close()
    told.join_thread()
    done.wait(10)  # The cable ends with this process.
    os._exit(0)


def lay_cable(pid, rate):
    """A cable to the process `pid`, slow in its direction: what waits longer than 100 ms is lost."""
    address = servers.member_address(SLOW)
    ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(pid))
    ip("link", "set", "near", "up")
    ip("route", "add", "unicast", f"{address}/32", "dev", "near", "src", servers.ADDRESS, "table", "local")
    subprocess.run(["tc", "qdisc", "add", "dev", "near", "root", "tbf", "rate", rate, "burst", "2kb", "latency", "100ms"],
                   check=True)


def lost_packets():
    for line in subprocess.check_output(["tc", "-s", "qdisc", "show", "dev", "near"], text=True).splitlines():
        if "dropped" in line:
            words = line.replace(",", "").replace("(", "").split()
            return int(words[words.index("dropped") + 1]), int(words[3])
    return 0, 0


def slow_link(report, kind):
    """T12: 20,000 routes and a little churn into 64 kbit/s; the session lives, and the others notice nothing."""
    members = [(servers.member_address(n), 64500 + n) for n in range(1, 5)]
    server = servers.Server(kind, members, {"hold_time": HOLD})
    server.start()
    loop = bgp.Loop()
    pair = [bgp.Speaker(loop, servers.member_address(n), 64500 + n, servers.ADDRESS, hold=HOLD, parse=False) for n in (1, 2)]
    for one in pair:
        one.connect()
    loop.until(lambda: all(one.up() for one in pair))
    churner = load.Churner(servers.member_address(4), 64504, ROUTES, 200, SECONDS + 20, hold=HOLD)
    ready, go, done = (multiprocessing.Event() for _ in range(3))
    told = multiprocessing.Queue()
    far = multiprocessing.Process(target=far_end, args=(ready, go, told, done))
    far.start()
    ready.wait(10)
    lay_cable(far.pid, "64kbit")
    go.set()
    probe = load.Probe(loop, *pair)
    delays = probe.many(SECONDS - 5, pause=0.2)
    while told.empty() and far.is_alive():
        loop.run(0.2)
    seen = told.get(timeout=5)
    lost, sent = lost_packets()
    done.set()
    report.check("the session", "up" if seen["up"] else f"over: {seen['end']}", "up", seen["up"])
    report.check("silence", f"{seen['gap']:.1f} s", f"< hold time of {HOLD} s", seen["gap"] < HOLD)
    # All that it is to have: the churning member's, and the probe's one after the other.
    report.check("converged", f"{seen['routes']} routes, {seen['octets'] >> 10} KiB in {SECONDS} s, {sent} packets sent, {lost} lost",
                 f">= {ROUTES}", seen["routes"] >= ROUTES)
    report.check("others meanwhile", f"probe p50 {ms(quantile(delays, 0.5))}, max {ms(max(delays))}", "<= 100 ms",
                 max(delays) <= 0.1)
    report.check("emitted malformed", seen["violations"], "0", seen["violations"] == 0)
    churner.end()
    far.join(5)
    server.kill()
