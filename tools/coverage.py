#!/usr/bin/env python3
"""How much of the decoders their own unit tests run; fails below the gates. `./fabrix coverage`.

Measured with clang's source-based coverage (the `coverage` preset), so what a compiler adds, such as
the edges of exceptions, does not count. Only what is run by tests of behaviour counts: corpora are not
replayed here. A branch is one way out of one condition. Left out are defaulted functions, which the
compiler writes, and the failing way out of FABRIX_ASSERT, which bugs of ours alone would take.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINES_GATE = 100.0
BRANCHES_GATE = 95.0

# What reads octets or text that a stranger wrote, by module: `src/MODULE/NAME.cc` and its header.
DECODERS = {
    "base": ["byte_reader"],
    "net": ["address_bits", "frame", "ip_address", "mac_address", "prefix"],
    "bgp": ["as_path_codec", "attribute_decoder", "capability_codec", "flowspec", "flowspec_actions",
            "flowspec_match", "flowspec_nlri", "flowspec_update", "message_header",
            "message_splitter", "nlri", "notification_message", "open_message",
            "route_refresh_message", "session_fsm", "update_check", "update_message"],
    "rpki": ["json_fields", "pdu_splitter", "rtr_client", "rtr_message", "slurm", "vrps_json"],
    "monitoring": ["bmp_decoder", "mrt_reader"],
    "openflow": ["match", "message_decoder", "ovsdb", "wire"],
    "http": ["message", "request_reader", "target"],
    "capture": ["capture_reader"],
    "host": ["config", "tcp_connection"],
    "exports": ["nats_codec"],
    "analyzer": ["active_flow_routes", "agent_list", "flow_json", "flow_routes", "forward_routes", "json_fields",
                 "long_poll", "metric_call", "name_routes", "route", "route_json", "router", "spec_json",
                 "threshold_routes", "topology_json", "topology_routes"],
    "sflow": ["datagram", "description", "field_text", "flow_records", "header_description",
              "header_layers", "record", "sampled_packet", "xdr"],
}
# Tests that start a real switch: they take long and decode nothing that the others do not.
TEST_FILTER = "-OpenVSwitch*:OpenVswitch*"

EXPANSION = 1  # llvm::coverage::CounterMappingRegion::RegionKind.


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def test_binaries(build):
    return [build / "src" / module / f"{module}_tests" for module in DECODERS]


def collect(build, scratch):
    """Runs the tests: the profile of all of them together, and the modules whose tests fail."""
    profiles, failed = [], []
    for binary in test_binaries(build):
        profile = scratch / f"{binary.name}.profraw"
        done = subprocess.run([binary, "--gtest_brief=1", f"--gtest_filter={TEST_FILTER}"], cwd=build,
                              env={**os.environ, "LLVM_PROFILE_FILE": str(profile)},
                              capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout + done.stderr)
            failed.append(f"{binary.name} failed")
        profiles.append(profile)
    merged = scratch / "all.profdata"
    run("llvm-profdata-14", "merge", "-o", merged, *profiles)
    return merged, failed


def export(build, profile, form):
    first, *others = test_binaries(build)
    objects = [argument for binary in others for argument in ("-object", str(binary))]
    return run("llvm-cov-14", "export", f"-format={form}", f"-instr-profile={profile}",
               "-ignore-filename-regex=(^/usr|(^|/)tests)/", first, *objects,
               capture_output=True, text=True).stdout


def short(name):
    """`bgp/nlri.cc`, wherever and from wherever the compiler, or the cache's other clone, saw it."""
    return os.path.normpath(name).rpartition("src/")[2]


def line_counts(lcov):
    """{file: {line: times it ran}}."""
    counts = collections.defaultdict(collections.Counter)
    for record in lcov.splitlines():
        tag, _, rest = record.partition(":")
        if tag == "SF":
            file = counts[short(rest)]
        elif tag == "DA":
            line, count = rest.split(",")[:2]
            file[int(line)] += int(count)
    return counts


def branch_counts(report):
    """{file: {place of a condition: [times true, times false]}}, macros counted where they are used.

    The same condition occurs once for each instantiation of a template and each copy of an inline
    function: those are one.
    """
    counts = collections.defaultdict(dict)
    for function in json.loads(report)["data"][0]["functions"]:
        # A macro's body is a file of its own; a region of the file that uses it leads there.
        used_at = {region[6]: region for region in function["regions"] if region[7] == EXPANSION}
        for branch in function["branches"]:
            place, file = [branch[0:4]], branch[6]
            while file in used_at:
                place.insert(0, used_at[file][0:4])
                file = used_at[file][5]
            condition = tuple(tuple(span) for span in place)
            total = counts[short(function["filenames"][file])].setdefault(condition, [0, 0])
            total[0] += branch[4]
            total[1] += branch[5]
    return counts


def closing(source, start, brackets):
    """Behind the bracket that closes the one right before `start`."""
    depth, end = 1, start
    while depth > 0:
        depth += {brackets[0]: 1, brackets[1]: -1}.get(source[end], 0)
        end += 1
    return end


def ignored_places(source):
    """As ((line, column), (line, column)): the conditions of FABRIX_ASSERT, and of each switch that
    names all enumerators (-Wswitch sees to that), whose way out is another value than those.
    """
    for match in re.finditer(r"FABRIX_ASSERT\(", source):
        end = closing(source, match.end(), "()")
        yield position(source, match.start()), position(source, end)
    for match in re.finditer(r"switch \(.*\) \{", source):
        labels = re.findall(r"(?:case (.+)|default):", source[match.end():
                                                             closing(source, match.end(), "{}")])
        if all(re.fullmatch(r"([a-z]\w*::)*[A-Z]\w*::k\w+", label) for label in labels):
            yield position(source, match.start()), position(source, match.end())


def position(source, offset):
    return source.count("\n", 0, offset) + 1, offset - source.rfind("\n", 0, offset)


def ignored_lines(source):
    """Defaulted functions, and what is from FABRIX_ASSERT(false) to the end of its block."""
    impossible = False
    for number, line in enumerate(source.splitlines(), 1):
        impossible = impossible or "FABRIX_ASSERT(false)" in line
        if impossible or line.endswith("= default;"):
            yield number
        impossible = impossible and "}" not in line


Row = collections.namedtuple("Row", "name lines missed_lines ways missed_ways")


def measure(name, lines, branches):
    source = (ROOT / "src" / name).read_text()
    ignored, spans = set(ignored_lines(source)), list(ignored_places(source))
    lines = {line: count for line, count in lines.items() if line not in ignored}
    ways, missed = 0, []
    for place, taken in sorted(branches.items()):
        start = place[0][0:2]
        if start[0] in ignored or any(first <= start < last for first, last in spans):
            continue
        for way, count in zip(("true", "false"), taken):
            ways += 1
            if count == 0:
                missed.append(f"{start[0]}:{start[1]} never {way}")
    return Row(name, len(lines),
               [line for line in sorted(lines) if lines[line] == 0], ways, missed)


def percent(missed, total):
    return 100.0 if total == 0 else 100.0 * (total - missed) / total


def lines_share(row):
    return percent(len(row.missed_lines), row.lines)


def ways_share(row):
    return percent(len(row.missed_ways), row.ways)


def total_of(module, rows):
    return Row(module, sum(row.lines for row in rows), sum((row.missed_lines for row in rows), []),
               sum(row.ways for row in rows), sum((row.missed_ways for row in rows), []))


def tell(row, details):
    missed = ", ".join(map(str, row.missed_lines)) if details else ""
    print(f"{row.name:32} {row.lines:6} {lines_share(row):7.1f} {row.ways:9} {ways_share(row):7.1f}"
          f"  {missed}".rstrip())


def report(build, every_branch):
    """Prints the table; what is wrong, as sentences."""
    with tempfile.TemporaryDirectory() as scratch:
        profile, failing = collect(build, pathlib.Path(scratch))
        lines = line_counts(export(build, profile, "lcov"))
        branches = branch_counts(export(build, profile, "text"))
    print(f"{'decoder':32} {'lines':>6} {'% run':>7} {'branches':>9} {'% taken':>7}  lines not run")
    totals = []
    for module, names in DECODERS.items():
        files = [f"{module}/{name}.{suffix}" for name in names for suffix in ("h", "cc")]
        rows = [measure(file, lines[file], branches[file]) for file in files if file in lines]
        for row in rows:
            tell(row, details=True)
            if every_branch:
                for missed in row.missed_ways:
                    print(f"    {row.name}:{missed}")
        totals.append(total_of(module, rows))
        if lines_share(totals[-1]) < LINES_GATE or ways_share(totals[-1]) < BRANCHES_GATE:
            failing.append(f"{module}: below {LINES_GATE:.0f} % of lines or "
                           f"{BRANCHES_GATE:.0f} % of branches")
    print()
    for total in totals + [total_of("all decoders", totals)]:
        tell(total, details=False)
    return failing


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "coverage")
    arguments.add_argument("--targets", action="store_true", help="print what to build, and no more")
    arguments.add_argument("--branches", action="store_true", help="name each branch not taken")
    given = arguments.parse_args()
    if given.targets:
        print(*(f"{module}_tests" for module in DECODERS))
        return 0
    failing = report(given.build.resolve(), given.branches)
    for problem in failing:
        print(problem)
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
