"""What a scenario measured, against the figure it has to reach."""


class Report:
    def __init__(self, scenario, server):
        self.scenario, self.server, self.checks, self.notes = scenario, server, [], []

    def check(self, what, measured, figure, good):
        """One figure: `measured` and `figure` are for people."""
        self.checks.append((what, measured, figure, bool(good)))

    def note(self, text):
        self.notes.append(text)

    def passed(self):
        return bool(self.checks) and all(good for *_, good in self.checks)

    def line(self):
        parts = [f"{what} {measured} ({figure}{'' if good else ': MISSED'})"
                 for what, measured, figure, good in self.checks]
        return f"{self.scenario:13} {self.server:7} {'pass' if self.passed() else 'FAIL'}  " + "; ".join(parts)


def quantile(values, q):
    """In [0, 1]; the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else float("nan")


def ms(seconds):
    return f"{seconds * 1000:.1f} ms"
