#!/usr/bin/env python3
"""`fabrix sflow analyze` beside other collectors of sFlow, and with a million keys: figures of docs/benchmarks.md.

    bench/telemetry/collectors.py [--fabrix PROGRAM] [--rounds 3] [--seconds 3] [--only speed|keys] [--tools DIR]

speed: receiving and nothing else (udpsink, the floor), `fabrix sflow analyze` with no, one and five definitions of
flows, sfcapd and sfacctd (5-tuples in its memory plugin) in turn, so many rounds; more is sent than they take, over
loopback; processor time of all their processes and what the kernel does for them, medians. Then Fabrix with one
definition at a million samples a second.

keys: a million different 5-tuples. What each takes where all are kept (`fabrix sflow flows --exact`). And with
`analyze`, as many samples of Zipf's as of a million other 5-tuples in turn: how many of the generator's 100 largest are
among the 100 that /activeflows tells, how right their values are, how long an answer takes, and what the socket lost.

Collectors run on processor 1, generators (of DIR, default ../shared/bench/sflow) on 2 and 3. Needs g++, and Debian's
nfdump-sflow and pmacct for theirs; of what is not there the table says so.
"""
import argparse
import collections
import contextlib
import csv
import http.client
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PORTS = "or:tcpsourceport:udpsourceport,or:tcpdestinationport:udpdestinationport"
FIVE_TUPLE = f"or:ipsource:ip6source,or:ipdestination:ip6destination,or:ipprotocol:ip6nexthdr,{PORTS}"
# As bench/telemetry/flow_bench.cc has them.
DEFINITIONS = {
    "pair": {"keys": "ipsource,ipdestination", "value": "bytes"},
    "macs": {"keys": "macsource,macdestination", "value": "bytes"},
    "services": {"keys": "ipdestination,tcpdestinationport", "value": "bytes"},
    "stacks": {"keys": "ipprotocol,stack", "value": "bytes"},
    "tuples": {"keys": "ipsource,ipdestination,ipprotocol,tcpsourceport", "value": "bytes"},
}
MILLION = 1_000_000
RING = 150_000  # datagrams, of seven samples each: a million and some
TOLD = 100      # flows of an answer


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_until(condition, patience=30):
    give_up = time.monotonic() + patience
    while not condition():
        if time.monotonic() > give_up:
            sys.exit("collectors.py: a program does not come up")
        time.sleep(0.05)


def udp_sockets(port):
    """How many have that port, and what they have lost."""
    drops = [int(line.split()[12]) for table in ("/proc/net/udp", "/proc/net/udp6")
             for line in pathlib.Path(table).read_text().splitlines()[1:]
             if int(line.split()[1].rsplit(":", 1)[1], 16) == port]
    return len(drops), sum(drops)


def resident_of(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


class Bench:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.fabrix = str(pathlib.Path(arguments.fabrix).resolve())
        self.port, self.rest = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        for name in ("sflowblast", "udpsink"):
            subprocess.run(["g++", "-std=c++20", "-O3", "-march=native", "-w", "-o", folder / name,
                            pathlib.Path(arguments.tools) / f"{name}.cpp"], check=True)
        shutil.copy(pathlib.Path(arguments.tools) / "measure.py", folder)

    def analyze(self):
        return [self.fabrix, "sflow", "analyze", "--listen", f"127.0.0.1:{self.port}", "--rest",
                f"127.0.0.1:{self.rest}"]

    def define(self, definitions):
        """A shell command that makes them."""
        return "; ".join(f"curl -s -f --retry 9 --retry-connrefused -o /dev/null -X PUT "
                         f"127.0.0.1:{self.rest}/flow/{name}/json -d '{json.dumps(definition)}'"
                         for name, definition in definitions.items())

    def sfacctd(self):
        settings = {"daemonize": "false", "sfacctd_ip": "127.0.0.1", "sfacctd_port": self.port, "plugins": "memory",
                    "aggregate": "src_host,dst_host,src_port,dst_port,proto", "sfacctd_renormalize": "true",
                    "imt_path": self.folder / "imt", "imt_buckets": 1000003, "imt_mem_pools_number": 0,
                    "plugin_pipe_size": 64 << 20, "plugin_buffer_size": 64 << 10}
        (self.folder / "sfacctd.conf").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
        return ["sfacctd", "-f", str(self.folder / "sfacctd.conf")]

    def collectors(self):
        """(name, command, definitions)."""
        (self.folder / "nfdump").mkdir(exist_ok=True)
        return [("received and thrown away", [str(self.folder / "udpsink"), str(self.port)], {}),
                ("Fabrix, no definition", self.analyze(), {}),
                ("Fabrix, one definition", self.analyze(), {"pair": DEFINITIONS["pair"]}),
                ("Fabrix, five definitions", self.analyze(), DEFINITIONS),
                ("sfcapd", ["sfcapd", "-w", str(self.folder / "nfdump"), "-b", "127.0.0.1", "-p", str(self.port)], {}),
                ("sfacctd, 5-tuples", self.sfacctd(), {})]

    def measure(self, name, command, definitions, rate):
        done = subprocess.run(
            [sys.executable, self.folder / "measure.py", "--name", name, "--port", str(self.port), "--cpus", "1",
             "--blast-cpu", "2", "--rates", str(rate), "--secs", str(self.arguments.seconds), "--settle", "0.5",
             "--post", self.define(definitions) or "true", "--", *command], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"collectors.py: {name}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def speed(self):
        rows = collections.defaultdict(list)
        for _ in range(self.arguments.rounds):
            for name, command, definitions in self.collectors():
                if shutil.which(command[0]):
                    rows[name].append(self.measure(name, command, definitions, 0))
            name, command, definitions = self.collectors()[2]
            rows["the same at 1,000,000 samples/s"].append(self.measure(name, command, definitions, MILLION))
        print("| | us a sample | samples/s on the core | lost of what was sent | MB |\n|---|---|---|---|---|")
        for name in [name for name, *_ in self.collectors()] + ["the same at 1,000,000 samples/s"]:
            if not rows[name]:
                print(f"| {name} | not installed | | | |")
                continue
            middle = {key: statistics.median(row[key] for row in rows[name])
                      for key in ("ns_per_sample", "recv_samples_per_s", "loss_pct", "rss_mb")}
            print(f"| {name} | {middle['ns_per_sample'] / 1000:.2f} | {middle['recv_samples_per_s']:,.0f} | "
                  f"{middle['loss_pct']:.2f} % | {middle['rss_mb']:.0f} |", flush=True)

    def blast(self, *options):
        return [self.folder / "sflowblast", "--port", str(self.port), "--flows", str(MILLION), "--ring", str(RING),
                "--quiet", *map(str, options)]

    def memory_of_a_key(self):
        """Octets: of all that are kept, less what the same takes with one."""
        capture = self.folder / "million.pcap"
        subprocess.run(self.blast("--walk", "--agents", 1, "--ifs", 1, "--sw", 0, "--rt", 0, "--gw", 0, "--hdr", 64,
                                  "--port", 6343, "--pcap", capture), check=True)
        peaks = [self.resident([self.fabrix, "sflow", "flows", capture, "--keys", keys, "--exact", str(2 * MILLION),
                                # Never met: no answer is made at the end, which would be measured, too.
                                "--threshold", "1e15"]) for keys in (FIVE_TUPLE, "agent")]
        capture.unlink()
        return (peaks[0] - peaks[1]) / MILLION

    @staticmethod
    def resident(command):
        """Octets, the most in the second half of its time: in the first the capture is read."""
        seen = []
        program = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while program.poll() is None:
            seen.append(resident_of(program.pid))
            time.sleep(0.005)
        return max(seen[len(seen) // 2:])

    def ask(self, mode):
        """(flows, seconds)."""
        begin = time.monotonic()
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.rest, timeout=60)) as connection:
            connection.request("GET", f"/activeflows/ALL/five/json?maxFlows={TOLD}&aggMode={mode}")
            flows = json.loads(connection.getresponse().read())
        return flows, time.monotonic() - begin

    def truth(self, shape):
        """By mode, what part of all samples is of each 5-tuple: where it is most, and anywhere."""
        table = self.folder / "truth.csv"
        subprocess.run(self.blast(*shape, "--expect", table, "--pcap", "/dev/null"), check=True)
        anywhere, there, samples = collections.Counter(), collections.Counter(), 0
        with open(table) as lines:
            for row in csv.DictReader(lines):
                samples += 1
                if row["proto"] in ("6", "17"):
                    key = ",".join(row[name] for name in ("src", "dst", "proto", "sport", "dport"))
                    anywhere[key] += 1
                    there[row["agent"], row["in"], key] += 1
        table.unlink()
        most = {}
        for (_, _, key), count in there.items():
            most[key] = max(most.get(key, 0), count)
        return {"max": {key: count / samples for key, count in most.items()},
                "sum": {key: count / samples for key, count in anywhere.items()}}

    @staticmethod
    def start(processor, command):
        return subprocess.Popen(["nice", "-n", "-12", "taskset", "-c", processor, *command], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def live(self, name, shape):
        rate, smoothing = MILLION // 10, 10
        truth = self.truth(shape)
        started = [self.start("1", self.analyze())]
        try:
            wait_until(lambda: udp_sockets(self.port)[0])
            definition = {"keys": FIVE_TUPLE, "value": "frames", "n": 20, "t": smoothing}
            subprocess.run(self.define({"five": definition}), shell=True, check=True)
            for processor, more in (("2", []), ("3", ["--walk", "--seed", 2])):
                blast = self.blast(*shape, *more, "--rate", rate, "--secs", 6 * smoothing)
                started.append(self.start(processor, blast))
            # So long that what was before the generators began is no more than e^-4.
            time.sleep(4.5 * smoothing)
            for mode in ("max", "sum"):
                asked = [self.ask(mode) for _ in range(9)]
                # Frames are a thousand times the samples.
                self.tell(name, mode, asked, truth[mode], rate * 1000, started[0].pid)
        finally:
            for program in started:
                program.terminate()
                program.wait()

    def tell(self, name, mode, asked, truth, frames, pid):
        flows = {flow["key"]: flow["value"] for flow in asked[-1][0]}
        largest = sorted(truth, key=truth.get, reverse=True)[:TOLD]
        found = [key for key in largest if key in flows]
        errors = [abs(flows[key] / (truth[key] * frames) - 1) for key in found]
        times = [seconds for _, seconds in asked]
        print(f"| {name} | {mode} | {len(found)} | {statistics.median(errors) * 100:.1f} % | "
              f"{statistics.median(times) * 1000:.0f} / {max(times) * 1000:.0f} ms | {udp_sockets(self.port)[1]} | "
              f"{resident_of(pid) / 1e6:.0f} |", flush=True)

    def keys(self):
        print(f"\nan exact key: {self.memory_of_a_key():.0f} octets\n")
        print("| a million keys from | aggMode | of the 100 largest | their values, off by | an answer: median / longest | "
              "datagrams lost | MB |\n|---|---|---|---|---|---|---|")
        self.live("1 agent, 48 ports", ["--agents", 1, "--ifs", 48])
        self.live("32 agents, 48 ports each", ["--agents", 32, "--ifs", 48])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fabrix", default=ROOT / "build/release/src/app/fabrix")
    parser.add_argument("--tools", default=ROOT.parent / "shared/bench/sflow")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", choices=["speed", "keys"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fxt-") as folder:
        bench = Bench(arguments, pathlib.Path(folder))
        if arguments.only != "keys":
            bench.speed()
        if arguments.only != "speed":
            bench.keys()


if __name__ == "__main__":
    main()
