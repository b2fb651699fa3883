"""Policies as values: their text, and that they mean what the text means."""

import ipaddress
import random
import unittest
import warnings

from fabrix import (Exchange, Policy, PolicyError, PrecedenceWarning, Target, announced_by,
                    balance, best_via, bgp, bgp_get_announced_routes, count_bytes, count_packets,
                    drop, dst_in, fields, from_, fwd, identity, if_, intersection, mark, masked,
                    match, match_prefixes_set, member_policy, mirror, modify, multicast, none,
                    over, packets, parallel, police, policy_text, port, prefixes, rib, route,
                    sequential, src_in, src_rib, union, via)

EXCHANGE = Exchange.build({"A": 100, "B": 200, "C": (300, 2)})


def outbound(text):
    return member_policy(EXCHANGE, "A", "#pragma overlap = first\noutbound = " + text)


class Text(unittest.TestCase):
    def test_is_bracketed_throughout(self):
        policy = (match(dstport=80) >> fwd("B")) + (match(dstport=[4321, 4322]) >> fwd("C"))
        self.assertEqual(
            str(policy),
            "(match(dstport=80) >> fwd(B)) + (match(dstport={4321, 4322}) >> fwd(C))")

    def test_shows_how_python_reads_an_expression(self):
        with self.assertWarns(PrecedenceWarning):
            policy = match(dstport=80) >> fwd("B") + match(dstport=443) >> fwd("C")
        self.assertEqual(str(policy),
                         "match(dstport=80) >> (fwd(B) + match(dstport=443)) >> fwd(C)")
        with self.assertWarns(PrecedenceWarning):
            policy = (match(dstport=80) >> fwd("B")) + match(dstport=443) >> fwd("C")
        self.assertEqual(str(policy),
                         "((match(dstport=80) >> fwd(B)) + match(dstport=443)) >> fwd(C)")

    def test_is_silent_where_nothing_is_in_doubt(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            (match(dstport=80) >> fwd("B")) + (match(dstport=443) >> fwd("C")) + identity
            (match(dstport=80) + match(dstport=443)) >> fwd("B")
            match(dstport=80) >> (fwd("B") + fwd("C"))
            mirror(port(1)) + (match(dstport=80) >> fwd("C1"))
            drop + (match(dstport=80) >> fwd("B"))

    def test_warns_of_a_sum_that_an_action_begins_behind_a_test_only(self):
        rest = match(dstport=443) >> fwd("C")
        with self.assertWarnsRegex(PrecedenceWarning, r"match\(dstport=80\) >> \(fwd\(B\) \+"):
            match(dstport=80) >> fwd("B") + rest
        with self.assertWarns(PrecedenceWarning):
            match(dstport=80) >> fwd("B") + rest + rest

    def test_takes_values_of_all_kinds(self):
        for built, text in [
                (match(dstport={443, 80}), "match(dstport={443, 80})"),
                (match(dstport=range(80, 90)), "match(dstport=80..89)"),
                (match(dstport="80-90"), "match(dstport=80-90)"),
                (match(protocol="tcp"), "match(protocol=tcp)"),
                (match(srcip="10.0.0.0/8"), "match(srcip=10.0.0.0/8)"),
                (match(srcip=ipaddress.ip_network("2001:db8::/32")), "match(srcip=2001:db8::/32)"),
                (match(dstip=ipaddress.ip_address("10.0.0.1")), "match(dstip=10.0.0.1)"),
                (match(srcmac="08:00:27:00:00:01"), "match(srcmac=08:00:27:00:00:01)"),
                (match(tcp_flags=masked(2, 2)), "match(tcp_flags=2&2)"),
                (match(fields.dstport < 1024, fields.srcport >= 1024, fields.protocol != "udp"),
                 "match(dstport<1024, srcport>=1024, protocol!=udp)"),
                (match(fields.dscp == 10, fields.dscp > 3, fields.dscp <= 46),
                 "match(dscp=10, dscp>3, dscp<=46)"),
                (match(), "match()"),
                (modify(dstip="140.0.0.7", dscp=46), "modify(dstip=140.0.0.7, dscp=46)"),
                (fwd(Target("C")[1]), "fwd(C[1])"),
                (fwd(EXCHANGE["B"]), "fwd(B)"),
                (fwd(EXCHANGE["C"][0]), "fwd(C[0])"),
                (fwd(port(0)), "fwd(port[0])"),
                (fwd("north-1"), "fwd('north-1')"),
                (~match(dstport=80), "~match(dstport=80)"),
                (match(dstport=80) - (match(dscp=1) | identity),
                 "match(dstport=80) - (match(dscp=1) | identity)"),
                (if_(match(dstport=80), drop), "if_(match(dstport=80), drop, identity)"),
                (dst_in(["140.0.0.0/16", "150.0.0.0/16"]), "dst_in([140.0.0.0/16, 150.0.0.0/16])"),
                (src_in(prefixes("B") - ["140.0.0.0/24"]), "src_in(prefixes(B) - [140.0.0.0/24])"),
                (announced_by("B"), "announced_by(B)"),
                (police("5mbps") >> fwd("B"), "police(5mbps) >> fwd(B)"),
                (mark(dscp=46) >> bgp, "mark(dscp=46) >> bgp"),
                (mirror(port(0)), "mirror(port[0])"),
                (multicast("B", Target("C")[1]), "multicast(B, C[1])"),
                (via(port(1)) >> fwd("B"), "via(port[1]) >> fwd(B)"),
                (via(port(1), port(2)), "via(port[1], port[2])"),
                (balance("B", "C", key="srcip"), "balance(B, C, key=srcip)"),
                (count_packets(10, "dstport", name="web"), "count_packets(10s, dstport) as web"),
                (count_packets(1, ["dscp", "inport"]), "count_packets(1s, dscp, inport)"),
                (count_bytes("5m", group_by=["dscp"]), "count_bytes(5m, dscp)"),
                (packets(1, group_by="dscp"), "packets(1, dscp)"),
                (count_bytes("5m"), "count_bytes(5m)"),
                (packets(1, "dstport", name="seen"), "packets(1, dstport) as seen"),
                (packets(), "packets()"),
                (rib(route.med <= 99, community="64500:666"), "rib(med<=99, community=64500:666)"),
                (rib(as_path="_64501_", prefix=["10.0.0.0/8"]),
                 "rib(as_path =~ '_64501_', prefix in [10.0.0.0/8])"),
                (src_rib(rpki="invalid") & best_via("B"), "src_rib(rpki=invalid) & best_via(B)"),
                (from_("B"), "from(B)"),
                (match_prefixes_set(set(bgp_get_announced_routes(EXCHANGE, "A"))),
                 "dst_in(prefixes(A))"),
        ]:
            with self.subTest(text):
                self.assertEqual(str(built), text)

    def test_composes_lists(self):
        web, rest = match(dstport=80), match(dstport=443)
        self.assertEqual(str(parallel([web, rest, none])), f"{web} + {rest} + none")
        self.assertEqual(str(sequential(web, drop)), f"{web} >> drop")
        self.assertEqual(str(over(web, rest)), f"{web} // {rest}")
        self.assertEqual(web // rest, over(web, rest))
        self.assertEqual(str(union([web, rest])), f"{web} | {rest}")
        self.assertEqual(str(intersection(web, rest)), f"{web} & {rest}")
        self.assertEqual((str(parallel([])), str(sequential())), ("none", "identity"))

    def test_makes_policy_files(self):
        text = policy_text(
            outbound=(match(dstport=80) >> fwd("B")) + (match(dstport=443) >> fwd("C")),
            inbound=match(dstport=8080) >> drop)
        self.assertEqual(text, "outbound = (match(dstport=80) >> fwd(B))\n"
                               "         + (match(dstport=443) >> fwd(C))\n"
                               "inbound = match(dstport=8080) >> drop\n")

    def test_refuses_what_is_no_policy(self):
        web, action = match(dstport=80), match(dstport=80) >> fwd("B")
        for wrong in [
                lambda: web | action, lambda: action | web, lambda: ~action, lambda: action - web,
                lambda: web & 80, lambda: web >> 80, lambda: action + "B", lambda: bool(web),
                lambda: match(80), lambda: match(dstport=True), lambda: modify(),
                lambda: if_(action, drop), lambda: fwd(80), lambda: parallel([web, 1]),
                lambda: web and action, lambda: match(1 < fields.dstport < 80),
                lambda: policy_text(final_policy=web, inbound=web)]:
            self.assertRaises(TypeError, wrong)
        self.assertRaises(ValueError, lambda: match(dstport=range(0)))


class Meaning(unittest.TestCase):
    def test_is_that_of_the_text(self):
        for built, text in [
                ((match(dstport=80) >> police("5mbps") >> fwd("B"))
                 + (match(dstport=443) >> multicast("B", "C")),
                 "match(dstport=80) >> police(5mbps) >> fwd(B) + match(dstport=443) >> multicast(B, C)"),
                (match(dstport=80) >> rib(community="64500:666") >> drop,
                 "match(dstport=80) >> rib(community=64500:666) >> drop"),
                ((match(dstport=80) >> fwd("B")) + (match(dstport=[4321, 4322]) >> fwd("C")),
                 "match(dstport=80) >> fwd(B) + match(dstport=4321/4322) >> fwd(C)"),
                ((match(srcip="10.0.0.0/8") & ~match(dstport=80)) >> modify(dscp=10) >> fwd("C1"),
                 "match(srcip=10.0.0.0/8) & ~match(dstport=80) >> modify(dscp=10) >> fwd(C1)"),
                (if_(match(protocol="udp"), drop, fwd("B") // fwd("C")),
                 "if_(match(protocol=udp), drop, fwd(B) // fwd(C))"),
                (dst_in(prefixes("B")) >> fwd("B"), "dst_in(prefixes(B)) >> fwd(B)")]:
            with self.subTest(text), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.assertEqual(list(built.check(EXCHANGE, "A").clauses),
                                 list(outbound(text).clauses))

    def test_is_that_of_the_text_however_it_is_composed(self):
        choice = random.Random(20261121)

        def leaf():
            test = f"match(dstport={choice.randint(80, 83)})"
            value = match(dstport=int(test[14:16]))
            kind = choice.randrange(4)
            if kind == 0:
                return value, test
            if kind == 1:
                return value >> fwd("B"), f"({test} >> fwd(B))"
            if kind == 2:
                return value >> modify(dscp=10), f"({test} >> modify(dscp=10))"
            return fwd("C"), "fwd(C)"

        def tree(size):
            if size == 1:
                return leaf()
            left = choice.randint(1, size - 1)
            (a, a_text), (b, b_text) = tree(left), tree(size - left)
            symbol, value = choice.choice(
                [("+", lambda: a + b), (">>", lambda: a >> b), ("//", lambda: a // b)])
            return value(), f"({a_text} {symbol} {b_text})"

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for size in range(300):
                built, text = tree(1 + size % 6)
                with self.subTest(text):
                    self.assertEqual(list(built.check(EXCHANGE, "A").clauses),
                                     list(outbound(text).clauses))

    def test_is_evaluated_by_the_definition(self):
        policy = (match(dstport=80) >> modify(dstip="140.0.0.7") >> fwd("B")) // fwd("C")
        web = "tcp 100.0.0.1:40000 -> 140.0.0.1:80"
        decision = policy.evaluate(web, EXCHANGE, "A")
        self.assertEqual((decision.decision, decision.target, decision.packet, decision.number),
                         ("forward", "B", "tcp 100.0.0.1:40000 -> 140.0.0.7:80", 1))
        self.assertEqual(policy.evaluate(web, EXCHANGE, "A", reachable=["C"]).target, "C")
        self.assertFalse(policy.evaluate(web, EXCHANGE, "A", reachable=[]))
        both = multicast("B", "C").evaluate(web, EXCHANGE, "A")
        self.assertEqual((both.decision, both.target), ("multicast", "B, C"))
        self.assertEqual(str(both), "to each of B, C, by clause 1: any -> multicast(B, C)")
        checked = Policy.from_text(
            "inbound = (from(B) >> drop) // (match(dscp=46) >> fwd(port[0]))", EXCHANGE, "A")
        self.assertEqual(checked.evaluate(web, inbound=True, sender="B").decision, "drop")
        self.assertIsNone(checked.evaluate(web, inbound=True, sender="C").decision)
        known = (announced_by("B") >> fwd("B")).check(EXCHANGE, "A")
        self.assertFalse(known.evaluate(web))
        self.assertTrue(known.evaluate(web, announced={"B": ["140.0.0.0/16"]}))

    def test_says_what_is_wrong_where_and_why(self):
        with self.assertRaises(PolicyError) as caught:
            Policy.from_text("outbound = match(dstport=80)\n >> fwd(Bee)", EXCHANGE, "A")
        error = caught.exception
        self.assertEqual((error.code, error.line, error.column), ("P0202", 2, 9))
        self.assertIn("  2 |  >> fwd(Bee)\n    |         ^^^", str(error))
        for wrong, code in [(match(dport=80) >> drop, "P0201"),
                            (match(dstport=70000) >> drop, "P0205"),
                            (match(srcip="tcp") >> drop, "P0204"), (fwd("A"), "P0304"),
                            (match(dstport=80, protocol="icmp") >> drop, "P0206"),
                            (match(dstport="80) >> fwd(B") >> drop, "P0204"),
                            (modify(dstmac="08:00:27:00:00:01"), "P0212")]:
            with self.subTest(code), self.assertRaises(PolicyError) as caught:
                wrong.check(EXCHANGE, "A")
            self.assertEqual(caught.exception.code, code)

    def test_stays_within_the_bounds_of_the_language(self):
        deep = match(dstport=80)
        for _ in range(1000):
            deep = ~deep
        with self.assertRaises(PolicyError) as caught:
            (deep >> drop).check(EXCHANGE, "A")
        self.assertEqual(caught.exception.code, "P0107")
        many = parallel([match(dstport=port) >> drop for port in range(4001)])
        with self.assertRaises(PolicyError) as caught:
            many.check(EXCHANGE, "A")
        self.assertEqual(caught.exception.code, "P0401")


if __name__ == "__main__":
    unittest.main()
