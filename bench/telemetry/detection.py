#!/usr/bin/env python3
"""How long after an attack's first sample `fabrix sflow analyze` has its event: figures of docs/benchmarks.md.

    bench/telemetry/detection.py [--fabrix PROGRAM] [--rounds 5]

One switch samples one in 1,000 packets. 5,000 samples a second go to 50,000 addresses; then, besides, those of an attack
on one more, at 2 and at 10 times the threshold of 500,000 packets a second, by a definition with t=2. The event's own
time, and when a waiting GET /events/json hears of it, after the first sample of the attack was sent; medians. In theory
a step to R crosses T after -t ln(1 - T/R).
"""
import argparse
import json
import math
import pathlib
import socket
import statistics
import struct
import subprocess
import threading
import time
import urllib.request

from collectors import ROOT, free_port, wait_until

RATE = 1000        # packets that a sample stands for
THRESHOLD = 500_000  # packets a second
BACKGROUND = 5000  # samples a second
SMOOTHING = 2
VICTIM = 0x0A000063


def header(destination):
    """A UDP packet's Ethernet and IPv4 headers, in a record of a sampled header."""
    frame = (b"\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0" + struct.pack(">BBHHHBBHII", 0x45, 0, 100, 1, 0, 64, 17, 0, 0xC6336401,
                                                                destination) + struct.pack(">HHHH", 53, 80, 80, 0))
    octets = struct.pack(">IIII", 1, 118, 4, len(frame)) + frame + bytes(-len(frame) % 4)
    return struct.pack(">II", 1, len(octets)) + octets


def datagram(sequence, destinations):
    samples = b""
    for at, destination in enumerate(destinations):
        body = struct.pack(">IIIIIIII", sequence * 8 + at, 7, RATE, 0, 0, 7, 9, 1) + header(destination)
        samples += struct.pack(">II", 1, len(body)) + body
    return struct.pack(">II4sIIII", 5, 1, bytes([192, 0, 2, 9]), 0, sequence, sequence, len(destinations)) + samples


def ask(port, method, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method,
                                     data=json.dumps(body).encode() if body else None)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def is_up(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/version").close()
        return True
    except OSError:
        return False


def measure(program, times):
    """Seconds from the attack's first sample to the event, and to its being heard."""
    sflow, rest = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    process = subprocess.Popen([program, "sflow", "analyze", "--listen", f"127.0.0.1:{sflow}", "--rest",
                                f"127.0.0.1:{rest}"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_up(rest))
        ask(rest, "PUT", "/flow/attack/json", {"keys": "ipdestination", "value": "frames", "t": SMOOTHING})
        ask(rest, "PUT", "/threshold/attack/json", {"metric": "attack", "value": THRESHOLD, "byFlow": True})
        heard = []

        def listen():
            while not heard:
                events = ask(rest, "GET", "/events/json?thresholdID=attack&eventID=-1&timeout=20")
                if events:
                    heard.append((time.time(), events[0]["timestamp"] / 1000))

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        begun = send(sflow, THRESHOLD * times / RATE, heard)
        listener.join(30)
        return heard[0][1] - begun, heard[0][0] - begun
    finally:
        process.terminate()
        process.wait()


def send(port, rate, heard):
    """The background for three seconds, then with the attack until it is heard of; returns when that began."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect(("127.0.0.1", port))
    start = time.time()
    attack = start + 3
    sent = attacked = sequence = 0
    begun = None
    while not heard and time.time() < attack + 20:
        now = time.time()
        due = [0x0B000000 + (sent + n) * 7919 % 50_000 for n in range(int((now - start) * BACKGROUND) - sent)]
        sent += len(due)
        if now >= attack:
            begun = begun or now
            more = int((now - begun) * rate) + 1 - attacked
            attacked += more
            due += [VICTIM] * more
        for first in range(0, len(due), 7):
            out.send(datagram(sequence, due[first:first + 7]))
            sequence += 1
        time.sleep(0.001)
    return begun


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fabrix", type=pathlib.Path, default=ROOT / "build/release/src/app/fabrix")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print("| attack, times the threshold | event after | heard | theory |\n|---|---|---|---|")
    for times in (2, 10):
        rounds = [measure(arguments.fabrix, times) for _ in range(arguments.rounds)]
        event, heard = (statistics.median(column) for column in zip(*rounds))
        theory = -SMOOTHING * math.log(1 - 1 / times)
        print(f"| {times} | {event:.3f} s | {heard:.3f} s | {theory:.3f} s |", flush=True)


if __name__ == "__main__":
    main()
