"""What goes wrong, as exceptions that say what, where and why."""

import json


class Diagnostic:
    """One thing that is wrong with a text: what, where, why, and what to do about it.

    severity: "error", "warning" or "note"; code: such as "P0301" (docs/policy.md lists them);
    message; file; line, column and length of the place, from 1; witness: a packet that shows it;
    help: what to do. The last two may be empty.
    """

    def __init__(self, fields):
        self.severity = fields["severity"]
        self.code = fields["code"]
        self.message = fields["message"]
        self.file = fields["file"]
        self.line = fields["line"]
        self.column = fields["column"]
        self.length = fields["length"]
        self.witness = fields["witness"]
        self.help = fields["help"]

    def __repr__(self):
        return f"<{self.severity} {self.code} in line {self.line}: {self.message}>"


class FabrixError(Exception):
    """Base of all exceptions of this module. str() is for people: with source, caret and witness.

    diagnostics: what is wrong, one by one; may be empty.
    code, line, column, witness: those of the first error; None without diagnostics.
    """

    def __init__(self, text, diagnostics=()):
        super().__init__(text)
        self.diagnostics = list(diagnostics)
        first = next((each for each in self.diagnostics if each.severity == "error"), None)
        self.code = first.code if first else None
        self.line = first.line if first else None
        self.column = first.column if first else None
        self.witness = first.witness if first else None


class PolicyError(FabrixError):
    """A policy is wrong: unknown names, wrong types, or a packet that would go to two targets."""


class ConfigurationError(FabrixError):
    """An exchange is wrong."""


class SimulationError(FabrixError):
    """What was asked of an exchange cannot be done: nobody of that name, no such packet."""


class ExpectationError(FabrixError, AssertionError):
    """A packet did not arrive where it was expected. `delivery` is what became of it."""

    def __init__(self, text, delivery):
        super().__init__(text)
        self.delivery = delivery


class PolicyWarning(UserWarning):
    """A policy is accepted, and yet something about it is odd."""


class PrecedenceWarning(PolicyWarning):
    """Python binds + tighter than >>, and an expression looks as if it were meant otherwise."""


_KINDS = {
    "policy": PolicyError,
    "configuration": ConfigurationError,
    "simulation": SimulationError,
}


def _raise(failure):
    raise _KINDS[failure["kind"]](
        failure["text"], [Diagnostic(each) for each in failure["diagnostics"]])


def _value(answer):
    """The value of a (value, failure) pair of the core."""
    value, failure = answer
    if failure is not None:
        _raise(json.loads(failure))
    return value


def _outcome(text):
    """The data of an outcome of the core."""
    outcome = json.loads(text)
    if "failure" in outcome:
        _raise(outcome["failure"])
    return outcome["ok"]
