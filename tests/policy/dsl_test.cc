#include "policy/dsl.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

// Outside fabrix::policy, as programs that use it are.
namespace fabrix::dsl_test {
namespace {

using policy::Clause;
using policy::ClauseList;
using policy::Predicate;
using policy::Shape;
// NOLINTNEXTLINE(google-build-using-namespace): what the header asks for.
using namespace policy::dsl;

// Does `A op B` compile? Each is a question of its own, since a deleted function is an answer.
template <typename A, typename B>
concept Adds = requires(const A& a, const B& b) {
  a + b;
};
template <typename A, typename B>
concept Follows = requires(const A& a, const B& b) {
  a >> b;
};
template <typename A, typename B>
concept Unites = requires(const A& a, const B& b) {
  a | b;
  a& b;
  a - b;
};
template <typename A>
concept Negates = requires(const A& a) {
  ~a;
};

// fwd(B) + match(...), as in match(...) >> fwd(B) + match(...) >> fwd(C).
static_assert(!Adds<Action, Filter> && !Adds<Action, Action> && !Adds<Action, Policy>);
static_assert(!Adds<Action, Sum> && !Adds<ActionWord, Filter> && !Adds<ActionWord, ActionWord>);
static_assert(!Adds<Action, FilterWord>);
static_assert(Adds<Policy, Policy> && Adds<Sum, Policy> && Adds<Policy, Sum>);
static_assert(Adds<Filter, Policy> && Adds<Policy, Filter> && Adds<Policy, Action>);
// (match(...) >> fwd(B)) + match(...) >> fwd(C)
static_assert(!Follows<Sum, Action> && !Follows<Filter, Sum> && !Follows<Sum, Sum>);
static_assert(Follows<Filter, Action> && Follows<Policy, Policy> && Follows<Action, Action>);
static_assert(Follows<FilterWord, ActionWord>);
// match(...) | match(...) >> fwd(B)
static_assert(Unites<Filter, Filter> && Unites<FilterWord, Filter>);
static_assert(!Unites<Filter, Policy> && !Unites<Policy, Filter> && !Unites<Action, Filter>);
static_assert(!Unites<Sum, Sum> && !Unites<ActionWord, Filter>);
static_assert(Negates<Filter> && !Negates<Policy> && !Negates<Action> && !Negates<Sum>);

bool same(const Predicate& a, const Predicate& b);

bool same_operands(const auto& a, const auto& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return same(*x, *y); });
}

struct SameNode {
  template <typename A, typename B>
  bool operator()(const A&, const B&) const {
    return false;
  }
  bool operator()(const policy::Constant& a, const policy::Constant& b) const {
    return a.value == b.value;
  }
  bool operator()(const policy::FieldTest& a, const policy::FieldTest& b) const {
    return a.field == b.field && a.intervals == b.intervals;
  }
  bool operator()(const policy::FromParticipant& a, const policy::FromParticipant& b) const {
    return a.participant == b.participant;
  }
  bool operator()(const policy::InPrefixesOf& a, const policy::InPrefixesOf& b) const {
    return a.participant == b.participant && a.side == b.side;
  }
  bool operator()(const policy::Not& a, const policy::Not& b) const {
    return same(*a.operand, *b.operand);
  }
  bool operator()(const policy::And& a, const policy::And& b) const {
    return same_operands(a.operands, b.operands);
  }
  bool operator()(const policy::Or& a, const policy::Or& b) const {
    return same_operands(a.operands, b.operands);
  }
};

bool same(const Predicate& a, const Predicate& b) {
  return std::visit(SameNode{}, a.node, b.node);
}

bool same(const Shape& a, const Shape& b) {
  return a.kind == b.kind && a.clause == b.clause &&
         std::ranges::equal(a.parts, b.parts,
                            [](const Shape& x, const Shape& y) { return same(x, y); });
}

bool same(const ClauseList& a, const ClauseList& b) {
  return same(a.shape, b.shape) &&
         std::ranges::equal(a.clauses, b.clauses, [](const Clause& x, const Clause& y) {
           return same(*x.when, *y.when) && x.writes == y.writes && x.verdict == y.verdict;
         });
}

policy::Parsed checked(const Sections& sections, std::string_view owner) {
  auto result = check(sections, "A", policy::world(owner));
  if (result) return *std::move(result);
  ADD_FAILURE() << policy::rendered(result.error(), to_text(sections));
  return {};
}

void expect_outbound(const Policy& built, const std::string& text) {
  SCOPED_TRACE(text);
  const auto parsed = policy::parsed("outbound = " + text).policy.outbound;
  const auto values = checked({.outbound = built, .inbound = {}}, "A").policy.outbound;
  EXPECT_TRUE(same(values, parsed)) << to_text({.outbound = built, .inbound = {}}) << "means\n"
                                    << policy::clauses_of(values) << "and the text\n"
                                    << policy::clauses_of(parsed);
}

void expect_inbound(const Policy& built, const std::string& text) {
  SCOPED_TRACE(text);
  const auto parsed = policy::parsed("inbound = " + text, "C").policy.inbound;
  const auto values = checked({.outbound = {}, .inbound = built}, "C").policy.inbound;
  EXPECT_TRUE(same(values, parsed)) << to_text({.outbound = {}, .inbound = built});
}

const Target& b() {
  static const Target target{"B"};
  return target;
}

const Target& c() {
  static const Target target{"C"};
  return target;
}

TEST(DslTest, ReadsAsTheTextDoes) {
  expect_outbound((match(dstport = 80) >> fwd(b())) + (match(dstport = {4321, 4322}) >> fwd(c())),
                  "(match(dstport=80) >> fwd(B)) + (match(dstport=4321/4322) >> fwd(C))");
  expect_inbound((match(dstport = 443) >> fwd("C1")) + (match(dstport = 80) >> fwd(c()[1])) +
                     (match(dstport = 8080) >> drop),
                 "(match(dstport=443) >> fwd(C1)) + (match(dstport=80) >> fwd(C2)) + "
                 "(match(dstport=8080) >> drop)");
}

TEST(DslTest, HasAllTestsOfAField) {
  const auto expect = [](const Comparison& test, const std::string& text) {
    expect_outbound(match(test) >> fwd(b()), "match(" + text + ") >> fwd(B)");
  };
  const std::vector<Value> ports{80, 443};
  expect(dstport = 80, "dstport=80");
  expect(dstport == 80U, "dstport=80");
  expect(dstport = ports, "dstport=80/443");
  expect(dstport = {range(80, 90), 443}, "dstport={80..90, 443}");
  expect(dstport = "80-90", "dstport=80-90");
  expect(dstport != 80, "dstport!=80");
  expect(dstport.not_in({80, 443}), "dstport!={80, 443}");
  expect(dstport.not_in(ports), "dstport!={80, 443}");
  expect(dstport < 1024, "dstport<1024");
  expect(dstport <= 1023, "dstport<=1023");
  expect(srcport > 1023, "srcport>1023");
  expect(srcport >= 1024, "srcport>=1024");
  expect(protocol = "udp", "protocol=udp");
  expect(protocol = {"tcp", "udp"}, "protocol={tcp, udp}");
  expect(ethtype = 0x86dd, "ethtype=ipv6");
  expect(dscp = masked(8, 0x38), "dscp=8&0x38");
  expect(tcp_flags = masked(2, 2), "tcp_flags=2&2");
  expect(icmp_type = 8, "icmp_type=8");
  expect(icmp_code = 0, "icmp_code=0");
  expect(vlan_id = 7, "vlan_id=7");
  expect(vlan_pcp = 3, "vlan_pcp=3");
  expect(inport = 1, "inport=1");
  expect(srcmac = "08:00:27:00:00:01", "srcmac=08:00:27:00:00:01");
}

TEST(DslTest, TakesTextOrValuesForAddresses) {
  const std::string v4 = "140.0.0.0/16";
  expect_outbound(match(dstip = v4) >> fwd(b()), "match(dstip=140.0.0.0/16) >> fwd(B)");
  expect_outbound(match(dstip = *net::Prefix::parse(v4)) >> fwd(b()),
                  "match(dstip=140.0.0.0/16) >> fwd(B)");
  expect_outbound(match(srcip = *net::IpAddress::parse("2001:db8::1")) >> fwd(b()),
                  "match(srcip=2001:db8::1) >> fwd(B)");
  expect_outbound(match(dstmac = *net::MacAddress::parse("08:00:27:00:00:01")) >> drop,
                  "match(dstmac=08:00:27:00:00:01) >> drop");
}

TEST(DslTest, ComposesPredicates) {
  const Filter web = match(dstport = {80, 443});
  const Filter udp = match(protocol = "udp");
  expect_outbound((web | udp) >> fwd(b()),
                  "(match(dstport=80/443) | match(protocol=udp)) >> fwd(B)");
  expect_outbound((web & ~udp) >> fwd(b()),
                  "(match(dstport=80/443) & ~match(protocol=udp)) >> fwd(B)");
  expect_outbound((identity - (web - udp)) >> drop,
                  "(identity - (match(dstport=80/443) - match(protocol=udp))) >> drop");
  expect_outbound(~(web | udp) >> fwd(b()),
                  "~(match(dstport=80/443) | match(protocol=udp)) >> fwd(B)");
  expect_outbound(match(dstport = 80, protocol = "tcp") >> fwd(b()),
                  "match(dstport=80, protocol=tcp) >> fwd(B)");
  expect_outbound(match() >> fwd(b()), "match() >> fwd(B)");
}

TEST(DslTest, ComposesPolicies) {
  const Policy web = match(dstport = 80) >> fwd(b());
  const Policy rest = fwd(c());
  expect_outbound(over(web, rest), "(match(dstport=80) >> fwd(B)) // fwd(C)");
  expect_outbound(over(web, match(dstport = 443) >> drop, rest),
                  "(match(dstport=80) >> fwd(B)) // (match(dstport=443) >> drop) // fwd(C)");
  expect_outbound(if_(match(dstport = 80), fwd(b()), fwd(c())),
                  "if_(match(dstport=80), fwd(B), fwd(C))");
  expect_outbound(if_(match(dstport = 80), drop), "if_(match(dstport=80), drop)");
  expect_outbound(match(protocol = "tcp") >> parallel(web, match(dstport = 443) >> fwd(c()), none),
                  "match(protocol=tcp) >> ((match(dstport=80) >> fwd(B)) + (match(dstport=443) >> "
                  "fwd(C)) + none)");
  expect_outbound(sequential(match(dstport = 80), modify(dstport = 8080, dscp = 46), fwd(b())),
                  "match(dstport=80) >> modify(dstport=8080, dscp=46) >> fwd(B)");
  const Policy sum = web + (match(dstport = 443) >> fwd(c()));
  expect_outbound(match(protocol = "tcp") >> sum,
                  "match(protocol=tcp) >> parallel(match(dstport=80) >> fwd(B), "
                  "match(dstport=443) >> fwd(C))");
}

TEST(DslTest, AsksForPrefixesAndSenders) {
  expect_outbound(dst_in({"140.0.0.0/16", "2001:db8::/32"}) >> fwd(b()),
                  "dst_in([140.0.0.0/16, 2001:db8::/32]) >> fwd(B)");
  expect_outbound(src_in({"100.0.0.0/8"}) >> fwd(b()), "src_in([100.0.0.0/8]) >> fwd(B)");
  expect_outbound(dst_in(prefixes(b())) >> fwd(b()), "dst_in(prefixes(B)) >> fwd(B)");
  expect_outbound(announced_by(c()) >> fwd(c()), "announced_by(C) >> fwd(C)");
  const PrefixSet all{"140.0.0.0/16", "150.0.0.0/16"};
  const PrefixSet some{"140.0.0.0/24"};
  expect_outbound(dst_in(all - some) >> fwd(b()),
                  "dst_in([140.0.0.0/16, 150.0.0.0/16] - [140.0.0.0/24]) >> fwd(B)");
  expect_outbound(dst_in((all & some) | PrefixSet{"1.0.0.0/8"}) >> fwd(b()),
                  "dst_in([140.0.0.0/24] | [1.0.0.0/8]) >> fwd(B)");
  expect_inbound((from("A") & match(dstport = 80)) >> fwd(port(1)),
                 "(from(A) & match(dstport=80)) >> fwd(port[1])");
}

// Sums, rankings and sequences of three, whichever side the second operator stands on.
TEST(DslTest, BracketsWhateverIsComposed) {
  struct Pair {
    Policy built;
    std::string text;
  };
  std::mt19937 random(20261121);  // NOLINT(cert-msc51-cpp): the same each time
  const auto leaf = [&random]() -> Pair {
    const unsigned number = 80 + random() % 4;
    const std::string test = "match(dstport=" + std::to_string(number) + ")";
    switch (random() % 4) {
      case 0:
        return {match(dstport = number), test};
      case 1:
        return {match(dstport = number) >> fwd(b()), "(" + test + " >> fwd(B))"};
      case 2:
        return {match(dstport = number) >> modify(dscp = 10), "(" + test + " >> modify(dscp=10))"};
      default:
        return {fwd(c()), "fwd(C)"};
    }
  };
  for (int i = 0; i < 300; ++i) {
    Pair all = leaf();
    for (auto size = random() % 5; size > 0; --size) {
      Pair next = leaf();
      if (random() % 2 == 0) std::swap(all, next);
      switch (random() % 3) {
        case 0:
          all = {parallel(all.built, next.built), "(" + all.text + " + " + next.text + ")"};
          break;
        case 1:
          all = {all.built >> next.built, "(" + all.text + " >> " + next.text + ")"};
          break;
        default:
          all = {over(all.built, next.built), "(" + all.text + " // " + next.text + ")"};
      }
    }
    expect_outbound(all.built, all.text);
  }
}

TEST(DslTest, WritesAPolicyFile) {
  const Sections both{
      .outbound = (match(dstport = 80) >> fwd(b())) + (match(dstport = {4321, 4322}) >> fwd(c())),
      .inbound = over(match(dstport = 80) >> drop, match(srcport = 80) >> fwd(port(0)))};
  EXPECT_EQ(to_text(both), R"(outbound = (match(dstport=80) >> fwd(B))
         + (match(dstport={4321, 4322}) >> fwd(C))
inbound = (match(dstport=80) >> drop)
        // (match(srcport=80) >> fwd(port[0]))
)");
  EXPECT_EQ(checked(both, "A").policy.inbound.clauses.size(), 2U);
  const Sections final_one{.final_policy = (match(dstport = 80) >> fwd(b())) +
                                           (match(dstport = 443) >> fwd(port(0)))};
  const policy::Policy halves = checked(final_one, "A").policy;
  EXPECT_EQ(policy::clauses_of(halves.outbound), "dstport=80 -> B\n");
  EXPECT_EQ(policy::clauses_of(halves.inbound), "dstport=443 -> a1\n");
}

TEST(DslTest, QuotesNamesThatAreNoWords) {
  EXPECT_EQ(fwd("B").text(), "fwd(B)");
  EXPECT_EQ(fwd("north-1").text(), "fwd('north-1')");
  EXPECT_EQ(fwd("match").text(), "fwd('match')");
  EXPECT_EQ(fwd("O'Brien").text(), "fwd(\"O'Brien\")");
  EXPECT_EQ(fwd("a\n'b\"").text(), "fwd(\"a?'b?\")");
  EXPECT_EQ(word("rt:64500:1"), "'rt:64500:1'");
  EXPECT_EQ(word("fe80::1"), "fe80::1");
  EXPECT_EQ(fwd(Target("north-1")[0]).text(), "fwd(participants['north-1'].phys_ports[0])");
  // What stands in a string is no operator.
  const Policy odd = over(fwd("a // b"), fwd(") + ("));
  EXPECT_EQ(to_text({.outbound = odd, .inbound = {}}),
            "outbound = fwd('a // b')\n         // fwd(') + (')\n");
}

TEST(DslTest, IsRefusedAsTheTextIs) {
  const auto refused = check({.outbound = match(dstport = 80) >> fwd("Bee"), .inbound = {}}, "A",
                             policy::world("A"));
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().size(), 1U);
  EXPECT_EQ(refused.error().front().code, "P0202");
  EXPECT_EQ(refused.error().front().at, (SourceSpan{1, 37, 3}));
  const auto too_large = check({.outbound = match(dstport = 70000) >> fwd("B"), .inbound = {}}, "A",
                               policy::world("A"));
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().front().code, "P0205");
}

TEST(DslTest, TakesAPolicyOfAThousandClauses) {
  Policy all = match(dstport = 1) >> fwd(b());
  for (int i = 2; i <= 1000; ++i) all = all + (match(dstport = i) >> fwd(b()));
  EXPECT_EQ(checked({.outbound = all, .inbound = {}}, "A").policy.outbound.clauses.size(), 1000U);
}

}  // namespace
}  // namespace fabrix::dsl_test
