"""Sessions that the server ends, with a member that talks all the while: does it hear why?"""
import os
import signal
import socket
import struct
import threading
import time

import server as servers
import speaker as bgp

RESETS = int(os.environ.get("RESETS", "200"))
MEMBERS = 60
# Unread input makes Linux answer a close with a reset, which overtakes the NOTIFICATION: this much follows each fault.
BABBLE = bgp.message(bgp.KEEPALIVE) * 20000


def update_error(body):
    return bgp.message(bgp.UPDATE, body)


# What a member says, in place of its OPEN or once it is up, and what it must hear.
FAULTS = [
    ("marker", False, bytes(16) + struct.pack("!HB", 19, bgp.KEEPALIVE), (1, 1)),
    ("length", False, bgp.message(bgp.KEEPALIVE, b"\0"), (1, 2)),
    ("type", False, bgp.message(9), (1, 3)),
    ("withdrawn routes too long", False, update_error(struct.pack("!HH", 4000, 0)), (3, 1)),
    ("prefix of 99 bits", False, update_error(struct.pack("!H", 1) + b"\x63" + struct.pack("!H", 0)), (3, 10)),
    ("a second OPEN", False, bgp.open_message(64501, "192.0.2.1", 90), (5, 3)),
    ("AS of somebody else", True, bgp.open_message(64999, "192.0.2.1", 90), (2, 2)),
    ("hold time 1", True, bgp.open_message(0, "192.0.2.1", 1), (2, 6)),
    ("version 3", True, bgp.message(bgp.OPEN, b"\3" + struct.pack("!HH", 64501, 90) + b"\1\1\1\1\0"), (2, 1)),
]


class Wire:
    """Listens to the loopback interface: which NOTIFICATIONs went out to whom."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
        self.sock.bind(("lo", 0x0800))
        self.seen = {}  # (address, port) of the member: code, subcode
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            frame, _ = self.sock.recvfrom(1 << 17)
            if frame[23] == 6:  # TCP
                self.take(frame[14:])

    def take(self, packet):
        at = (packet[0] & 15) * 4
        source, port = struct.unpack_from("!HH", packet, at)
        if source != 179:
            return
        payload = packet[at + (packet[at + 12] >> 4) * 4:struct.unpack_from("!H", packet, 2)[0]]
        begin = payload.find(bgp.MARKER)
        while 0 <= begin <= len(payload) - 21:
            size, kind = struct.unpack_from("!HB", payload, begin + 16)
            if kind == bgp.NOTIFICATION:
                self.seen[(socket.inet_ntoa(packet[16:20]), port)] = tuple(payload[begin + 19:begin + 21])
            begin = payload.find(bgp.MARKER, begin + max(size, 19))


def provoke(loop, number, fault):
    """One session and its end; the member."""
    _, in_open, said, _ = fault
    one = bgp.Speaker(loop, servers.member_address(number), 64500 + number, servers.ADDRESS, parse=False)
    if fault[0] == "hold time 1":
        said = bgp.open_message(64500 + number, "192.0.2.1", 1)
    if in_open:
        one.open = said + BABBLE
    one.connect()
    one.name = one.sock.getsockname()
    if not in_open:
        loop.until(one.up, 5)
        one.send(said + BABBLE)
    loop.until(lambda: one.ended_at, 5)
    return one


def resets(report, kind):
    """Section 2.2: drain, shut down, linger. Every code on the wire, and read by a member that talks and talks."""
    server = servers.Server(kind, [(servers.member_address(n), 64500 + n) for n in range(1, MEMBERS + 1)], {})
    server.start()
    loop, wire = bgp.Loop(), Wire()
    right, heard, count = 0, 0, RESETS - RESETS % len(FAULTS)
    for turn in range(count):
        fault = FAULTS[turn % len(FAULTS)]
        one = provoke(loop, 1 + turn % MEMBERS, fault)
        loop.until(lambda: one.name in wire.seen, 0.2)
        right += wire.seen.get(one.name) == fault[3]
        heard += one.notification == fault[3]
        if wire.seen.get(one.name) != fault[3] or one.notification != fault[3]:
            report.note(f"{fault[0]}: on the wire {wire.seen.get(one.name)}, heard {one.notification} ({one.end})")
        one.close()
        loop.speakers.remove(one)
    report.check("on the wire", f"{right}/{count}", "all", right == count)
    report.check("heard in spite of 380 kB unread", f"{heard}/{count}", "all", heard == count)
    everybody = [bgp.Speaker(loop, servers.member_address(n), 64500 + n, servers.ADDRESS, parse=False)
                 for n in range(1, MEMBERS + 1)]
    for one in everybody:
        one.connect()
        one.name = one.sock.getsockname()
    loop.until(lambda: all(one.up() for one in everybody), 10)
    server.process.send_signal(signal.SIGTERM)
    for one in everybody:
        one.send(BABBLE)
    loop.until(lambda: all(one.ended_at for one in everybody), 10)
    time.sleep(0.1)
    told = sum(one.notification == (6, 2) and wire.seen.get(one.name) == (6, 2) for one in everybody)
    report.check("SIGTERM: 6/2", f"{told}/{MEMBERS}", "all", told == MEMBERS)
    server.process.wait(5)
