#include "policy/readings.h"

#include <gtest/gtest.h>

#include "tests/policy/all_probes.h"
#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

TEST(ReadingsTest, ProbesHoldForEveryPlainClause) {
  const auto list = parsed(
                        "outbound = (match(dstip=2001:db8::/32, dstport=443) >> fwd(B))"
                        " + (match(protocol=icmp, dscp=3) >> drop)")
                        .policy.outbound;
  const auto packets = probes_of(list);
  EXPECT_EQ(packets.size(), kMaxProbes);
  for (const Clause& clause : list.clauses) {
    EXPECT_TRUE(std::any_of(packets.begin(), packets.end(), [&clause](const net::Packet& each) {
      return holds(*clause.when, each, {});
    }));
  }
}

std::string witness(std::string_view text) {
  const auto all = reported(text);
  return all.empty() ? "" : all.front().code + " " + all.front().witness;
}

TEST(ReadingsTest, AWitnessShowsTheDifference) {
  EXPECT_EQ(witness("outbound = match(dstport=22) >> drop + match(dstport=80) >> fwd(B)"),
            "P0302 tcp 100.0.0.1:1024 -> 140.0.0.1:80 goes to B; in Python's reading it is left to "
            "BGP");
}

TEST(ReadingsTest, AReadingThatIsNoPolicyIsNotMeant) {
  EXPECT_EQ(witness("outbound = (match(dstport=80) | match(dstport=81)) >> fwd(B) + none"), "");
}

// Thirty overlapping clauses would be 2^30 in Python's reading.
TEST(ReadingsTest, AnExplodingReadingIsOnlyNamed) {
  std::string text = "outbound = match(inport=1) >> fwd(B)";
  for (int i = 0; i < 30; ++i) {
    text += " + match(dscp=" + std::to_string(i) + "-63) >> modify(dscp=" + std::to_string(i) + ")";
  }
  EXPECT_EQ(reported(text).front().code, "P0302");
}

}  // namespace
}  // namespace fabrix::policy
