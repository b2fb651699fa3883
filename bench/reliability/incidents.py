"""The incidents of the past that concern BGP: each is replayed, the session must stay up, the route must arrive,
and what is told to another member must be well-formed and without what made the world fall.
"""
import struct

import malformed
import server as servers
import speaker as bgp

AS = malformed.VICTIM
ROUTE = malformed.WITNESS4
AGGREGATOR = struct.pack("!I", AS) + bytes([192, 0, 2, 1])


def path_of(count):
    segment = struct.pack("!I", AS)
    whole, left = b"", count
    while left:
        size = min(left, 255)
        whole, left = whole + bytes([2, size]) + segment * size, left - size
    return whole


def announcement(more=b"", path=None):
    attributes = (bgp.attribute(0x40, 1, b"\0") + bgp.attribute(0x40, 2, path or path_of(1)) +
                  bgp.attribute(0x40, 3, bytes([192, 0, 2, 1])) + more)
    return bgp.update(b"", attributes, ROUTE)


# What happened, the UPDATE, what becomes of the route: "kept" or "gone" at another member.
INCIDENTS = [
    ("2008 AS4_PATH with confederation segments (AS 35320)",
     announcement(bgp.attribute(0xC0, 17, b"\3\1" + struct.pack("!I", AS) + path_of(1))), "kept"),
    ("2009 252 prepends (AS 47868)", announcement(path=path_of(253)), "kept"),
    ("2009 more than 255 prepends, two segments", announcement(path=path_of(300)), "kept"),
    ("2010 reserved flag bits in AGGREGATOR", announcement(bgp.attribute(0xCF & 0xEF, 7, AGGREGATOR)), "kept"),
    ("2010 attribute 99 of 3 kB (RIPE NCC and Duke)", announcement(bgp.attribute(0xC0, 99, bytes(3000))), "kept"),
    ("2023 attribute 28, CVE-2023-4481", announcement(bgp.attribute(0xC0, 28, b"\xde\xad\0\xff")), "kept"),
    ("2023 attribute 28 of no octets", announcement(bgp.attribute(0xC0, 28, b"")), "kept"),
    ("2023 attribute 23, CVE-2023-38802", announcement(bgp.attribute(0xC0, 23, b"\0\1\0\xff\1")), "kept"),
    ("2023 attribute 23 of no octets", announcement(bgp.attribute(0xC0, 23, b"")), "kept"),
    ("2023 routes without attributes, CVE-2023-41358", bgp.update(b"", b"", ROUTE), "gone"),
    ("2025 prefix-SID of zeros", announcement(bgp.attribute(0xC0, 40, bytes(40))), "kept"),
    ("2025 OTC of 1024 octets (INEX)", announcement(bgp.attribute(0xC0, 35, bytes(1024))), "gone"),
    ("2026 unknown well-known, CVE-2026-41642", announcement(bgp.attribute(0x40, 99, b"\1")), "gone"),
    ("2026 AS4_PATH before AS_PATH, CVE-2026-41643",
     bgp.update(b"", bgp.attribute(0x40, 1, b"\0") + bgp.attribute(0xC0, 17, path_of(2)) +
                bgp.attribute(0x40, 2, path_of(1)) + bgp.attribute(0x40, 3, bytes([192, 0, 2, 1])), ROUTE), "kept"),
    ("LOCAL_PREF and cluster attributes from outside",
     announcement(bgp.attribute(0x40, 5, bytes(4)) + bgp.attribute(0x80, 9, bytes(4)) +
                  bgp.attribute(0x80, 10, bytes(8))), "kept"),
]


def judge(exchange, sent, fate):
    routes, before = exchange.observer.routes, exchange.observer.routes[ROUTE]
    exchange.victim.send(sent)
    stall = exchange.probe()
    # Kept routes come again, unless what differed was scrubbed and nothing is new.
    exchange.loop.until(lambda: routes.get(ROUTE) is not before, 0.05)
    if not exchange.victim.up():
        return f"the session ended: {exchange.victim.notification or exchange.victim.end}", stall
    if (ROUTE in routes) != (fate == "kept"):
        return f"the route is not {fate}", stall
    return None, stall


def run(report, kind):
    exchange = malformed.Exchange(kind, dict.fromkeys(malformed.SETTINGS, False))
    case = {"open": bgp.open_message(AS, "192.0.2.1", 90).hex()}
    wrong, stalls = [], []
    for name, sent, fate in INCIDENTS:
        seen = len(exchange.observer.violations)
        what = malformed.bring_up(exchange, case)
        if not what:
            what, stall = judge(exchange, sent, fate)
            stalls.append(stall)
        if len(exchange.observer.violations) > seen:
            what = what or "emitted: " + exchange.observer.violations[-1][:200]
        if what:
            wrong.append(f"{name}: {what}")
    report.check("incidents harmless", f"{len(INCIDENTS) - len(wrong)}/{len(INCIDENTS)}", "all", not wrong)
    report.check("emitted malformed", len(exchange.observer.violations), "0", not exchange.observer.violations)
    report.check("stall of others", malformed.ms(max(stalls, default=9)), "<= 50 ms", max(stalls, default=9) <= 0.05)
    for line in wrong:
        report.note(line)
    exchange.server.kill()
