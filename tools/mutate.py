#!/usr/bin/env python3
"""Which small mistakes in the decoders of BGP would no test notice? Run by hand, some minutes.

    ./fabrix build coverage && python3 tools/mutate.py --count 100 --seed 1

Makes one change at a time to a copy of a source file (an operator, a boundary, a check left out),
links it with the module's tests as the `coverage` build left them, and says which changes lived.
Some that live mean the same as the original: read them, then write the test or shrug.
"""
import argparse
import collections
import os
import pathlib
import random
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULE = "bgp"
FILES = ["attribute_decoder", "update_message", "nlri", "open_message", "capability_codec"]
# The tests most likely to notice come first; what takes seconds for each mutant is left out.
FIRST_TESTS = "*Decoder*:UpdateMessage*:Nlri*:OpenMessage*:Capability*:Malformed*"
OTHER_TESTS = f"-{FIRST_TESTS}:UpdateEncoderTest.EveryOctetChangedNeverEscapesTheDecoder"
TIMEOUT_SECONDS = 300  # A mutant that does not end is noticed, too.

# What is changed to what. A check left out is a condition that never holds.
RULES = [(re.compile(pattern), replacement) for pattern, replacement in [
    (r" == ", " != "), (r" != ", " == "), (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "),
    (r" >= ", " > "), (r" && ", " || "), (r" \|\| ", " && "), (r" \+ ", " - "), (r" - ", " + "),
    (r" & ", " | "), (r"\bif \((?!auto|const)([^;]*)\) (return|continue)", r"if (false) \2"),
    (r"!(?=[a-z(*])", ""), (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
    (r"(?<![\w.])([1-9]\d*)(?![\w.])", r"(\1 + 1)"), (r"(?<![\w.])([1-9]\d*)(?![\w.])", r"(\1 - 1)"),
]]
Mutant = collections.namedtuple("Mutant", "file line before after text")


def mutants_of(name):
    """Every change to one file that the rules allow, as the file's whole new text."""
    file = f"src/{MODULE}/{name}.cc"
    lines = (ROOT / file).read_text().split("\n")
    for number, line in enumerate(lines):
        code = line.split("//")[0]
        if code.startswith("#") or "static_assert" in code or "FABRIX_ASSERT" in code:
            continue
        quoted = [match.span() for match in re.finditer(r'"[^"]*"', code)]
        for pattern, replacement in RULES:
            for match in pattern.finditer(code):
                if any(start < match.end() and match.start() < end for start, end in quoted):
                    continue
                changed = code[:match.start()] + match.expand(replacement) + line[match.end():]
                text = "\n".join(lines[:number] + [changed] + lines[number + 1:])
                yield Mutant(file, number + 1, line.strip(), changed.strip(), text)


def commands(build, target):
    output = subprocess.run(["ninja", "-C", str(build), "-t", "commands", target], check=True,
                            capture_output=True, text=True).stdout
    return output.splitlines()


class Bench:
    """Compiles, links and tests one mutant after the other."""

    def __init__(self, build, scratch):
        self.build, self.scratch = build, pathlib.Path(scratch)
        self.compile = {name: next(line for line in commands(build, f"fabrix_{MODULE}")
                                   if line.endswith(f"/src/{MODULE}/{name}.cc")) for name in FILES}
        self.link = commands(build, f"{MODULE}_tests")[-1]

    def run(self, words, **options):
        return subprocess.run(words, cwd=self.build, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False, **options).returncode

    def judge(self, mutant):
        """'killed', 'lived', or 'no program' where the change does not compile."""
        name = pathlib.Path(mutant.file).stem
        source, thing = self.scratch / f"{name}.cc", self.scratch / "mutant.o"
        source.write_text(mutant.text)
        words = [word for word in shlex.split(self.compile[name]) if not word.endswith("ccache")]
        words[words.index("-o") + 1], words[-1] = str(thing), str(source)
        del words[words.index("-MF"):words.index("-MF") + 2]
        if self.run([word for word in words if word not in ("-MD", "-MT")], timeout=600) != 0:
            return "no program"
        # What comes before the library's own object is taken instead of it.
        words = shlex.split(self.link)[2:]  # behind ": &&"
        words = words[:words.index("&&")]
        program = self.scratch / "mutant"
        words[words.index("-o") + 1] = str(program)
        words.insert(1, str(thing))
        if self.run(words, timeout=600) != 0:
            return "no program"
        passed = all(self.passes(program, tests) for tests in (FIRST_TESTS, OTHER_TESTS))
        return "lived" if passed else "killed"

    def passes(self, program, tests):
        try:
            return self.run([program, "--gtest_fail_fast", f"--gtest_filter={tests}"],
                            timeout=TIMEOUT_SECONDS,
                            env={**os.environ, "LLVM_PROFILE_FILE": os.devnull}) == 0
        except subprocess.TimeoutExpired:
            return False


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "coverage")
    arguments.add_argument("--count", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--verbose", action="store_true", help="name also those killed")
    given = arguments.parse_args()
    mutants = [mutant for name in FILES for mutant in mutants_of(name)]
    random.Random(given.seed).shuffle(mutants)
    tally = collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(given.build.resolve(), scratch)
        for mutant in mutants:
            if tally["killed"] + tally["lived"] == given.count:
                break
            fate = bench.judge(mutant)
            tally[fate] += 1
            if given.verbose:
                print(f"{fate}: {mutant.file}:{mutant.line}: {mutant.after}", flush=True)
            if fate == "lived":
                print(f"{mutant.file}:{mutant.line}: {mutant.before}\n    lived as {mutant.after}",
                      flush=True)
    print(f"seed {given.seed}: {tally['killed']} of {tally['killed'] + tally['lived']} killed, out of "
          f"{len(mutants)} possible; {tally['no program']} more were no programs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
