"""Every case of tests/bgp/malformed_cases.h over real sockets: a victim sends it, an observer of the victim's
routes is told what is left of them and checks every octet, a bystander must not notice.
"""
import json
import os
import pathlib
import subprocess
import time

import server as servers
import speaker as bgp
from report import ms

VICTIM, OBSERVER, BYSTANDER = 64500, 64501, 64502
WITNESS4, WITNESS6 = bytes.fromhex("18c63364"), b"6" + bytes.fromhex("3020010db80001")
PROBE = "203.0.113.0/24"
# The victim's addresses: many, because a server may refuse one that comes back too often.
VICTIMS = ["192.0.2.1"] + [f"192.0.2.{n}" for n in range(101, 125)]
SETTINGS = ("extended_messages", "extended_next_hop", "flowspec", "role")


def read_cases(scratch):
    """The cases as dictionaries, from a program that is built for it; FABRIX_BUILD has the libraries."""
    root, build = servers.ROOT, pathlib.Path(os.environ.get("FABRIX_BUILD", servers.ROOT / "build/release"))
    program = scratch / "cases"
    libraries = [build / f"src/{name}/libfabrix_{name}.a" for name in ("bgp", "net", "base")]
    subprocess.run(["g++", "-std=c++20", f"-I{root}/src", f"-I{root}",
                    root / "tests/reliability/malformed_cases_as_json.cc", *libraries, "-lfmt", "-o", program], check=True)
    return [json.loads(line) for line in subprocess.check_output([program], text=True).splitlines()]


class Victims(servers.Server):
    """A server whose first member is one router with many addresses (for BIRD: many neighbors)."""

    def write_fabrix(self):
        command = super().write_fabrix()
        path = self.out / "exchange.yaml"
        all_of_them = ", ".join(f'"{address}"' for address in VICTIMS[1:])
        path.write_text(path.read_text().replace('addresses: ["192.0.2.1"', f'addresses: ["192.0.2.1", {all_of_them}'))
        return command

    def write_bird(self):
        self.members = self.members + [(address, VICTIM) for address in VICTIMS[1:]]
        return super().write_bird()


class Exchange:
    """One server with the settings that a group of cases needs, its observer and its bystander."""

    def __init__(self, kind, settings):
        members = [("192.0.2.1", VICTIM), ("192.0.2.2", OBSERVER), ("192.0.2.3", BYSTANDER)]
        self.server = Victims(kind, members, settings)
        self.server.start()
        self.loop, self.count, self.probes = bgp.Loop(), 0, 0
        wide = bgp.capability(6) + bgp.capability(5, b"\0\1\0\1\0\2")
        self.observer = bgp.Speaker(self.loop, "192.0.2.2", OBSERVER, servers.ADDRESS, capabilities=wide)
        self.bystander = bgp.Speaker(self.loop, "192.0.2.3", BYSTANDER, servers.ADDRESS, capabilities=wide)
        for one in (self.observer, self.bystander):
            one.connect()
        if not self.loop.until(lambda: self.observer.up() and self.bystander.up()):
            raise RuntimeError("no session with the observer: " + self.server.log()[-2000:])
        self.victim = None

    def new_victim(self, open_):
        if self.victim:
            self.victim.close()
            self.loop.speakers.remove(self.victim)
            self.loop.until(lambda: WITNESS4 not in self.observer.routes and WITNESS6 not in self.observer.routes, 3)
        address = VICTIMS[self.count % len(VICTIMS)]
        self.count += 1
        self.victim = bgp.Speaker(self.loop, address, VICTIM, servers.ADDRESS, parse=False, open_=open_)
        self.victim.connect()

    def probe(self):
        """How long a change of the bystander's takes to reach the observer."""
        self.probes += 1
        mark = self.probes.to_bytes(4, "big")
        attributes = bgp.plain_attributes([BYSTANDER], "192.0.2.3", med=self.probes)
        start = time.monotonic()
        self.bystander.send(bgp.update(b"", attributes, bgp.nlri(PROBE)))
        seen = bgp.nlri(PROBE)
        if not self.loop.until(lambda: self.observer.routes.get(seen, (0, {}))[1].get(4) == mark, 5):
            return 5.0
        return time.monotonic() - start


def witnesses(two_octets):
    path = bytes.fromhex("0201fbf4") if two_octets else bytes.fromhex("02010000fbf4")
    common = bgp.attribute(0x40, 1, b"\0") + bgp.attribute(0x40, 2, path)
    reach = bgp.attribute(0x80, 14, bytes.fromhex("00020110" "20010db8000000000000000000000001" "00" "3020010db80001"))
    return (bgp.update(b"", common + bgp.attribute(0x40, 3, bytes([192, 0, 2, 1])), WITNESS4) +
            bgp.update(b"", reach + common))


def bring_up(exchange, case):
    """None if the victim's session is up and the observer has its witnesses; else what is wrong."""
    open_ = bytes.fromhex(case["open"])
    two_octets = bytes.fromhex("41040000fbf4") not in open_
    victim, routes = exchange.victim, exchange.observer.routes
    if not (victim and victim.up() and victim.open == open_):
        exchange.new_victim(open_)
        if not exchange.loop.until(exchange.victim.up, 5):
            return "the session does not come up"
    exchange.victim.send(witnesses(two_octets))
    if not exchange.loop.until(lambda: WITNESS4 in routes and WITNESS6 in routes, 3):
        return "the witnesses are not announced"
    return None


def judge_end(exchange, case):
    victim, routes = exchange.victim, exchange.observer.routes
    if not exchange.loop.until(lambda: victim.ended_at is not None, 3):
        return "the session stays"
    expected = tuple(case["code"]) if case["reaction"] == "reset" else None
    if victim.notification != expected:
        return f"NOTIFICATION {victim.notification} instead of {expected}"
    if not exchange.loop.until(lambda: WITNESS4 not in routes and WITNESS6 not in routes, 3):
        return "routes outlive the session"
    return None


def judge_routes(exchange, case):
    if not exchange.victim.up():
        return f"the session ended: {exchange.victim.notification or exchange.victim.end}"
    routes, octets = exchange.observer.routes, bytes.fromhex(case["message"])
    touched = [one for one in (WITNESS4, WITNESS6) if one.lstrip(b"6") in octets]
    if case["reaction"] == "withdraw":
        if touched and not case["flowspec"] and not exchange.loop.until(lambda: not any(one in routes for one in touched), 1):
            return "the old route survives"
    elif case["reaction"] == "ignore" and not (WITNESS4 in routes and WITNESS6 in routes):
        return "a route is gone"
    return None


def replay(exchange, case):
    """(what is wrong or None, the stall of others in seconds)."""
    message = bytes.fromhex(case["message"])
    if not case["established"]:
        exchange.new_victim(message)
        stall = exchange.probe()
        if case["reaction"] == "reset":
            return judge_end(exchange, case), stall
        return (None if exchange.loop.until(exchange.victim.up, 3) else "the OPEN is not taken"), stall
    wrong = bring_up(exchange, case)
    if wrong:
        return wrong, 0.0
    exchange.victim.send(message)
    stall = exchange.probe()
    if case["reaction"] in ("reset", "closed"):
        return judge_end(exchange, case), stall
    exchange.loop.run(0.01)
    return judge_routes(exchange, case), stall


def big_case():
    """15,000 routes with a bad ORIGIN, which stalled BIRD 3.3.2 for 3 s: announced well, then badly."""
    prefixes = [bytes([24, 100 + n // 5000, n // 250 % 20, n % 250]) for n in range(15000)]
    good = bgp.plain_attributes([VICTIM], "192.0.2.1")
    bad = bgp.attribute(0x40, 1, b"\x09") + good[4:]
    chunk = [b"".join(prefixes[at:at + 900]) for at in range(0, 15000, 900)]
    return (b"".join(bgp.update(b"", good, one) for one in chunk),
            b"".join(bgp.update(b"", bad, one) for one in chunk), set(prefixes))


def replay_big(exchange, case):
    wrong = bring_up(exchange, case)
    if wrong:
        return wrong, 0.0
    good, bad, prefixes = big_case()
    exchange.victim.send(good)
    exchange.loop.until(lambda: prefixes <= exchange.observer.routes.keys(), 10)
    exchange.loop.run(0.1)
    exchange.victim.send(bad)
    stall = exchange.probe()
    gone = exchange.loop.until(lambda: not prefixes & exchange.observer.routes.keys(), 10)
    return (None if gone and exchange.victim.up() else "old routes survive, or the session ended"), stall


def run(report, kind, wanted=lambda case: True, big=True):
    exchange, settings, wrong, stalls, collateral, violations = None, None, [], [], 0, []
    cases = [case for case in read_cases(servers.Server(kind, []).out) if wanted(case)]
    cases.sort(key=lambda case: [case[key] for key in SETTINGS])

    def settle():
        if exchange:
            violations.extend(exchange.observer.violations + exchange.bystander.violations)
            exchange.server.kill()

    for case in cases:
        if settings != [case[key] for key in SETTINGS]:
            settle()
            settings = [case[key] for key in SETTINGS]
            exchange = Exchange(kind, dict(zip(SETTINGS, settings)))
        what, stall = replay(exchange, case)
        stalls.append(stall)
        if what:
            wrong.append(f"{case['name']}: {what}")
        if not (exchange.bystander.up() and exchange.observer.up()) or exchange.server.process.poll() is not None:
            collateral += 1
            settle()
            exchange = Exchange(kind, dict(zip(SETTINGS, settings)))
    settle()
    stall_big = 0.0
    if big:
        exchange = Exchange(kind, dict.fromkeys(SETTINGS, False))
        what, stall_big = replay_big(exchange, next(case for case in cases if case["established"]))
        if what:
            wrong.append(f"15,000 routes with a bad ORIGIN: {what}")
        settle()
    total = len(cases) + (1 if big else 0)
    report.check("cases", f"{total - len(wrong)}/{total}", "all", not wrong)
    report.check("collateral", collateral, "0", collateral == 0)
    report.check("stall of others", f"max {ms(max(stalls))}", "<= 50 ms", max(stalls) <= 0.05)
    if big:
        report.check("with 15,000 routes", ms(stall_big), "<= 50 ms", stall_big <= 0.05)
    report.check("emitted malformed", len(violations), "0", not violations)
    for line in wrong + [f"emitted: {line[:300]}" for line in violations[:20]]:
        report.note(line)
