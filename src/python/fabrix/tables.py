"""Tables for terminals and notebooks."""

import html


def escaped(text):
    return html.escape(str(text))


def as_text(header, rows):
    """Columns as wide as they must be."""
    lines = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths)] for line in lines)
    return "\n".join("  ".join(line).rstrip() for line in padded)


def as_html(header, rows):
    head = "".join(f"<th>{escaped(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in row) + "</tr>"
                   for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


class Table(list):
    """A list that prints as a table, and shows as one in a notebook."""

    def __init__(self, header, cells, rows):
        super().__init__(rows)
        self._header = header
        self._cells = cells

    def _rows(self):
        return [self._cells(each) for each in self]

    def __str__(self):
        return as_text(self._header, self._rows())

    def _repr_html_(self):
        return as_html(self._header, self._rows())
