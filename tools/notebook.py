#!/usr/bin/env python3
"""Makes a Jupyter notebook of a Python script whose cells begin with `# %% text`.

    tools/notebook.py examples/python/course.py     writes examples/python/course.ipynb

The script is what is edited; a test says so when the notebook is not made of it.
"""
import json
import pathlib
import re
import sys


def cell(kind, number, text):
    lines = text.strip("\n").splitlines(keepends=True)
    result = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": lines}
    if kind == "code":
        result |= {"execution_count": None, "outputs": []}
    return result


def notebook(script):
    """The notebook as text: the docstring and the words after each `# %%` are Markdown."""
    docstring, body = re.fullmatch(r'"""(.*?)"""\n(.*)', script, re.DOTALL).groups()
    cells = [("markdown", "# " + docstring)]
    for part in re.split(r"^# %% ", body, flags=re.MULTILINE)[1:]:
        words, code = part.split("\n", 1)
        cells += [("markdown", words), ("code", code)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({
        "cells": [cell(kind, number, text) for number, (kind, text) in enumerate(cells)],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }, indent=1) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        path.with_suffix(".ipynb").write_text(notebook(path.read_text()))
