#include "compiler/packet_space.h"

#include <array>

#include <gtest/gtest.h>

#include "policy/simplify.h"
#include "tests/policy/policy_world.h"

namespace fabrix::compiler {
namespace {

using policy::Direction;
using policy::PredicatePtr;

class PacketSpaceTest : public ::testing::Test {
 protected:
  // The condition of the only clause.
  static PredicatePtr condition(const std::string& predicate, const std::string& section,
                                const std::string& owner) {
    return policy::parsed(section + " = " + predicate + " >> drop", owner)
        .policy.of(section == "outbound" ? Direction::kOutbound : Direction::kInbound)
        .clauses.at(0)
        .when;
  }

  static std::string example(const std::string& predicate, const std::string& section = "outbound",
                             const std::string& owner = "A") {
    const policy::SymbolTable symbols = policy::world(owner);
    const std::array all{condition(predicate, section, owner)};
    auto space = PacketSpace::create(symbols, all);
    EXPECT_TRUE(space);
    const auto direction = section == "outbound" ? Direction::kOutbound : Direction::kInbound;
    const auto set = space->store().conjunction(space->all(direction), space->of(*all[0]));
    return space->example(set).value_or("nothing");
  }
};

TEST_F(PacketSpaceTest, ExamplesAreWhatPeopleWouldWrite) {
  EXPECT_EQ(example("match(dstport=80)"), "tcp 100.0.0.1:1024 -> 140.0.0.1:80");
  EXPECT_EQ(example("match(protocol=udp, srcip=2001:db8::/32)"),
            "udp [2001:db8::1]:1024 -> [2001:db8::2]:1024");
}

TEST_F(PacketSpaceTest, SaysTheSenderOnlyWhereItMatters) {
  EXPECT_EQ(example("match(dstport=80)", "inbound", "C"), "tcp 100.0.0.1:1024 -> 140.0.0.1:80");
  EXPECT_EQ(example("from(B)", "inbound", "C"), "tcp 100.0.0.1:1024 -> 140.0.0.1:1024 from B");
  EXPECT_EQ(example("~from(A)", "inbound", "C"), "tcp 100.0.0.1:1024 -> 140.0.0.1:1024 from B");
}

TEST_F(PacketSpaceTest, WhatRoutesAnswerMayBeEither) {
  EXPECT_EQ(example("dst_in(prefixes(B)) & ~src_in(prefixes(C))"),
            "tcp 100.0.0.1:1024 -> 140.0.0.1:1024, where dst_in(prefixes(B)) and not "
            "src_in(prefixes(C))");
  EXPECT_EQ(example("dst_in(prefixes(B)) | ~dst_in(prefixes(B))"),
            "tcp 100.0.0.1:1024 -> 140.0.0.1:1024");
}

TEST_F(PacketSpaceTest, OnlyWhatPolicyTablesSeeIsInIt) {
  EXPECT_EQ(example("match(ethtype=arp)"), "nothing");
}

}  // namespace
}  // namespace fabrix::compiler
