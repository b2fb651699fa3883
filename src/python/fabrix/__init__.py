"""Fabrix: policies of a software-defined Internet exchange, and the exchange to try them on.

    from fabrix import Exchange, Simulation, fwd, match

    exchange = Exchange.build({"A": 100, "B": 200, "C": (300, 2)})   # or .load("exchange.yaml")
    sim = Simulation(exchange)
    sim.announce("B", "140.0.0.0/16")
    sim.announce("C", "140.0.0.0/16")

    sim.set_policy("A", (match(dstport=80) >> fwd("B")) + (match(dstport=[4321, 4322]) >> fwd("C")))
    sim.set_policy("C", inbound=(match(dstport=4321) >> fwd("c1"))
                                + (match(dstport=4322) >> fwd("c2")))

    print(sim.send("A", "tcp 100.0.0.1:40000 -> 140.0.0.1:4322"))   # the way, row by row
    print(sim.rules())                                              # what the fabric is given

It is the language of docs/policy.md with Pyretic's words: help(fabrix.policies) has the operators,
and what Python's precedence means for them. Policies are checked where the exchange is known; what
is wrong is a PolicyError with place, cause and a packet that shows it.

    fabrix.policies     match, fwd, modify, drop, identity, if_, parallel, sequential, over, ...
    fabrix.actions      police, mark, mirror, via, multicast, balance, bgp, count_packets, ...
    fabrix.routes       rib, src_rib, best_via, route
    fabrix.members      Exchange, Participant, Packet, MemberPolicy
    fabrix.simulation   Simulation, Delivery, Transition, Program, compile
    fabrix.errors       PolicyError, ConfigurationError, SimulationError, ExpectationError, ...

docs/python.md is the guide.
"""

from .actions import (balance, bgp, count_bytes, count_packets, mark, mirror, multicast, packets,
                      police, via)
from .errors import (ConfigurationError, Diagnostic, ExpectationError, FabrixError, PolicyError,
                     PolicyWarning, PrecedenceWarning, SimulationError)
from .members import Decision, Exchange, MemberPolicy, Packet, Participant, Router, member_policy
from .policies import (Action, Policy, Predicate, PrefixSet, Target, all_packets, announced_by,
                       bgp_get_announced_routes, drop, dst_in, fields, from_, fwd, identity, if_,
                       intersection, masked, match, match_prefixes_set, mod, modify, no_packets,
                       none, over, parallel, passthrough, policy_text, port, prefixes, sequential,
                       src_in, union, xfwd)
from .routes import best_via, rib, route, src_rib
from .simulation import Delivery, Program, Route, Row, Simulation, Transition, compile

__all__ = [
    "Action", "ConfigurationError", "Decision", "Delivery", "Diagnostic", "Exchange",
    "ExpectationError", "FabrixError", "MemberPolicy", "Packet", "Participant", "Policy",
    "PolicyError", "PolicyWarning", "PrecedenceWarning", "Predicate", "PrefixSet", "Program",
    "Route", "Router", "Row", "Simulation", "SimulationError", "Target", "Transition",
    "all_packets", "announced_by", "balance", "best_via", "bgp", "bgp_get_announced_routes",
    "compile", "count_bytes", "count_packets", "drop", "dst_in", "fields", "from_", "fwd",
    "identity", "if_", "intersection", "mark", "masked", "match", "match_prefixes_set",
    "member_policy", "mirror", "mod", "modify", "multicast", "no_packets", "none", "over",
    "packets", "parallel", "passthrough", "police", "policy_text", "port", "prefixes", "rib",
    "route", "sequential", "src_in", "src_rib", "union", "via", "xfwd",
]
