"""Scripted BGP speakers: what a member's router says and hears, over non-blocking sockets.

A Speaker keeps what it was told, and checks it strictly: every violation of RFC 4271, RFC 4760, RFC 7606 or
of the allow-list of a route server (attributes 1-4, 6-8, 14-16, 32, 35) is a line in `violations`. One Loop
runs many speakers in one thread; nothing blocks but Loop.turn().
"""
import collections
import errno
import ipaddress
import selectors
import socket
import struct
import time

MARKER = b"\xff" * 16
OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH = 1, 2, 3, 4, 5
# Attribute flags as they must be (RFC 7606 section 3.c), without Extended Length.
FLAGS = {1: 0x40, 2: 0x40, 3: 0x40, 4: 0x80, 6: 0x40, 7: 0xC0, 8: 0xC0, 14: 0x80, 15: 0x80, 16: 0xC0, 32: 0xC0,
         35: 0xC0}


def message(kind, body=b""):
    return MARKER + struct.pack("!HB", 19 + len(body), kind) + body


def attribute(flags, kind, value):
    if len(value) > 255:
        return struct.pack("!BBH", flags | 0x10, kind, len(value)) + value
    return struct.pack("!BBB", flags, kind, len(value)) + value


def update(withdrawn=b"", attributes=b"", nlri=b""):
    return message(UPDATE, struct.pack("!H", len(withdrawn)) + withdrawn + struct.pack("!H", len(attributes)) +
                   attributes + nlri)


def nlri(prefix):
    address, length = prefix.split("/")
    octets = ipaddress.ip_address(address).packed[:(int(length) + 7) // 8]
    return bytes([int(length)]) + octets


def plain_attributes(path, next_hop, communities=(), med=None):
    """ORIGIN IGP, AS_PATH of four octets, NEXT_HOP, and what is asked for."""
    text = attribute(0x40, 1, b"\0")
    text += attribute(0x40, 2, bytes([2, len(path)]) + b"".join(struct.pack("!I", a) for a in path))
    text += attribute(0x40, 3, ipaddress.ip_address(next_hop).packed)
    if med is not None:
        text += attribute(0x80, 4, struct.pack("!I", med))
    if communities:
        text += attribute(0xC0, 8, b"".join(struct.pack("!I", c) for c in communities))
    return text


def capability(code, value=b""):
    return bytes([code, len(value)]) + value


def open_message(asn, router_id, hold, capabilities=b""):
    caps = (capability(1, b"\0\1\0\1") + capability(1, b"\0\2\0\1") + capability(2) +
            capability(65, struct.pack("!I", asn)) + capabilities)
    body = struct.pack("!BHH", 4, asn if asn < 65536 else 23456, hold) + ipaddress.ip_address(router_id).packed
    return message(OPEN, body + bytes([len(caps) + 2, 2, len(caps)]) + caps)


def capabilities_of(body):
    """[(code, value)] of the body of an OPEN without extended parameters (RFC 5492)."""
    found, at = [], 10
    while at + 2 <= len(body):
        kind, length = body[at], body[at + 1]
        inner, at = body[at + 2:at + 2 + length], at + 2 + length
        while kind == 2 and len(inner) >= 2:
            found.append((inner[0], inner[2:2 + inner[1]]))
            inner = inner[2 + inner[1]:]
    return found


class Malformed(Exception):
    pass


def prefixes_in(data, width):
    result, at = [], 0
    while at < len(data):
        length = data[at]
        size = (length + 7) // 8
        if length > width or at + 1 + size > len(data):
            raise Malformed(f"NLRI of {length} bits at {at} of {len(data)}")
        if length % 8 and data[at + size] & (0xFF >> length % 8):
            raise Malformed("NLRI with bits after its length")
        result.append(bytes(data[at:at + 1 + size]))
        at += 1 + size
    return result


def attributes_in(data):
    found, at = {}, 0
    while at < len(data):
        if at + 3 > len(data):
            raise Malformed("octets left in the attributes")
        flags, kind = data[at], data[at + 1]
        extended = bool(flags & 0x10)
        if extended and at + 4 > len(data):
            raise Malformed("octets left in the attributes")
        size = struct.unpack_from("!H", data, at + 2)[0] if extended else data[at + 2]
        start = at + (4 if extended else 3)
        if start + size > len(data):
            raise Malformed(f"attribute {kind} overruns")
        if kind in found:
            raise Malformed(f"attribute {kind} twice")
        if kind not in FLAGS:
            raise Malformed(f"attribute {kind} is not of the allow-list")
        if flags & 0x0F or flags & 0xC0 != FLAGS[kind]:
            raise Malformed(f"attribute {kind} with flags {flags:#x}")
        found[kind], at = bytes(data[start:start + size]), start + size
    return found


def check_path(path):
    at = 0
    while at < len(path):
        if at + 2 > len(path) or path[at] not in (1, 2) or path[at + 1] == 0:
            raise Malformed(f"AS_PATH segment at {at}")
        end = at + 2 + 4 * path[at + 1]
        if end > len(path):
            raise Malformed("AS_PATH overruns")
        if 0 in struct.unpack_from(f"!{path[at + 1]}I", path, at + 2):
            raise Malformed("AS 0 in AS_PATH")
        at = end


def check_values(found, has_routes, has_ipv4):
    exact = {1: 1, 3: 4, 4: 4, 6: 0, 7: 8, 35: 4}
    for kind, value in found.items():
        if kind in exact and len(value) != exact[kind]:
            raise Malformed(f"attribute {kind} of {len(value)} octets")
    for kind, unit in ((8, 4), (16, 8), (32, 12)):
        if kind in found and (not found[kind] or len(found[kind]) % unit):
            raise Malformed(f"attribute {kind} of {len(found[kind])} octets")
    if found.get(1, b"\0")[0] > 2:
        raise Malformed("ORIGIN")
    check_path(found.get(2, b""))
    wanted = ({1, 2} if has_routes else set()) | ({3} if has_ipv4 else set())
    if not wanted <= set(found):
        raise Malformed(f"attributes {sorted(wanted - set(found))} are missing")


def parse_update(body):
    """(withdrawn, announced, attributes): lists of NLRI as octets, IPv6 with b'6' before. Raises Malformed."""
    withdrawn_size = struct.unpack_from("!H", body)[0]
    if 4 + withdrawn_size > len(body):
        raise Malformed("withdrawn routes overrun")
    size = struct.unpack_from("!H", body, 2 + withdrawn_size)[0]
    start = 4 + withdrawn_size
    if start + size > len(body):
        raise Malformed("attributes overrun")
    withdrawn = prefixes_in(body[2:2 + withdrawn_size], 32)
    found = attributes_in(body[start:start + size])
    announced = prefixes_in(body[start + size:], 32)
    has_ipv4 = bool(announced)
    if 14 in found:
        value = found[14]
        if len(value) < 5 or value[:3] not in (b"\0\2\1", b"\0\1\1") or len(value) < 5 + value[3]:
            raise Malformed("MP_REACH_NLRI")
        if value[3] not in (16, 32) or value[4 + value[3]]:
            raise Malformed(f"next hop of {value[3]}, reserved octet {value[4 + value[3]]}")
        width = 128 if value[1] == 2 else 32
        mark = b"6" if value[1] == 2 else b""
        announced = announced + [mark + one for one in prefixes_in(value[5 + value[3]:], width)]
    if 15 in found and len(found[15]) >= 3 and found[15][:3] == b"\0\2\1":
        withdrawn = withdrawn + [b"6" + one for one in prefixes_in(found[15][3:], 128)]
    check_values(found, bool(announced), has_ipv4)
    return withdrawn, announced, found


class Loop:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.speakers = []

    def turn(self, timeout):
        now = time.monotonic()
        for speaker in self.speakers:
            speaker.tick(now)
        for key, events in self.selector.select(timeout):
            key.data(events)

    def until(self, done, patience=10.0):
        """Runs until done() or patience is over; what done() says last."""
        end = time.monotonic() + patience
        while not done():
            left = end - time.monotonic()
            if left <= 0:
                return bool(done())
            self.turn(min(left, 0.05))
        return True

    def run(self, seconds):
        self.until(lambda: False, seconds)


class Speaker:
    """One member's router. `parse`: keep and check routes; otherwise only count octets."""

    def __init__(self, loop, address, asn, server, hold=90, capabilities=b"", parse=True, open_=None, receive=None):
        self.loop, self.address, self.asn, self.server, self.hold = loop, address, asn, server, hold
        self.open = open_ or open_message(asn, address, hold, capabilities)
        self.parse, self.receive = parse, receive
        self.routes, self.violations, self.heard = {}, [], collections.Counter()
        self.on_update = None
        self.withdrawals, self.ends_of_rib = [], []
        self.sock = None
        self.silent = False  # says nothing, not even KEEPALIVE; still reads
        loop.speakers.append(self)

    def connect(self):
        self.close()
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.receive:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive)
        self.sock.bind((self.address, 0))
        self.buffer, self.out = bytearray(), bytearray()
        self.established_at = self.notification = self.ended_at = self.peer_open = self.end = None
        self.last_heard = time.monotonic()
        self.next_keepalive = time.monotonic() + self.hold / 3 if self.hold else float("inf")
        self.worst_gap = 0.0
        self.sock.connect_ex((self.server, 179))
        self.loop.selector.register(self.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, self.ready)
        self.out += self.open

    def up(self):
        return self.sock is not None and self.established_at is not None and self.ended_at is None

    def close(self):
        if self.sock is not None:
            if self.sock.fileno() >= 0:
                try:
                    self.loop.selector.unregister(self.sock)
                except KeyError:
                    pass  # Paused.
                self.sock.close()
            self.sock = None

    def pause(self):
        """Reads nothing any more: the window closes."""
        self.loop.selector.unregister(self.sock)

    def resume(self):
        self.loop.selector.register(self.sock, selectors.EVENT_READ, self.ready)

    def send(self, data):
        self.out += data
        self.flush()

    def flush(self):
        if not self.sock or self.ended_at:
            return
        try:
            while self.out:
                del self.out[:self.sock.send(self.out[:262144])]
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.EAGAIN):
                return self.over(str(error))
        try:
            self.loop.selector.modify(self.sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if self.out else 0),
                                      self.ready)
        except KeyError:
            pass  # Paused: writes go on, by tick().

    def tick(self, now):
        if self.up() and not self.silent and now >= self.next_keepalive:
            self.next_keepalive = now + self.hold / 3
            self.send(message(KEEPALIVE))

    def over(self, why):
        if self.ended_at is None:
            self.ended_at, self.end = time.monotonic(), why
            try:
                self.loop.selector.unregister(self.sock)
            except KeyError:
                pass

    def ready(self, events):
        if events & selectors.EVENT_WRITE:
            self.flush()
        if not events & selectors.EVENT_READ or self.ended_at or not self.sock:
            return
        try:
            data = self.sock.recv(1 << 20)
        except BlockingIOError:
            return
        except OSError as error:
            return self.over(str(error))
        now = time.monotonic()
        self.worst_gap, self.last_heard = max(self.worst_gap, now - self.last_heard), now
        if not data:
            return self.over("end of stream")
        self.heard["octets"] += len(data)
        self.buffer += data
        self.split()

    def split(self):
        at, buffer = 0, self.buffer
        while len(buffer) - at >= 19:
            size, kind = struct.unpack_from("!HB", buffer, at + 16)
            if buffer[at:at + 16] != MARKER or not 19 <= size:
                self.violations.append("header")
                return self.over("malformed header")
            if len(buffer) - at < size:
                break
            self.take(kind, bytes(buffer[at + 19:at + size]))
            at += size
        del buffer[:at]

    def take(self, kind, body):
        self.heard[kind] += 1
        if kind == OPEN:
            self.peer_open = body
            self.send(message(KEEPALIVE))
        elif kind == KEEPALIVE and self.established_at is None:
            self.established_at = time.monotonic()
        elif kind == NOTIFICATION:
            self.notification = tuple(body[:2])
        elif kind == UPDATE:
            if self.parse:
                self.take_update(body)
            if self.on_update:
                self.on_update(body)

    def take_update(self, body):
        if len(body) == 4:  # of IPv4 (RFC 4724 section 2)
            return self.ends_of_rib.append(time.monotonic())
        try:
            withdrawn, announced, found = parse_update(body)
        except (Malformed, struct.error, IndexError) as error:
            return self.violations.append(f"{error}: {body.hex()}")
        now = time.monotonic()
        for one in withdrawn:
            self.routes.pop(one, None)
            self.withdrawals.append((now, one))
        for one in announced:
            self.routes[one] = (now, found)
