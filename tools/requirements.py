#!/usr/bin/env python3
"""The requirements that tests name, as docs/requirements.md: `Rfc7606_5_3_...` in a test's name is RFC 7606 §5.3.

    tools/requirements.py           # writes the page
    tools/requirements.py --check   # fails if the page is not what would be written
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/requirements.md"
TEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", re.MULTILINE)
TAG = re.compile(r"Rfc(\d{4})((?:_\d+)*)")


def tagged():
    """(RFC, section, module, test) of each tag in each test's name."""
    for path in sorted((ROOT / "tests").rglob("*_test.cc")):
        for suite, name in TEST.findall(path.read_text()):
            for rfc, section in TAG.findall(name):
                numbers = tuple(int(n) for n in section.split("_") if n)
                yield int(rfc), numbers, path.parent.name, f"{suite}.{name}"


def page():
    lines = ["# Requirements and the tests that hold them", "",
             "Written by `tools/requirements.py` from the names of the tests; do not edit.", ""]
    last = None
    for rfc, section, module, test in sorted(set(tagged())):
        if rfc != last:
            lines += ["", f"## RFC {rfc}", ""]
            last = rfc
        where = "§" + ".".join(map(str, section)) if section else "as a whole"
        lines.append(f"- {where}: `{module}.{test}`")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def main():
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            sys.exit("docs/requirements.md is not up to date: run tools/requirements.py")
        return
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
