"""Routes in bulk, and a member in a process of its own that announces them over and over."""
import multiprocessing
import os
import struct
import time

import server as servers
import speaker as bgp

EACH = 10  # prefixes of one UPDATE, which share their attributes


def prefixes(count):
    """`count` prefixes of 24 bits from 20.0.0.0, as NLRI."""
    return [bytes([24]) + struct.pack("!I", (20 << 16) + n)[1:] for n in range(count)]


def announcements(asn, next_hop, count, version):
    """UPDATEs for `count` prefixes; another version has another MED."""
    all_of_them, out = prefixes(count), []
    for at in range(0, count, EACH):
        attributes = bgp.plain_attributes([asn, 3000 + at // EACH % 60000], next_hop, med=version)
        out.append(bgp.update(b"", attributes, b"".join(all_of_them[at:at + EACH])))
    return out


def churn(address, asn, count, rate, seconds, ready, stop, hold=90):
    """Connects, announces `count` routes once, then all of them anew, `rate` routes a second."""
    servers.with_parent()
    loop = bgp.Loop()
    member = bgp.Speaker(loop, address, asn, servers.ADDRESS, hold=hold, parse=False)
    member.connect()
    loop.until(member.up)
    versions = [announcements(asn, address, count, version) for version in (1, 2)]
    member.send(b"".join(versions[0]))
    loop.until(lambda: not member.out, 60)
    ready.set()
    begin, at, last = time.monotonic(), 0, 0
    while not stop.is_set() and time.monotonic() - begin < seconds and member.up():
        due = int((time.monotonic() - begin) * rate / EACH)
        if len(member.out) < 4 << 20 and due > at:
            blob = b"".join(versions[(1 + (n // len(versions[0]))) % 2][n % len(versions[0])] for n in range(at, due))
            member.send(blob)
            at = due
        loop.turn(0.01)
    stop.wait(seconds)
    os._exit(0 if member.up() else 3)


class Churner:
    def __init__(self, address, asn, count, rate, seconds, hold=90):
        self.ready, self.stop = multiprocessing.Event(), multiprocessing.Event()
        self.process = multiprocessing.Process(
            target=churn, args=(address, asn, count, rate, seconds, self.ready, self.stop, hold))
        self.process.start()
        if not self.ready.wait(60):
            raise RuntimeError("the churning member did not get its routes out")

    def end(self):
        """Whether its session lived to the end."""
        self.stop.set()
        self.process.join(20)
        return self.process.exitcode == 0


class Probe:
    """A good member announces one prefix after the other; another good member says when it heard of them."""

    def __init__(self, loop, sender, receiver):
        self.loop, self.sender, self.receiver, self.count = loop, sender, receiver, 0
        self.seen = {}
        receiver.parse = False
        receiver.on_update = self.heard

    def heard(self, body):
        at = body.find(b"\x20\xcb\x00")  # 203.0.x.y/32
        if at >= 0 and len(body) >= at + 5:
            self.seen[body[at + 3:at + 5]] = time.monotonic()

    def once(self, patience=5.0):
        self.count += 1
        mark = struct.pack("!H", self.count)
        attributes = bgp.plain_attributes([self.sender.asn], self.sender.address)
        start = time.monotonic()
        self.sender.send(bgp.update(b"", attributes, b"\x20\xcb\x00" + mark))
        if not self.loop.until(lambda: mark in self.seen, patience):
            return patience
        return self.seen[mark] - start

    def many(self, seconds, pause=0.05):
        end, delays = time.monotonic() + seconds, []
        while time.monotonic() < end:
            delays.append(self.once())
            self.loop.run(pause)
        return delays
