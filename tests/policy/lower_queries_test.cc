#include "policy/lower_queries.h"

#include <functional>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "policy/elaborate.h"
#include "policy/interpret.h"
#include "policy/parser.h"
#include "policy/vocabulary.h"
#include "tests/policy/all_probes.h"
#include "tests/policy/policy_world.h"
#include "tests/policy/random_policy.h"

namespace fabrix::policy {
namespace {

// "name: condition" of each counter, a line each.
std::string queries(std::string_view expression) {
  std::string text;
  for (const Query& each :
       parsed("outbound = " + std::string(expression)).policy.outbound.queries) {
    text += label_of(each) + ": " + describe(*each.when, world("A")) + "\n";
  }
  return text;
}

std::string codes_of(std::string_view expression) {
  return codes("outbound = " + std::string(expression));
}

std::uint64_t id_of(std::string_view text) {
  const auto policy = parsed(text).policy;
  EXPECT_EQ(policy.outbound.queries.size(), 1U);
  return policy.outbound.queries.front().id;
}

bool has_fields(const QuerySpec& spec, const net::Packet& packet) {
  for (const net::Field field : spec.fields) {
    for (const FieldTest& need : prerequisites(field)) {
      const PredicatePtr test = std::make_shared<const Predicate>(Predicate{need});
      if (!holds(*test, packet, {})) return false;
    }
  }
  return true;
}

// The counters that the definition says count the packet. Those without a name count as one.
std::multiset<std::string> meant(const Term& term, const net::Packet& packet,
                                 const PacketContext& context, const SymbolTable& symbols) {
  std::set<std::pair<QuerySpecPtr, std::string>> once;
  std::set<std::string> named;
  for (const Arrival& each : queries_reached(term, packet, context)) {
    const QuerySpec& spec = *each.query;
    if (!has_fields(spec, each.packet)) continue;
    std::string group;
    for (const net::Field field : spec.fields) {
      const std::uint64_t value = net::value_of(each.packet, field);
      const Predicate test{FieldTest{field, {{value, value}}}};
      group += (group.empty() ? "" : ", ") + describe(test, symbols);
    }
    if (spec.name.empty()) {
      once.emplace(each.query, group);
    } else {
      named.insert(group.empty() ? spec.name : spec.name + "[" + group + "]");
    }
  }
  return {named.begin(), named.end()};
}

std::multiset<std::string> found(const std::vector<Query>& queries, const net::Packet& packet,
                                 const PacketContext& context) {
  std::multiset<std::string> labels;
  for (const Query& each : queries) {
    const bool named = !each.name.starts_with("count_");
    if (named && holds(*each.when, packet, context)) labels.insert(label_of(each));
  }
  return labels;
}

bool coin(std::uint32_t seed, std::uint32_t participant, const net::IpAddress& address) {
  std::uint32_t mixed = seed * 2654435761U + participant;
  for (const std::uint8_t octet : address.octets()) mixed = (mixed ^ octet) * 16777619U;
  mixed ^= mixed >> 15U;
  return (mixed * 2246822519U >> 17U & 1U) != 0;
}

// How many packets some query counts.
int expect_agreement(std::uint32_t seed, Direction direction) {
  const SymbolTable symbols = world(direction == Direction::kOutbound ? "A" : "C");
  const std::string text =
      RandomPolicy(seed, symbols, direction, RandomPolicy::Queries::kSome).text(1 + seed % 9);
  SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
  Report report("");
  const Lexed lexed = lex(text, report);
  const File file = parse_file(lexed, Precedence::kPaper, report);
  const Checked checked = elaborate(file, symbols, report);
  EXPECT_FALSE(report.failed()) << render(report.take(), text);
  if (report.failed()) return 0;
  const TermPtr& term = checked.of(direction);
  ClauseList list;
  list.queries = lower_queries(*term, direction, symbols, report);
  EXPECT_FALSE(report.failed()) << render(report.take(), text);

  std::mt19937 random(seed);
  auto packets = probes_of(list);
  int counted = 0;
  for (unsigned i = 0; i < 60; ++i) {
    const auto routes = static_cast<std::uint32_t>(random());
    net::Packet& packet = packets[random() % packets.size()];
    // Nothing else comes by a policy.
    const bool is_ip = packet.eth_type == net::kEthTypeIpv4 || packet.eth_type == net::kEthTypeIpv6;
    if (!is_ip) continue;
    packet.in_port = net::PortNo{
        static_cast<std::uint32_t>(direction == Direction::kOutbound ? 1 : 1 + random() % 5)};
    const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
        [routes](net::ParticipantId who, const net::IpAddress& address) {
          return coin(routes, who.value, address);
        };
    const PacketContext context{net::ParticipantId{static_cast<std::uint16_t>(random() % 4)},
                                &announced};
    const auto expected = meant(*term, packet, context, symbols);
    EXPECT_EQ(expected, found(list.queries, packet, context)) << net::to_string(packet);
    if (!expected.empty()) ++counted;
  }
  return counted;
}

TEST(LowerQueriesTest, CountsWhatTheInterpreterSaysOutbound) {
  int counted = 0;
  for (std::uint32_t seed = 1; seed <= 600 && !HasFailure(); ++seed) {
    counted += expect_agreement(seed, Direction::kOutbound);
  }
  EXPECT_GT(counted, 3000);
}

TEST(LowerQueriesTest, CountsWhatTheInterpreterSaysInbound) {
  int counted = 0;
  for (std::uint32_t seed = 1; seed <= 600 && !HasFailure(); ++seed) {
    counted += expect_agreement(seed, Direction::kInbound);
  }
  EXPECT_GT(counted, 3000);
}

TEST(LowerQueriesTest, FoldsWhatWasWritten) {
  EXPECT_EQ(queries("modify(dstport=8080) >> match(dstport=8080) >> count_packets(1s) as q"),
            "q: protocol={tcp, udp, sctp}\n");
  EXPECT_EQ(codes_of("modify(dstport=8080) >> match(dstport=80) >> count_packets(1s) as q"),
            "P0307");
  EXPECT_EQ(codes_of("modify(dstip=140.0.0.1) >> announced_by(B) >> count_packets(1s)"), "P0309");
}

TEST(LowerQueriesTest, QueriesOfOneNameCountTogether) {
  EXPECT_EQ(queries("(match(dstport=80) >> count_packets(1s) as web) + "
                    "(match(dstport=443) >> count_packets(1s) as web)"),
            "web: dstport=80 | dstport=443\n");
  EXPECT_EQ(codes_of("(match(dstport=80) >> count_packets(1s) as web) + "
                     "(match(dstport=443) >> count_bytes(1s) as web)"),
            "P0322");
  EXPECT_EQ(codes_of("count_packets(1s) + count_packets(2s)"), "P0322");
  EXPECT_EQ(queries("count_packets(1s) + count_packets(1s)"), "count_packets(any): any\n");
}

TEST(LowerQueriesTest, SeesBehindRanksWhatNoEarlierOneSpeaksOf) {
  EXPECT_EQ(queries("(match(dstport=80) >> fwd(B)) // count_packets(1s) as rest"),
            "rest: ~(dstport=80)\n");
  EXPECT_EQ(queries("count_packets(1s) as all // fwd(B)"), "all: any\n");
}

TEST(LowerQueriesTest, AComprehensionHasACounterForEach) {
  EXPECT_EQ(queries("[match(srcip=p) >> count_packets(1s) for p in [10.0.0.0/8, 11.0.0.0/8]]"),
            "count_packets(srcip=10.0.0.0/8): srcip=10.0.0.0/8\n"
            "count_packets(srcip=11.0.0.0/8): srcip=11.0.0.0/8\n");
}

TEST(LowerQueriesTest, GroupsByTheValuesThatTheTestsLeave) {
  EXPECT_EQ(queries("match(dstport={80, 443}, protocol=tcp) >> count_packets(1s, dstport) as p"),
            "p[dstport=443]: protocol=tcp, dstport=443\np[dstport=80]: protocol=tcp, dstport=80\n");
  EXPECT_EQ(queries("modify(dscp=10) >> count_packets(1s, dscp) as d"),
            "d[dscp=10]: ethtype={ipv4, ipv6}\n");
  EXPECT_EQ(queries("count_packets(1s, ethtype) as f"),
            "f[ethtype=ipv4]: ethtype=ipv4\nf[ethtype=ipv6]: ethtype=ipv6\n");
  EXPECT_EQ(queries("count_packets(1s, inport) as i"), "i[inport=1]: inport=1\n");
}

TEST(LowerQueriesTest, BoundsTheGroups) {
  EXPECT_EQ(codes_of("count_packets(1s, dstport)"), "P0410");
  EXPECT_EQ(codes_of("match(dstport>1000) >> count_packets(1s, dstport)"), "P0410");
  EXPECT_EQ(codes_of("count_packets(1s, dscp)"), "");
  EXPECT_EQ(codes_of("count_packets(1s, dscp, ethtype)"), "P0410");
  EXPECT_EQ(codes_of("count_packets(1s, dscp) + count_packets(1s)"), "P0409");
}

TEST(LowerQueriesTest, BoundsTheWork) {
  std::string sum = "let x = ";
  for (int i = 0; i < 100; ++i) {
    sum += (i == 0 ? "match(dscp=1, dstport=" : " + match(dscp=1, dstport=") +
           std::to_string(2 * i) + ")";
  }
  sum += "\nlet y = ";
  for (int i = 0; i < 100; ++i) {
    sum += (i == 0 ? "match(srcport=" : " + match(srcport=") + std::to_string(2 * i) + ")";
  }
  EXPECT_EQ(codes(sum + "\noutbound = x >> y >> count_packets(1s)\n"), "P0401");
}

TEST(LowerQueriesTest, TheIdStaysWhileNameAndMeaningDo) {
  const auto id = id_of("outbound = match(dstport=80) >> count_packets(1s) as web");
  EXPECT_EQ(id, id_of("\n\noutbound = (match(dstport=443) >> fwd(B)) + "
                      "(match(dstport=80) >> count_packets(1s) as web)"));
  EXPECT_NE(id, id_of("outbound = match(dstport=80) >> count_packets(1s) as wob"));
  EXPECT_NE(id, id_of("outbound = match(dstport=81) >> count_packets(1s) as web"));
  EXPECT_NE(id, id_of("outbound = match(dstport=80) >> count_packets(2s) as web"));
  EXPECT_NE(id, id_of("outbound = match(dstport=80) >> count_bytes(1s) as web"));
}

TEST(LowerQueriesTest, FinalPolicyCountsBothWays) {
  const auto policy = parsed("final_policy = match(dstport=80) >> count_packets(1s) as web").policy;
  ASSERT_EQ(policy.outbound.queries.size(), 1U);
  ASSERT_EQ(policy.inbound.queries.size(), 1U);
  EXPECT_NE(policy.outbound.queries[0].id, policy.inbound.queries[0].id);
  EXPECT_TRUE(policy.outbound.clauses.empty());
  EXPECT_TRUE(policy.inbound.clauses.empty());
  EXPECT_EQ(codes("final_policy = count_packets(1s)"), "");
}

TEST(LowerQueriesTest, ThePrecedencesAreComparedByWhatIsCounted) {
  EXPECT_EQ(codes_of("match(dstport=80) >> count_packets(1s) as a + match(dstport=443) >> "
                     "count_packets(1s) as b"),
            "P0302");
}

}  // namespace
}  // namespace fabrix::policy
