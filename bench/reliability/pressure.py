"""Members that read nothing, strangers that knock, and a server that gets too little of a core."""
import os
import pathlib
import socket
import time

import server as servers
import speaker as bgp
from load import Churner, Probe
from report import ms, quantile

SLOW, ROUTES = 20, 40000
SEND_HOLD = 12


def start(kind, members, session):
    server = servers.Server(kind, [(servers.member_address(n), 64500 + n) for n in range(1, members + 1)], session)
    server.start()
    return server


def member(loop, number, **more):
    return bgp.Speaker(loop, servers.member_address(number), 64500 + number, servers.ADDRESS, **more)


def probe_pair(loop, hold=90):
    pair = [member(loop, number, hold=hold, parse=False) for number in (1, 2)]
    for one in pair:
        one.connect()
    loop.until(lambda: all(one.up() for one in pair))
    return pair


def slow_phase(server, loop, probe, slow, report, kind, calm):
    rss = server.status("VmRSS")
    begin = time.monotonic()
    for one in slow:
        one.pause()
    delays, worst_rss = [], rss
    while time.monotonic() < begin + SEND_HOLD - 2:
        delays += probe.many(1.0)
        worst_rss = max(worst_rss, server.status("VmRSS"))
    per_peer = (worst_rss - rss) / 1024 / SLOW
    ratio = quantile(delays, 0.5) / quantile(calm, 0.5)
    report.check("probe p50", f"{ms(quantile(delays, 0.5))}, {ratio:.2f}x of churn alone", "<= 1.2x", ratio <= 1.2)
    report.check("probe max", ms(max(delays)), "<= 100 ms", max(delays) <= 0.1)
    report.check("memory", f"{per_peer:.2f} MiB a slow peer", "<= 1 MiB", per_peer <= 1)
    drops = dropped_at(slow, loop, begin, 60 if kind == "bird" else 25)
    count = sum(1 for when, _ in drops if when)
    late = max((when for when, _ in drops if when), default=float("nan"))
    told = sum(1 for _, notification in drops if notification == (8, 0))
    report.check("dropped", f"{count}/{SLOW}, last after {late:.1f} s", f"all, <= {SEND_HOLD + 1} s + time to fill",
                 count == SLOW and late <= SEND_HOLD + 2.5)
    report.check("with NOTIFICATION 8/0", f"{told}/{SLOW}", "all", told == SLOW)


def dropped_at(slow, loop, begin, patience):
    """[(seconds until the server gave it up, the NOTIFICATION found behind what was not read)]."""
    gone = {}
    end = time.monotonic() + patience
    while len(gone) < len(slow) and time.monotonic() < end:
        for number, one in enumerate(slow):
            # Given up: the server's end is no longer established.
            if number not in gone and not server_side_established(one):
                gone[number] = time.monotonic() - begin
                one.resume()
        loop.run(0.1)
    loop.until(lambda: all(one.ended_at for number, one in enumerate(slow) if number in gone), 5)
    return [(gone.get(number), one.notification) for number, one in enumerate(slow)]


def server_side_established(one):
    """Whether the server has this connection as established (state 01 of /proc/net/tcp)."""
    def word(address, port):
        return f"{int.from_bytes(socket.inet_aton(address), 'little'):08X}:{port:04X}"
    wanted = [word(servers.ADDRESS, 179), word(one.address, one.sock.getsockname()[1])]
    for line in pathlib.Path("/proc/self/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1:3] == wanted:
            return words[3] == "01"
    return False


def slow_readers(report, kind):
    """T7: 20 peers of zero window while 40,000 routes a second change."""
    server = start(kind, 3 + SLOW, {"hold_time": 9, "send_hold": SEND_HOLD})
    loop = bgp.Loop()
    sender, receiver = probe_pair(loop, hold=9)
    slow = [member(loop, 4 + n, hold=9, parse=False, receive=4096) for n in range(SLOW)]
    for one in slow:
        one.connect()
    loop.until(lambda: all(one.up() for one in slow))
    churner = Churner(servers.member_address(3), 64503, ROUTES, ROUTES, 90, hold=9)
    probe = Probe(loop, sender, receiver)
    probe.many(2.0)
    calm = probe.many(6.0)
    report.note(f"churn alone: p50 {ms(quantile(calm, 0.5))}, max {ms(max(calm))}; RSS {server.status('VmRSS')} KiB")
    slow_phase(server, loop, probe, slow, report, kind, calm)
    report.check("others' sessions", "up" if churner.end() and sender.up() and receiver.up() else "lost", "up",
                 sender.up() and receiver.up())
    server.kill()


def knock(address, count):
    """Connections that say nothing; those that are open still."""
    made = []
    for _ in range(count):
        one = socket.socket()
        one.setblocking(False)
        one.bind((address, 0))
        one.connect_ex((servers.ADDRESS, 179))
        made.append(one)
    return made


def storm(report, kind):
    """T10 without spoofed SYNs: 200 silent connections from one member's address, and thousands from strangers."""
    server = start(kind, 6, {"hold_time": 9})
    loop = bgp.Loop()
    sender, receiver = probe_pair(loop, hold=9)
    others = [member(loop, n, hold=9, parse=False) for n in (3, 4)]
    for one in others:
        one.connect()
    loop.until(lambda: all(one.up() for one in others))
    probe = Probe(loop, sender, receiver)
    probe.many(1.0)
    rss, begin, delays, made, held = server.status("VmRSS"), time.monotonic(), [], 0, []
    while time.monotonic() < begin + 12:
        for address, count in (("192.0.2.5", 20), ("192.0.2.3", 5), (f"192.0.2.{150 + made % 50}", 50),
                               ("198.18.77.7", 50)):
            held += knock(address, count)
            made += count
        delays.append(probe.once())
        loop.run(0.01)
        for one in held[:-2000]:
            one.close()
        held = held[-2000:]
    half_open = len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()))
    attacked = member(loop, 5, hold=9, parse=False)
    start_time, tries = time.monotonic(), 0
    while not attacked.up() and time.monotonic() < start_time + 10:
        tries += 1
        attacked.connect()
        loop.until(lambda: attacked.up() or attacked.ended_at, 2)
        if not attacked.up():
            loop.run(0.1)
    took = time.monotonic() - start_time
    untouched = all(one.up() for one in (sender, receiver, *others))
    report.check("established sessions", "up" if untouched else "lost", "up", untouched)
    report.check("probe p99", f"{ms(quantile(delays, 0.99))} at {made / 12:.0f} connects/s", "<= 10 ms",
                 quantile(delays, 0.99) <= 0.01)
    report.check("member connects", f"after {took:.2f} s, {tries} tries" if attacked.up() else "not within 10 s",
                 "yes", attacked.up())
    grown = (server.status("VmRSS") - rss) / 1024
    report.check("server holds", f"{half_open} descriptors, {grown:+.1f} MiB", "<= 64, <= 16 MiB",
                 half_open <= 64 and grown <= 16)
    for one in held:
        one.close()
    server.kill()


CGROUPS = ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup")


def release(pid):
    """Removes the cgroup that the scenario in this process made, if it did."""
    for root in CGROUPS:
        group = pathlib.Path(root) / f"fabrix-reliability-{pid}"
        if group.exists():
            group.rmdir()


def limit_cpu(server, share):
    """Part of a core by cgroup, v1 or v2; None if that cannot be had."""
    name = f"fabrix-reliability-{os.getpid()}"
    quota = int(20000 * share)
    settings = ({"cpu.cfs_period_us": "20000", "cpu.cfs_quota_us": str(quota)}, {"cpu.max": f"{quota} 20000"})
    for root, files in zip(CGROUPS, settings):
        group = pathlib.Path(root) / name
        try:
            group.mkdir()
            for file, text in files.items():
                (group / file).write_text(text)
            (group / "cgroup.procs").write_text(str(server.process.pid))
            return group
        except OSError:
            if group.exists():
                group.rmdir()
    return None


def overload(report, kind):
    """T9: hold time 3 s, a quarter of a core, and more churn than it can do."""
    server = start(kind, 20, {"hold_time": 3})
    loop = bgp.Loop()
    idle = [member(loop, number, hold=3, parse=False) for number in range(1, 20)]
    for one in idle:
        one.connect()
    loop.until(lambda: all(one.up() for one in idle))
    churner = Churner(servers.member_address(20), 64520, 200000, 200000, 90, hold=3)
    loop.run(1)
    group = limit_cpu(server, 0.25)
    for one in idle:
        one.worst_gap = 0.0
    before, begin = server.cpu(), time.monotonic()
    loop.run(25)
    share = (server.cpu() - before) / (time.monotonic() - begin)
    flaps = sum(1 for one in idle if not one.up())
    churning = churner.end()
    flaps += 0 if churning else 1
    gap = max(one.worst_gap for one in idle)
    report.check("flaps", f"{flaps} of 20 in 25 s at {share * 100:.0f} % of a core", "0", flaps == 0)
    report.check("silence", f"{gap:.2f} s", "<= 1.5 s", gap <= 1.5)
    report.check("cgroup", "in force" if group else "not to be had", "in force", group is not None)
    for one in idle:
        if not one.up():
            report.note(f"{one.address}: {one.notification or one.end}")
    report.note(f"the churning member is {'up' if churning else 'down'}")
    server.kill()
    release(os.getpid())
