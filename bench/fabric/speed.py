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


def packets(place, mac, seconds, senders=1):
    """Million packets a second that arrive, that were sent, and that were sent in a second of the senders' CPU time: other
    work on the machine hardly changes the last, which is the whole way where a sender carries its packets itself."""
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


KEYS = ("tcp", "tcp4", "pps", "offered", "cpu", "pps3")
TURNS = 5  # at small packets in a round


def measure(names, rounds, seconds):
    """Starts all, then measures each in turn, `rounds` times: what the machine does besides meets all alike. The machine may
    go at two speeds, a second each: small packets, which differ by little, have more and shorter turns."""
    places, results = {}, {}
    try:
        for name in names:
            places[name] = FABRICS[name]()
            places[name].start()
            results[name] = {key: [] for key in KEYS}
        macs = {name: place.next_mac() for name, place in places.items()}
        for _ in range(rounds):
            for name, place in places.items():
                results[name]["tcp"].append(tcp(place, seconds, 1))
                results[name]["tcp4"].append(tcp(place, seconds, 4))
            for _ in range(TURNS):
                for name, place in places.items():
                    one = packets(place, macs[name], seconds / 2)
                    for key, figure in zip(("pps", "offered", "cpu"), one):
                        results[name][key].append(figure)
                for name, place in places.items():
                    results[name]["pps3"].append(packets(place, macs[name], seconds / 2, 3)[0])
    finally:
        for place in places.values():
            place.stop()
    return results


def quotient(figures, others):
    """The median of what was measured right after one another."""
    return statistics.median(one / other for one, other in zip(figures, others))


def run(arguments):
    names = arguments.only or list(FABRICS)
    results = measure(names, arguments.rounds, arguments.seconds)
    print(f"{'fabric':18} {'TCP Gbit/s':>11} {'4 streams':>10} {'Mpps':>7} {'offered':>8} {'M/CPU s':>8} {'3 senders':>9}   "
          f"medians of {arguments.rounds}, of small packets {arguments.rounds * TURNS}")
    for name, figures in results.items():
        tcp1, tcp4, pps, offered, cpu, pps3 = (statistics.median(figures[key]) for key in KEYS)
        print(f"{name:18} {tcp1:11.2f} {tcp4:10.2f} {pps:7.3f} {offered:8.3f} {cpu:8.3f} {pps3:9.3f}   "
              f"{min(figures['tcp']):.1f} to {max(figures['tcp']):.1f} | {min(figures['pps']):.3f} to {max(figures['pps']):.3f}")
    for other in names[1:]:
        of = {key: quotient(results[other][key], results[names[0]][key]) for key in KEYS}
        print(f"{other} to {names[0]}, medians of quotients: TCP {of['tcp']:.2f}, 4 streams {of['tcp4']:.2f}, "
              f"small packets {of['pps']:.3f}, of 3 senders {of['pps3']:.3f}")
    return True
