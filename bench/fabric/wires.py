"""What a fabric is measured against: two namespaces joined by nothing but a cable, by the least that eBPF can do,
and by the kernel's bridge. Names begin with fxb-; addresses and cables are those of a lab's routers."""
import json
import os
import subprocess

import machine
from machine import at_ingress, inside, run, start_inside

SOURCE, DESTINATION = "100.0.0.1", "140.0.0.1"


class Wire:
    """`kind` is direct, peer (bpf_redirect_peer), egress (bpf_redirect), bridge, or thousand: the Linux fabric with the
    Program of a thousand participants with ten clauses each, of which ports 1 and 2 are there; thousand-xdp: at XDP."""

    def __init__(self, kind):
        self.kind, self.fabric = kind, None
        base = f"fxb-{os.getpid()}-{kind}"
        self.a, self.ix, self.b = (f"{base}-{name}" for name in ("a", "ix", "b"))
        self.source, self.destination = SOURCE, DESTINATION

    def start(self):
        for name in (self.a, self.ix, self.b):
            run("ip", "netns", "add", name)
            inside(name, "ip", "link", "set", "lo", "up")
        if self.kind == "direct":
            run("ip", "link", "add", "ix0", "netns", self.a, "type", "veth", "peer", "name", "ix0", "netns", self.b)
        else:
            for port, home in (("p1", self.a), ("p2", self.b)):
                run("ip", "link", "add", port, "netns", self.ix, "type", "veth", "peer", "name", "ix0", "netns", home)
                inside(self.ix, "ip", "link", "set", port, "up")
        for home, lan, own, other, gateway in ((self.a, "172.0.0.1", SOURCE, DESTINATION, "172.0.0.11"),
                                               (self.b, "172.0.0.11", DESTINATION, SOURCE, "172.0.0.1")):
            inside(home, "ip", "link", "set", "ix0", "up")
            inside(home, "ip", "address", "add", f"{lan}/16", "dev", "ix0")
            inside(home, "ip", "address", "add", f"{own}/32", "dev", "lo")
            inside(home, "ip", "route", "add", f"{other}/32", "via", gateway, "src", own)
        self.join()

    def join(self):
        if self.kind == "bridge":
            inside(self.ix, "ip", "link", "add", "br0", "type", "bridge")
            inside(self.ix, "sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0", check=False)
            for port in ("p1", "p2"):
                inside(self.ix, "ip", "link", "set", port, "master", "br0")
            inside(self.ix, "ip", "link", "set", "br0", "up")
        elif self.kind.startswith("thousand"):
            self.join_thousand()
        elif self.kind != "direct":
            index = {link["ifname"]: link["ifindex"] for link in json.loads(inside(self.ix, "ip", "-j", "link", "show"))}
            at_ingress(self.ix, "p1", self.kind, index["p2"])
            at_ingress(self.ix, "p2", self.kind, index["p1"])

    def join_thousand(self):
        at_xdp = ["--xdp"] if self.kind == "thousand-xdp" else []
        for home in (self.a, self.b) if at_xdp else ():
            inside(home, "ethtool", "-K", "ix0", "gro", "on")  # its other end may send at XDP
        self.fabric = start_inside(self.ix, machine.thousand(), *at_xdp, "p1", "p2", stdin=subprocess.PIPE)
        said = self.fabric.stdout.readline().split()
        if said[:1] != ["ready"]:
            raise RuntimeError("linux_thousand did not start")
        # As its admission wants them; each has a tag for the other's address.
        for home, mac, gateway, tag in ((self.a, "08:00:27:00:00:00", "172.0.0.11", said[2]),
                                        (self.b, "08:00:27:00:00:01", "172.0.0.1", said[1])):
            inside(home, "ip", "link", "set", "ix0", "address", mac)
            inside(home, "ip", "neighbour", "replace", gateway, "lladdr", tag, "dev", "ix0", "nud", "permanent")

    def stop(self):
        if self.fabric:
            self.fabric.stdin.close()
            self.fabric.wait()
        for name in (self.a, self.ix, self.b):
            run("ip", "netns", "del", name, check=False)

    def next_mac(self):
        inside(self.a, "ping", "-c1", "-W2", "-I", self.source, self.destination)
        return neighbour_mac(self.a, "172.0.0.11")


def neighbour_mac(namespace, address):
    words = inside(namespace, "ip", "neigh", "show", address, "dev", "ix0").split()
    if "lladdr" not in words:
        raise RuntimeError(f"{namespace} does not know the MAC address of {address}")
    return words[words.index("lladdr") + 1]
