#include "policy/explain.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "policy/interpret.h"
#include "tests/policy/all_probes.h"
#include "tests/policy/policy_world.h"
#include "tests/policy/random_policy.h"

namespace fabrix::policy {
namespace {

std::string explained(std::string_view text, std::string_view packet,
                      std::optional<net::ParticipantId> sender = net::ParticipantId{0}) {
  const bool inbound = text.starts_with("inbound");
  const std::string owner = inbound ? "C" : "A";
  const Direction direction = inbound ? Direction::kInbound : Direction::kOutbound;
  const Policy policy = parsed(text, owner).policy;
  std::string out;
  for (const Trial& each : explain(policy.of(direction), *net::parse_packet(packet),
                                   {direction, sender}, world(owner))) {
    out += std::to_string(each.clause);
    if (each.outcome == Trial::Outcome::kMatches) out += " matches\n";
    if (each.outcome == Trial::Outcome::kDepends) out += " if " + each.reason + "\n";
    if (each.outcome == Trial::Outcome::kDoesNotMatch) out += " not: " + each.reason + "\n";
  }
  return out;
}

constexpr std::string_view kWeb = "tcp 100.0.0.1:1024 -> 140.0.0.1:80";

TEST(ExplainTest, SaysWhyAClauseDoesNotApply) {
  EXPECT_EQ(explained("outbound = (match(dstport=443) >> fwd(B)) + (match(dstport=80) >> fwd(C)) "
                      "+ (match(srcip=2001:db8::/32) >> drop)",
                      kWeb),
            "0 not: the packet has dstport=80\n1 matches\n2 not: the packet has ethtype=ipv4\n");
  EXPECT_EQ(explained("outbound = match(dstport=443) >> fwd(B)", "icmp 100.0.0.1 -> 140.0.0.1"),
            "0 not: the packet has protocol=icmp\n");
  EXPECT_EQ(explained("outbound = (match(dstport=443) | match(srcport=1)) >> fwd(B)", kWeb),
            "0 not: the packet has dstport=80; the packet has srcport=1024\n");
  EXPECT_EQ(explained("outbound = ~match(dstport=80) >> fwd(B)", kWeb),
            "0 not: dstport=80 holds for the packet\n");
}

TEST(ExplainTest, EndsWithWhatAlwaysApplies) {
  EXPECT_EQ(explained("outbound = (match(dstport=80) >> drop) // fwd(C)", kWeb), "0 matches\n");
  EXPECT_EQ(explained("outbound = (match(dstport=80) >> fwd(B)) // fwd(C)", kWeb),
            "0 matches\n1 matches\n");
  EXPECT_EQ(explained("inbound = (match(dstport=80) >> fwd(C1)) // fwd(C2)", kWeb), "0 matches\n");
}

TEST(ExplainTest, WhatRoutesAndSendersDecideIsACondition) {
  EXPECT_EQ(explained("outbound = announced_by(B) >> drop", kWeb), "0 if dst_in(prefixes(B))\n");
  EXPECT_EQ(explained("outbound = (match(dstport=80) - announced_by(B)) >> drop", kWeb),
            "0 if not dst_in(prefixes(B))\n");
  EXPECT_EQ(explained("inbound = from(B) >> fwd(C1)", kWeb, std::nullopt), "0 if from(B)\n");
  EXPECT_EQ(explained("inbound = from(B) >> fwd(C1)", kWeb), "0 not: the packet is from(A)\n");
}

// A clause that matches holds; one that does not, does not; whatever is announced.
TEST(ExplainTest, AgreesWithThePredicates) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const Direction direction = seed % 2 == 0 ? Direction::kOutbound : Direction::kInbound;
    const std::string owner = direction == Direction::kOutbound ? "A" : "C";
    const std::string text = random_policy(seed, world(owner), direction, 1 + seed % 6);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
    const ClauseList list = parsed(text, owner).policy.of(direction);
    std::mt19937 random(seed);
    const auto packets = probes_of(list);
    for (int i = 0; i < 20; ++i) {
      const auto& packet = packets[random() % packets.size()];
      const bool all = random() % 2 == 0;
      const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
          [all](net::ParticipantId, const net::IpAddress&) { return all; };
      const PacketContext context{net::ParticipantId{1}, &announced};
      for (const Trial& trial :
           explain(list, packet, {direction, net::ParticipantId{1}}, world(owner))) {
        const bool held = holds(*list.clauses[trial.clause].when, packet, context);
        if (trial.outcome == Trial::Outcome::kDepends) continue;
        EXPECT_EQ(trial.outcome == Trial::Outcome::kMatches, held);
        EXPECT_EQ(trial.reason.empty(), held);
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::policy
