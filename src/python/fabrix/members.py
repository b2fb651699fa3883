"""Who takes part in an exchange, packets, and policies checked against both."""

import json
import os
import warnings

from . import _core
from .errors import Diagnostic, PolicyWarning, SimulationError, _outcome, _value
from .policies import Policy, Target, fwd, policy_text
from .tables import Table, as_html, as_text


class Router:
    """A member's router: name, mac, port (of the fabric), addresses."""

    def __init__(self, fields):
        self.name = fields["name"]
        self.mac = fields["mac"]
        self.port = fields["port"]
        self.addresses = fields["addresses"]

    def __repr__(self):
        return f"<Router {self.name} on port {self.port}: {', '.join(self.addresses)}>"


class Participant:
    """A member: name, asn, routers. fwd() takes it; participant.peers['B'] and
    participant.phys_ports[0] are targets too, as the course writes them."""

    def __init__(self, fields):
        self.name = fields["name"]
        self.asn = fields["asn"]
        self.policy_file = fields["policy"]
        self.routers = [Router(each) for each in fields["routers"]]
        self.peers = {name: Target(name) for name in fields["peers"]}
        self.phys_ports = [Target(self.name)[i] for i in range(len(self.routers))]

    def __getitem__(self, index):
        return self.phys_ports[index]

    def __repr__(self):
        return f"<Participant {self.name} AS {self.asn}: {', '.join(r.name for r in self.routers)}>"


class Exchange:
    """An Internet exchange: its participants and their routers.

        exchange = Exchange.load("exchange.yaml")
        exchange = Exchange.build({"A": 100, "B": 200, "C": (300, 2)})
        exchange["A"].routers
    """

    def __init__(self, text, file="exchange", directory="."):
        """From the text of an exchange.yaml. Raises ConfigurationError. `file` is its name in
        messages; policies that it names are relative to `directory`."""
        self._core = _value(_core.load_exchange(text, file))
        self.directory = directory
        described = json.loads(self._core.describe())
        self.name = described["name"]
        self.asn = described["asn"]
        self.participants = {
            each["name"]: Participant(each) for each in described["participants"]}

    @classmethod
    def load(cls, path):
        """From an exchange.yaml. Raises ConfigurationError, or OSError without such a file."""
        with open(path, encoding="utf-8") as file:
            return cls(file.read(), os.fspath(path), os.path.dirname(path) or ".")

    @classmethod
    def from_dict(cls, configuration):
        """From what exchange.yaml would hold, as dicts and lists (docs/configuration.md)."""
        return cls(json.dumps(configuration, indent=1))

    @classmethod
    def build(cls, participants, name="exchange", asn=65000):
        """An exchange made up: {"A": 100, "C": (300, 2)} is A with AS 100 and one router, a1, and C
        with AS 300 and two, c1 and c2. Addresses are of 172.0.0.0/16 and 2001:db8:0:172::/64, ports
        are counted from 1."""
        members = []
        port = 0
        for member, what in participants.items():
            member_asn, count = what if isinstance(what, tuple) else (what, 1)
            routers = []
            for index in range(1, count + 1):
                port += 1
                high, low = divmod(port, 200)
                routers.append({
                    "name": f"{member.lower()}{index}",
                    "mac": f"08:00:27:00:{port >> 8:02x}:{port & 255:02x}",
                    "addresses": [f"172.0.{high + 2}.{low + 1}", f"2001:db8:0:172::{port:x}"],
                    "port": port,
                })
            members.append({"name": member, "asn": member_asn, "routers": routers})
        return cls.from_dict({
            "version": 1,
            "exchange": {
                "name": name,
                "asn": asn,
                "router_id": "172.0.255.254",
                "peering_lan": ["172.0.0.0/16", "2001:db8:0:172::/64"],
                "virtual_next_hops": ["172.0.1.0/24", "2001:db8:0:172:1::/80"],
                "route_server": {
                    "addresses": ["172.0.255.254", "2001:db8:0:172::fffe"],
                    "policy": "minimal",
                    "port": 179,
                },
            },
            "participants": members,
        })

    # As the course has it: sdx.fwd(...)
    fwd = staticmethod(fwd)

    def __getitem__(self, name):
        """The participant of that name."""
        if name in self.participants:
            return self.participants[name]
        raise SimulationError(f"no participant is called '{name}'; there are: "
                              + ", ".join(self.participants))

    def router(self, name):
        """The router of that name, or the first of the participant of that name."""
        for participant in self.participants.values():
            if participant.name == name and participant.routers:
                return participant.routers[0]
            for router in participant.routers:
                if router.name == name:
                    return router
        known = [r.name for p in self.participants.values() for r in p.routers]
        raise SimulationError(f"no router or participant with a router is called '{name}'; routers "
                              "are: " + ", ".join(known))

    def _rows(self):
        return [[p.name, p.asn, r.name, r.port, r.mac, " ".join(r.addresses)]
                for p in self.participants.values() for r in p.routers]

    _HEADER = ["participant", "asn", "router", "port", "mac", "addresses"]

    def __str__(self):
        return as_text(self._HEADER, self._rows())

    def __repr__(self):
        return f"<Exchange {self.name}: {', '.join(self.participants)}>"

    def _repr_html_(self):
        return as_html(self._HEADER, self._rows())


class Packet:
    """A packet that a member sends.

        Packet("tcp 100.0.0.1:40000 -> 140.0.0.1:80")
        Packet("udp [2001:db8::1]:53 -> [2001:db8::2]:53", dscp=46)
        Packet(protocol="tcp", srcip="100.0.0.1", dstip="140.0.0.1", dstport=80)

    Other fields are vlan_id, vlan_pcp, tcp_flags, icmp_type and icmp_code. Raises SimulationError.
    """

    def __init__(self, text=None, *, protocol="tcp", srcip=None, dstip=None, srcport=None,
                 dstport=None, **fields):
        if text is None:
            if srcip is None or dstip is None:
                raise TypeError("a packet has a text, or srcip and dstip")
            text = (f"{self._words(protocol)} {self._endpoint(srcip, srcport)} -> "
                    f"{self._endpoint(dstip, dstport)}")
        elif srcip is not None or dstip is not None:
            raise TypeError("a packet has a text, or srcip and dstip, not both")
        else:
            fields.update({name: value for name, value in
                           (("srcport", srcport), ("dstport", dstport)) if value is not None})
        self._fields = fields
        self._core = _value(_core.packet(text, fields))

    @staticmethod
    def _words(protocol):
        return f"ip {protocol}" if isinstance(protocol, int) else protocol

    @staticmethod
    def _endpoint(address, port):
        if port is None:
            return str(address)
        return f"[{address}]:{port}" if ":" in str(address) else f"{address}:{port}"

    @classmethod
    def _of(cls, packet):
        return packet if isinstance(packet, Packet) else cls(packet)

    def __str__(self):
        return str(self._core)

    def __repr__(self):
        more = "".join(f", {name}={value}" for name, value in self._fields.items())
        return f"<Packet {self}{more}>"


class Decision:
    """What a policy does with a packet, by its plain meaning.

    decision: "forward", "multicast", "drop", "default" (as BGP says), or None: no clause applies,
    which leaves it to BGP too. target: where it is forwarded. packet: as the policy leaves it; modified: whether
    a modify() took part. clause and number: what decided.
    """

    def __init__(self, fields):
        self.decision = fields["decision"]
        self.target = fields["target"]
        self.packet = fields["packet"]
        self.modified = fields["writes"]
        self.number = fields["number"]
        self.clause = fields["clause"]

    def __bool__(self):
        return self.decision is not None

    def __str__(self):
        if self.decision is None:
            return "no clause applies: as BGP says"
        what = {"forward": f"to {self.target}", "multicast": f"to each of {self.target}",
                "drop": "dropped", "default": "as BGP says"}
        changed = f", as {self.packet}" if self.modified else ""
        return f"{what[self.decision]}{changed}, by clause {self.number}: {self.clause}"

    def __repr__(self):
        return f"<Decision {self}>"


class Clause:
    """One clause of a checked policy: direction, number, text, line."""

    def __init__(self, fields):
        self.direction = fields["direction"]
        self.number = fields["number"]
        self.text = fields["clause"]
        self.line = fields["line"]

    def __eq__(self, other):
        return isinstance(other, Clause) and (self.direction, self.number, self.text) == (
            other.direction, other.number, other.text)

    __hash__ = None

    def __repr__(self):
        return f"<{self.direction} clause {self.number}: {self.text}>"


class MemberPolicy:
    """A participant's policy, checked against the exchange: str() is its text.

        policy = MemberPolicy(exchange, "A", 'outbound = match(dstport=80) >> fwd(B)')
        policy = member_policy(exchange, "A", outbound=match(dstport=80) >> fwd("B"))
        policy.clauses, policy.warnings, policy.evaluate("tcp 100.0.0.1:1 -> 140.0.0.1:80")

    Raises PolicyError; what is merely odd is a PolicyWarning.
    """

    def __init__(self, exchange, participant, text, file="policy"):
        self.exchange = exchange
        self.participant = getattr(participant, "name", participant)
        self._core = _value(_core.check(exchange._core, self.participant, text, file))
        self.warnings = [Diagnostic(each) for each in json.loads(self._core.warnings())]
        if any(each.severity == "warning" for each in self.warnings):
            warnings.warn(self._core.warning_text, PolicyWarning, stacklevel=3)

    @property
    def text(self):
        return self._core.text

    @property
    def clauses(self):
        """The clauses that the text comes to, in order: a list that prints as a table."""
        clauses = [Clause(each) for each in json.loads(self._core.clauses())]
        return Table(["direction", "number", "clause"],
                     lambda each: [each.direction, each.number, each.text], clauses)

    def evaluate(self, packet, *, inbound=False, sender=None, reachable=None, announced=None):
        """What it does with a packet, by the definition of the language: a Decision.

        inbound: for a packet that is delivered to the member, sent by `sender`. reachable: the
        participants that have a route for it; everybody if not given. announced: {"B": [prefixes]},
        for prefixes("B") and announced_by("B").
        """
        question = _core.Question(inbound, Packet._of(packet)._core)
        question.sender = sender or ""
        question.reachable = None if reachable is None else list(reachable)
        question.announced = {name: [str(each) for each in prefixes]
                              for name, prefixes in (announced or {}).items()}
        return Decision(_outcome(self._core.evaluate(question)))

    def __str__(self):
        return self.text

    def __repr__(self):
        return f"<MemberPolicy of {self.participant}: {len(self.clauses)} clauses>"

    def _repr_html_(self):
        return self.clauses._repr_html_()


def member_policy(exchange, participant, policy=None, *, inbound=None, outbound=None,
                  final_policy=None):
    """A participant's policy of values or text, checked: a MemberPolicy.

    `policy` is a text, a MemberPolicy, or the same as `outbound`.
    """
    if isinstance(policy, MemberPolicy):
        policy = policy.text
    if isinstance(policy, str):
        return MemberPolicy(exchange, participant, policy)
    return MemberPolicy(exchange, participant,
                        text_of(policy, inbound=inbound, outbound=outbound,
                                final_policy=final_policy))


def text_of(policy=None, *, inbound=None, outbound=None, final_policy=None):
    """The text of a participant's policy, whatever it is given as."""
    sections = {"inbound": inbound, "outbound": outbound, "final_policy": final_policy}
    if isinstance(policy, (str, MemberPolicy)):
        if any(each is not None for each in sections.values()):
            raise TypeError("a text holds all sections: inbound, outbound, final_policy")
        return str(policy)
    if policy is not None:
        if outbound is not None or final_policy is not None:
            raise TypeError("a policy without a name is the outbound one: give one of the two")
        sections["outbound"] = policy
    for name, each in sections.items():
        if each is not None and not isinstance(each, Policy):
            raise TypeError(f"{name} is a policy such as match(..) >> fwd(..), not {each!r}")
    if all(each is None for each in sections.values()):
        raise TypeError("give a policy, a text, or inbound, outbound or final_policy")
    return policy_text(**sections)
