"""Members that go silent, members that leave, and a server that dies and comes back."""
import ipaddress
import os
import random
import struct
import subprocess
import time

import load
import server as servers
import speaker as bgp
from report import ms, quantile

HOLD = 3


def start(kind, members, session):
    server = servers.Server(kind, [(servers.member_address(n), 64500 + n) for n in range(1, members + 1)], session)
    server.start()
    return server


def member(loop, number, **more):
    return bgp.Speaker(loop, servers.member_address(number), 64500 + number, servers.ADDRESS, **more)


def own_prefix(number):
    return bgp.nlri(str(ipaddress.ip_address("20.0.0.0") + (number << 8)) + "/24")


def announce(one, routes):
    one.send(bgp.update(b"", bgp.plain_attributes([one.asn], one.address), b"".join(routes)))


def silence(report, kind):
    """T11: five members stop talking, their connections stay."""
    server = start(kind, 6, {"hold_time": HOLD})
    loop = bgp.Loop()
    members = [member(loop, number, hold=HOLD) for number in range(1, 7)]
    for one in members:
        one.connect()
    loop.until(lambda: all(one.up() for one in members))
    observer, quiet = members[0], members[1:]
    for number, one in enumerate(quiet, 2):
        announce(one, [own_prefix(number)])
    loop.until(lambda: len(observer.routes) == 5)
    last = {}
    for number, one in enumerate(quiet, 2):
        loop.run(0.13)
        one.send(bgp.message(bgp.KEEPALIVE))
        one.silent = True
        last[own_prefix(number)] = time.monotonic()
    loop.until(lambda: not observer.routes, HOLD + 5)
    took = [when - last[one] for when, one in observer.withdrawals]
    told = sum(1 for one in quiet if one.notification == (4, 0))
    report.check("withdrawn elsewhere", f"{min(took, default=9):.2f}..{max(took, default=9):.2f} s after the last word",
                 f"{HOLD}..{HOLD + 1} s", len(took) == 5 and min(took) >= HOLD - 0.05 and max(took) <= HOLD + 1)
    report.check("NOTIFICATION 4/0", f"{told}/5", "all", told == 5)
    report.check("the observer", "up" if observer.up() else "lost", "up", observer.up())
    server.kill()


def leave(one, with_cease):
    if with_cease:
        one.send(bgp.message(bgp.NOTIFICATION, b"\6\4"))
    one.close()


def departures_at_one(loop, observer, members):
    """Seconds from FIN or Cease until the observer has lost the route, 200 times."""
    took = []
    for turn in range(200):
        number = 2 + turn % len(members)
        one, route = members[turn % len(members)], own_prefix(number)
        if not one.up():
            one.connect()
            loop.until(one.up)
        announce(one, [route])
        loop.until(lambda: route in observer.routes)
        begin = time.monotonic()
        leave(one, turn % 2 == 0)
        loop.until(lambda: route not in observer.routes)
        took.append(time.monotonic() - begin)
    return took


def departure(report, kind):
    """Section 9: FIN and Cease, seen at one observer; then 1,000 routes, seen at 320."""
    server = start(kind, 400, {})
    loop = bgp.Loop()
    observer = member(loop, 1)
    observer.connect()
    loop.until(observer.up)
    took = departures_at_one(loop, observer, [member(loop, number) for number in range(2, 62)])
    report.check("at one observer", f"p50 {ms(quantile(took, 0.5))}, p99 {ms(quantile(took, 0.99))}", "p99 <= 20 ms",
                 quantile(took, 0.99) <= 0.02)
    crowd = [member(loop, number) for number in range(70, 390)]
    for one in crowd:
        one.connect()
    loop.until(lambda: all(one.up() for one in crowd), 30)
    leaving, worst = [member(loop, number) for number in range(390, 400)], []
    routes = [own_prefix(1000 + n) for n in range(1000)]
    for turn, one in enumerate(leaving):
        one.connect()
        loop.until(one.up)
        for at in range(0, 1000, 500):
            announce(one, routes[at:at + 500])
        loop.until(lambda: all(len(other.routes) == 1000 for other in crowd), 30)
        loop.run(0.2)
        begin = time.monotonic()
        leave(one, turn % 2 == 0)
        loop.until(lambda: not any(other.routes for other in crowd), 10)
        worst.append(time.monotonic() - begin)
    report.check(f"1,000 routes at {sum(one.up() for one in crowd)} observers", f"max {ms(max(worst))}", "<= 500 ms",
                 max(worst) <= 0.5)
    wrong = sum(len(one.violations) for one in [observer, *crowd])
    report.check("emitted malformed", wrong, "0", wrong == 0)
    server.kill()


# Graceful restart: restart time 120, IPv4 unicast with its forwarding kept (RFC 4724 section 3).
GRACEFUL = bgp.capability(64, struct.pack("!HHBB", 120, 1, 1, 0x80))
# The speakers negotiate IPv6 too, so it has an End-of-RIB of its own (RFC 4724 section 2).
END_OF_IPV6 = bgp.update(b"", b"\x80\x0f\x03\x00\x02\x01")
MEMBERS, EACH = 8, 5000
GONE = 100  # routes that the last member does not have any more when the server is back


class Client:
    """A receiving speaker as RFC 4724 section 4.2 has it: keeps stale routes until End-of-RIB."""

    def __init__(self, loop, number, each=EACH):
        self.speaker = member(loop, number, capabilities=GRACEFUL)
        self.number = number
        block = load.prefixes(MEMBERS * each)
        self.own = block[(number - 1) * each:number * each]
        self.others = set(block) - set(self.own)

    def announce(self, routes):
        attributes = bgp.plain_attributes([self.speaker.asn], self.speaker.address)
        self.speaker.send(b"".join(bgp.update(b"", attributes, b"".join(routes[at:at + 10]))
                                   for at in range(0, len(routes), 10)) + bgp.update() + END_OF_IPV6)

    def lost(self, since):
        """The others' routes that it has forgotten since, by withdrawal or because it had to."""
        lost = {route for when, route in self.speaker.withdrawals if when >= since} & self.others
        forwarding = [value for code, value in bgp.capabilities_of(self.speaker.peer_open) if code == 64]
        kept = any(value[2:5] == b"\0\1\1" and value[5] & 0x80 for value in forwarding if len(value) >= 6)
        if not kept:
            return set(self.others)
        if not self.speaker.ends_of_rib:
            return lost
        end = self.speaker.ends_of_rib[0]
        return lost | (self.others - {route for route, (when, _) in self.speaker.routes.items() if since <= when <= end})

    def fresh(self, since, wanted):
        routes = self.speaker.routes
        return all(routes.get(route, (0, 0))[0] >= since for route in wanted)


def restart_option(server):
    """How this fabrixd is told that it restarted: by itself, unless its usage names an option."""
    if server.kind == "bird":
        return ["-R"]
    usage = subprocess.run([server.command[0], "--help"], capture_output=True, text=True).stdout
    return ["--restarting"] if "--restarting" in usage else []


def restart(report, kind):
    """S-GR: kill -9 with 40,000 routes, clients that keep them, and a new process."""
    server = start(kind, MEMBERS, {"graceful_restart": 120})
    loop = bgp.Loop()
    clients = [Client(loop, number) for number in range(1, MEMBERS + 1)]
    for one in clients:
        one.speaker.connect()
    loop.until(lambda: all(one.speaker.up() for one in clients))
    for one in clients:
        one.announce(one.own)
    full = loop.until(lambda: all(len(one.speaker.routes) >= len(one.others) for one in clients), 60)
    report.check("40,000 routes everywhere", "yes" if full else "no", "before", full)

    killed = time.monotonic()
    server.kill()
    loop.until(lambda: all(one.speaker.ended_at for one in clients))
    told = sum(1 for one in clients if one.speaker.notification)
    server.start(*restart_option(server))
    listening = time.monotonic() - killed
    for one in clients:
        one.speaker.ends_of_rib.clear()
        one.speaker.connect()
    loop.until(lambda: all(one.speaker.up() for one in clients), 10)
    sessions = time.monotonic() - killed
    for one in clients:
        one.announce(one.own[:-GONE] if one is clients[-1] else one.own)
    gone = set(clients[-1].own[-GONE:])
    loop.until(lambda: all(one.speaker.ends_of_rib for one in clients), 60)
    done = loop.until(lambda: all(one.fresh(killed, one.others - gone) for one in clients), 10)
    took = time.monotonic() - killed
    lost = max(len(one.lost(killed) - gone) for one in clients)
    purged = all(gone & one.others <= one.lost(killed) for one in clients[:-1])
    report.check("NOTIFICATIONs", told, "0", told == 0)
    report.check("sessions back", f"{sessions:.2f} s (listening {listening:.2f} s)", "<= 1 s", sessions <= 1)
    report.check("routes lost at a client", lost, "0", lost == 0)
    report.check("all fresh", f"{took:.2f} s" if done else "never", "<= 5 s", done and took <= 5)
    report.check(f"the {GONE} that are gone", "purged" if purged else "kept", "purged", purged)
    wrong = sum(len(one.speaker.violations) for one in clients)
    report.check("emitted malformed", wrong, "0", wrong == 0)
    flags = [value.hex() for code, value in bgp.capabilities_of(clients[0].speaker.peer_open) if code == 64]
    report.note(f"graceful restart capability after the restart: {flags}")
    server.kill()


KILLS = int(os.environ.get("KILLS", "50"))
SEED = 9
FEW = 500  # routes of each member, so that a round is short


def resync(server, loop, clients, killed, last):
    """Starts the server anew and has the clients back: (seconds from `last` to sessions, to all fresh) or what is wrong.

    Fresh is what came after `killed`: the server may have been killed more than once since.
    """
    server.start(*restart_option(server))
    for one in clients:
        one.speaker.ends_of_rib.clear()
        one.speaker.connect()
    if not loop.until(lambda: all(one.speaker.up() for one in clients), 10):
        return "a session is not back within 10 s"
    sessions = time.monotonic() - last
    for one in clients:
        one.announce(one.own)
    if not loop.until(lambda: all(one.speaker.ends_of_rib and one.fresh(killed, one.others) for one in clients), 40):
        return "not fresh within 40 s"
    return sessions, time.monotonic() - last


def kill_once(server, loop, clients, pause):
    """Kills after `pause`, which may fall into the recovery of the round before; the server is running again after it."""
    loop.run(pause)
    begun = time.monotonic()
    server.kill()
    loop.until(lambda: all(one.speaker.ended_at or not one.speaker.sock for one in clients), 5)
    return begun


def kills(report, kind):
    """T13: kill -9 at random times, also while the one before is not over, with clients that restart gracefully."""
    dice = random.Random(SEED)
    server = start(kind, MEMBERS, {"graceful_restart": 120})
    loop = bgp.Loop()
    clients = [Client(loop, number, FEW) for number in range(1, MEMBERS + 1)]
    for one in clients:
        one.speaker.connect()
    loop.until(lambda: all(one.speaker.up() for one in clients))
    for one in clients:
        one.announce(one.own)
    loop.until(lambda: all(len(one.speaker.routes) >= len(one.others) for one in clients), 60)
    rounds, wrong, lost, early = [], [], 0, 0
    for number in range(KILLS):
        killed = last = kill_once(server, loop, clients, dice.uniform(0, 0.5))
        if dice.random() < 0.3:  # Once more, in the middle of the recovery.
            early += 1
            server.start(*restart_option(server))
            for one in clients:
                one.speaker.connect()
            last = kill_once(server, loop, clients, dice.uniform(0, 0.2))
        result = resync(server, loop, clients, killed, last)
        if isinstance(result, str):
            wrong.append(f"kill {number}: {result}")
            break
        rounds.append(result)
        lost += sum(len(one.lost(killed)) for one in clients)
    report.check("recovered", f"{len(rounds)}/{KILLS} kills, and {early} in the midst of recovery, seed {SEED}", "all",
                 len(rounds) == KILLS)
    report.check("routes lost at clients", lost, "0", lost == 0 and rounds)
    report.check("sessions back", f"max {max((one for one, _ in rounds), default=9):.2f} s", "<= 1 s",
                 max((one for one, _ in rounds), default=9) <= 1)
    report.check("all fresh", f"max {max((one for _, one in rounds), default=9):.2f} s", "<= 5 s",
                 max((one for _, one in rounds), default=9) <= 5)
    malformed = sum(len(one.speaker.violations) for one in clients)
    report.check("emitted malformed", malformed, "0", malformed == 0)
    for line in wrong:
        report.note(line + ": " + server.log()[-1500:])
    server.kill()
