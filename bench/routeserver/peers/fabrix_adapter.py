#!/usr/bin/env python3
"""Adapter of the route server harness: a configuration for fabrixd from the harness's description of it.

    rsbench.py --adapter fabrix=bench/routeserver/peers/fabrix_adapter.py --servers fabrix,bird2 ...

Called as `fabrix_adapter.py OUTDIR NEIGHBORS.json`; writes OUTDIR/exchange.yaml and prints, as a JSON array,
the command that starts the server in the foreground. FABRIXD names the program (default: the release build).
"""
import ipaddress
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]


def participant(number, neighbor):
    mac = "08:00:27:%02x:%02x:%02x" % (number >> 16 & 255, number >> 8 & 255, number & 255)
    return (f"  - {{name: P{number}, asn: {neighbor['asn']}, routers: [{{name: r{number}, mac: \"{mac}\", "
            f"addresses: [\"{neighbor['address']}\"], port: {number}}}]}}\n")


def main():
    out, description = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    listen = ipaddress.ip_address(description["listen"])
    lan = ipaddress.ip_network(f"{listen}/{16 if listen.version == 4 else 64}", strict=False)
    text = (f"version: 1\nexchange:\n  name: bench\n  asn: {description['rs_as']}\n"
            f"  router_id: {description['router_id']}\n  peering_lan: [\"{lan}\"]\n"
            f"  route_server: {{addresses: [\"{listen}\"], port: {description['port']}}}\nparticipants:\n")
    for number, neighbor in enumerate(description["neighbors"], 1):
        text += participant(number, neighbor)
    (out / "exchange.yaml").write_text(text)
    program = os.environ.get("FABRIXD", str(ROOT / "build/release/src/app/fabrixd"))
    print(json.dumps([program, "-c", str(out / "exchange.yaml"), "--socket", str(out / "fabrix.sock"),
                      "--openflow", f"unix:{out}/openflow.sock", "--log-level", "warning"]))


if __name__ == "__main__":
    main()
