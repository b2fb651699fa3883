"""A whole exchange in the process: the real route server, compiler and proof on a simulated fabric.

What `fabrix simulate` runs (docs/simulate.md).
"""

import ipaddress
import warnings

from . import _core
from .errors import Diagnostic, ExpectationError, PolicyWarning, SimulationError, _outcome
from .members import Packet, text_of
from .tables import Table


class Step:
    """A row that a packet hit: table, row, reason."""

    def __init__(self, fields):
        self.table = fields["table"]
        self.row = fields["row"]
        self.reason = fields["reason"]

    def __repr__(self):
        return f"<{self.table}: {self.reason}>"


class Delivery:
    """What became of a packet. str() tells its whole way: route, tag, clauses, rows.

    router: the name of the router it arrived at, or None. participant: whose router that is.
    verdict: in a line. steps: the rows it hit, each with the clause it comes from. prefix,
    next_hop, tag: how it was sent. packet and out: as it entered and left. agrees: whether that is
    what the policies mean, by the reference evaluator; it always should.
    """

    def __init__(self, fields, exchange):
        trace = fields["trace"]
        self.router = None if fields["delivered"] == "nowhere" else fields["delivered"]
        self.participant = next(
            (p.name for p in exchange.participants.values()
             if any(r.name == self.router for r in p.routers)), None)
        self.sender = trace["from"]
        self.packet = trace["packet"]
        self.out = trace["out"]
        self.prefix = trace["prefix"]
        self.next_hop = trace["next_hop"]
        self.tag = trace["tag"]
        self.verdict = trace["verdict"]
        self.steps = Table(["table", "reason", "row"], lambda s: [s.table, s.reason, s.row],
                           [Step(each) for each in trace["steps"]])
        self.agrees = trace["agrees"]
        self._text = trace["text"]

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"<Delivery {self.packet} from {self.sender}: {self.verdict}>"

    def _repr_html_(self):
        from .tables import escaped
        return f"<p>{escaped(self.packet)}: {escaped(self.verdict)}</p>" + self.steps._repr_html_()


class Transition:
    """What an event or a timeout did to an instance of an fsm. fsm: its name. of: the class of
    packets, "srcip=10.0.0.1", empty for all. before, after: its states. cause: the event."""

    def __init__(self, fields):
        self.fsm = fields["fsm"]
        self.of = fields["class"]
        self.before = fields["from"]
        self.after = fields["to"]
        self.cause = fields["cause"]

    def __repr__(self):
        of = f" {self.of}" if self.of else ""
        return f"<{self.fsm}{of}: {self.before} -> {self.after} ({self.cause})>"


class Row:
    """A row of the program: table, priority, rule (as text), origin (why it exists), participant
    and clause (from 1, for the rows of clauses; else None)."""

    def __init__(self, fields):
        self.table = fields["table"]
        self.priority = fields["priority"]
        self.rule = fields["rule"]
        self.origin = fields["origin"]
        self.participant = fields.get("participant")
        self.clause = fields["clause"] + 1 if "clause" in self.origin else None

    def __eq__(self, other):
        return isinstance(other, Row) and self.__dict__ == other.__dict__

    __hash__ = None

    def __repr__(self):
        return f"<Row {self.rule}>"


class Program:
    """The tables that make a fabric behave as policies and routes say. rows: of all tables."""

    TABLES = ("admit", "outbound", "resolve", "inbound", "transit")

    def __init__(self, rows):
        self.rows = self._table(rows)

    @staticmethod
    def _table(rows):
        return Table(["participant", "origin", "table", "rule"],
                     lambda r: [r.participant or "", r.origin, r.table,
                                r.rule.removeprefix(r.table).strip()], rows)

    @property
    def row_count(self):
        return len(self.rows)

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)

    def table(self, name):
        """The rows of one table: admit, outbound, resolve, inbound or transit."""
        if name not in self.TABLES:
            raise ValueError(f"there is no table '{name}': " + ", ".join(self.TABLES))
        return self._table([each for each in self.rows if each.table == name])

    def rows_of(self, participant):
        """The rows that a participant's own clauses became."""
        name = getattr(participant, "name", participant)
        return self._table(
            [each for each in self.rows if each.clause is not None and each.participant == name])

    def __eq__(self, other):
        return isinstance(other, Program) and list(self.rows) == list(other.rows)

    __hash__ = None

    def __str__(self):
        return str(self.rows)

    def __repr__(self):
        return f"<Program of {self.row_count} rows>"

    def _repr_html_(self):
        return self.rows._repr_html_()


class Route:
    """A route: prefix, router and participant that announced it, as_path (a string), communities,
    med; and for those of a participant, best (whether it is its best) and told (the next hop that
    it hears: virtual where a policy may send the packets elsewhere). fields: all there is."""

    def __init__(self, fields):
        self.fields = fields
        self.prefix = fields["prefix"]
        self.router = fields["router"]
        self.participant = fields["participant"]
        self.as_path = fields.get("as_path", "")
        self.communities = fields.get("communities", [])
        self.med = fields.get("med")
        self.best = fields.get("best")
        self.told = fields.get("told")

    def __repr__(self):
        return f"<Route {self.prefix} of {self.router}, path {self.as_path}>"


class Simulation:
    """An exchange that runs in the process.

        sim = Simulation(exchange)
        sim.announce("B", "140.0.0.0/16")
        sim.set_policy("A", match(dstport=80) >> fwd("B"))
        print(sim.send("A", "tcp 100.0.0.1:40000 -> 140.0.0.1:80"))

    Sessions and ports are up from the start; routers announce nothing until told. A name of a
    participant stands for its first router. The policies that the exchange's configuration names
    are set; PolicyError if one is wrong. Deterministic. notices: what the exchange had to say.
    """

    def __init__(self, exchange):
        self.exchange = exchange
        self.notices = []
        self._core = _core.Simulation(exchange._core, exchange.directory)
        for step in _outcome(self._core.load_policies()):
            self._note(step)

    def _note(self, step):
        self.notices += step["notices"]
        if step["warning_text"] and any(
                Diagnostic(each).severity == "warning" for each in step["warnings"]):
            warnings.warn(step["warning_text"], PolicyWarning, stacklevel=4)
        return step

    def _router(self, name):
        return self.exchange.router(getattr(name, "name", name)).name

    def run(self, line):
        """Carries out a line of the script language of docs/simulate.md: a dict of what it did."""
        return self._note(_outcome(self._core.run(line)))

    def announce(self, router, *prefixes, as_path=None, med=None, communities=()):
        """As a BGP UPDATE would. as_path is a list of AS numbers, the member's own unless given;
        communities are "65000:1" or "65000:1:2", or tuples: one, or a list of them."""
        words = ["announce", self._router(router), *_prefixes("announce", prefixes)]
        if as_path is not None:
            path = as_path.split() if isinstance(as_path, str) else as_path
            words += ["as-path", '"' + " ".join(_number(each, "AS number") for each in path) + '"']
        if med is not None:
            words += ["med", _number(med, "MED")]
        for each in [communities] if isinstance(communities, str) else communities:
            parts = each.split(":") if isinstance(each, str) else each
            words += ["community", ":".join(_number(part, "part of a community") for part in parts)]
        self.run(" ".join(words))

    def withdraw(self, router, *prefixes):
        """As a BGP UPDATE would."""
        self.run(" ".join(["withdraw", self._router(router), *_prefixes("withdraw", prefixes)]))

    def session(self, router, up):
        """Brings a router's BGP session up or down; then it loses what it announced."""
        self.run(f"session {self._router(router)} {_up(up)}")

    def port(self, router, up):
        """Brings a router's port up or down."""
        self.run(f"port {self._router(router)} {_up(up)}")

    def set_policy(self, participant, policy=None, *, outbound=None, inbound=None,
                   final_policy=None):
        """Replaces a participant's whole policy. `policy` is a text as of a file, or a policy for
        what the participant sends (outbound). On PolicyError the one before stays."""
        name = self.exchange[getattr(participant, "name", participant)].name
        text = text_of(policy, outbound=outbound, inbound=inbound, final_policy=final_policy)
        self._note(_outcome(self._core.set_policy(name, text, f"{name}.policy")))

    def remove_policy(self, participant):
        """Without policy a participant's traffic goes as BGP says."""
        self.run(f"policy {self.exchange[getattr(participant, 'name', participant)].name} none")

    def event(self, participant, event, *, source=None, **fields):
        """Tells a participant's policy with fsms that something happened: event("A",
        "authenticated", srcip="10.0.0.1", value=True). A list of the Transitions that it made;
        SimulationError if the policy does not take it."""
        words = ["event", self.exchange[getattr(participant, "name", participant)].name, event]
        words += [f"{key}={_word(value)}" for key, value in fields.items()]
        if source is not None:
            words.append(f"from={source}")
        return self._transitions(words)

    def wait(self, duration):
        """Lets time pass, "30s", "5m" or "12h", or a number of seconds, so that fsms may time out:
        a list of the Transitions."""
        return self._transitions(
            ["wait", f"{duration}s" if isinstance(duration, int) else str(duration)])

    def _transitions(self, words):
        if any(not word or set(word) & set(" \t\n\"#") for word in words):
            raise SimulationError("names and values are words")
        return [Transition(each) for each in self.run(" ".join(words))["transitions"]]

    def send(self, sender, packet):
        """Where a packet goes that a router sends, by its routing table: a Delivery."""
        step = _outcome(self._core.send(self._router(sender), Packet._of(packet)._core))
        return Delivery(self._note(step), self.exchange)

    def expect(self, where, sender, packet):
        """Sends a packet, and raises ExpectationError unless it arrives at `where`: a router, any
        router of a participant, or None for nowhere."""
        delivery = self.send(sender, packet)
        if where not in (delivery.router, delivery.participant):
            arrived = f"arrives at {delivery.router}" if delivery.router else "arrives nowhere"
            raise ExpectationError(f"{delivery.packet} from {delivery.sender} {arrived}, expected "
                                   f"{where or 'nowhere'}\n{delivery}", delivery)
        return delivery

    def routes(self, participant=None):
        """The routes that a participant may use, for each prefix best first; all routes without
        one."""
        if participant is None:
            rows = _outcome(self._core.show("table"))
        else:
            name = self.exchange[getattr(participant, "name", participant)].name
            rows = _outcome(self._core.routes(name))
        return Table(["prefix", "from", "as path", "best", "next hop"],
                     lambda r: [r.prefix, r.router, r.as_path, "*" if r.best else "", r.told or ""],
                     [Route(each) for each in rows])

    def rules(self):
        """What is installed on the fabric: a Program."""
        return Program([Row(each) for each in _outcome(self._core.show("rules"))])

    def classes(self):
        """The forwarding classes: for each sender with a policy, how its prefixes differ."""
        return Table(["sender", "best", "reachable", "tag", "prefixes"],
                     lambda c: [c["sender"], c["best"], c["reachable"], c["tag"], c["prefixes"]],
                     _outcome(self._core.show("classes")))

    def status(self):
        """Counters: sessions, prefixes, rules, rounds."""
        return _outcome(self._core.show("status"))


def _word(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _up(up):
    """What a session or port is to be: True or False, or as a script says it."""
    words = {True: "up", False: "down", "up": "up", "down": "down"}
    if not isinstance(up, (bool, str)) or up not in words:
        raise TypeError(f"a session or port is brought up (True) or down (False), not {up!r}")
    return words[up]


def _number(value, what):
    try:
        return str(int(value))
    except (TypeError, ValueError):
        raise SimulationError(f"{value!r} is no {what}") from None


def _prefixes(verb, prefixes):
    """Arguments, each a prefix or a list of them."""
    listed = []
    for each in prefixes:
        listed += each if isinstance(each, (list, tuple, set, frozenset)) else [each]
    if not listed:
        raise TypeError(f"{verb}() takes at least one prefix")
    return [_prefix(each) for each in listed]


def _prefix(prefix):
    try:
        return str(ipaddress.ip_network(str(prefix)))
    except ValueError as error:
        raise SimulationError(f"'{prefix}' is no prefix: {error}") from None


def compile(exchange, policies, routes=()):
    """The Program for policies and routes, proved right: what a fabric would be given.

    policies: {"A": policy}, each as Simulation.set_policy() takes it, or a dict of its keywords:
    {"C": {"inbound": ...}}. routes: {"B": ["140.0.0.0/16", ...]}, by router or participant; or
    tuples (router, prefix) and (router, prefix, as_path). Raises PolicyError.
    """
    simulation = Simulation(exchange)
    if isinstance(routes, dict):
        routes = [(router, prefix) for router, prefixes in routes.items()
                  for prefix in ([prefixes] if isinstance(prefixes, str) else prefixes)]
    for router, prefix, *path in routes:
        simulation.announce(router, prefix, as_path=path[0] if path else None)
    for participant, policy in policies.items():
        if isinstance(policy, dict):
            simulation.set_policy(participant, **policy)
        else:
            simulation.set_policy(participant, policy)
    return simulation.rules()
