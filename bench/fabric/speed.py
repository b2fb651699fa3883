"""How fast: TCP with iperf3, and small packets, over each fabric in turn."""
import json
import os
import statistics
import time

import machine
from labs import Lab
from machine import at_ingress, blast, inside, nothing_at_ingress, start_inside
from wires import Wire

FABRICS = {
    "direct": lambda: Wire("direct"),
    "redirect": lambda: Wire("egress"),
    "redirect_peer": lambda: Wire("peer"),
    "bridge": lambda: Wire("bridge"),
    "openflow-10": lambda: Lab("openflow", 10, 10),
    "linux-10": lambda: Lab("linux", 10, 10),
    "linux-thousand": lambda: Wire("thousand"),
    "linux-thousand-xdp": lambda: Wire("thousand-xdp"),
    "linux-1000": lambda: Lab("linux", 1000, 10),
}


def tcp(place, seconds, streams):
    """Gbit/s that arrive."""
    server = start_inside(place.b, "iperf3", "-s", "-1", "-B", place.destination)
    time.sleep(0.3)
    try:
        said = inside(place.a, "iperf3", "-c", place.destination, "-B", place.source, "-t", seconds, "-P", streams, "-J",
                      timeout=seconds + 20)
    finally:
        server.terminate()
        server.wait()
    return json.loads(said)["end"]["sum_received"]["bits_per_second"] / 1e9


def counted():
    """What floor.bpf.c has counted since it was put there last; the map of one that is gone may be there for a moment."""
    newest = max(found["id"] for found in json.loads(machine.run("bpftool", "map", "list", "-j"))
                 if found.get("name") == "floor_count")
    entries = json.loads(machine.run("bpftool", "map", "dump", "id", newest, "-j"))
    return sum(int.from_bytes(bytes(int(octet, 16) for octet in entry["value"]), "little") for entry in entries)


def packets(place, seconds, senders=1):
    """Million packets a second that arrive, that were sent, and that were sent in a second of the senders' CPU time: other
    work on the machine hardly changes the last, which is the whole way where a sender carries its packets itself."""
    mac = place.next_mac()
    at_ingress(place.b, "ix0", "count")
    sent, used = 0, 0.0
    try:
        before = counted()
        running = [start_inside(place.a, blast(), "frames", "ix0", mac, place.source, place.destination, seconds)
                   for _ in range(senders)]
        for sender in running:
            sent += int(sender.stdout.read())
            _, status, usage = os.wait4(sender.pid, 0)
            sender.returncode = os.waitstatus_to_exitcode(status)
            used += usage.ru_utime + usage.ru_stime
        return (counted() - before) / seconds / 1e6, sent / seconds / 1e6, sent / used / 1e6
    finally:
        nothing_at_ingress(place.b, "ix0")


def measure(names, rounds, seconds):
    """Starts all, then measures each in turn, `rounds` times: what the machine does besides meets all alike."""
    places, results = {}, {}
    try:
        for name in names:
            places[name] = FABRICS[name]()
            places[name].start()
            results[name] = {"tcp": [], "tcp4": [], "pps": [], "offered": [], "cpu": [], "pps3": []}
        for _ in range(rounds):
            for name, place in places.items():
                one = results[name]
                one["tcp"].append(tcp(place, seconds, 1))
                one["tcp4"].append(tcp(place, seconds, 4))
                for key, figure in zip(("pps", "offered", "cpu"), packets(place, seconds)):
                    one[key].append(figure)
                one["pps3"].append(packets(place, seconds, 3)[0])
    finally:
        for place in places.values():
            place.stop()
    return results


def run(arguments):
    results = measure(arguments.only or list(FABRICS), arguments.rounds, arguments.seconds)
    print(f"{'fabric':18} {'TCP Gbit/s':>11} {'4 streams':>10} {'Mpps':>7} {'offered':>8} {'M/CPU s':>8} {'3 senders':>9}   medians of {arguments.rounds}")
    for name, figures in results.items():
        tcp1, tcp4, pps, offered, cpu, pps3 = (
            statistics.median(figures[key]) for key in ("tcp", "tcp4", "pps", "offered", "cpu", "pps3"))
        print(f"{name:18} {tcp1:11.2f} {tcp4:10.2f} {pps:7.3f} {offered:8.3f} {cpu:8.3f} {pps3:9.3f}   "
              + "  ".join(f"{one:.1f}" for one in figures["tcp"]) + " |" + "  ".join(f"{one:.3f}" for one in figures["pps"]))
    return True
