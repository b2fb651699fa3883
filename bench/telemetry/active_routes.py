#!/usr/bin/env python3
"""A switch with room for few routes beside a router with all of them: the figures of docs/benchmarks.md.

    bench/telemetry/active_routes.py [--table FILE] [--routes N] [--limit N] [--changes N] [--hold S]
                                     [--zipf S] [--rate SAMPLES] [--seconds S] [--coverage PERCENT] [--newcomers N]
                                     [--fabrix PROGRAM]

Two network namespaces, joined by a cable: in one BIRD has the whole table (lines "PREFIX ORIGIN-AS", .xz or plain;
without one, made up), each origin by one of eight next hops; the other one is the switch, whose kernel has a default
route to BIRD and at most --limit routes more. There `fabrix sflow analyze --active-routes` hears the table by BGP, and
gets samples of traffic to prefixes whose ranks are Zipf's. Checked: the limit is never passed; every packet goes where
the whole table says, or by default; the installed routes come to carry 95 % (--coverage) of the traffic; --newcomers
prefixes without traffic so far get some, and are installed. Told: how soon.

Needs root, BIRD and iproute2. Ends with 1 if a check failed.
"""
import argparse
import bisect
import contextlib
import ctypes
import http.client
import ipaddress
import itertools
import json
import lzma
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

SWITCH, ROUTER, AGENT = "192.0.2.1", "192.0.2.2", "192.0.2.9"
HOPS = [f"192.0.2.{10 + number}" for number in range(8)]
AS = 64500
PER_DATAGRAM = 7
NEWCOMER_RATE = 20.0  # samples a second
PATIENCE = 120.0
LIBC = ctypes.CDLL(None, use_errno=True)


def number_of(address):
    return struct.unpack("!I", socket.inet_aton(address))[0]


class Table:
    """Prefixes as (length, number), with their next hops; the longest match."""

    def __init__(self, rows):
        self.hops = {}
        for prefix, origin in rows:
            address, length = prefix.split("/")
            if 8 <= int(length) <= 24:
                self.hops[int(length), number_of(address)] = HOPS[origin * 2654435761 % 2**32 % len(HOPS)]
        self.prefixes = sorted(self.hops)

    def match(self, address):
        for length in range(24, 7, -1):
            hop = self.hops.get((length, address >> (32 - length) << (32 - length)))
            if hop:
                return hop
        return None

    def bird(self):
        lines = (f"route {socket.inet_ntoa(struct.pack('!I', number))}/{length} via {hop};"
                 for (length, number), hop in self.hops.items())
        return "\n".join(lines)


def read_table(path, most):
    if path:
        opened = lzma.open(path, "rt") if path.endswith(".xz") else open(path)
        with opened as lines:
            rows = [line.split() for line in lines if not line.startswith("#")]
        rows = [(prefix, int(origin)) for prefix, origin in rows]
        return Table(random.Random(1).sample(rows, most) if most and most < len(rows) else rows)
    chance = random.Random(1)
    rows = {}
    while len(rows) < (most or 3000):
        length = chance.choice([16, 20, 22, 23, 24, 24, 24])
        number = chance.randrange(1 << 24, 100 << 24) >> (32 - length) << (32 - length)
        rows[f"{socket.inet_ntoa(struct.pack('!I', number))}/{length}"] = chance.randrange(1, 65000)
    return Table(rows.items())


class Traffic:
    """Samples to addresses of prefixes by rank; each prefix has few addresses, of which one is seldom another."""

    def __init__(self, table, zipf, seed=7):
        self.chance = random.Random(seed)
        self.ranked = table.prefixes[:]
        self.chance.shuffle(self.ranked)
        weights = (1 / (rank + 1)**zipf for rank in range(len(self.ranked)))
        self.sums = list(itertools.accumulate(weights))

    def ideal(self, limit):
        return self.sums[min(limit, len(self.sums)) - 1] / self.sums[-1]

    def address_in(self, prefix):
        length, number = prefix
        return number + self.chance.randrange(1, 1 << min(32 - length, 6))

    def destination(self):
        rank = bisect.bisect(self.sums, self.chance.random() * self.sums[-1])
        return self.address_in(self.ranked[min(rank, len(self.ranked) - 1)])


class Sender(threading.Thread):
    """sFlow datagrams, at a rate, to the switch."""

    HEADER = struct.pack("!II4sI", 5, 1, socket.inet_aton(AGENT), 0)
    FRAME = bytes.fromhex("02000000000102000000000208004500003c0001000040110000") + socket.inet_aton("198.51.100.1")
    PORTS = bytes.fromhex("0035003500080000")

    def __init__(self, traffic, rate, namespace):
        super().__init__(daemon=True)
        self.traffic, self.rate, self.namespace = traffic, rate, namespace
        self.newcomers = {}  # by prefix, an address
        self.sequence = self.samples = 0
        self.stopped = False

    def sample(self, address):
        frame = self.FRAME + struct.pack("!I", address) + self.PORTS
        body = struct.pack("!IIII", 1, 1000, 4, len(frame)) + frame + bytes(-len(frame) % 4)
        record = struct.pack("!II", 1, len(body)) + body
        self.samples += 1
        flow = struct.pack("!IIIIIIII", self.samples, 1, 1000, self.samples * 1000, 0, 1, 2, 1) + record
        return struct.pack("!II", 1, len(flow)) + flow

    def addresses(self):
        chance = self.traffic.chance
        some = [address for address in self.newcomers.values() if chance.random() < NEWCOMER_RATE * PER_DATAGRAM / self.rate]
        return some + [self.traffic.destination() for _ in range(PER_DATAGRAM - len(some))]

    def datagram(self, addresses):
        self.sequence += 1
        samples = [self.sample(address) for address in addresses]
        return (self.HEADER + struct.pack("!III", self.sequence, int(time.monotonic() * 1000) % 2**32, len(samples)) +
                b"".join(samples))

    def run(self):
        with inside(self.namespace):
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with out:
            out.connect((SWITCH, 6343))
            begin, sent = time.monotonic(), 0
            while not self.stopped:
                due = int((time.monotonic() - begin) * self.rate)
                while sent < due:
                    with contextlib.suppress(ConnectionRefusedError):
                        out.send(self.datagram(self.addresses()))
                    sent += PER_DATAGRAM
                time.sleep(0.005)


def enter(path):
    """The calling thread goes to this network namespace."""
    with open(path) as handle:
        if LIBC.setns(handle.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(namespace):
    """What is opened here stays there."""
    with open("/proc/thread-self/ns/net") as home:
        enter(f"/run/netns/{namespace}")
        try:
            yield
        finally:
            enter(f"/proc/thread-self/fd/{home.fileno()}")


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def wait_until(what, condition, patience=PATIENCE, pause=0.05):
    give_up = time.monotonic() + patience
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > give_up:
            raise TimeoutError(f"no {what} in {patience:.0f} s")
        time.sleep(pause)


class World:
    def __init__(self, arguments, table):
        self.arguments, self.table = arguments, table
        self.router, self.switch = (f"fxt-{os.getpid()}-{name}" for name in ("router", "switch"))
        self.folder = tempfile.TemporaryDirectory(prefix="fxt-")
        self.path = pathlib.Path(self.folder.name)
        self.children = []

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.wait()
        for name in (self.router, self.switch):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)
        self.folder.cleanup()

    def begin(self):
        for name in (self.router, self.switch):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "link", "add", "eth0", "netns", self.router, "type", "veth", "peer", "eth0", "netns", self.switch)
        for name, address in ((self.router, ROUTER), (self.switch, SWITCH)):
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
        run("ip", "-n", self.switch, "route", "add", "default", "via", ROUTER)
        self.start_analyzer()
        self.start_bird()

    def spawn(self, *words):
        log = open(self.path / f"{len(self.children)}.log", "w")
        child = subprocess.Popen(words, stdout=log, stderr=log)
        self.children.append(child)
        return child

    def start_analyzer(self):
        arguments = self.arguments
        wanted = {"name": "edge", "router": ROUTER, "agents": [AGENT], "ipv4": arguments.limit, "kernel": {},
                  "changes_per_second": arguments.changes, "hold": arguments.hold}
        (self.path / "active.yaml").write_text(json.dumps([wanted]))
        self.analyzer = self.spawn("ip", "netns", "exec", self.switch, arguments.fabrix, "sflow", "analyze", "--listen",
                                   SWITCH, "--rest", "127.0.0.1:8008", "--bgp", SWITCH, "--router",
                                   f"{ROUTER},as={AS},id={SWITCH}", "--active-routes", str(self.path / "active.yaml"))
        wait_until("analyzer", self.answers)

    def start_bird(self):
        (self.path / "bird.conf").write_text(f"""
router id {ROUTER};
protocol device {{ }}
protocol direct {{ ipv4; }}
protocol static {{ ipv4; {self.table.bird()} }}
protocol bgp {{
  local {ROUTER} as {AS};
  neighbor {SWITCH} port 1179 as {AS};
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 {{ import none; export where source = RTS_STATIC; next hop keep; }};
}}
""")
        self.spawn("ip", "netns", "exec", self.router, "bird", "-f", "-c", str(self.path / "bird.conf"), "-s",
                   str(self.path / "bird.ctl"))

    def ask(self, path):
        client = http.client.HTTPConnection("127.0.0.1", 8008, timeout=PATIENCE)
        with inside(self.switch):
            client.connect()
        with contextlib.closing(client):
            client.request("GET", path)
            return client.getresponse().read()

    def answers(self):
        with contextlib.suppress(ConnectionRefusedError):
            return self.ask("/version")
        return None

    def counts(self):
        return json.loads(self.ask("/active/edge/json?maxRoutes=0"))["ipv4"]

    def learned(self):
        return json.loads(self.ask("/bgp/neighbors/json"))[0].get("nPrefixes", 0)

    def installed(self):
        rows = json.loads(run("ip", "-n", self.switch, "-j", "route", "show", "proto", "70") or "[]")
        return {row["dst"]: row["gateway"] for row in rows}

    def way_of(self, addresses):
        """By which next hop the switch's kernel sends to each of them."""
        lines = "".join(f"route get {socket.inet_ntoa(struct.pack('!I', address))}\n" for address in addresses)
        out = run("ip", "-n", self.switch, "-o", "-batch", "-", input=lines)
        return [line.split(" via ")[1].split()[0] for line in out.splitlines()]


class Watcher(threading.Thread):
    """How many routes the kernel has at most, by what it tells of each change: a list of thousands is of no moment."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.most = self.changes = 0
        self.there = set()
        self.monitor = subprocess.Popen(["ip", "-n", world.switch, "-4", "-o", "monitor", "route"],
                                        stdout=subprocess.PIPE, text=True)
        world.children.append(self.monitor)

    def run(self):
        for line in self.monitor.stdout:
            words = line.split()
            if "proto 70 " not in line:
                continue
            if words[0] == "Deleted":
                self.there.discard(words[1])
            else:
                self.there.add(words[0])
            self.most, self.changes = max(self.most, len(self.there)), self.changes + 1


def wrong_ways(world, table, addresses):
    ways = world.way_of(addresses)
    return [address for address, way in zip(addresses, ways) if way != ROUTER and way != table.match(address)]


def newcomers(world, traffic, sender, count):
    """How long it took, for prefixes without traffic so far, from its beginning to the route in the kernel."""
    delays = []
    for prefix in traffic.ranked[-count:]:
        address = traffic.address_in(prefix)
        begin = time.monotonic()
        sender.newcomers[prefix] = address
        wait_until("route of a newcomer", lambda: world.way_of([address])[0] != ROUTER, pause=0.01)
        delays.append(time.monotonic() - begin)
        del sender.newcomers[prefix]
    return sorted(delays)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table")
    parser.add_argument("--routes", type=int, default=0, help="so many of the table; 0: all")
    parser.add_argument("--limit", type=int, default=5000)
    parser.add_argument("--changes", type=int, default=500)
    parser.add_argument("--hold", type=int, default=10)
    parser.add_argument("--zipf", type=float, default=1.4)
    parser.add_argument("--rate", type=float, default=5000)
    parser.add_argument("--seconds", type=float, default=60, help="of traffic before figures are taken")
    parser.add_argument("--coverage", type=float, default=95)
    parser.add_argument("--newcomers", type=int, default=50)
    parser.add_argument("--fabrix", default="build/release/src/app/fabrix")
    arguments = parser.parse_args()
    table = read_table(arguments.table, arguments.routes)
    traffic = Traffic(table, arguments.zipf)
    print(f"{len(table.hops)} routes, room for {arguments.limit}; Zipf {arguments.zipf}: the largest {arguments.limit} "
          f"have {100 * traffic.ideal(arguments.limit):.1f} % of the traffic", flush=True)
    good = True

    def check(what, value, is_good):
        nonlocal good
        good = good and is_good
        print(f"{'ok  ' if is_good else 'FAIL'} {what}: {value}", flush=True)

    with World(arguments, table) as world:
        begin = time.monotonic()
        wait_until("table", lambda: world.learned() == len(table.hops), pause=0.2)
        print(f"     table learned in {time.monotonic() - begin:.1f} s")
        watcher, sender = Watcher(world), Sender(traffic, arguments.rate, world.router)
        watcher.start()
        sender.start()
        time.sleep(arguments.seconds)
        with contextlib.suppress(TimeoutError):
            wait_until("coverage", lambda: world.counts()["coveragePercent"] >= arguments.coverage, pause=0.5)
        counts = world.counts()
        check("coverage", f"{counts['coveragePercent']:.1f} %, hits {counts['hitPercent']:.1f} %",
              counts["coveragePercent"] >= arguments.coverage)
        print(f"     {json.dumps(counts)}")
        addresses = [traffic.destination() for _ in range(2000)]
        for hop, prefix in list(world.installed().items())[:2000]:
            block = ipaddress.ip_network(hop)
            addresses.append(int(block[random.randrange(block.num_addresses)]))
        wrong = wrong_ways(world, table, addresses)
        check("packets that go a wrong way", f"{len(wrong)} of {len(addresses)}", not wrong)
        delays = newcomers(world, traffic, sender, arguments.newcomers)
        check("newcomers installed", f"{len(delays)}, after {delays[len(delays) // 2]:.2f} s, at most {delays[-1]:.2f} s",
              True)
        sender.stopped = True
        world.analyzer.terminate()
        world.analyzer.wait()
        wait_until("end of the changes", lambda: not watcher.there)
        check("most routes in the kernel", f"{watcher.most}, of {watcher.changes} changes",
              watcher.most <= arguments.limit)
        check("routes left at the end", len(world.installed()), not world.installed())
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
