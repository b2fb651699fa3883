"""A whole exchange from Python: packets arrive where policies and routes say, or errors say why."""

import contextlib
import io
import os
import pathlib
import runpy
import unittest
import warnings

from fabrix import (ConfigurationError, Exchange, ExpectationError, Packet, PolicyError,
                    PolicyWarning, Simulation, SimulationError, announced_by,
                    bgp_get_announced_routes, compile, drop, from_, fwd, match, match_prefixes_set,
                    member_policy, modify)

SOURCE = pathlib.Path(os.environ["FABRIX_SOURCE"])
WEB = "tcp 100.0.0.1:40000 -> 140.0.0.1:80"


def exchange():
    return Exchange.build({"A": 100, "B": 200, "C": (300, 2)})


def simulation():
    sim = Simulation(exchange())
    sim.announce("B", "140.0.0.0/16", "150.0.0.0/16")
    sim.announce("c1", "140.0.0.0/16")
    sim.announce("c2", "140.0.0.0/16")
    return sim


class FiniteStates(unittest.TestCase):
    """The examples of policies with fsms: what happens changes what they do."""

    def setUp(self):
        self.sim = simulation()
        self.sim.set_policy("A", (SOURCE / "examples/policies/auth-ids.policy").read_text())
        self.sim.expect(None, "A", WEB)

    def test_an_event_changes_what_happens_to_its_class(self):
        made = self.sim.event("A", "authenticated", srcip="100.0.0.1", value=True)
        self.assertEqual(
            [repr(each) for each in made],
            ["<auth srcip=100.0.0.1: state=out -> state=in (authenticated=true)>"])
        self.sim.expect("C", "A", WEB)
        self.sim.event("A", "infected", srcip="100.0.0.1", value=True, source="ids")
        self.sim.expect(None, "A", WEB)
        self.assertEqual(
            self.sim.event("A", "infected", srcip="100.0.0.1", value=True, source="ids"), [])

    def test_time_passes_only_when_told(self):
        self.sim.event("A", "authenticated", srcip="100.0.0.1", value=True)
        self.assertEqual(self.sim.wait("29m"), [])
        self.assertEqual([each.cause for each in self.sim.wait(60)], ["timeout"])
        self.sim.expect(None, "A", WEB)

    def test_an_event_that_makes_no_sense_is_an_error(self):
        for fields in ({"value": "maybe"}, {"value": True, "source": "me too"}, {}):
            with self.assertRaises(SimulationError):
                self.sim.event("A", "authenticated", srcip="100.0.0.1", **fields)
        with self.assertRaises(SimulationError):
            self.sim.event("A", "infected", srcip="100.0.0.1", value=True, source="me")


class Course(unittest.TestCase):
    """The course's assignment, from the first announcement to the withdrawal."""

    def setUp(self):
        self.sim = sim = Simulation(exchange())
        sim.announce("A", "100.0.0.0/24", "110.0.0.0/24")
        sim.announce("B", "140.0.0.0/24", "150.0.0.0/24", "160.0.0.0/24", "170.0.0.0/24")
        for router in ("c1", "c2"):
            sim.announce(router, "140.0.0.0/24", "150.0.0.0/24", "180.0.0.0/24", "190.0.0.0/24")
        sim.set_policy("A", (match(dstport=80) >> fwd("B"))
                       + (match(dstport=[443, 8080]) >> fwd("C")))
        sim.set_policy("C", inbound=(match(dstport=443) >> fwd("C1"))
                       + (match(dstport=80) >> fwd("C2")) + (match(dstport=8080) >> drop))

    def expect(self, where, destination):
        self.sim.expect(where, "A", f"tcp 100.0.0.1:40000 -> {destination}")

    def test_traffic_goes_where_the_assignment_says(self):
        self.expect("b1", "140.0.0.1:80")
        self.expect("c2", "180.0.0.1:80")  # B has no route: C's is the best, and C's policy chooses
        self.expect("c1", "180.0.0.1:443")
        self.expect("b1", "160.0.0.1:443")  # C has no route
        self.expect(None, "180.0.0.1:8080")
        self.expect(None, "140.0.0.1:8080")
        self.sim.withdraw("B", "140.0.0.0/24")
        self.expect("c2", "140.0.0.1:80")
        self.expect("b1", "150.0.0.1:80")
        self.sim.announce("B", "140.0.0.0/24")
        self.expect("b1", "140.0.0.1:80")

    def test_there_are_three_forwarding_classes(self):
        classes = self.sim.classes()
        self.assertEqual(sorted((c["reachable"], c["prefixes"]) for c in classes),
                         [("b1", 2), ("b1 c1", 2), ("c1", 2)])

    def test_the_course_form_of_a_policy_is_python(self):
        """As the course hands it out, with the exchange for `sdx`."""

        def policy(participant, sdx):
            prefixes_announced = bgp_get_announced_routes(sdx, 'A')
            return ((match(dstport=80) >> sdx.fwd(participant.peers['B'])) +
                    (match(dstport=4321) >> sdx.fwd(participant.peers['C'])) +
                    (match_prefixes_set(set(prefixes_announced)) >>
                     sdx.fwd(participant.phys_ports[0])))

        sdx = self.sim.exchange
        self.sim.set_policy("A", final_policy=policy(sdx["A"], sdx))
        self.expect("b1", "140.0.0.1:80")
        self.expect("c1", "140.0.0.1:4321")
        self.sim.expect("a1", "B", "tcp 140.0.0.1:40000 -> 100.0.0.1:80")

    def test_the_example_runs(self):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(SOURCE / "examples/python/course.py"), run_name="__main__")
        self.assertIn("goes to B and to C", printed.getvalue())

    def test_the_notebook_is_made_of_the_example(self):
        tool = runpy.run_path(str(SOURCE / "tools/notebook.py"))
        script = (SOURCE / "examples/python/course.py").read_text()
        self.assertEqual((SOURCE / "examples/python/course.ipynb").read_text(),
                         tool["notebook"](script), "run tools/notebook.py on it")


class Simulations(unittest.TestCase):
    def test_tell_the_way_of_a_packet(self):
        sim = simulation()
        sim.set_policy("A", match(dstport=80) >> fwd("C"))
        delivery = sim.send("A", WEB)
        self.assertEqual((delivery.router, delivery.participant), ("c1", "C"))
        self.assertEqual([step.table for step in delivery.steps],
                         ["admit", "outbound", "inbound", "transit"])
        self.assertIn("A's outbound clause 1 (line 1): dstport=80 -> C", delivery.steps[1].reason)
        self.assertEqual(delivery.prefix, "140.0.0.0/16")
        self.assertTrue(delivery.agrees and delivery.tag)
        self.assertIn("fate      delivered to c1", str(delivery))
        self.assertIn("<table>", delivery._repr_html_())

    def test_follow_routes_sessions_and_ports(self):
        sim = simulation()
        sim.set_policy("A", match(dstport=80) >> fwd("C"))
        sim.port("c1", False)
        sim.expect("c2", "A", WEB)
        sim.port("c1", True)
        sim.session("c1", False)
        sim.expect("c2", "A", WEB)
        sim.withdraw("c2", "140.0.0.0/16")
        sim.expect("B", "A", WEB)
        sim.remove_policy("A")
        self.assertIsNone(sim.send("A", WEB).tag)

    def test_come_up_and_go_down_by_words_too(self):
        sim = simulation()
        sim.session("B", "down")
        sim.expect("c1", "A", WEB)
        sim.port("c1", "down")
        sim.expect("c2", "A", WEB)
        sim.port("c1", "up")
        sim.expect("c1", "A", WEB)
        for wrong in ("of course", None, 1, []):
            self.assertRaises(TypeError, sim.session, "B", wrong)
            self.assertRaises(TypeError, sim.port, "b1", wrong)

    def test_take_lists_of_prefixes_and_one_community(self):
        sim = Simulation(exchange())
        sim.announce("B", ["140.0.0.0/16", "150.0.0.0/16"], communities="65000:7")
        self.assertEqual([route.communities for route in sim.routes("A")], [["65000:7"]] * 2)
        sim.withdraw("B", {"140.0.0.0/16"})
        self.assertEqual([route.prefix for route in sim.routes("A")], ["150.0.0.0/16"])
        self.assertRaises(TypeError, sim.announce, "B", [])

    def test_say_what_is_no_attribute(self):
        sim = Simulation(exchange())
        for wrong, message in [({"communities": ["blue"]}, "'blue' is no part of a community"),
                               ({"communities": "65000:"}, "'' is no part of a community"),
                               ({"as_path": "200 x"}, "'x' is no AS number"),
                               ({"as_path": [None]}, "None is no AS number"),
                               ({"med": "low"}, "'low' is no MED")]:
            with self.assertRaisesRegex(SimulationError, message):
                sim.announce("B", "140.0.0.0/16", **wrong)

    def test_carry_attributes(self):
        sim = Simulation(exchange())
        sim.announce("B", "140.0.0.0/16", as_path=[200, 7, 8], med=5,
                     communities=["65000:7", (65000, 1, 2)])
        route, = sim.routes("A")
        self.assertEqual((route.prefix, route.participant), ("140.0.0.0/16", "B"))
        self.assertEqual(route.as_path, "200 7 8")
        self.assertEqual((route.med, route.communities), (5, ["65000:7"]))
        self.assertTrue(route.best)
        self.assertEqual([r.router for r in sim.routes()], ["b1"])
        self.assertEqual(list(sim.routes("B")), [])

    def test_see_every_header_field(self):
        sim = simulation()
        sim.set_policy("A", match(dscp=46) >> fwd("C"))
        sim.expect("C", "A", Packet(WEB, dscp=46))
        sim.expect("B", "A", Packet(srcip="100.0.0.1", dstip="140.0.0.1", dstport=80))
        sim.announce("B", "2001:db8:b::/48")
        sim.expect("B", "A", Packet(protocol="udp", srcip="2001:db8:a::1", dstip="2001:db8:b::1",
                                    srcport=53, dstport=53))

    def test_take_policies_as_values_texts_or_checked(self):
        sim = simulation()
        for policy in (match(dstport=80) >> fwd("C"), "outbound = match(dstport=80) >> fwd(C)",
                       member_policy(sim.exchange, "A", match(dstport=80) >> fwd("C"))):
            sim.remove_policy("A")
            sim.set_policy("A", policy)
            sim.expect("c1", "A", WEB)
        sim.set_policy("C", inbound=from_("A") >> fwd("c2"))
        sim.expect("c2", "A", WEB)
        to_c = announced_by("C") & match(dstport=80)
        sim.set_policy("A", to_c >> modify(dstport=8080) >> fwd("C"))
        self.assertEqual(sim.send("A", WEB).out, "tcp 100.0.0.1:40000 -> 140.0.0.1:8080")

    def test_are_those_of_fabrix_simulate(self):
        sim = Simulation(Exchange.load(SOURCE / "examples/simulate/exchange.yaml"))
        for line in (SOURCE / "examples/simulate/walkthrough.txt").read_text().splitlines():
            # Policies of a script lie beside it, those of the simulation beside exchange.yaml.
            step = sim.run(line)
            self.assertTrue(step["ok"], line)


class Refusals(unittest.TestCase):
    def refused(self, kind, what, *parts):
        with self.assertRaises(kind) as caught:
            what()
        for part in parts:
            self.assertIn(part, str(caught.exception))
        return caught.exception

    def test_name_the_place_the_cause_and_a_packet(self):
        sim = simulation()
        sim.set_policy("A", match(dstport=80) >> fwd("C"))
        error = self.refused(
            PolicyError, lambda: sim.set_policy("A", (match(dstport=80) >> fwd("B"))
                                                + (match(dstip="140.0.0.0/24") >> fwd("C"))),
            "error[P0301]: a packet would go to two targets", "A.policy:2:13",
            "the one before stays")
        self.assertEqual((error.code, error.line), ("P0301", 2))
        self.assertIn("tcp 100.0.0.1:1024 -> 140.0.0.1:80 goes to B and to C", error.witness)
        sim.expect("c1", "A", WEB)

    def test_name_who_is_not_there(self):
        sim = simulation()
        self.refused(SimulationError, lambda: sim.announce("X", "1.0.0.0/8"), "'X'", "a1, b1, c1")
        self.refused(SimulationError, lambda: sim.set_policy("X", drop), "'X'", "A, B, C")
        self.refused(SimulationError, lambda: sim.send("X", WEB), "'X'")
        self.refused(SimulationError, lambda: sim.announce("B", "1.0.0.1/8"), "1.0.0.1/8", "host")
        self.refused(SimulationError, lambda: sim.run("announc b1 1.0.0.0/8"), "mean announce?")
        self.refused(SimulationError, lambda: Packet("tcp nowhere"), "'->'")
        self.refused(SimulationError, lambda: Packet(WEB, dscp=64), "64 does not fit dscp")
        self.refused(SimulationError, lambda: Packet(WEB, colour=1), "'colour'")
        self.refused(SimulationError, lambda: member_policy(sim.exchange, "X", drop), "'X'")
        self.assertRaises(TypeError, lambda: sim.set_policy("A"))
        self.assertRaises(TypeError, lambda: sim.set_policy("A", drop, outbound=drop))
        self.assertRaises(TypeError, lambda: sim.announce("B"))

    def test_show_what_became_of_the_packet(self):
        sim = simulation()
        error = self.refused(ExpectationError, lambda: sim.expect("C", "A", WEB),
                             "arrives at b1, expected C", "fate      delivered to b1")
        self.assertEqual(error.delivery.router, "b1")
        self.refused(AssertionError, lambda: sim.expect(None, "A", WEB), "expected nowhere")

    def test_show_what_is_wrong_with_an_exchange(self):
        error = self.refused(ConfigurationError, lambda: Exchange.build({"A": 0}), '"asn": 0')
        self.assertEqual(error.code, "C0113")
        self.refused(OSError, lambda: Exchange.load("/nonexistent/exchange.yaml"))

    def test_warn_of_what_is_odd(self):
        with self.assertWarns(PolicyWarning) as caught:
            member_policy(exchange(), "A",
                          "outbound = match(dstport=80) >> fwd(B) + match(dstport=443) >> fwd(C)")
        self.assertIn("P0302", str(caught.warning))
        self.assertEqual(caught.filename, __file__)


class Programs(unittest.TestCase):
    POLICIES = {"A": match(dstport=80) >> fwd("B"),
                "C": {"inbound": match(dstport=80) >> fwd("c2")}}
    ROUTES = {"B": ["140.0.0.0/16", "150.0.0.0/16"], "c1": "140.0.0.0/16"}

    def test_have_rows_for_clauses(self):
        program = compile(exchange(), self.POLICIES, self.ROUTES)
        # dstport=80 is of IPv4 and IPv6, tcp, udp and sctp.
        self.assertEqual(len(program.rows_of("A")), 6)
        self.assertEqual(len(program.rows_of("C")), 6)
        self.assertEqual(program.row_count,
                         sum(len(program.table(name)) for name in program.TABLES))
        self.assertEqual({row.clause for row in program.rows_of("A")}, {1})
        self.assertIn("dstport=80", str(program))
        self.assertIn("<td>outbound-clause</td>", program._repr_html_())
        self.assertRaises(ValueError, lambda: program.table("nat"))

    def test_are_the_same_for_the_same_inputs(self):
        again = [("c1", "140.0.0.0/16"), ("B", "150.0.0.0/16"), ("B", "140.0.0.0/16", [200])]
        texts = {"A": "outbound = match(dstport=80) >> fwd(B)",
                 "C": "inbound = match(dstport=80) >> fwd(C2)"}
        program = compile(exchange(), self.POLICIES, self.ROUTES)
        self.assertEqual(program, compile(exchange(), texts, again))
        self.assertNotEqual(program, compile(exchange(), {}, self.ROUTES))

    def test_are_refused_as_policies_are(self):
        with self.assertRaises(PolicyError):
            compile(exchange(), {"A": match(dstport=80) >> fwd("D")}, self.ROUTES)


if __name__ == "__main__":
    warnings.simplefilter("error")
    unittest.main()
