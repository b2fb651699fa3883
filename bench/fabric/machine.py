"""Commands, network namespaces and the two programs of the benchmark, which are built on the way."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INCLUDE = "/usr/include/x86_64-linux-gnu"
SCRATCH = pathlib.Path(tempfile.mkdtemp(prefix="fxb-"))


def clean_up():
    shutil.rmtree(SCRATCH, ignore_errors=True)


def run(*words, check=True, **options):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip() or done.stdout.strip()[-300:]}")
    return done.stdout


@contextlib.contextmanager
def room_for_packets(octets=8 << 20):
    """Open vSwitch in user space receives by sockets as large as this sysctl says when a port is added: of 208 KB, which
    Linux begins with, 14 ms of 20,000 packets a second (docs/configuration.md)."""
    size = pathlib.Path("/proc/sys/net/core/rmem_default")
    before = size.read_text()
    size.write_text(str(octets))
    try:
        yield
    finally:
        size.write_text(before)


def inside(namespace, *words, **options):
    """Not `ip netns exec`, which hides the BPF file system."""
    return run("nsenter", f"--net=/run/netns/{namespace}", *words, **options)


def start_inside(namespace, *words, **options):
    return subprocess.Popen(["nsenter", f"--net=/run/netns/{namespace}", *map(str, words)], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, **options)


def built(name):
    program = SCRATCH / name
    if not program.exists():
        run("cc", "-O2", "-pthread", "-o", program, HERE / f"{name}.c")
    return program


def blast():
    return built("blast")


class Pauses:
    """When CPUs of this machine stood still (pauses.c), which no program on it can help."""

    def __init__(self, seconds):
        self.process = subprocess.Popen([built("pauses"), str(seconds)], stdout=subprocess.PIPE, text=True)

    def take(self):
        """The microseconds at which each began and ended, when the seconds are over."""
        lines = self.process.communicate()[0].splitlines()
        return [tuple(int(word) for word in line.split()[1:]) for line in lines]


def floor_object(target=0):
    made = SCRATCH / f"floor-{target}.o"
    if not made.exists():
        run("clang", "-O2", "-g", "-target", "bpf", f"-I{INCLUDE}", f"-DTARGET={target}", "-c", HERE / "floor.bpf.c", "-o", made)
    return made


def at_ingress(namespace, interface, section, target=0):
    """Puts a program of floor.bpf.c there."""
    inside(namespace, "tc", "qdisc", "replace", "dev", interface, "clsact")
    inside(namespace, "tc", "filter", "replace", "dev", interface, "ingress", "prio", "1", "handle", "1", "bpf",
           "direct-action", "obj", floor_object(target), "sec", f"tc/{section}")


def nothing_at_ingress(namespace, interface):
    inside(namespace, "tc", "qdisc", "del", "dev", interface, "clsact", check=False)


def command():
    """`fabrix`: $FABRIX, or the release build's."""
    return os.environ.get("FABRIX", ROOT / "build/release/src/app/fabrix")


def thousand():
    """`linux_thousand`, of the build that `fabrix` is of."""
    return pathlib.Path(command()).resolve().parents[1] / "controller/linux_thousand"
