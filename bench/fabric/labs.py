"""Exchanges to measure: labs that are written for it, run by `fabrix lab`, with real routers and policies."""
import contextlib
import json
import os
import pathlib
import random
import subprocess

import machine
from machine import inside, run
from wires import DESTINATION, SOURCE, neighbour_mac

TARGETS = 10   # members that announce what everybody wants to reach
PREFIXES = 10  # that each of them announces


class Lab:
    """`members` with `clauses` clauses each. A is the sender that is measured, B the receiver."""

    def __init__(self, fabric, members, clauses, name=None):
        self.fabric, self.members, self.clauses = fabric, members, clauses
        self.name = name or f"fxb{os.getpid()}-{fabric[0]}{members}"
        self.folder = machine.SCRATCH / "labs" / self.name
        self.source, self.destination = SOURCE, DESTINATION
        self.a, self.b, self.ix = (f"fx-{self.name}-{node}" for node in ("m1", "m2", "ix"))
        self.environment = {**os.environ, "FABRIX_LABS": str(self.folder.parent)}

    # The first target is B; A's clauses name ports, and those of the measurement are not among them.
    def policy(self, number, clauses, rng):
        others = [n for n in range(2, 2 + TARGETS) if n != number and n <= self.members]
        ports = rng.sample([port for port in range(1024, 65000) if port not in (5201, 7000)], clauses)
        lines = [f"(match(dstport={port}) >> fwd(M{rng.choice(others)}))" for port in ports]
        return "outbound = " + "\n         + ".join(lines) + "\n"

    def write(self):
        (self.folder / "policies").mkdir(parents=True)
        rng = random.Random(1)
        rows, routers = [], []
        for number in range(1, self.members + 1):
            name = f"M{number}"
            lan = f"172.0.{number // 200}.{number % 200 + 1}"
            mac = f"08:00:27:00:{number >> 8:02x}:{number & 255:02x}"
            policy = ""
            if self.clauses:
                (self.folder / f"policies/{name}.policy").write_text(self.policy(number, self.clauses, rng))
                policy = f"policy: policies/{name}.policy, "
            rows.append(f"  - {{name: {name}, asn: {1000 + number}, {policy}routers: [{{name: m{number}, "
                        f"mac: \"{mac}\", addresses: [{lan}], port: {number}}}]}}\n")
            routers.append(f"  m{number}: {{daemon: bird, prefixes: [{', '.join(self.prefixes(number))}]}}\n")
        (self.folder / "exchange.yaml").write_text(
            "version: 1\nexchange:\n  name: bench\n  asn: 65000\n  router_id: 172.0.255.254\n"
            "  peering_lan: [172.0.0.0/16]\n  virtual_next_hops: [172.0.128.0/18]\n"
            "  route_server: {addresses: [172.0.255.254], policy: minimal}\nparticipants:\n" + "".join(rows))
        (self.folder / "lab.yaml").write_text(
            "version: 1\nlab: {description: bench}\nrouters:\n" + "".join(routers))

    def prefixes(self, number):
        if number == 1:
            return [f"{SOURCE[:-1]}0/24"]
        return [f"140.0.{n}.0/24" for n in range(PREFIXES)] if 2 <= number <= 1 + TARGETS else []

    def start(self):
        self.write()
        with machine.room_for_packets() if self.fabric == "openflow" else contextlib.nullcontext():
            self.fabrix("lab", "run", self.name, "--fabric", self.fabric, "--keep")

    def log(self):
        """Of the lab's daemon: it goes with the lab."""
        return pathlib.Path(os.environ.get("FABRIX_RUN", "/run/fabrix"), "labs", self.name, "fabrixd.log")

    def stop(self):
        self.fabrix("lab", "down", self.name)

    def fabrix(self, *words, **options):
        return run(machine.command(), *words, env=self.environment, stdin=subprocess.DEVNULL, **options)

    def show(self, what):
        return json.loads(self.fabrix("show", what, "--lab", self.name, "--json"))

    def next_mac(self):
        inside(self.a, "ping", "-c5", "-W2", "-I", self.source, self.destination, check=False)
        hop = inside(self.a, "ip", "route", "get", self.destination, "from", self.source).split()
        return neighbour_mac(self.a, hop[hop.index("via") + 1])

    def set_policy(self, text, participant="M1"):
        file = pathlib.Path(self.folder) / "next.policy"
        file.write_text(text)
        self.fabrix("policy", "set", "--participant", participant, "--lab", self.name, file)

    def fabrixd(self):
        """The process id of the lab's daemon, and its command line."""
        home = os.stat(f"/run/netns/fx-{self.name}-rs").st_ino
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (entry / "ns/net").stat().st_ino != home:
                    continue
                words = (entry / "cmdline").read_bytes().split(b"\0")[:-1]
            except OSError:
                continue
            if words and words[0].endswith(b"fabrixd"):
                return int(entry.name), [word.decode() for word in words]
        raise RuntimeError("fabrixd does not run; it said last:\n" + "".join(self.log().open().readlines()[-10:]))
