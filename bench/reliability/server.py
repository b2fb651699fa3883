"""A route server to hurt: fabrixd or BIRD, alone with its members in a network namespace of this process.

The namespace has no name and every address of the peering LAN on its loopback interface; it and the server
(PR_SET_PDEATHSIG) vanish with the process, however that ends.
"""
import ctypes
import ipaddress
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDRESS, ASN = "192.0.2.254", 65000
LIBC = ctypes.CDLL(None, use_errno=True)


def enter_namespace():
    """This process, and what it starts, is alone on a network with 192.0.2.0/24, 198.18.0.0/16 and 2001:db8::/64."""
    if LIBC.unshare(0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNET): root is needed")
    for line in ("link set lo up", "route add local 192.0.2.0/24 dev lo", "route add local 198.18.0.0/16 dev lo",
                 "-6 route add local 2001:db8::/64 dev lo"):
        subprocess.run(["ip", *line.split()], check=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (16384, 16384))


def member_address(number):
    """Of member `number`, from 1: 192.0.2.n, and 198.18.x.y for those after the 200th."""
    return f"192.0.2.{number}" if number <= 200 else str(ipaddress.ip_address("198.18.0.0") + number)


def with_parent():
    LIBC.prctl(1, signal.SIGKILL)


class Server:
    """`members` is a list of (address, asn); `session` what differs from the defaults of docs/configuration.md."""

    def __init__(self, kind, members, session=None, before=()):
        self.kind, self.members, self.session, self.before = kind, members, session or {}, list(before)
        self.out = pathlib.Path(tempfile.mkdtemp(prefix="fabrix-reliability-"))
        self.process = None
        write = self.write_fabrix if kind == "fabrix" else self.write_bird
        self.command = write()

    def write_fabrix(self):
        session = {"role": False, "graceful_restart": 0, **self.session}
        settings = ", ".join(f"{key}: {str(value).lower()}" for key, value in session.items())
        text = (f"version: 1\nexchange:\n  name: reliability\n  asn: {ASN}\n  router_id: {ADDRESS}\n"
                f"  peering_lan: [192.0.2.0/24, 198.18.0.0/16, \"2001:db8::/64\"]\n  route_server:\n"
                f"    addresses: [{ADDRESS}]\n    policy: minimal\n    session: {{{settings}}}\nparticipants:\n")
        for number, (address, asn) in enumerate(self.members, 1):
            mac = f"08:00:27:00:{number >> 8:02x}:{number & 255:02x}"
            also = f", \"2001:db8::{address.rsplit('.')[-1]}\"" if address.startswith("192.0.2.") else ""
            text += (f"  - {{name: P{number}, asn: {asn}, routers: [{{name: r{number}, mac: \"{mac}\", "
                     f"addresses: [\"{address}\"{also}], port: {number}}}]}}\n")
        (self.out / "exchange.yaml").write_text(text)
        program = os.environ.get("FABRIXD", str(ROOT / "build/release/src/app/fabrixd"))
        return [program, "-c", str(self.out / "exchange.yaml"), "--socket", str(self.out / "fabrix.sock"),
                "--openflow", f"unix:{self.out}/openflow.sock", "--log-level", "info"]

    def write_bird(self):
        hold = self.session.get("hold_time", 90)
        restart = "graceful restart on" if self.session.get("graceful_restart") else "graceful restart off"
        text = f"router id {ADDRESS};\nprotocol device {{}}\n" + (
            "graceful restart wait 30;\n" if self.session.get("graceful_restart") else "")
        for number, (address, asn) in enumerate(self.members, 1):
            text += (f"protocol bgp P{number} {{ local {ADDRESS} as {ASN}; neighbor {address} as {asn}; rs client; "
                     f"passive on; multihop; hold time {hold}; {restart}; "
                     "enable extended messages on; "
                     "ipv4 { import all; export all; }; ipv6 { import all; export all; }; }\n")
        (self.out / "bird.conf").write_text(text)
        return ["bird", "-f", "-c", str(self.out / "bird.conf"), "-s", str(self.out / "bird.ctl")]

    def start(self, *more):
        with open(self.out / "log", "ab") as log:
            self.process = subprocess.Popen([*self.before, *self.command, *more], stdout=log, stderr=log,
                                            preexec_fn=with_parent)
        self.wait_for_port()

    def wait_for_port(self):
        end = time.monotonic() + 15
        listening = ":00B3"  # 179
        while time.monotonic() < end:
            for line in pathlib.Path("/proc/self/net/tcp").read_text().splitlines()[1:]:
                words = line.split()
                if words[1].endswith(listening) and words[3] == "0A":
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError("the server does not listen:\n" + (self.out / "log").read_text()[-2000:])

    def status(self, key):
        """A number of /proc/PID/status, such as VmRSS in KiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        return 0

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def log(self):
        return (self.out / "log").read_text(errors="replace")
